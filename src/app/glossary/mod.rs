//! What the words and numbers of the window mean, one paragraph each, and how common things are
//! done.
//!
//! [`find`] is what a `what is this?` beside a number asks; a test holds that every term asked
//! for anywhere in the window is here.

mod guide;
mod terms;

use super::fuzzy::Needle;

/// A word of the window and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// The word, as it is written in the middle of a sentence; of a guide topic, its question.
    pub name: &'static str,
    /// Other words for it, also looked for.
    pub also: &'static [&'static str],
    /// What it means or how it is done: one paragraph.
    pub text: &'static str,
    /// Terms to read next, by name.
    pub see: &'static [&'static str],
}

/// Terms, by name.
pub fn terms() -> &'static [Term] {
    terms::TERMS
}

/// How common things are done, in the order that they come up.
pub fn guide() -> &'static [Term] {
    guide::TOPICS
}

/// Everything: the guide's topics first.
pub fn all() -> impl Iterator<Item = &'static Term> {
    guide().iter().chain(terms())
}

/// The term or topic of that name, or that it is another word for; capitals don't matter.
pub fn find(name: &str) -> Option<&'static Term> {
    let same = |known: &str| known.eq_ignore_ascii_case(name);
    all().find(|term| same(term.name) || term.also.iter().any(|also| same(also)))
}

/// Those that fit what was typed, the best first; everything for nothing.
pub fn search(typed: &str) -> Vec<&'static Term> {
    let needle = Needle::new(typed);
    let mut found: Vec<(i32, &Term)> = all()
        .filter_map(|term| {
            let names = std::iter::once(&term.name).chain(term.also);
            let by_name =
                names.filter_map(|name| needle.fit(name)).map(|fit| fit.score + 100).max();
            let score = by_name.or_else(|| needle.fit_prose(term.text).map(|fit| fit.score))?;
            Some((score, term))
        })
        .collect();
    if !needle.is_empty() {
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    }
    found.into_iter().map(|(_, term)| term).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::*;

    #[test]
    fn every_term_is_told_once_and_in_a_paragraph() {
        let mut names = BTreeSet::new();
        for term in all() {
            for name in std::iter::once(&term.name).chain(term.also) {
                assert!(names.insert(name.to_lowercase()), "{name} is told twice");
            }
            let words = term.text.split_whitespace().count();
            assert!((15..=110).contains(&words), "{}: {words} words", term.name);
            assert!(term.text.ends_with('.') && !term.text.contains('\n'), "{}", term.name);
            assert!(!term.text.contains("  "), "{}: two spaces", term.name);
            for other in term.see {
                assert!(find(other).is_some(), "{} refers to {other}", term.name);
                assert_ne!(*other, term.name, "a term that refers to itself");
            }
        }
        let sorted: Vec<&str> = terms().iter().map(|term| term.name).collect();
        assert!(sorted.is_sorted_by_key(|name| name.to_lowercase()), "terms are in order");
    }

    #[test]
    fn the_words_of_every_screen_are_there() {
        for name in [
            "principle",
            "constitution",
            "critique",
            "revision",
            "rubric",
            "criterion",
            "level",
            "points",
            "gate",
            "aggregation",
            "reward",
            "draft",
            "judge",
            "protocol",
            "order gap",
            "position bias",
            "tie",
            "win rate",
            "interval",
            "bootstrap",
            "drop band",
            "soft label",
            "seed",
            "journal",
            "replay",
            "cut off",
            "unparsed",
            "prompt set",
            "case",
            "run",
            "comparison",
            "version",
            "SFT",
            "preference pair",
            "RLAIF",
            "data card",
        ] {
            assert!(find(name).is_some(), "{name}");
        }
    }

    #[test]
    fn search_takes_names_before_texts() {
        assert_eq!(search("gate")[0].name, "gate");
        assert_eq!(search("win rt")[0].name, "win rate");
        assert_eq!(search("").len(), all().count());
        assert!(search("qqqq").is_empty());
    }

    fn source_files(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                source_files(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }

    #[test]
    fn every_term_asked_for_in_the_window_is_there() {
        let mut files = Vec::new();
        source_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/app"), &mut files);
        for path in files {
            let text = std::fs::read_to_string(&path).unwrap();
            for call in ["term(ui, \"", "Sheet::Glossary(\""] {
                for rest in text.split(call).skip(1) {
                    let Some((name, _)) = rest.split_once('"') else { continue };
                    let known = name.is_empty() || find(name).is_some();
                    assert!(known, "{}: no term “{name}”", path.display());
                }
            }
        }
    }
}
