//! Golden requests and hostile answers of the chat completions dialect.

use proptest::prelude::*;

use super::*;
use crate::domain::{Answer, Message, ModelRole, PromptId, Purpose, Sampling, Usage};

fn call(want: Want, sample: u32) -> Call {
    Call {
        purpose: Purpose::Probe,
        prompt: PromptId::new("p"),
        role: ModelRole::Judge,
        messages: vec![
            Message::system("Be “kind”."),
            Message::user("Line\nbreak"),
            Message::assistant(""),
        ],
        sampling: Sampling {
            frequency_penalty: 0.0,
            temperature: 0.7,
            top_p: 0.95,
            max_tokens: 128,
            stop: vec!["\n\n".to_owned()],
            seed: Some(7),
        },
        want,
        sample,
    }
}

fn letters() -> Want {
    Want::Choice(vec![Answer::letter("A"), Answer::letter("B")])
}

fn target(stream: bool, habits: Habits) -> Target {
    Target { model: "m".to_owned(), stream, habits }
}

fn body(call: &Call, target: &Target) -> String {
    String::from_utf8(request(call, target)).unwrap()
}

const MESSAGES: &str = r#"{"model":"m","messages":[{"role":"system","content":"Be “kind”."},{"role":"user","content":"Line\nbreak"}],"#;

