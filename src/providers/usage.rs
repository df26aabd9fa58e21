//! What servers say of the tokens that a call took, in both dialects, in one count.
//!
//! A bill follows from these numbers, so what is not said counts as not said: where either the
//! question's or the answer's tokens are missing, all of it is ([`Usage::default`]), and the
//! engine takes the worst case instead. How counts are sent:
//!
//! - Whole answers have one `usage`. OpenAI's streams have it in a last event that has no choices
//!   and null before; some servers tell running totals all along, some an empty one at the end,
//!   some put it into the choice (Moonshot) or under `x_groq`. A later count replaces an earlier
//!   one, and zeros replace nothing.
//! - Anthropic's streams tell the question's tokens at the start and the answer's, cumulative, at
//!   the end; the first event's `output_tokens` is a beginning and no total. Some servers of this
//!   dialect repeat the question's tokens at the end as 0. The largest of each counts.
//! - In OpenAI's dialect the answer's tokens include reasoning and the question's the cached ones.
//!   xAI and Gemini leave reasoning out of `completion_tokens` but not out of `total_tokens` (and
//!   bill it); so what the total has beyond the question is the answer's. Anthropic's cached
//!   tokens are beside `input_tokens`, not in it.

use serde_json::Value;

use super::lenient;
use crate::domain::Usage;

/// Counts in OpenAI's dialect, as they come.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct OpenAiUsage {
    prompt: Option<u64>,
    completion: Option<u64>,
    total: Option<u64>,
    cached: Option<u64>,
    cache_write: Option<u64>,
    reasoning: Option<u64>,
}

impl OpenAiUsage {
    /// Takes what an answer or an event says; `choice` is its first choice.
    pub(super) fn take(&mut self, whole: &Value, choice: &Value) {
        let places = [whole.get("usage"), choice.get("usage"), whole.pointer("/x_groq/usage")];
        for usage in places.into_iter().flatten().filter(|usage| usage.is_object()) {
            self.object(usage);
        }
    }

    fn object(&mut self, usage: &Value) {
        let count =
            |pointer: &str| lenient::count(usage.pointer(pointer)).filter(|count| *count > 0);
        let first = |pointers: &[&str]| pointers.iter().find_map(|pointer| count(pointer));
        let newer = |old: Option<u64>, new: Option<u64>| new.or(old);
        self.prompt = newer(self.prompt, first(&["/prompt_tokens", "/input_tokens"]));
        // An answer may be empty: here a 0 says something, where nothing was said before.
        let said = ["/completion_tokens", "/output_tokens"]
            .iter()
            .find_map(|pointer| lenient::count(usage.pointer(pointer)));
        self.completion = newer(self.completion, said.filter(|count| *count > 0)).or(said);
        self.total = newer(self.total, count("/total_tokens"));
        let cached = first(&[
            "/prompt_tokens_details/cached_tokens",
            "/input_tokens_details/cached_tokens",
            "/prompt_cache_hit_tokens",
            "/cached_tokens",
            "/cache_read_input_tokens",
        ]);
        self.cached = newer(self.cached, cached);
        let written = first(&[
            "/prompt_tokens_details/cache_write_tokens",
            "/prompt_tokens_details/cache_creation_tokens",
            "/cache_creation_input_tokens",
        ]);
        self.cache_write = newer(self.cache_write, written);
        let reasoning = first(&[
            "/completion_tokens_details/reasoning_tokens",
            "/output_tokens_details/reasoning_tokens",
            "/reasoning_tokens",
        ]);
        self.reasoning = newer(self.reasoning, reasoning);
    }

    /// The count; `has_text`: whether the answer has any text or reasoning, which no answer of 0
    /// tokens can have.
    pub(super) fn count(self, has_text: bool) -> Usage {
        let rest = |known: Option<u64>| Some(self.total?.saturating_sub(known?));
        let said = self.completion.filter(|count| *count > 0 || !has_text);
        let reasoning = self.reasoning.unwrap_or(0);
        let Some(prompt) = self.prompt.or_else(|| rest(said).filter(|count| *count > 0)) else {
            return Usage::default();
        };
        let Some(mut completion) = said.or_else(|| rest(Some(prompt))) else {
            return Usage::default();
        };
        completion = completion.max(rest(Some(prompt)).unwrap_or(0));
        if reasoning > completion {
            completion += reasoning;
        }
        if completion == 0 && has_text {
            return Usage::default();
        }
        Usage {
            prompt_tokens: prompt,
            cached_tokens: self.cached.unwrap_or(0),
            cache_write_tokens: self.cache_write.unwrap_or(0),
            completion_tokens: completion,
            reasoning_tokens: reasoning,
        }
    }
}

