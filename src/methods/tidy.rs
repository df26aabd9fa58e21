//! Takes off what models put around an answer, and hears whether a critic found nothing.
//!
//! Both are conservative: what is not certainly a wrapping stays, and only a critique that says
//! nothing else says that there is nothing. The text as it came is in the journal.

use std::sync::LazyLock;

use regex::Regex;

/// A revision without the label, heading, tags or quotes around it, trimmed.
pub fn revision(text: &str) -> String {
    let mut text = text.trim();
    loop {
        let before = text;
        text = without_tags(text);
        text = without_label(text);
        text = without_quotes(text);
        if text == before {
            return text.to_owned();
        }
    }
}

/// A critique without label or tags around it, trimmed.
pub fn critique(text: &str) -> String {
    static LABEL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)^(?:\*\*|#+ *)?critique:?(?:\*\*)?:?\s*\n|^(?:\*\*)?critique:(?:\*\*)?\s+")
            .ok()
    });
    let text = without_tags(text.trim());
    let start = LABEL.as_ref().and_then(|re| re.find(text)).map_or(0, |found| found.end());
    if start == text.len() { text.to_owned() } else { text[start..].trim().to_owned() }
}

/// Tags of ours that a model echoed: a first or last line that is nothing but one.
fn without_tags(text: &str) -> &str {
    static OPEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"^<(?:draft|response|revision|answer|message)(?:-[0-9a-f]{6})?>\s*").ok()
    });
    static CLOSE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"\s*</(?:draft|response|revision|answer|message)(?:-[0-9a-f]{6})?>$").ok()
    });
    let start = OPEN.as_ref().and_then(|re| re.find(text)).map_or(0, |found| found.end());
    let text = &text[start..];
    let end = CLOSE.as_ref().and_then(|re| re.find(text)).map_or(text.len(), |found| found.start());
    text[..end].trim()
}

/// A label such as `Revision:` or a sentence such as `Here is the revised response:`, as long as
/// something follows it.
fn without_label(text: &str) -> &str {
    static LABEL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?ix)^(?:\*\*|\#+\s*)?
            (?:
              (?:(?:the|my|a)\s+)?(?:revised|rewritten|new|improved|updated|better)\s+(?:draft|response|answer|version)
              | (?:revision|rewrite|rewritten)
              | (?:(?:sure|certainly|of\s+course|okay|ok)[,.!]?\s+)?
                (?:here\s+is|here['’]s|below\s+is|this\s+is)\s+
                (?:(?:the|a|my|an|your)\s+)?
                (?:(?:revised|rewritten|new|improved|updated|better|possible)\s+)*
                (?:draft|response|answer|version|revision|rewrite|rewritten\s+response)
                (?:\s+(?:that|which|of|to|in|following|according)\b[^:\n]{0,120})?
            )
            \s*(?:\*\*\s*:|:\s*\*\*|:)\s*",
        )
        .ok()
    });
    match LABEL.as_ref().and_then(|re| re.find(text)) {
        Some(found) if found.end() < text.len() => text[found.end()..].trim(),
        _ => text,
    }
}

/// Quotes around the whole text, where it has no other of their kind within.
fn without_quotes(text: &str) -> &str {
    for (open, close) in [('"', '"'), ('“', '”')] {
        if let Some(inner) = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close))
            && !inner.trim().is_empty()
            && !inner.contains([open, close])
        {
            return inner.trim();
        }
    }
    text
}

