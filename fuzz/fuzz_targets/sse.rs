//! Any bytes, cut anywhere: the same events, and never a panic.
#![no_main]
use libfuzzer_sys::fuzz_target;
use preamble_fuzz::providers::sse::{Event, Sse};

fn events(parts: &[&[u8]]) -> Vec<Event> {
    let mut sse = Sse::default();
    let mut events = Vec::new();
    for part in parts {
        match sse.push(part) {
            Ok(more) => events.extend(more),
            Err(_) => return events,
        }
    }
    events.extend(sse.finish());
    events
}

fuzz_target!(|data: &[u8]| {
    let Some((cuts, bytes)) = data.split_first_chunk::<4>() else { return };
    let whole = events(&[bytes]);
    let mut at = cuts.map(|cut| usize::from(cut) * bytes.len() / 255);
    at.sort_unstable();
    let [a, b, c, d] = at;
    assert_eq!(whole, events(&[&bytes[..a], &bytes[a..b], &bytes[b..c], &bytes[c..d], &bytes[d..]]));
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(whole, events(&single));
});
