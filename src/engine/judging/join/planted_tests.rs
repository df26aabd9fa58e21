//! A judge whose faults are known, asked through the real method and read through the real report,
//! many times over: each planted value is found inside its interval, and nothing is found where
//! nothing was planted.
//!
//! The judge sees what a judge sees: a text with one answer first and the other second, and it
//! names a letter. The seeds are 0, 1, 2, … in their order, none left out.
//!
//! Of 100 trials of a right 95 % interval 93 or more hold with a probability of .87, so that of
//! five values one or another has fewer in one hundred of two, by chance alone. So it is asked of
//! three hundred: 93 % of each value, which an interval that holds 95.5 times of 100 reaches with a
//! probability of .98, and one that holds 91 times of 100 with .13. At most 5 % of each of two
//! hundred may be flagged for nothing, which flags that are wrong 4 times of 100 keep to with a
//! probability of .82.
//!
//! Of these three hundred 288 (place), 284 (the same when swapped), 285 (length), 282 (kin) and 284
//! (κ) held, and of the first hundred 94, 94, 97, 91 and 96; of two hundred 8, 7 and 2 were flagged
//! for nothing, of the first hundred 2, 6 and 1. By plain percentiles of the draws, which are too
//! narrow (`stats/expansion.rs`), the first hundred had held 92, 94, 95, 88 and 96, with 7, 9 and 3
//! flagged for nothing.

use std::sync::Mutex;

use super::*;
use crate::domain::{
    Call, ChoiceReading, Finish, LabelSet, ModelKind, Prompt, Recipe, Reply, Usage,
};
use crate::engine::judging::{asked, recipe_of};
use crate::methods::ask::FromFn;
use crate::methods::template::Templates;
use crate::methods::{PairTask, judge_pair_by};
use crate::stats::bias::planted::{BIASED, FAIR, Faults, PEOPLE_LONGER};
use crate::stats::bias::{LengthBias, Position, SelfPreference};
use crate::stats::estimate::Flag;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

/// How many trials; see above.
fn trials() -> u64 {
    std::env::var("PLANTED_TRIALS").ok().and_then(|text| text.parse().ok()).unwrap_or(TRIALS)
}

/// Trials where nothing else is said.
const TRIALS: u64 = 300;

/// Two of each prompt, and under a hundred prompts: from there on models of style and length are
/// fitted, which are slow and not asked about here.
const PAIRS: usize = 198;

struct Dice(ChaCha8Rng);

impl Dice {
    fn of(trial: u64, stream: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(trial);
        generator.set_stream(stream);
        Self(generator)
    }

