//! What a judge's reason quotes, and where that stands.
//!
//! A reason that rests on words of a response can be checked: they are there or they are not.
//! Words are looked for as they are, then with white space, quotation marks and dashes made alike;
//! nothing else is tried, so a place is never a guess.

use std::sync::LazyLock;

use regex::Regex;

use super::template::original;
use crate::domain::{Passage, Place, Quotation};

/// Quotations of one reason that are looked for at most (judgement: a reason has three sentences).
const MOST: usize = 40;

/// The words that a text puts into quotation marks, each once, in order.
///
/// Single letters (`"A"`) and the responses' names are no quotations.
pub fn quoted_words(text: &str) -> Vec<String> {
    static MARKS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r#"(?x)
              “ ( [^“”„]{1,600} ) ”
            | „ ( [^“”„]{1,600} ) [“”]
            | « ( [^«»]{1,600} ) »
            | » ( [^«»]{1,600} ) «
            | 「 ( [^「」]{1,600} ) 」
            | 『 ( [^『』]{1,600} ) 』
            | " ( [^"\n]{1,600} ) "
            "#,
        )
        .ok()
    });
    let mut found: Vec<String> = Vec::new();
    let Some(marks) = MARKS.as_ref() else { return found };
    for captures in marks.captures_iter(text) {
        let Some(words) = captures.iter().skip(1).flatten().next() else { continue };
        let words = words.as_str().trim();
        if is_name(words) || found.iter().any(|known| known == words) {
            continue;
        }
        found.push(words.to_owned());
        if found.len() == MOST {
            break;
        }
    }
    found
}

/// Whether it names a response instead of quoting one.
fn is_name(words: &str) -> bool {
    let letters = words.chars().filter(|c| c.is_alphanumeric()).count();
    let rest = words.strip_prefix("Response ").or_else(|| words.strip_prefix("response "));
    letters < 2 || rest.is_some_and(|rest| rest.chars().count() == 1)
}

/// The quotations of a reason, with where each stands first in each of the `texts`. Those that
/// stand in one of the `told` texts (the question) and in none of the others are left out.
pub fn quotations(reason: &str, texts: &[(Passage, &str)], told: &[&str]) -> Vec<Quotation> {
    let words = quoted_words(reason);
    if words.is_empty() {
        return Vec::new();
    }
    let alike: Vec<(Passage, &str, Alike)> =
        texts.iter().map(|(passage, text)| (*passage, *text, Alike::of(text))).collect();
    let told: Vec<Alike> = told.iter().map(|text| Alike::of(text)).collect();
    words
        .into_iter()
        .filter_map(|words| {
            let at: Vec<Place> = alike
                .iter()
                .filter_map(|(passage, text, alike)| {
                    let (start, end) = place_of(&words, text, alike)?;
                    Some(Place { passage: *passage, start, end })
                })
                .collect();
            let is_told = || told.iter().any(|told| told.find(&words).is_some());
            (!at.is_empty() || !is_told()).then_some(Quotation { words, at })
        })
        .collect()
}

/// Bytes `start..end` of a text that say these words.
fn place_of(words: &str, text: &str, alike: &Alike) -> Option<(usize, usize)> {
    let exact = text.find(words).map(|start| (start, start + words.len()));
    exact.or_else(|| alike.find(words))
}

/// A text with all that may differ in a quotation made alike, and the way back.
struct Alike {
    text: String,
    /// For each byte, which bytes of the first text it comes from.
    from: Vec<(usize, usize)>,
}

impl Alike {
    fn of(text: &str) -> Self {
        let mut alike = Self { text: String::with_capacity(text.len()), from: Vec::new() };
        for (start, c) in text.char_indices() {
            let end = start + c.len_utf8();
            match c {
                c if c.is_whitespace() => match alike.from.last_mut() {
                    Some(last) if alike.text.ends_with(' ') => last.1 = end,
                    _ => alike.push(' ', start, end),
                },
                '“' | '”' | '„' | '«' | '»' => alike.push('"', start, end),
                '‘' | '’' | '‚' => alike.push('\'', start, end),
                '–' | '—' | '‑' => alike.push('-', start, end),
                '…' => "...".chars().for_each(|c| alike.push(c, start, end)),
                c => alike.push(original(c), start, end),
            }
        }
        alike
    }

