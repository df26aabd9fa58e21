//! Bad bodies and streams, those written down in `tests/fixtures/bad_replies` and those made here
//! by damaging good ones, through both dialects: a named refusal or a reply, never a panic, and
//! never a number that the server did not send.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::sse::{Event, Sse};
use super::wire::Unread;
use super::{anthropic, openai};
use crate::domain::{Answer, Finish, Reply, Usage, Want};

const WRITTEN: &str = include_str!("../../tests/fixtures/bad_replies/envelopes.jsonl");

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Bad {
    why: String,
    dialect: String,
    expect: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    hex: String,
    text: Option<String>,
}

fn letters() -> Want {
    Want::Choice(vec![Answer::letter("A"), Answer::letter("B")])
}

fn bytes_of(bad: &Bad) -> Vec<u8> {
    if bad.hex.is_empty() {
        return bad.body.clone().into_bytes();
    }
    let digits = bad.hex.as_bytes().chunks(2);
    digits.map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

fn name_of(read: &Result<Reply, Unread>) -> &'static str {
    match read {
        Ok(_) => "text",
        Err(Unread::Garbled(_)) => "garbled",
        Err(Unread::Truncated(_)) => "truncated",
        Err(Unread::Refused(_)) => "refused",
    }
}

/// Counts that can be added up and paid for.
fn assert_sane(usage: Usage, of: &str) {
    let all = [
        usage.prompt_tokens,
        usage.cached_tokens,
        usage.cache_write_tokens,
        usage.completion_tokens,
        usage.reasoning_tokens,
    ];
    assert!(all.iter().all(|count| *count < 1 << 43), "{of}: {usage:?}");
}

#[test]
fn what_is_written_down_is_read_as_it_says() {
    let all: Vec<Bad> = WRITTEN.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(all.len() >= 100, "{}", all.len());
    for bad in &all {
        let bytes = bytes_of(bad);
        let mut read = Vec::new();
        if bad.dialect != "anthropic" {
            read.push(("openai", openai::read(&bytes, &letters())));
            read.push(("openai", openai::read(&bytes, &Want::Text)));
        }
        if bad.dialect != "openai" {
            read.push(("anthropic", anthropic::read(&bytes)));
        }
        assert!(!read.is_empty(), "{}", bad.dialect);
        for (dialect, read) in read {
            let of = format!("{dialect}, {}: {}", bad.why, String::from_utf8_lossy(&bytes));
            assert_eq!(name_of(&read), bad.expect, "{of}: {read:?}");
            let Ok(reply) = read else { continue };
            assert_eq!(Some(&reply.text), bad.text.as_ref(), "{of}");
            assert!(reply.choice.is_none(), "{of}: {:?}", reply.choice);
            assert_sane(reply.usage, &of);
            let is_refusal = bad.why == "the provider refuses" || bad.why == "filtered";
            assert_eq!(reply.finish == Finish::Filtered, is_refusal, "{of}");
        }
    }
}

const OPENAI: &str = r#"{"id":"x","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"A é😀"},"logprobs":{"content":[{"token":"A","logprob":-0.1,"top_logprobs":[{"token":"A","logprob":-0.1},{"token":"B","logprob":-2.5}]}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":4}}}"#;
const ANTHROPIC: &str = r#"{"type":"message","model":"m","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"A é😀"}],"stop_reason":"end_turn","usage":{"input_tokens":12,"cache_read_input_tokens":4,"output_tokens":3}}"#;
const OPENAI_STREAM: &str = "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"A\"}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\" é😀\"}}]}\n\n: ping\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":3}}\n\ndata: [DONE]\n\n";
const ANTHROPIC_STREAM: &str = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"usage\":{\"input_tokens\":12,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"A é😀\"}}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":3}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

fn streamed(dialect: &str, bytes: &[u8], at: usize) -> Result<Reply, Unread> {
    let mut sse = Sse::default();
    let mut events: Vec<Event> = Vec::new();
    for part in [&bytes[..at.min(bytes.len())], &bytes[at.min(bytes.len())..]] {
        events.extend(sse.push(part).unwrap());
    }
    events.extend(sse.finish());
    if dialect == "openai" {
        let mut reader = openai::StreamReader::default();
        for event in &events {
            reader.event(event, &Want::Text)?;
        }
        return reader.finish(&Want::Text);
    }
    let mut reader = anthropic::StreamReader::default();
    for event in &events {
        reader.event(event)?;
    }
    reader.finish()
}