    fn share(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn is(&mut self, p: f64) -> bool {
        self.share() < p
    }
}

/// Words that say which answer is better, so many of them.
fn answer(quality: &str, words: usize) -> String {
    let mut text = quality.to_owned();
    text.push_str(&" word".repeat(words - 1));
    text
}

/// Pairs with a person's labels.
fn book(trial: u64) -> LabelBook {
    let mut dice = Dice::of(trial, 0);
    let (mut items, mut labels) = (Vec::new(), Vec::new());
    for n in 0..PAIRS {
        let human_b = dice.is(0.5);
        let longer_b = dice.is(PEOPLE_LONGER) == human_b;
        let own_b = dice.is(0.5);
        let text = |is_b: bool| {
            let quality = if is_b == human_b { "good" } else { "bad" };
            answer(quality, if is_b == longer_b { 28 } else { 20 })
        };
        let model = |is_b: bool| if is_b == own_b { "llama-3-8b" } else { "qwen-7b" }.to_owned();
        let id = format!("i{n:03}");
        items.push(LabelItem {
            id: id.clone(),
            prompt: Prompt::of_text(format!("p{:03}", n / 2), format!("Question {}?", n / 2)),
            a: text(false),
            b: Some(text(true)),
            a_model: model(false),
            b_model: model(true),
            aspect: None,
        });
        labels.push(Label {
            item: id,
            labeller: "ada".to_owned(),
            answer: Some(if human_b { LabelAnswer::B } else { LabelAnswer::A }),
            sure: Some(Certainty::Fairly),
            comment: String::new(),
            first: None,
            again: false,
            guide: 1,
            aspect: String::new(),
            seconds: None,
            at: String::new(),
        });
    }
    LabelBook {
        stem: "s".to_owned(),
        set: LabelSet { gold: 0.0, ..LabelSet::named("Set", LabelTask::Pairwise) },
        items,
        labels,
        by_models: Vec::new(),
        strays: Vec::new(),
        looks: Vec::new(),
        problems: Vec::new(),
    }
}

/// What a judge with faults says of what it is shown.
fn says_first(faults: Faults, trial: u64, first: &Seen, second: &Seen) -> bool {
    // Its mind on a pair is made up once, in whichever order it comes; its whims are of each time.
    let mut mind = Dice::of(trial, 1 + 3 * first.item);
    let of_first = (first.is_own, first.words > second.words, first.is_good);
    let likes_first = faults.likes(of_first, |p| mind.is(p));
    let order = u64::from(first.is_a);
    let mut whim = Dice::of(trial, 2 + 3 * first.item + order);
    faults.takes_first(likes_first, |p| whim.is(p))
}

/// An answer as the judge makes it out from the text.
struct Seen {
    item: u64,
    is_a: bool,
    is_own: bool,
    is_good: bool,
    words: usize,
}

fn seen(book: &LabelBook, call: &Call, text: &str) -> Seen {
    let n = book.items.iter().position(|item| item.id == call.prompt.as_str()).unwrap();
    let item = &book.items[n];
    let text = text.trim();
    let is_a = text == item.a;
    assert!(is_a || Some(text) == item.b.as_deref(), "{text}");
    let model = if is_a { &item.a_model } else { &item.b_model };
    Seen {
        item: n as u64,
        is_a,
        is_own: model.starts_with("llama"),
        is_good: text.starts_with("good"),
        words: text.split(' ').count(),
    }
}

pub(super) fn reply(text: &str, choice: Option<ChoiceReading>) -> Reply {
    Reply {
        text: text.to_owned(),
        reasoning: None,
        finish: Finish::Stop,
        usage: Usage::default(),
        choice,
        model: "planted".to_owned(),
        marks: Vec::new(),
    }
}

/// What stands between the answers in [`templates`].
pub(super) const MIDDLE: &str = "===== the second =====";

/// The project's template made short: rendering the whole one 100,000 times takes longer than all
/// else. Which answer comes first is still the method's doing.
fn templates() -> Templates {
    let short = format!("--- user ---\n{{{{ response_a }}}}\n{MIDDLE}\n{{{{ response_b }}}}\n");
    let (templates, problems) =
        Templates::with_overrides([("judge_pairwise".to_owned(), short)].into());
    assert!(problems.is_empty(), "{problems:?}");
    templates
}

fn setup() -> JudgeSetup {
    JudgeSetup {
        protocol: JudgeProtocol::Pairwise,
        reason_first: false,
        votes: 1,
        principles_per_pair: 1,
        ..JudgeSetup::named("Planted")
    }
}

/// Every item of a book judged by the method, in rows as a run makes them, joined and reported on.
pub(super) fn reported(book: &LabelBook, says: impl Fn(&Call) -> Reply + Sync) -> JudgeReport {
    let (templates, setup) = (templates(), setup());
    let recipe: Recipe = recipe_of(&setup, LabelTask::Pairwise, JudgeProtocol::Pairwise);
    let ask = FromFn(|call: Call| Ok(says(&call)));
    let constitution = crate::methods::compare::overall();
    let index = Index::of(book);
    let mut verdicts = Verdicts::default();
    for prompt in asked::prompts(&book.items, 0, &BTreeSet::new(), book.set.seed) {
        let item = book.item(prompt.id.as_str()).unwrap();
        let task = PairTask {
            prompt: &prompt,
            a: &item.a,
            b: item.b.as_deref().unwrap(),
            constitution: &constitution,
            templates: &templates,
            recipe: &recipe,
            protocol: JudgeProtocol::Pairwise,
            seed: 0,
        };
        let asks = [(&ask, "planted", JudgeProtocol::Pairwise)];
        let verdict = futures::executor::block_on(judge_pair_by(&asks, &task, &setup)).unwrap();
        let pair = crate::domain::JudgedPair {
            a: item.a.clone(),
            b: item.b.clone().unwrap(),
            a_cut_off: false,
            b_cut_off: false,
            a_model: item.a_model.clone(),
            b_model: item.b_model.clone(),
            verdict,
        };
        assert!(verdicts.take(&index, &Row { pair: Some(pair), ..Row::empty(&prompt) }));
    }
    let judge = ModelEntry {
        model: "llama-3-70b".to_owned(),
        kind: ModelKind::OpenAi,
        ..ModelEntry::embedded()
    };
    judge_report(&joined(&index, &setup, (&[judge], &[]), &verdicts), book.set.seed)
}

fn faulty(faults: Faults, trial: u64) -> JudgeReport {
    let book = book(trial);
    reported(&book, |call| {
        let text = &call.messages.last().unwrap().content;
        let (first, second) = text.split_once(MIDDLE).unwrap();
        let (first, second) = (seen(&book, call, first), seen(&book, call, second));
        assert_ne!(first.is_a, second.is_a);
        let is_first = says_first(faults, trial, &first, &second);
        reply(if is_first { "A" } else { "B" }, None)
    })
}

/// One report a trial, made on two threads; in the trials' order.
fn each<T: Send>(trials: u64, of: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let next = std::sync::atomic::AtomicU64::new(0);
    let found = Mutex::new(std::collections::BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let trial = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    if trial >= trials {
                        return;
                    }
                    let one = of(trial);
                    found.lock().unwrap().insert(trial, one);
                }
            });
        }
    });
    found.into_inner().unwrap().into_values().collect()
}

