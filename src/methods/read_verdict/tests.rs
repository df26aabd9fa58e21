use proptest::prelude::*;

use super::*;
use crate::domain::{ChoiceReading, Finish, Usage};

fn letters() -> Vec<Answer> {
    vec![Answer::letter("A"), Answer::letter("B")]
}

fn yes_no() -> Vec<Answer> {
    vec![Answer::of("Yes"), Answer::of("No")]
}

fn five() -> Vec<Answer> {
    answers_of(&Scale::default())
}

fn said<'a>(text: &str, answers: &'a [Answer]) -> Option<&'a str> {
    named(text, answers).map(|index| answers[index].label.as_str())
}

#[test]
fn letters_are_read() {
    for (text, expected) in [
        ("A", Some("A")),
        (" B\n", Some("B")),
        ("(A)", Some("A")),
        ("**B**", Some("B")),
        ("a", Some("A")),
        ("(b).", Some("B")),
        ("[[A]]", Some("A")),
        ("A.", Some("A")),
        ("A: it is kinder.", Some("A")),
        ("B\n\nIt is kinder.", Some("B")),
        ("B - it is kinder", Some("B")),
        ("B because it is kinder", Some("B")),
        // Which way “is ruder” goes is not for a reader of verdicts to say.
        ("(A) is kinder.", None),
        ("(A) is worse.", None),
        ("Response B", Some("B")),
        ("The answer is: (B)", Some("B")),
        ("The answer is B.", Some("B")),
        ("Let me think. A is rude. So the answer is: (B)", Some("B")),
        ("My choice: A", Some("A")),
        ("[RESULT] B", Some("B")),
        ("The better response is A", Some("A")),
        ("The better response is response A.", Some("A")),
        // None, both, or another word.
        ("", None),
        ("A good question!", None),
        ("a good question", None),
        ("Both", None),
        ("A and B are equal", None),
        ("A, B", None),
        ("Neither A nor B", None),
        ("C", None),
        ("The answer is C", None),
        ("The answer is A. No, the answer is B.", None),
        ("A. The answer is B.", None),
        ("Because it is better", None),
        ("Absolutely", None),
        ("A's tone is good", None),
        ("I can not choose", None),
    ] {
        assert_eq!(said(text, &letters()), expected, "{text:?}");
    }
}

#[test]
fn yes_and_no_are_read() {
    for (text, expected) in [
        ("Yes", Some("Yes")),
        ("no.", Some("No")),
        ("YES", Some("Yes")),
        ("Yes, it does.", Some("Yes")),
        ("No, it does not.", Some("No")),
        ("**No**", Some("No")),
        ("No\nThe response is rude.", Some("No")),
        ("Answer: Yes", Some("Yes")),
        ("\"Yes.\"", Some("Yes")),
        ("Yes, no.", None),
        ("Yes and no", None),
        ("None", None),
        ("Not really", None),
        ("Nothing", None),
        ("Yesterday", None),
        ("It depends", None),
        ("Not yes", None),
        ("Yes. On reflection, the answer is no.", None),
    ] {
        assert_eq!(said(text, &yes_no()), expected, "{text:?}");
    }
}

#[test]
fn levels_are_read() {
    for (text, expected) in [
        ("4", Some("4")),
        (" 4.", Some("4")),
        ("**4**", Some("4")),
        ("4/5", Some("4")),
        ("4 out of 5", Some("4")),
        ("Score: 4", Some("4")),
        ("Score: 4/5", Some("4")),
        ("The score is 2", Some("2")),
        ("4 - clear and short", Some("4")),
        ("4: clear", Some("4")),
        ("4. Clear.", Some("4")),
        ("It is clear. [RESULT] 4", Some("4")),
        // Outside, between, of another scale, several.
        ("10", None),
        ("0", None),
        ("6", None),
        ("4.5", None),
        ("4/10", None),
        ("4 out of 10", None),
        ("Score: 8", None),
        ("Score: 4.5", None),
        ("3-4", None),
        ("3 or 4", None),
        ("45", None),
        ("-", None),
        ("four", None),
        ("5 people are named", None),
    ] {
        assert_eq!(said(text, &five()), expected, "{text:?}");
    }
}

