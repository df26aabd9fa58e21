//! Bad replies of judges, those written down in `tests/fixtures/bad_replies` and those made here
//! from a seed, through every reader: a reply that can't be read is never a number.

use std::time::{Duration, Instant};

use futures::executor::block_on;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::domain::{
    Call, Constitution, JudgeProtocol, Method, Principle, Prompt, Reading, Recipe, Rubric, Usage,
};
use crate::methods::ask::FromFn;
use crate::methods::preference::{PairTask, judge_pair};
use crate::methods::rubric_score::{ScoreTask, score_response};
use crate::methods::template::Templates;

const WRITTEN: &str = include_str!("../../../tests/fixtures/bad_replies/verdicts.jsonl");

/// One reply, and what each reader may make of it; nothing where it is not said.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Bad {
    why: String,
    text: String,
    #[serde(default)]
    pair: Option<String>,
    #[serde(default)]
    yes_no: Option<String>,
    #[serde(default)]
    levels: Option<String>,
    #[serde(default)]
    batch: BTreeMap<String, f64>,
}

impl Bad {
    fn made(why: &str, text: String) -> Self {
        let (pair, yes_no, levels) = (None, None, None);
        Self { why: why.to_owned(), text, pair, yes_no, levels, batch: BTreeMap::new() }
    }
}

