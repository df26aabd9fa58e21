//! What several answers have in common, so that a reader sees what each has of its own.

use similar::{Algorithm, DiffOp, capture_diff_slices};
use unicode_segmentation::UnicodeSegmentation as _;

/// A stretch of a text and whether all texts have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// Whether it is in all of them, in the same order.
    pub shared: bool,
    /// The text, white space included.
    pub text: String,
}

/// Fewer shared words in a row than this are coincidence, not shared text (judgement).
const LEAST_WORDS: usize = 3;

/// Cuts each text into what all of them share and what is its own. Put together again, the
/// stretches of a text are the text.
pub fn shared_text(texts: &[&str]) -> Vec<Vec<Stretch>> {
    let long =
        texts.iter().map(|text| text.len()).sum::<usize>() > super::attribution::WORD_BY_WORD;
    let cut: Vec<Vec<&str>> = texts
        .iter()
        .map(|text| {
            if long {
                text.split_inclusive('\n').collect()
            } else {
                text.split_word_bounds().collect()
            }
        })
        .collect();
    let Some(first) = cut.first() else { return Vec::new() };
    // For each token of the first text: where each other text has it.
    let mut places: Vec<Vec<Option<usize>>> = Vec::new();
    for other in &cut[1..] {
        let mut to = vec![None; first.len()];
        for op in capture_diff_slices(Algorithm::Myers, first, other) {
            if let DiffOp::Equal { old_index, new_index, len } = op {
                (0..len).for_each(|n| to[old_index + n] = Some(new_index + n));
            }
        }
        places.push(to);
    }
    let mut marks: Vec<Vec<bool>> = cut.iter().map(|tokens| vec![false; tokens.len()]).collect();
    let in_all = |token: usize| cut.len() > 1 && places.iter().all(|to| to[token].is_some());
    let mut token = 0;
    while token < first.len() {
        if !in_all(token) {
            token += 1;
            continue;
        }
        let begin = token;
        // A run ends where any text has something between.
        while token < first.len()
            && in_all(token)
            && (token == begin
                || places.iter().all(|to| to[token] == to[token - 1].map(|before| before + 1)))
        {
            token += 1;
        }
        let words = first[begin..token].iter().filter(|t| t.chars().any(char::is_alphanumeric));
        if words.count() < if long { 1 } else { LEAST_WORDS } {
            continue;
        }
        for n in begin..token {
            marks[0][n] = true;
            for (other, to) in places.iter().enumerate() {
                if let Some(at) = to[n] {
                    marks[other + 1][at] = true;
                }
            }
        }
    }
    cut.iter().zip(marks).map(|(tokens, marks)| stretches(tokens, &marks)).collect()
}

fn stretches(tokens: &[&str], marks: &[bool]) -> Vec<Stretch> {
    let mut all: Vec<Stretch> = Vec::new();
    for (token, shared) in tokens.iter().zip(marks) {
        match all.last_mut() {
            Some(last) if last.shared == *shared => last.text.push_str(token),
            _ => all.push(Stretch { shared: *shared, text: (*token).to_owned() }),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(texts: &[&str]) -> Vec<String> {
        let found = shared_text(texts);
        for (text, stretches) in texts.iter().zip(&found) {
            let whole: String = stretches.iter().map(|s| s.text.as_str()).collect();
            assert_eq!(&whole, text);
        }
        let own = |all: &Vec<Stretch>| {
            all.iter().filter(|s| !s.shared).map(|s| s.text.trim()).collect::<Vec<_>>().join("|")
        };
        found.iter().map(own).collect()
    }

    #[test]
    fn shared_phrases_are_found_in_all() {
        assert_eq!(
            own(&[
                "Most moles are harmless. Keep it dry.",
                "Sure! Most moles are harmless. See a doctor.",
                "Most moles are harmless. Wait.",
            ]),
            ["Keep it dry.", "Sure!|See a doctor.", "Wait."]
        );
    }

    #[test]
    fn a_word_or_two_are_not_shared_text() {
        assert_eq!(own(&["It is a dog", "It is my cat"]), ["It is a dog", "It is my cat"]);
    }

    #[test]
    fn one_text_shares_nothing() {
        assert_eq!(own(&["Alone it stands here"]), ["Alone it stands here"]);
        assert!(shared_text(&[]).is_empty());
    }
}