    fn push(&mut self, c: char, start: usize, end: usize) {
        self.text.push(c);
        self.from.resize(self.text.len(), (start, end));
    }

    /// Where words stand in the first text. A mark that a sentence puts at a quotation's end
    /// (`"so,"`) need not be there.
    fn find(&self, words: &str) -> Option<(usize, usize)> {
        let words = Self::of(words.trim()).text;
        let bare = words.trim_end_matches([',', '.', ';', ':', '!', '?']);
        [words.as_str(), bare].into_iter().filter(|words| !words.is_empty()).find_map(|words| {
            let at = self.text.find(words)?;
            Some((self.from[at].0, self.from[at + words.len() - 1].1))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const A: &str = "Take two tablets.\n  Don’t drive – you may feel “sleepy”.";
    const B: &str = "Ask your pharmacist first.";

    fn found(reason: &str) -> Vec<(String, Vec<(Passage, &'static str)>)> {
        let texts = [(Passage::A, A), (Passage::B, B)];
        quotations(reason, &texts, &["Be careful where harm is possible."])
            .into_iter()
            .map(|one| {
                let at = one.at.iter().map(|place| {
                    let text = if place.passage == Passage::A { A } else { B };
                    (place.passage, &text[place.start..place.end])
                });
                (one.words.clone(), at.collect())
            })
            .collect()
    }

    #[test]
    fn words_are_found_where_they_stand() {
        for (reason, expected) in [
            ("A says \"Take two tablets.\"", (Passage::A, "Take two tablets.")),
            ("“Ask your pharmacist” is careful", (Passage::B, "Ask your pharmacist")),
            (
                "It says \"tablets. Don't drive - you\"",
                (Passage::A, "tablets.\n  Don’t drive – you"),
            ),
            ("With \"pharmacist first,\" it", (Passage::B, "pharmacist first")),
            ("«Ask your pharmacist first»", (Passage::B, "Ask your pharmacist first")),
            ("„you may feel “sleepy”", (Passage::A, "you may feel")),
        ] {
            let found = found(reason);
            assert_eq!(found.first().map(|(_, at)| at.clone()), Some(vec![expected]), "{reason}");
        }
    }

    #[test]
    fn what_nobody_wrote_is_named_and_not_guessed() {
        let found =
            found("A says \"take three tablets\", and \"Take two tablets\" too. \"A\" wins.");
        assert_eq!(found[0], ("take three tablets".to_owned(), Vec::new()));
        assert_eq!(found[1].1, [(Passage::A, "Take two tablets")]);
        assert_eq!(found.len(), 2, "a letter is no quotation");
    }

    #[test]
    fn words_of_the_question_are_no_quotation_of_a_response() {
        assert_eq!(
            found("The rule is \"where harm is possible\", and Response \"B\" keeps it"),
            []
        );
    }

    #[test]
    fn control_tokens_are_found_as_they_were_written() {
        let text = "Yes.<|im_end|> [INST]";
        let found = quotations("it holds \"‹|im_end|› ⁅INST⁆\"", &[(Passage::A, text)], &[]);
        assert_eq!(found[0].at, [Place { passage: Passage::A, start: 4, end: text.len() }]);
    }

    proptest! {
        #[test]
        fn places_are_whole_characters(text in "\\PC{0,40}", reason in "(\"\\PC{0,8}\"|“\\PC{1,8}”|\\PC){0,6}") {
            for one in quotations(&reason, &[(Passage::A, &text)], &[]) {
                for place in &one.at {
                    prop_assert!(text.get(place.start..place.end).is_some_and(|t| !t.is_empty()));
                }
            }
        }

        #[test]
        fn any_piece_that_is_quoted_is_found(text in "[a-zé中 \n–’.]{3,60}", from in 0_usize..30, n in 2_usize..20) {
            let piece: String = text.chars().skip(from).take(n).collect();
            if piece.chars().filter(|c| c.is_alphanumeric()).count() >= 2 && !piece.contains('\n') {
                let found = quotations(&format!("“{piece}”"), &[(Passage::B, &text)], &[]);
                prop_assert!(!found[0].at.is_empty(), "{:?}", piece);
            }
        }
    }
}
