//! Bodies and streams of the chat completions dialect: a reply with sane numbers, or a named refusal.
#![no_main]
use libfuzzer_sys::fuzz_target;
use preamble_fuzz::domain::{Answer, Reply, Want};
use preamble_fuzz::providers::{openai, refusal::Refusal, sse::Sse};

fn check(reply: &Reply) {
    let usage = reply.usage;
    let counts = [usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens];
    assert!(counts.iter().all(|count| *count < 1 << 43));
    for p in reply.choice.iter().flat_map(|choice| &choice.probabilities) {
        assert!((0.0..=1.0).contains(p), "{p}");
    }
}

fuzz_target!(|data: &[u8]| {
    let letters = Want::Choice(vec![Answer::letter("A"), Answer::letter("B")]);
    for want in [&letters, &Want::Text] {
        if let Ok(reply) = openai::read(data, want) {
            check(&reply);
        }
        let mut sse = Sse::default();
        let mut reader = openai::StreamReader::default();
        let Ok(mut events) = sse.push(data) else { return };
        events.extend(sse.finish());
        if events.iter().all(|event| reader.event(event, want).is_ok())
            && let Ok(reply) = reader.finish(want)
        {
            check(&reply);
        }
    }
    openai::listed(data);
    let refusal = Refusal::read(400, data);
    assert!(refusal.message.len() < 8_000, "a refusal's words are cut");
});