#[test]
fn every_prefix_of_a_body_breaks_off_and_none_is_a_shorter_answer() {
    for (body, dialect) in [(OPENAI, "openai"), (ANTHROPIC, "anthropic")] {
        let read = |bytes: &[u8]| match dialect {
            "openai" => openai::read(bytes, &letters()),
            _ => anthropic::read(bytes),
        };
        assert_eq!(read(body.as_bytes()).unwrap().text, "A é😀");
        for end in 1..body.len() {
            let read = read(&body.as_bytes()[..end]);
            assert!(matches!(read, Err(Unread::Truncated(_))), "{dialect} at {end}: {read:?}");
        }
    }
}

#[test]
fn every_prefix_of_a_stream_is_whole_or_breaks_off() {
    for (stream, dialect, told) in [
        (OPENAI_STREAM, "openai", "\"finish_reason\":\"stop\"}]}"),
        (ANTHROPIC_STREAM, "anthropic", "\"usage\":{\"output_tokens\":3}}"),
    ] {
        let bytes = stream.as_bytes();
        let told = stream.find(told).unwrap() + told.len();
        for end in 0..=bytes.len() {
            let whole = streamed(dialect, &bytes[..end], end / 2);
            assert_eq!(whole, streamed(dialect, &bytes[..end], end), "split at {end}");
            match whole {
                Ok(reply) => {
                    assert!(end >= told, "{dialect} at {end}: nothing said that it is over");
                    assert_eq!(reply.text, "A é😀");
                }
                Err(Unread::Truncated(_) | Unread::Garbled(_)) => {}
                Err(other) => panic!("{dialect} at {end}: {other:?}"),
            }
        }
        assert!(streamed(dialect, bytes, 9).is_ok());
    }
}

#[test]
fn damaged_bodies_and_streams_never_panic() {
    let pieces: [&[u8]; 12] = [
        b"null",
        b"1e999",
        b"-1",
        b"18446744073709551615",
        b"\"",
        b"{",
        b"]",
        b"\\ud800",
        b"NaN",
        b"\xff\xfe",
        b"\r",
        b"[[[[",
    ];
    let mut random = ChaCha8Rng::seed_from_u64(13);
    for round in 0..6_000 {
        let source = [OPENAI, ANTHROPIC, OPENAI_STREAM, ANTHROPIC_STREAM][round % 4];
        let mut bytes = source.as_bytes().to_vec();
        for _ in 0..random.random_range(1..4) {
            let at = random.random_range(0..bytes.len());
            let end = (at + random.random_range(0..12)).min(bytes.len());
            match random.random_range(0..4) {
                0 => drop(bytes.splice(at..end, pieces[random.random_range(0..12)].to_vec())),
                1 => drop(bytes.drain(at..end)),
                2 => bytes[at] = random.random(),
                _ => {
                    let again = bytes[at..end].to_vec();
                    drop(bytes.splice(at..at, again));
                }
            }
            if bytes.is_empty() {
                bytes.push(b'{');
            }
        }
        let of = String::from_utf8_lossy(&bytes).into_owned();
        let read = [
            openai::read(&bytes, &letters()),
            anthropic::read(&bytes),
            streamed("openai", &bytes, bytes.len() / 3),
            streamed("anthropic", &bytes, bytes.len() / 3),
        ];
        for reply in read.into_iter().flatten() {
            assert_sane(reply.usage, &of);
            for p in reply.choice.iter().flat_map(|choice| &choice.probabilities) {
                assert!((0.0..=1.0).contains(p), "{of}: {p}");
            }
        }
    }
}

#[test]
fn deep_and_long_bodies_are_refused_or_read_without_ado() {
    for depth in [100, 1_000, 1_000_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("{\"choices\":[", "]}")] {
            let body = format!("{}1{}", open.repeat(depth), close.repeat(depth)).into_bytes();
            assert!(openai::read(&body, &letters()).is_err());
            assert!(anthropic::read(&body).is_err());
        }
    }
    let long = "word ".repeat(2 << 20);
    let body = format!(r#"{{"choices":[{{"message":{{"content":"{long}"}}}}]}}"#);
    assert_eq!(openai::read(body.as_bytes(), &letters()).unwrap().text.len(), long.len());
}
