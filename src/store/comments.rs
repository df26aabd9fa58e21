//! Tells whether a save would lose comments that somebody wrote by hand.

use crate::formats::ron_text::{self, TokenKind};

/// The comments of a RON text, in order, as they stand but for the spaces around them.
pub fn comments(text: &str) -> Vec<&str> {
    ron_text::tokens(text)
        .into_iter()
        .filter(|token| token.kind == TokenKind::Comment)
        .map(|token| text[token.at].trim())
        .collect()
}

/// The comments of the old text that the new one lacks; one that stands twice counts twice.
pub fn lost<'t>(old: &'t str, new: &str) -> Vec<&'t str> {
    let mut left = comments(new);
    comments(old)
        .into_iter()
        .filter(|comment| match left.iter().position(|other| other == comment) {
            Some(index) => {
                left.swap_remove(index);
                false
            }
            None => true,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_that_stays_is_not_lost_and_repeats_count() {
        assert!(lost("// a\n()", "()\n// a\n").is_empty());
        assert_eq!(lost("// a\n// a\n()", "// a\n()"), ["// a"]);
        assert_eq!(lost("( /* b */ url: \"http://x\")", "()"), ["/* b */"]);
    }
}