fn written() -> Vec<Bad> {
    WRITTEN.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn reply(text: &str) -> Reply {
    Reply {
        text: text.to_owned(),
        reasoning: None,
        finish: Finish::Stop,
        usage: Usage::default(),
        choice: None,
        model: String::new(),
        marks: Vec::new(),
    }
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

/// What every reader makes of a reply.
fn read(reply: &Reply) -> (Option<String>, Option<String>, Option<String>, BTreeMap<String, f64>) {
    let by = |answers: Vec<Answer>| match choice(reply, &answers) {
        Choice::Named(index) => Some(answers[index].label.clone()),
        Choice::Unread(_) => None,
        Choice::Probabilities { .. } => panic!("there are none"),
    };
    let lines = batch(&reply.text, &criteria());
    (
        by(vec![Answer::letter("A"), Answer::letter("B")]),
        by(vec![Answer::of("Yes"), Answer::of("No")]),
        by(answers_of(&Scale::default())),
        lines.into_iter().map(|(id, line)| (id.0, line.value)).collect(),
    )
}

fn wrong(all: &[Bad]) -> Vec<String> {
    let mut wrong = Vec::new();
    for bad in all {
        let found = read(&reply(&bad.text));
        let expected =
            (bad.pair.clone(), bad.yes_no.clone(), bad.levels.clone(), bad.batch.clone());
        if found != expected {
            let shown: String = bad.text.chars().take(200).collect();
            wrong.push(format!("{}: {shown:?} was read as {found:?}", bad.why));
        }
    }
    wrong
}

#[test]
fn what_is_written_down_is_read_as_it_says() {
    let all = written();
    assert!(all.len() >= 300, "{}", all.len());
    let right = all.iter().filter(|bad| bad.why == "right").count();
    assert!(right >= 25, "a reader that reads nothing must fail, too");
    let wrong = wrong(&all);
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Replies of kinds that can't be written down by hand: long, deep, cut off, mixed.
fn made(seed: u64) -> Vec<Bad> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut all = Vec::new();
    for depth in [10, 127, 128, 129, 1_000, 100_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("(", ")"), ("<b>", "</b>"), ("> ", "")]
        {
            let whole = format!("{}{}", open.repeat(depth), close.repeat(depth));
            all.push(Bad::made("deep", whole));
            all.push(Bad::made("deep and broken off", open.repeat(depth)));
        }
    }
    let words = [
        "the", "response", "quality", "clear", "user", "well", "because", "tone", "helpful", "and",
        "of", "rather", "than", "would", "have", "been", "more", "concise", "überall", "正确",
    ];
    let mut prose = |n: usize| -> String {
        (0..n).map(|_| *words.choose(&mut random).unwrap()).collect::<Vec<_>>().join(" ")
    };
    for n in [1, 2, 5, 20, 100, 1_000, 20_000] {
        all.push(Bad::made("prose", prose(n)));
        all.push(Bad::made("prose that breaks off", format!("{} The answer is", prose(n))));
        all.push(Bad::made("hedge after prose", format!("{}. Score: 3 or 4", prose(n))));
        all.push(Bad::made(
            "denial after prose",
            format!("{}. I don't think the answer is B", prose(n)),
        ));
        all.push(Bad::made("JSON that breaks off", format!("{{\"reason\": \"{}", prose(n))));
    }
    for _ in 0..60 {
        let bytes: Vec<u8> = (0..random.random_range(0..200)).map(|_| random.random()).collect();
        let noise = String::from_utf8_lossy(&bytes).into_owned();
        all.push(Bad::made("noise", format!("\u{fffd}{noise}")));
    }
    for _ in 0..60 {
        let (a, b) = (random.random_range(0..1_000), random.random_range(6..1_000));
        let mark =
            ["-", " to ", "/", " or ", "–", ".", ",", "e", "x", ":"].choose(&mut random).unwrap();
        all.push(Bad::made("two numbers", format!("{}{mark}{b}", a + 6)));
    }
    all
}

#[test]
fn what_is_made_from_a_seed_is_not_read() {
    for seed in 0..3 {
        let wrong = wrong(&made(seed));
        assert!(wrong.is_empty(), "seed {seed}: {}", wrong.join("\n"));
    }
}

#[test]
fn no_reply_gives_a_number_where_it_goes_through_a_whole_method() {
    let (prompt, templates) = (Prompt::of_text("p", "Why?"), Templates::default());
    let principle = Principle { id: "P1".into(), text: "Be kind.".into(), ..Principle::default() };
    let constitution = Constitution { principles: vec![principle], ..Constitution::named("one") };
    let rubric = Rubric { criteria: criteria(), ..Rubric::named("two") };
    let score_recipe = Recipe::built_in(Method::Score);
    let batched = Recipe { batch_criteria: true, ..score_recipe.clone() };
    let pair_recipe = Recipe::built_in(Method::Preference);
    let long = Bad::made("long", "clear and ".repeat(100_000));
    let bad = written().into_iter().filter(|bad| bad.why != "right").step_by(5).chain([long]);
    for bad in bad {
        let ask = FromFn(|_call: Call| Ok(reply(&bad.text)));
        for recipe in [&score_recipe, &batched] {
            let task = ScoreTask {
                prompt: &prompt,
                response: "So.",
                name: "draft",
                rubric: &rubric,
                templates: &templates,
                recipe,
            };
            let score = block_on(score_response(&ask, &task)).unwrap();
            assert_eq!(score.reward, None, "{:?}", bad.text);
            assert_eq!(score.unparsed.len(), 2, "{:?}", bad.text);
            for verdict in &score.criteria {
                assert_eq!(verdict.unit, None);
                let Reading::Unparsed { text } = &verdict.reading else { panic!("{verdict:?}") };
                assert!(text.len() < 5_000, "the row keeps no more than it needs");
            }
        }
        for protocol in
            [JudgeProtocol::Pairwise, JudgeProtocol::PointwiseYesNo, JudgeProtocol::PointwiseScale]
        {
            let task = PairTask {
                prompt: &prompt,
                a: "So.",
                b: "Thus.",
                constitution: &constitution,
                templates: &templates,
                recipe: &pair_recipe,
                protocol,
                seed: 1,
            };
            let verdict = block_on(judge_pair(&ask, &task)).unwrap();
            assert_eq!(verdict.p_a, None, "{protocol:?}: {:?}", bad.text);
            assert!(!verdict.principles[0].unparsed.is_empty());
        }
    }
}

#[test]
fn an_answer_cut_off_is_not_taken_for_a_whole_one() {
    let cut = |text: &str, answers: &[Answer]| {
        choice(&Reply { finish: Finish::Length, ..reply(text) }, answers)
    };
    let five = answers_of(&Scale::default());
    let yes_no = [Answer::of("Yes"), Answer::of("No")];
    for text in ["Score: 4", "It is clear. [RESULT] 4", "The score is 4"] {
        assert!(matches!(cut(text, &five), Choice::Unread(_)), "{text} may become 4.5");
    }
    assert!(matches!(cut("The answer is: No", &yes_no), Choice::Unread(_)), "or Nothing");
    // There was room for the answer alone, or it was given before the words that were cut.
    assert_eq!(cut("4", &five), Choice::Named(3));
    assert_eq!(cut("No, because the response is", &yes_no), Choice::Named(1));
    let filtered = Reply { finish: Finish::Filtered, ..reply("No") };
    assert!(matches!(choice(&filtered, &yes_no), Choice::Unread(_)), "a filter is no verdict");
}

/// Bytes that are read for the measure of speed.
const LONG: usize = 10 << 20;

#[test]
fn long_replies_are_read_in_time() {
    let shapes = [
        "word ".to_owned(),
        "The answer is ".to_owned(),
        "C1: maybe\n".to_owned(),
        "A or B, ".to_owned(),
        "{\"a\":".to_owned(),
        "1. 2. ".to_owned(),
        "é".to_owned(),
        "I don't think the score is 4 ".to_owned(),
        "Yes and no\n".to_owned(),
    ];
    // A debug build on a busy machine; the promise of 50 ms a MB is for what people run.
    let longest = Duration::from_millis(if cfg!(debug_assertions) { 2_000 } else { 50 });
    let megabytes = if cfg!(debug_assertions) { 1 } else { LONG >> 20 };
    for shape in shapes {
        let text = shape.repeat((megabytes << 20) / shape.len() + 1);
        let reply = reply(&text);
        let begun = Instant::now();
        let found = read(&reply);
        let each = begun.elapsed() / 4 / megabytes as u32;
        println!("{shape:?}: {} ms a MB", each.as_millis());
        assert_eq!((found.0, found.1, found.2), (None, None, None), "{shape:?}");
        assert!(each < longest, "{shape:?}: {each:?} a MB");
    }
}
