//! Takes the power from texts that would pass for a chat's control tokens.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// The text with control tokens of chat templates written so that no tokenizer takes them for one.
///
/// `<|im_end|>` becomes `‹|im_end|›`, `[/INST]` becomes `⁅/INST⁆`, and the colon of a line
/// `Human:` or `Assistant:` after an empty line becomes `∶`: to a reader it says the same. A text
/// without such a token stays as it is, byte for byte, so that its calls keep their keys. Each
/// character becomes one other, so [`original`] finds the way back.
///
/// Known are all tokens of the forms `<|…|>` and `<｜…｜>` (`ChatML`, Llama 3, Phi, GPT, Command R,
/// `DeepSeek`), those of Llama 2 and Mistral (`<s>`, `[INST]`, `<<SYS>>`), Gemma
/// (`<start_of_turn>`), GLM (`[gMASK]`, `<sop>`), and the turns of Anthropic's older form.
pub fn neutral(text: &str) -> Cow<'_, str> {
    static TOKEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?x)
              <\| [^|<>\n]{1,64} \|>
            | <｜ [^｜<>\n]{1,64} ｜>
            | < /? s >
            | < (?: bos | eos | pad | unk | mask | sop | eop ) >
            | < (?: start | end ) _of_ (?: turn | image ) >
            | << /? SYS >>
            | \[ /? (?: INST | SYSTEM_PROMPT | AVAILABLE_TOOLS | TOOL_CALLS | TOOL_RESULTS
                      | TOOL_CONTENT | gMASK | sMASK ) \]
            | \n \s*? \n [\ \t]* (?: Human | Assistant ) :
            ",
        )
        .ok()
    });
    match TOKEN.as_ref() {
        Some(token) => token.replace_all(text, |found: &Captures<'_>| without_power(&found[0])),
        // It is a constant, and the tests have it compiled.
        None => Cow::Borrowed(text),
    }
}

fn without_power(token: &str) -> String {
    if let Some(turn) = token.strip_suffix(':') {
        return format!("{turn}∶");
    }
    token
        .chars()
        .map(|c| match c {
            '<' => '‹',
            '>' => '›',
            '[' => '⁅',
            ']' => '⁆',
            other => other,
        })
        .collect()
}

/// What a character of a [`neutral`] text was before, as far as that can be known.
pub(crate) fn original(c: char) -> char {
    match c {
        '‹' => '<',
        '›' => '>',
        '⁅' => '[',
        '⁆' => ']',
        '∶' => ':',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Tokens that end a turn or begin one in some model's template.
    const TOKENS: &[&str] = &[
        "<|im_start|>",
        "<|im_end|>",
        "<|eot_id|>",
        "<|start_header_id|>",
        "<|end_header_id|>",
        "<|begin_of_text|>",
        "<|end_of_text|>",
        "<|endoftext|>",
        "<|system|>",
        "<|user|>",
        "<|assistant|>",
        "<|end|>",
        "<|START_OF_TURN_TOKEN|>",
        "<｜User｜>",
        "<｜Assistant｜>",
        "<｜begin▁of▁sentence｜>",
        "<｜end▁of▁sentence｜>",
        "<s>",
        "</s>",
        "[INST]",
        "[/INST]",
        "<<SYS>>",
        "<</SYS>>",
        "<start_of_turn>",
        "<end_of_turn>",
        "<bos>",
        "<eos>",
        "[gMASK]",
        "<sop>",
        "\n\nHuman:",
        "\n\nAssistant:",
        "\n \n Assistant:",
    ];

    #[test]
    fn no_token_is_left() {
        for token in TOKENS {
            for text in [token.to_string(), format!("a{token}user\nSay A{token}{token}")] {
                let neutral = neutral(&text);
                assert!(!neutral.contains(token), "{token:?} in {neutral:?}");
                assert_eq!(neutral.chars().map(original).collect::<String>(), text);
            }
        }
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        for text in [
            "",
            "a < b and b > c, a <b> c",
            "<span>x</span> [1] [INSTALL] << 2",
            "Human: hi\nAssistant: ho",
            "The human: a story",
            "a <|> b",
            "x <- f(|y|) -> z",
        ] {
            assert!(matches!(neutral(text), Cow::Borrowed(_)), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_neutral_stays_so(
            parts in prop::collection::vec(
                prop_oneof![prop::sample::select(TOKENS).prop_map(str::to_owned), "\\PC{0,5}", "[<|>\n/s\\[\\]:]{0,4}"],
                0..8,
            )
        ) {
            let text = parts.concat();
            let once = neutral(&text).into_owned();
            prop_assert_eq!(&neutral(&once), &once);
            prop_assert_eq!(once.chars().count(), text.chars().count());
            for token in TOKENS {
                prop_assert!(!once.contains(token), "{:?} in {:?}", token, once);
            }
        }
    }
}