fn reply(text: &str, choice: Option<Vec<f64>>) -> Reply {
    Reply {
        text: text.to_owned(),
        reasoning: None,
        finish: Finish::Stop,
        usage: Usage::default(),
        choice: choice.map(|probabilities| ChoiceReading { probabilities }),
        model: String::new(),
        marks: Vec::new(),
    }
}

#[test]
fn probabilities_come_before_text_unless_they_are_none() {
    let answers = yes_no();
    let exact = choice(&reply("No", Some(vec![0.3, 0.1])), &answers);
    let Choice::Probabilities { normalised, mass } = exact else { panic!("{exact:?}") };
    assert!((normalised[0] - 0.75).abs() < 1e-12 && (mass - 0.4).abs() < 1e-12);
    for unusable in [vec![0.0, 0.0], vec![f64::NAN, 0.2], vec![-0.1, 0.2], vec![1.0], Vec::new()] {
        assert_eq!(choice(&reply("No", Some(unusable)), &answers), Choice::Named(1));
    }
    assert_eq!(choice(&reply("Perhaps", None), &answers), Choice::Unread("Perhaps".to_owned()));
}

fn criteria() -> Vec<Criterion> {
    vec![
        Criterion { id: "C1".into(), name: "Clear".into(), ..Criterion::default() },
        Criterion {
            id: "C2".into(),
            name: "Rude".into(),
            scale: Scale::Points(-2.0),
            ..Criterion::default()
        },
    ]
}

fn batched(text: &str) -> Vec<(String, f64, String)> {
    batch(text, &criteria()).into_iter().map(|(id, line)| (id.0, line.value, line.reason)).collect()
}

#[test]
fn batches_are_read_line_by_line() {
    let both = vec![("C1".to_owned(), 4.0, String::new()), ("C2".to_owned(), 0.0, String::new())];
    for text in [
        "C1: 4\nC2: no",
        "Here you go:\n\nC1: 4\n\nC2: No.\n",
        "- **C1**: 4\n- **C2**: no",
        "**C1:** 4\n**C2:** No",
        "c1: 4/5\nc2: NO",
        "```\nC1: 4\nC2: no\n```",
        "C1: 4\nC2: no\nC1: 4",
    ] {
        assert_eq!(batched(text), both, "{text:?}");
    }
    assert_eq!(
        batched("Reason C1: short: and clear\nC1: 4\nReason C2: it is kind\nC2: no"),
        vec![
            ("C1".to_owned(), 4.0, "short: and clear".to_owned()),
            ("C2".to_owned(), 0.0, "it is kind".to_owned())
        ]
    );
}

#[test]
fn what_a_batch_does_not_say_is_not_read() {
    let only_c2 = vec![("C2".to_owned(), 1.0, String::new())];
    for text in
        ["C2: yes", "C1: 9\nC2: yes", "C1: yes\nC2: yes", "C1: 4\nC1: 2\nC2: yes", "C1 4\nC2: yes"]
    {
        assert_eq!(batched(text), only_c2, "{text:?}");
    }
    // A shifted numbering: no value may be trusted.
    for text in ["C0: 4\nC1: 3\nC2: no", "C1: 4\nC2: no\nC3: 2", "Clear: 4\nC2: no", ""] {
        assert_eq!(batched(text), Vec::new(), "{text:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,60}") {
        named(&text, &letters());
        named(&text, &five());
        batch(&text, &criteria());
    }

    #[test]
    fn near_answers_are_read_without_panic(text in "[ABab45/.,:*()\\n –’“ isanwer]{0,20}") {
        named(&text, &letters());
        named(&text, &five());
        named(&text, &yes_no());
    }
}
