//! Bodies and streams of the Messages dialect: a reply with sane numbers, or a named refusal.
#![no_main]
use libfuzzer_sys::fuzz_target;
use preamble_fuzz::domain::Reply;
use preamble_fuzz::providers::{anthropic, sse::Sse};

fn check(reply: &Reply) {
    let usage = reply.usage;
    let counts = [usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens];
    assert!(counts.iter().all(|count| *count < 1 << 43));
    assert!(reply.choice.is_none(), "the dialect has no probabilities");
}

fuzz_target!(|data: &[u8]| {
    if let Ok(reply) = anthropic::read(data) {
        check(&reply);
    }
    let mut sse = Sse::default();
    let mut reader = anthropic::StreamReader::default();
    let Ok(mut events) = sse.push(data) else { return };
    events.extend(sse.finish());
    if events.iter().all(|event| reader.event(event).is_ok())
        && let Ok(reply) = reader.finish()
    {
        check(&reply);
    }
});
