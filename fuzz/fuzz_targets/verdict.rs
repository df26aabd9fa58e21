//! Judges' replies through every reader, and what tidies answers and hears refusals.
#![no_main]
use libfuzzer_sys::fuzz_target;
use preamble_fuzz::domain::{Answer, Criterion, Scale};
use preamble_fuzz::methods::{read_verdict, refused, tidy};

fuzz_target!(|text: &str| {
    let letters = [Answer::letter("A"), Answer::letter("B")];
    let yes_no = [Answer::of("Yes"), Answer::of("No")];
    let levels = read_verdict::answers_of(&Scale::default());
    for answers in [&letters[..], &yes_no, &levels] {
        if let Some(index) = read_verdict::named(text, answers) {
            assert!(index < answers.len());
            // What is read says so somewhere.
            let label = answers[index].label.to_lowercase();
            assert!(text.to_lowercase().contains(&label), "{text:?} does not say {label}");
        }
    }
    let criteria = vec![
        Criterion { id: "C1".into(), ..Criterion::default() },
        Criterion { id: "C2".into(), scale: Scale::Points(-2.0), ..Criterion::default() },
    ];
    for (id, line) in read_verdict::batch(text, &criteria) {
        let range = if id.as_str() == "C1" { 1.0..=5.0 } else { 0.0..=1.0 };
        assert!(range.contains(&line.value), "{id} is {}", line.value);
    }
    assert!(read_verdict::kept(text).len() < 5_000);
    refused::refuses(text);
    let once = tidy::revision(text);
    assert_eq!(tidy::revision(&once), once);
    tidy::critique(text);
    tidy::finds_nothing(text);
});