/// Counts in Anthropic's dialect, as they come.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct AnthropicUsage {
    input: u64,
    cache_write: u64,
    cache_read: u64,
    output: u64,
    reasoning: u64,
    has_total: bool,
}

impl AnthropicUsage {
    /// Takes a `usage` object; `is_total`: its `output_tokens` is a total, not a beginning.
    pub(super) fn take(&mut self, usage: &Value, is_total: bool) {
        let count = |pointer: &str| lenient::count(usage.pointer(pointer));
        let by_life = ["5m", "1h"]
            .iter()
            .filter_map(|life| count(&format!("/cache_creation/ephemeral_{life}_input_tokens")));
        let written = count("/cache_creation_input_tokens").unwrap_or(0).max(by_life.sum());
        self.cache_write = self.cache_write.max(written);
        for (pointer, most) in [
            ("/input_tokens", &mut self.input),
            ("/cache_read_input_tokens", &mut self.cache_read),
            ("/output_tokens", &mut self.output),
            ("/output_tokens_details/thinking_tokens", &mut self.reasoning),
        ] {
            *most = (*most).max(count(pointer).unwrap_or(0));
        }
        self.has_total |= is_total && count("/output_tokens").is_some();
    }

    /// The count; `has_text` as for [`OpenAiUsage::count`].
    pub(super) fn count(self, has_text: bool) -> Usage {
        let prompt = self.input + self.cache_write + self.cache_read;
        if prompt == 0 || !self.has_total || (self.output == 0 && has_text) {
            return Usage::default();
        }
        Usage {
            prompt_tokens: prompt,
            cached_tokens: self.cache_read,
            cache_write_tokens: self.cache_write,
            completion_tokens: self.output.max(self.reasoning),
            reasoning_tokens: self.reasoning,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn openai(events: &[Value]) -> [u64; 5] {
        let mut usage = OpenAiUsage::default();
        for event in events {
            let choice = event.pointer("/choices/0").cloned().unwrap_or_default();
            usage.take(event, &choice);
        }
        listed(usage.count(true))
    }

    fn listed(usage: Usage) -> [u64; 5] {
        [
            usage.prompt_tokens,
            usage.cached_tokens,
            usage.cache_write_tokens,
            usage.completion_tokens,
            usage.reasoning_tokens,
        ]
    }

    #[test]
    fn openais_shapes_are_read() {
        let plain = json!({"usage": {"prompt_tokens": 100, "completion_tokens": 50,
            "total_tokens": 150, "prompt_tokens_details": {"cached_tokens": 64, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 32, "audio_tokens": 0,
            "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}}});
        assert_eq!(openai(&[plain]), [100, 64, 0, 50, 32]);
        let strings = json!({"usage": {"prompt_tokens": "100", "completion_tokens": "50.0",
            "prompt_tokens_details": null}});
        assert_eq!(openai(&[strings]), [0; 5], "half of it can't be read");
        let strings = json!({"usage": {"prompt_tokens": "100", "completion_tokens": 50.0}});
        assert_eq!(openai(&[strings]), [100, 0, 0, 50, 0]);
        let deepseek = json!({"usage": {"prompt_tokens": 90, "completion_tokens": 9,
            "prompt_cache_hit_tokens": 64, "prompt_cache_miss_tokens": 26}});
        assert_eq!(openai(&[deepseek]), [90, 64, 0, 9, 0]);
        let router = json!({"usage": {"prompt_tokens": 90, "completion_tokens": 9,
            "prompt_tokens_details": {"cached_tokens": 10, "cache_write_tokens": 30}}});
        assert_eq!(openai(&[router]), [90, 10, 30, 9, 0]);
    }

    #[test]
    fn reasoning_left_out_of_the_answer_is_billed_all_the_same() {
        // xAI: 32 + 9 + 94 = 135.
        let xai = json!({"usage": {"prompt_tokens": 32, "completion_tokens": 9,
            "total_tokens": 135, "completion_tokens_details": {"reasoning_tokens": 94}}});
        assert_eq!(openai(&[xai]), [32, 0, 0, 103, 94]);
        let gemini =
            json!({"usage": {"prompt_tokens": 20, "completion_tokens": 424, "total_tokens": 1016}});
        assert_eq!(openai(&[gemini]), [20, 0, 0, 996, 0]);
        let no_total = json!({"usage": {"prompt_tokens": 12, "completion_tokens": 2,
            "completion_tokens_details": {"reasoning_tokens": 317}}});
        assert_eq!(openai(&[no_total]), [12, 0, 0, 319, 317]);
        let only_thoughts = json!({"usage": {"prompt_tokens": 21, "completion_tokens": 0,
            "total_tokens": 81, "completion_tokens_details": {"reasoning_tokens": 60}}});
        assert_eq!(openai(&[only_thoughts]), [21, 0, 0, 60, 60]);
    }

    #[test]
    fn what_is_missing_is_not_reported() {
        for missing in [
            json!({}),
            json!({"usage": null}),
            json!({"usage": {}}),
            json!({"usage": {"prompt_tokens": 5}}),
            json!({"usage": {"completion_tokens": 5}}),
            json!({"usage": {"prompt_tokens": 5, "completion_tokens": 0}}),
            json!({"usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}}),
            json!({"usage": {"prompt_tokens": "many", "completion_tokens": 5}}),
        ] {
            assert_eq!(openai(std::slice::from_ref(&missing)), [0; 5], "{missing}");
        }
        let by_total = json!({"usage": {"completion_tokens": 5, "total_tokens": 12}});
        assert_eq!(openai(&[by_total]), [7, 0, 0, 5, 0]);
        let mut empty = OpenAiUsage::default();
        empty.take(&json!({"usage": {"prompt_tokens": 5, "completion_tokens": 0}}), &Value::Null);
        assert_eq!(listed(empty.count(false)), [5, 0, 0, 0, 0], "an empty answer is an answer");
    }

    #[test]
    fn several_counts_in_a_stream_are_one() {
        let event = |prompt: u64, completion: u64| {
            json!({"choices": [{"index": 0}], "usage":
            {"prompt_tokens": prompt, "completion_tokens": completion}})
        };
        let empty = json!({"choices": [], "usage": null});
        let running = [event(7, 1), event(7, 2), empty.clone(), event(7, 9)];
        assert_eq!(openai(&running), [7, 0, 0, 9, 0]);
        assert_eq!(openai(&[event(7, 9), event(0, 0)]), [7, 0, 0, 9, 0]);
        assert_eq!(openai(&[event(7, 9), event(7, 9)]), [7, 0, 0, 9, 0], "told twice, not added");
        let first = json!({"usage": {"prompt_tokens": 7}});
        let last = json!({"usage": {"completion_tokens": 3}});
        assert_eq!(openai(&[first, last]), [7, 0, 0, 3, 0]);
        let choice = json!({"choices": [{"usage":
            {"prompt_tokens": 4, "completion_tokens": 5, "total_tokens": 9, "cached_tokens": 2}}]});
        assert_eq!(openai(&[empty.clone(), choice]), [4, 2, 0, 5, 0]);
        let groq = json!({"choices": [], "x_groq": {"id": "r", "usage":
            {"queue_time": 0.1, "prompt_tokens": 4, "completion_tokens": 5, "total_tokens": 9}}});
        assert_eq!(openai(&[empty, groq]), [4, 0, 0, 5, 0]);
    }

    fn anthropic(events: &[(Value, bool)]) -> [u64; 5] {
        let mut usage = AnthropicUsage::default();
        for (event, is_total) in events {
            usage.take(event, *is_total);
        }
        listed(usage.count(true))
    }

    #[test]
    fn anthropics_shapes_are_read() {
        let whole = json!({"input_tokens": 10, "cache_creation_input_tokens": 5,
            "cache_read_input_tokens": 20, "output_tokens": 4,
            "cache_creation": {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 2}});
        assert_eq!(anthropic(&[(whole, true)]), [35, 20, 5, 4, 0]);
        let parts = json!({"input_tokens": 10, "output_tokens": 4,
            "cache_creation": {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 2}});
        assert_eq!(anthropic(&[(parts, true)]), [15, 0, 5, 4, 0]);
        let start = json!({"input_tokens": 25, "cache_read_input_tokens": 4, "output_tokens": 1});
        let end = json!({"output_tokens": 15});
        assert_eq!(anthropic(&[(start.clone(), false), (end, true)]), [29, 4, 0, 15, 0]);
        let zeros = json!({"input_tokens": 0, "output_tokens": 15});
        assert_eq!(anthropic(&[(start.clone(), false), (zeros, true)]), [29, 4, 0, 15, 0]);
        let late = json!({"input_tokens": 30, "output_tokens": 15});
        let nothing = json!({"input_tokens": 0, "output_tokens": 0});
        assert_eq!(anthropic(&[(nothing.clone(), false), (late, true)]), [30, 0, 0, 15, 0]);
        assert_eq!(anthropic(&[(start, false)]), [0; 5], "a beginning is no total");
        assert_eq!(anthropic(&[(nothing, true)]), [0; 5]);
        assert_eq!(anthropic(&[(Value::Null, true)]), [0; 5]);
    }
}
