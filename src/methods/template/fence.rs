//! The mark that fences off what is judged from what the judge is told.

/// Six hexadecimal digits that occur in none of the texts.
///
/// They are part of the tags around prompts and responses, so that a response can't close its own
/// tag and speak to the judge. They come from the texts themselves and not from chance, so the
/// same texts make the same call.
pub fn fence(texts: &[&str]) -> String {
    for attempt in 0_u64.. {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"preamble-fence-1");
        hasher.update(&attempt.to_le_bytes());
        for text in texts {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        let digits = hasher.finalize().to_hex();
        let mark = &digits[..6];
        if !texts.iter().any(|text| text.to_ascii_lowercase().contains(mark)) {
            return mark.to_owned();
        }
    }
    // Only texts with all 16⁶ marks in them (100 MB) get here.
    "000000".to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::fence;

    #[test]
    fn the_same_texts_give_the_same_mark() {
        assert_eq!(fence(&["a", "b"]), fence(&["a", "b"]));
        assert_ne!(fence(&["a", "b"]), fence(&["ab", ""]));
    }

    #[test]
    fn a_text_can_not_hold_its_own_mark() {
        // The first choices for this text, put into the text, are not chosen again.
        let mut text = "response".to_owned();
        for _ in 0..20 {
            let mark = fence(&[&text]);
            assert!(!text.contains(&mark));
            text.push_str(&mark);
            text.push_str(&mark.to_uppercase());
        }
    }

    proptest! {
        #[test]
        fn never_in_the_texts(a in "[0-9a-fA-F]{0,200}", b in "\\PC{0,50}") {
            let mark = fence(&[&a, &b]);
            prop_assert_eq!(mark.len(), 6);
            prop_assert!(!a.to_lowercase().contains(&mark) && !b.to_lowercase().contains(&mark));
        }
    }
}