/// Whether a critique says that there is nothing to change, and says nothing else.
///
/// `No critique needed.` does, `There is nothing to improve, but…` does not, nor does `Nothing is
/// said about…`.
pub fn finds_nothing(critique: &str) -> bool {
    static NOTHING: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?ix)^
            (?: (?: there (?:\s+(?:is|are)|['’]s) | i \s+ (?:see|find|found|have) | it \s+ (?:needs|has|requires)
              | (?:the|this|your) \s+ (?:draft|response|answer|text) \s+ (?:needs|has|requires|contains) ) \s+ )?
            (?:
              (?: no (?:\s+(?:further|specific|major|real|other|clear))? \s+
                  (?: critiques? | criticisms? | changes? | issues? | problems? | improvements? | revisions?
                    | faults? | concerns? | violations? | edits? | corrections? )
                | nothing (?:\s+(?:here|else|wrong))?
              )
              (?: \s+ (?:(?:is|are|was|were|seem|seems) \s+)?
                  (?: needed | necessary | required | found | identified | to \s+ (?:report|note|make|mend|improve|change
                    | fix | criti[cq][iu](?:s|z)?e | correct | revise | add | point \s+ out) | wrong | needs \s+ (?:to \s+ (?:change|be \s+ changed)|changing) )
              )?
              (?: \s+ (?:here|in|with|to|about|at) (?: \s+ (?:this|the|it|your))? (?:\s+ (?:response|answer|text|all))? )?
            | none (?:\s+(?:needed|found|necessary|required))?
            | not \s+ applicable | n/a
            )
            (?: \s+ at \s+ all)?
            $",
        )
        .ok()
    });
    static CLEAN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?ix)^
            (?:yes,?\s+)? (?:the|this|your) \s+ (?:draft|response|answer|text) \s+ (?:already\s+|fully\s+|completely\s+)*
            (?: follows | respects | meets | complies \s+ with | adheres \s+ to | is \s+ (?:fully\s+|already\s+)? (?:consistent|in \s+ line) \s+ with)
            \s+ (?: the | this ) \s+ (?:principle|criterion|request)
            (?: \s+ (?:well|fully|completely|already))?
            $",
        )
        .ok()
    });
    let (Some(nothing), Some(clean)) = (NOTHING.as_ref(), CLEAN.as_ref()) else { return false };
    let critique = self::critique(critique);
    let sentences: Vec<&str> = critique
        .split(['.', '!', '\n', ';'])
        .map(|sentence| {
            sentence.trim_matches(|c: char| c.is_whitespace() || "*_`'\"“”()[]-–—:".contains(c))
        })
        .filter(|sentence| !sentence.is_empty())
        .collect();
    let mut found = false;
    for sentence in sentences {
        if nothing.is_match(sentence) {
            found = true;
        } else if !clean.is_match(sentence) {
            return false;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn revisions_lose_only_their_wrapping() {
        for (text, expected) in [
            ("Paris.", "Paris."),
            ("  Paris.\n", "Paris."),
            ("Revision: Paris.", "Paris."),
            ("Revised draft: Paris.", "Paris."),
            ("<draft-ab12cd>\nParis.", "Paris."),
            ("**Revision:** Paris.", "Paris."),
            ("**Revised response**:\nParis.", "Paris."),
            ("Revised answer: \"Paris is nice.\"", "Paris is nice."),
            ("Here is the revised answer:\n\nParis.", "Paris."),
            ("Sure! Here's a rewritten response that follows the principle:\n\nParis.", "Paris."),
            ("“Paris.”", "Paris."),
            ("<response-ab12cd>\nParis.\n</response-ab12cd>", "Paris."),
            ("Paris.\n</response-ab12cd>", "Paris."),
            // What must stay.
            ("Revision: ", "Revision:"),
            ("Revision is a part of writing.", "Revision is a part of writing."),
            ("Here is the recipe:\n1. Flour", "Here is the recipe:\n1. Flour"),
            (
                "Here is the answer you want to hear, not the truth",
                "Here is the answer you want to hear, not the truth",
            ),
            ("\"Yes\" is not \"no\"", "\"Yes\" is not \"no\""),
            ("\"Never\", she said, \"never.\"", "\"Never\", she said, \"never.\""),
            (
                "The new answer to poverty is work: nobody agrees.",
                "The new answer to poverty is work: nobody agrees.",
            ),
            ("Answer the door: it may be your friend.", "Answer the door: it may be your friend."),
            ("<b>Paris</b>", "<b>Paris</b>"),
            ("\"\"", "\"\""),
            ("", ""),
        ] {
            assert_eq!(revision(text), expected, "{text:?}");
        }
    }

    #[test]
    fn critiques_lose_their_label() {
        for (text, expected) in [
            ("Critique: It is rude.", "It is rude."),
            ("**Critique:**\nIt is rude.", "It is rude."),
            ("## Critique\nIt is rude.", "It is rude."),
            ("Critique of the answer: it is rude.", "Critique of the answer: it is rude."),
            ("It is rude.", "It is rude."),
            ("Critique:", "Critique:"),
        ] {
            assert_eq!(critique(text), expected, "{text:?}");
        }
    }

    #[test]
    fn nothing_found() {
        for text in [
            "No critique needed.",
            "No critique needed",
            "no critique is needed",
            "**No critique needed.**",
            "\"No critique needed.\"",
            "Critique: No critique needed.",
            "Nothing to improve.",
            "There is nothing to mend.",
            "There's nothing to change in the response.",
            "No changes needed.",
            "No changes are necessary.",
            "No issues found.",
            "I see no problems.",
            "I found no issues with this response.",
            "The response needs no changes.",
            "The draft follows the principle. No changes needed.",
            "None.",
            "Nothing.",
            "The response follows the principle. No critique needed.",
            "No critique needed. The response already follows the principle.",
            "Nothing needs to be changed.",
        ] {
            assert!(finds_nothing(text), "{text:?}");
        }
    }

    #[test]
    fn something_found() {
        for text in [
            "",
            "Nothing is said about the risks.",
            "There is nothing about the dosage in the response.",
            "No source is given.",
            "No changes are suggested to the user, who asked for some.",
            "There is nothing to improve in tone, but the facts are wrong.",
            "No critique needed, except that it is rude.",
            "No critique needed. However, the response could be shorter.",
            "No critique of the government is needed to answer this, yet it gives one.",
            "The response has no problems with grammar but ignores the question.",
            "No problem is solved by this.",
            "Nothing in the answer is true.",
            "The response follows the principle.",
            "The response says “No critique needed”, which is rude.",
            "None of this is true.",
            "No.",
        ] {
            assert!(!finds_nothing(text), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_is_idempotent(text in "\\PC{0,80}") {
            let once = revision(&text);
            prop_assert_eq!(&revision(&once), &once);
            critique(&text);
            finds_nothing(&text);
        }
    }
}