/// How often each value is 1: in all trials, and said of the first hundred, too.
fn sums<const N: usize>(found: &[[u64; N]], what: &str) -> [u64; N] {
    let sums = |found: &[[u64; N]]| {
        std::array::from_fn(|value| found.iter().map(|one| one[value]).sum::<u64>())
    };
    let (all, first): ([u64; N], [u64; N]) = (sums(found), sums(&found[..found.len().min(100)]));
    eprintln!("{what}: {all:?} of {}, of the first hundred {first:?}", found.len());
    all
}

fn parts(report: &JudgeReport) -> (&Position, &LengthBias, &SelfPreference) {
    let panel = report.panel.as_ref().unwrap();
    (
        panel.position.as_ref().unwrap(),
        panel.length.as_ref().unwrap(),
        panel.self_preference.as_ref().unwrap(),
    )
}

fn holds(measured: &Measured, planted: f64) -> u64 {
    u64::from(measured.unwrap().interval.unwrap().contains(planted))
}

#[test]
fn planted_faults_are_found_inside_their_intervals() {
    let planted = BIASED.planted();
    let found = each(trials(), |trial| {
        let report = faulty(BIASED, trial);
        let (position, length, own) = parts(&report);
        [
            holds(&position.first, planted.first),
            holds(&position.consistency, planted.consistency),
            holds(&length.bias, planted.length),
            holds(&own.difference, planted.own),
            holds(&report.agreement.kappa, planted.kappa),
        ]
    });
    let held = sums(&found, "first, same, length, own, κ held");
    assert!(held.iter().all(|held| 100 * held >= 93 * trials()), "{held:?} of {}", trials());
}

#[test]
fn nothing_is_found_where_nothing_was_planted() {
    let trials = 2 * trials() / 3;
    let found = each(trials, |trial| {
        let report = faulty(FAIR, trial);
        let (position, length, own) = parts(&report);
        let flags = [position.flag, length.flag, own.flag];
        flags.map(|flag| u64::from(flag == Flag::Flagged))
    });
    let flagged = sums(&found, "place, length, own flagged");
    assert!(flagged.iter().all(|n| 100 * n <= 5 * trials), "{flagged:?} of {trials}");
}

/// Pairs for a temperature: as many as it takes before one is told.
const FORECASTS: usize = 110;

/// Trials of a temperature, which take longest. Of 40 right intervals 35 or more hold with a
/// probability of .99, and 5 or fewer leave out what is so with the same.
fn temperatures() -> u64 {
    2 * trials() / 15
}

/// A judge whose log-odds are `temperature` times what they should be, seen in its probabilities.
fn overconfident(temperature: f64, trial: u64) -> JudgeReport {
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let mut dice = Dice::of(trial, 0);
    let mut odds_a = Vec::new();
    let mut book = LabelBook { items: Vec::new(), labels: Vec::new(), ..book(0) };
    for n in 0..FORECASTS {
        let odds = 5.0 * (dice.share() - 0.5);
        let is_a = dice.is(sigmoid(odds));
        odds_a.push(odds);
        let id = format!("i{n:03}");
        book.items.push(LabelItem {
            id: id.clone(),
            prompt: Prompt::of_text(format!("p{n:03}"), format!("Question {n}?")),
            // As long and as plain as each other.
            a: "one answer".to_owned(),
            b: Some("other answer".to_owned()),
            a_model: String::new(),
            b_model: String::new(),
            aspect: None,
        });
        let answer = Some(if is_a { LabelAnswer::A } else { LabelAnswer::B });
        book.labels.push(Label {
            item: id,
            labeller: "ada".to_owned(),
            answer,
            sure: None,
            comment: String::new(),
            first: None,
            again: false,
            guide: 1,
            aspect: String::new(),
            seconds: None,
            at: String::new(),
        });
    }
    reported(&book, |call| {
        let text = &call.messages.last().unwrap().content;
        let a_first = text.trim_start().starts_with("one");
        let n: usize = call.prompt.as_str()[1..].parse().unwrap();
        let p_a = sigmoid(temperature * odds_a[n]);
        let first = if a_first { p_a } else { 1.0 - p_a };
        reply("A", Some(ChoiceReading { probabilities: vec![first, 1.0 - first] }))
    })
}

#[test]
fn a_planted_temperature_is_found_and_a_right_one_left_alone() {
    let found = each(temperatures(), |trial| {
        let calibration = |planted| overconfident(planted, trial).calibration.unwrap();
        let held = holds(&calibration(1.8).temperature, 1.8);
        [held, u64::from(calibration(1.0).flag == Flag::Flagged)]
    });
    let [held, flagged] = sums(&found, "temperature held, flagged");
    assert!(100 * held >= 87 * temperatures(), "held {held} of {}", temperatures());
    assert!(100 * flagged <= 13 * temperatures(), "flagged {flagged} of {}", temperatures());
}