#[test]
fn golden_requests() {
    let usual = Habits::default();
    let text = r#""temperature":0.7,"top_p":0.95,"stop":["\n\n"],"seed":7,"stream":"#;
    for (want, sample, stream, habits, expected) in [
        (Want::Text, 0, false, usual, format!(r#""max_tokens":128,{text}false}}"#)),
        (
            Want::Text,
            0,
            true,
            usual,
            format!(r#""max_tokens":128,{text}true,"stream_options":{{"include_usage":true}}}}"#),
        ),
        (
            Want::Text,
            0,
            true,
            Habits { stream_usage: false, length: LengthField::MaxCompletionTokens, ..usual },
            format!(r#""max_completion_tokens":128,{text}true}}"#),
        ),
        (
            letters(),
            0,
            true,
            usual,
            r#""max_tokens":4,"temperature":0.0,"top_p":0.95,"stop":["\n\n"],"seed":7,"logprobs":true,"top_logprobs":20,"stream":false}"#.to_owned(),
        ),
        (
            letters(),
            2,
            false,
            Habits { top_logprobs: 0, ..usual },
            r#""max_tokens":128,"temperature":0.7,"top_p":0.95,"stop":["\n\n"],"seed":9,"stream":false}"#.to_owned(),
        ),
        (
            Want::Text,
            1,
            false,
            Habits { seed: false, ..usual },
            r#""max_tokens":128,"temperature":0.7,"top_p":0.95,"stop":["\n\n"],"stream":false}"#.to_owned(),
        ),
    ] {
        let made = body(&call(want, sample), &target(stream, habits));
        assert_eq!(made, format!("{MESSAGES}{expected}"));
    }
}

#[test]
fn folds_seeds_to_what_every_server_takes() {
    for (seed, expected) in [(0, 0), (7, 7), (0x7fff_ffff, 0x7fff_ffff)] {
        assert_eq!(folded(seed), expected);
    }
    for seed in [u64::MAX, 1 << 31, 0x0123_4567_89ab_cdef] {
        assert!(folded(seed) <= 0x7fff_ffff);
    }
    assert_ne!(folded(1 << 31), folded(0));
}

#[test]
fn knows_openai_and_azure_by_their_hosts() {
    for host in ["api.openai.com", "eu.api.openai.com", "x.openai.azure.com"] {
        assert_eq!(habits_of(host).length, LengthField::MaxCompletionTokens);
    }
    for host in ["localhost", "notopenai.com", "openrouter.ai"] {
        assert_eq!(habits_of(host).length, LengthField::MaxTokens);
    }
}

#[test]
fn adapts_to_refusals_that_are_about_a_field() {
    let usual = Habits::default();
    let five = Habits { top_logprobs: 5, ..usual };
    let none = Habits { top_logprobs: 0, ..usual };
    for (body, used, is_choice, expected) in [
        (
            "{\"error\":{\"message\":\"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.\",\"param\":\"max_tokens\",\"code\":\"unsupported_parameter\"}}",
            usual,
            false,
            Some(Habits { length: LengthField::MaxCompletionTokens, ..usual }),
        ),
        (r#"{"error":{"message":"top_logprobs must be at most 5"}}"#, usual, true, Some(five)),
        (r#"{"error":{"message":"logprobs is not supported"}}"#, five, true, Some(none)),
        (r#"{"error":{"message":"logprobs is not supported"}}"#, none, true, None),
        (r#"{"error":{"message":"logprobs is not supported"}}"#, usual, false, None),
        (
            r#"{"error":{"message":"Unsupported value","param":"temperature"}}"#,
            usual,
            true,
            Some(none),
        ),
        (r#"{"error":{"message":"Unsupported value","param":"temperature"}}"#, usual, false, None),
        (
            r#"{"detail":[{"loc":["body","stream_options"],"msg":"extra"}]}"#,
            usual,
            false,
            Some(Habits { stream_usage: false, ..usual }),
        ),
        (
            r#"{"error":{"message":"Unknown parameter: seed"}}"#,
            usual,
            false,
            Some(Habits { seed: false, ..usual }),
        ),
        (
            r#"{"error":{"message":"Unknown parameter: seed"}}"#,
            Habits { seed: false, ..usual },
            false,
            None,
        ),
        (r#"{"error":{"message":"context too long"}}"#, usual, true, None),
    ] {
        let refusal = Refusal::read(400, body.as_bytes());
        assert_eq!(adapt(&refusal, used, is_choice), expected, "{body}");
    }
    let overloaded = Refusal::read(503, br#"{"error":{"message":"logprobs"}}"#);
    assert_eq!(adapt(&overloaded, usual, true), None);
}

#[test]
fn reads_answers_of_many_servers() {
    let plain = |text: &str| Reply {
        text: text.to_owned(),
        reasoning: None,
        finish: Finish::Stop,
        usage: Usage::default(),
        choice: None,
        model: String::new(),
        marks: Vec::new(),
    };
    for (body, expected) in [
        (
            r#"{"id":"x","model":"m-1","choices":[{"index":0,"message":{"role":"assistant","content":" Hi\n","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":"12","completion_tokens":3.0,"prompt_tokens_details":{"cached_tokens":8}},"new_field":{}}"#,
            Reply {
                model: "m-1".to_owned(),
                usage: Usage {
                    prompt_tokens: 12,
                    cached_tokens: 8,
                    completion_tokens: 3,
                    ..Usage::default()
                },
                ..plain(" Hi\n")
            },
        ),
        (
            r#"{"choices":[{"message":{"content":null,"reasoning_content":"hm","reasoning":"hm"},"finish_reason":"length"}],"usage":null}"#,
            Reply { reasoning: Some("hm".to_owned()), finish: Finish::Length, ..plain("") },
        ),
        (
            r#"{"choices":[{"message":{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}],"reasoning":"r"}}]}"#,
            Reply { reasoning: Some("r".to_owned()), finish: Finish::Other, ..plain("ab") },
        ),
        (
            r#"{"choices":[{"message":{"content":null,"refusal":"No."},"finish_reason":"stop"}]}"#,
            Reply { finish: Finish::Filtered, ..plain("No.") },
        ),
        (
            r#"{"choices":[{"message":{"content":"x\ud83d"},"finish_reason":"content_filter","p":NaN}]}"#,
            Reply { finish: Finish::Filtered, ..plain("x\u{fffd}") },
        ),
        (r#"{"choices":[{"text":"old","finish_reason":"stop"}],"error":null}"#, plain("old")),
    ] {
        assert_eq!(read(body.as_bytes(), &Want::Text), Ok(expected), "{body}");
    }
}

#[test]
fn names_what_is_no_answer() {
    for (body, is_expected) in [
        ("", (|u| matches!(u, Unread::Garbled(_))) as fn(&Unread) -> bool),
        ("<html>gateway</html>", |u| matches!(u, Unread::Garbled(w) if w.contains("gateway"))),
        ("{}", |u| matches!(u, Unread::Garbled(_))),
        ("[1]", |u| matches!(u, Unread::Garbled(_))),
        (r#"{"choices":[]}"#, |u| matches!(u, Unread::Garbled(_))),
        (r#"{"choices":[{"message":null}]}"#, |u| matches!(u, Unread::Garbled(_))),
        (r#"{"choices":[{"message":{"content":"x"#, |u| matches!(u, Unread::Truncated(_))),
        (
            r#"{"error":{"message":"no","code":429}}"#,
            |u| matches!(u, Unread::Refused(refusal) if refusal.status == 429),
        ),
    ] {
        let unread = read(body.as_bytes(), &Want::Text).unwrap_err();
        assert!(is_expected(&unread), "{body}: {unread:?}");
    }
}

#[test]
fn reads_a_choice_by_probabilities_or_leaves_it_to_text() {
    let with = |logprobs: &str, rest: &str| {
        format!(
            r#"{{"choices":[{{"message":{{"content":"A"{rest}}},"finish_reason":"stop","logprobs":{logprobs}}}]}}"#
        )
    };
    let probs = r#"{"content":[{"token":"A","logprob":-0.693147,"top_logprobs":[{"token":"A","logprob":-0.693147},{"token":" B","logprob":-1.386294}]}]}"#;
    let reply = read(with(probs, "").as_bytes(), &letters()).unwrap();
    let choice = reply.choice.expect("probabilities");
    assert!((choice.probabilities[0] - 0.5).abs() < 1e-6, "{choice:?}");
    assert!((choice.probabilities[1] - 0.25).abs() < 1e-6, "{choice:?}");
    assert_eq!(listed(with(probs, "").as_bytes()), Some(2));
    for body in [
        with("null", ""),
        with(r#"{"content":null}"#, ""),
        with(r#"{"content":[{"token":"A","logprob":0}]}"#, ""),
        with(probs, r#","reasoning":"the positions are of this""#),
    ] {
        assert_eq!(read(body.as_bytes(), &letters()).unwrap().choice, None, "{body}");
    }
}

fn stream(events: &[&str]) -> (String, Result<Reply, Unread>) {
    let mut reader = StreamReader::default();
    let mut text = String::new();
    for data in events {
        let event = Event { name: String::new(), data: (*data).to_owned() };
        match reader.event(&event, &Want::Text) {
            Ok(piece) => text.push_str(&piece),
            Err(unread) => return (text, Err(unread)),
        }
    }
    (text, reader.finish(&Want::Text))
}

#[test]
fn reads_streams() {
    const HI: &str = r#"{"model":"m","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}],"usage":null}"#;
    const STOP: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    const USAGE: &str =
        r#"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":1,"total_tokens":6}}"#;
    const THINK: &str = r#"{"choices":[{"index":0,"delta":{"reasoning":"hm"}}]}"#;
    const OTHER: &str = r#"{"choices":[{"index":1,"delta":{"content":"no"}}]}"#;
    let (text, reply) = stream(&[THINK, HI, OTHER, " there", STOP, USAGE, "[DONE]"]);
    assert_eq!(text, "Hi");
    assert!(matches!(reply, Err(Unread::Garbled(_))));
    let (text, reply) = stream(&[THINK, HI, OTHER, "", HI, STOP, USAGE, "[DONE]"]);
    let reply = reply.unwrap();
    assert_eq!((text.as_str(), reply.text.as_str()), ("HiHi", "HiHi"));
    assert_eq!(reply.reasoning.as_deref(), Some("hm"));
    assert_eq!((reply.finish, reply.model.as_str()), (Finish::Stop, "m"));
    assert_eq!((reply.usage.prompt_tokens, reply.usage.completion_tokens), (5, 1));

    assert!(stream(&[HI, STOP]).1.is_ok());
    assert!(stream(&[HI, "[DONE]"]).1.is_ok());
    assert!(matches!(stream(&[HI]).1, Err(Unread::Truncated(_))));
    assert!(matches!(stream(&[]).1, Err(Unread::Truncated(_))));
    let (_, failed) = stream(&[HI, r#"{"error":{"type":"server_error","message":"boom"}}"#]);
    assert!(matches!(failed, Err(Unread::Refused(refusal)) if refusal.status == 500));
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        drop(read(&bytes, &letters()));
        let data = String::from_utf8_lossy(&bytes).into_owned();
        drop(StreamReader::default().event(&Event { name: String::new(), data }, &letters()));
    }

    #[test]
    fn answers_with_a_broken_part_never_panic(
        field in "content|text|refusal|reasoning|logprobs|usage|index|finish_reason|delta|message",
        value in prop_oneof![
            Just("null"), Just("[]"), Just("{}"), Just("-1"), Just("1e999"), Just("\"x\""),
            Just("[[{}]]"), Just("{\"content\":[{\"token\":\"A\",\"logprob\":\"NaN\"}]}"),
        ],
    ) {
        let body = format!(r#"{{"choices":[{{"message":{{"{field}":{value}}},"{field}":{value}}}],"{field}":{value}}}"#);
        drop(read(body.as_bytes(), &letters()));
        let event = Event { name: String::new(), data: body };
        drop(StreamReader::default().event(&event, &letters()));
    }
}
