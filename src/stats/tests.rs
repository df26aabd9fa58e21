//! The statistics against reference implementations, and what they say in words.

use serde_json::Value;

use super::binomial::newcombe;
use super::compare::{BINS, TIE_BAND, has_list, words as count_words};
use super::*;
use crate::domain::{
    CallFailure, FailureKind, JudgeProtocol, JudgedPair, PairVerdict, PrincipleVerdict, Prompt,
    Row, RowFailure,
};

pub(super) fn fixture(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

pub(super) fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

pub(super) fn near(ours: f64, theirs: &Value) {
    let theirs = number(theirs);
    assert!((ours - theirs).abs() < 1e-6, "{ours} is not {theirs}");
}

pub(super) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

/// Ours against a reference's interval, digit by digit, since the same draws are made.
pub(super) fn near_interval(ours: Option<Interval>, theirs: &Value) {
    let ours = ours.unwrap();
    near(ours.low, &theirs[0]);
    near(ours.high, &theirs[1]);
}

/// Whole numbers of a fixture.
pub(super) fn places(value: &Value) -> Vec<usize> {
    value.as_array().unwrap().iter().map(|one| one.as_u64().unwrap() as usize).collect()
}

/// A seed of a fixture.
pub(super) fn seed(value: &Value) -> u64 {
    value["seed"].as_u64().unwrap()
}

#[test]
fn wilson_newcombe_and_the_sign_test_are_those_of_statsmodels_and_scipy() {
    let file = fixture(include_str!("../../tests/fixtures/stats/binomial.json"));
    for case in file["wilson"].as_array().unwrap() {
        let (k, n) = (number(&case["k"]), case["n"].as_u64().unwrap());
        let interval = wilson(k / n as f64, n).unwrap();
        near(interval.low, &case["low"]);
        near(interval.high, &case["high"]);
    }
    for case in file["newcombe"].as_array().unwrap() {
        let side = |name: &str| {
            let of = places(&case[name]);
            (of[0] as f64 / of[1] as f64, of[1] as u64)
        };
        let interval = newcombe(side("first"), side("second")).unwrap();
        near(interval.low, &case["low"]);
        near(interval.high, &case["high"]);
    }
    assert_eq!(newcombe((0.5, 4), (0.5, 0)), None);
    for case in file["sign_test"].as_array().unwrap() {
        let (wins, losses) = (case["wins"].as_u64().unwrap(), case["losses"].as_u64().unwrap());
        near(sign_test(wins, losses).unwrap(), &case["p"]);
        near(sign_test(losses, wins).unwrap(), &case["p"]);
    }
    assert_eq!(wilson(0.5, 0), None);
    assert_eq!(sign_test(0, 0), None);
}

#[test]
fn holm_is_that_of_statsmodels() {
    let file = fixture(include_str!("../../tests/fixtures/stats/holm.json"));
    for set in file["sets"].as_array().unwrap() {
        let ours = holm(&numbers(&set["p"]));
        for (ours, theirs) in ours.iter().zip(set["adjusted"].as_array().unwrap()) {
            near(*ours, theirs);
        }
    }
    assert!(holm(&[]).is_empty());
}

#[test]
fn the_bootstrap_draws_the_same_prompts_as_the_reference() {
    let file = fixture(include_str!("../../tests/fixtures/stats/bootstrap.json"));
    for case in file["means"].as_array().unwrap() {
        let interval =
            bootstrap_mean(&numbers(&case["values"]), case["seed"].as_u64().unwrap()).unwrap();
        near(interval.low, &case["interval"][0]);
        near(interval.high, &case["interval"][1]);
    }
    assert_eq!(bootstrap_mean(&[1.0], 0), None, "one prompt says nothing of others");
}

#[test]
fn tails_are_those_of_scipy() {
    // scipy.stats.t.ppf(.975, df) and scipy.stats.norm.sf(z).
    for (df, t) in [
        (1.0, 12.706_204_736_174_7),
        (4.0, 2.776_445_105_197_8),
        (29.0, 2.045_229_642_132_7),
        (32.7, 2.035_224_612_087_99),
    ] {
        assert!((student::student_quantile(df) / t - 1.0).abs() < 1e-10, "{df}");
    }
    for (z, p) in [
        (1.0, 0.158_655_253_931_457),
        (1.959_963_984_540_054, 0.025),
        (2.7, 0.003_466_973_803_040_66),
        (6.0, 9.865_876_450_377e-10),
    ] {
        assert!((student::normal_tail(z) / p - 1.0).abs() < 1e-10, "{z}");
    }
}

#[test]
fn the_fewer_prompts_differ_the_wider_is_an_interval() {
    // One of 60, and 20 of 60: values without one prompt each.
    let without = |differ: usize| -> Vec<f64> {
        (0..60).map(|n| (differ - usize::from(n < differ)) as f64 / 59.0).collect()
    };
    assert!((expansion::effective(&without(1)) - 1.0).abs() < 0.1);
    let twenty = expansion::effective(&without(20));
    assert!((20.0..45.0).contains(&twenty), "{twenty}");
    assert!(expansion::effective(&[0.3; 60]) < 1e-12 && expansion::effective(&[]) < 1e-12);
    let tails = [3.0, 10.0, 60.0].map(|carried| expansion::tail(carried, 60));
    assert!(tails[0] < tails[1] && tails[1] < tails[2] && tails[2] < 0.025, "{tails:?}");
    assert!((expansion::tail(1e6, 1_000_000) - 0.025).abs() < 1e-6);
    // With two that differ of sixty draws say little, and Wilson's is taken.
    let mut values = vec![1.0; 60];
    values[7] = 0.0;
    values[30] = 0.0;
    let few = agreement::cohen::share_of(&values, &Clusters::each(60), 0);
    assert_eq!(few.interval, wilson(58.0 / 60.0, 60));
    values[..20].fill(0.0);
    let many = agreement::cohen::share_of(&values, &Clusters::each(60), 0);
    assert_eq!(many.interval, bootstrap_mean(&values, 0));
}

#[test]
fn length_is_controlled_as_by_scipy_and_scikit_learn() {
    let file = fixture(include_str!("../../tests/fixtures/stats/length_controlled.json"));
    for case in file["cases"].as_array().unwrap() {
        let lengths: Vec<(f64, f64)> = case["lengths"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| (number(&pair[0]), number(&pair[1])))
            .collect();
        let seed = case["seed"].as_u64().unwrap();
        let ours = length_controlled(&numbers(&case["outcomes"]), &lengths, seed).unwrap();
        near(ours.rate, &case["rate"]);
        near(ours.phi, &case["phi"]);
        let interval = ours.interval.unwrap();
        near(interval.low, &case["interval"][0]);
        near(interval.high, &case["interval"][1]);
    }
}

#[test]
fn length_is_not_controlled_where_it_can_not_be() {
    let even: Vec<(f64, f64)> = vec![(10.0, 10.0); 120];
    assert_eq!(length_controlled(&[1.0; 120], &even, 0), None, "all the same");
    assert_eq!(length_controlled(&[0.5; 99], &even[..99], 0), None, "too few");
    let mut outcomes = vec![0.0; 30];
    outcomes.extend([1.0; 90]);
    let same_length = length_controlled(&outcomes, &even, 0).unwrap();
    assert!((same_length.rate - 0.75).abs() < 1e-9 && same_length.phi.abs() < 1e-9);
    assert!(!same_length.matters_to(0.8));
    assert!(!same_length.matters_to(0.9), "15 points down, of 90");
    assert!(same_length.matters_to(0.5), "25 points up, of 50");
    // Where length alone decides, nothing is left of the win.
    let outcomes: Vec<f64> = (0..200).map(|n| f64::from(u8::from(n % 10 != 0))).collect();
    let lengths: Vec<(f64, f64)> =
        outcomes.iter().map(|won| (100.0, 100.0 + if *won > 0.5 { 60.0 } else { -60.0 })).collect();
    let by_length = length_controlled(&outcomes, &lengths, 0).unwrap();
    assert!(by_length.phi > 1.0 && by_length.rate < 0.8, "{by_length:?}");
}

#[test]
fn a_win_rate_counts_ties_as_half_and_says_when_it_is_too_little() {
    let outcomes = |a: usize, ties: usize, b: usize| {
        let mut all = vec![Outcome::A; a];
        all.extend(vec![Outcome::Tie; ties]);
        all.extend(vec![Outcome::B; b]);
        all
    };
    assert_eq!(win_rate(&[], 0), None);
    let few = win_rate(&outcomes(1, 1, 4), 0).unwrap();
    assert!((few.rate - 0.75).abs() < 1e-12);
    assert_eq!(few.difference(), win_rate::Difference::TooFew);
    assert_eq!(words::result(&few), "A on 1, B on 4, ties 1 · too few (6)");
    let all = win_rate(&outcomes(0, 0, 40), 0).unwrap();
    assert!(all.interval.low < 0.95 && all.interval.high > 0.999, "never certain: {all:?}");
    assert_eq!(all.difference(), win_rate::Difference::B);
    let ties = win_rate(&outcomes(0, 30, 0), 0).unwrap();
    assert_eq!((ties.p_value, ties.difference()), (None, win_rate::Difference::NotClear));
    assert!(words::result(&ties).starts_with("Even: B preferred 50 %"));
    let a = win_rate(&outcomes(70, 10, 20), 0).unwrap();
    assert_eq!(a.difference(), win_rate::Difference::A);
    let line = words::result(&a);
    assert!(
        line.starts_with("A preferred 75 % (") && line.ends_with("· n 100 · ties 10 %"),
        "{line}"
    );
    let even = win_rate(&outcomes(48, 4, 52), 0).unwrap();
    assert_eq!(words::difference(even.difference()), "Not clearly different");
}

#[test]
fn outcomes_of_one_prompt_are_drawn_together() {
    // Each of 20 prompts five times, always alike: no more is known than of 20.
    let each: Vec<Outcome> =
        (0..20).map(|n| if n % 4 == 0 { Outcome::A } else { Outcome::B }).collect();
    let once = win_rate(&each, 0).unwrap();
    let five: Vec<Outcome> = each.iter().flat_map(|outcome| [*outcome; 5]).collect();
    let by_prompt = Clusters::by((0..100).map(|row| row / 5));
    let clustered = win_rate_by(&five, &by_prompt, 0).unwrap();
    assert_eq!((clustered.n, clustered.b), (100, 75));
    assert!((clustered.interval.low - once.interval.low).abs() < 1e-12);
    assert_eq!(clustered.p_value, once.p_value);
    let alone = win_rate(&five, 0).unwrap();
    assert!(alone.interval.half_width() < 0.6 * clustered.interval.half_width());
    assert_eq!(win_rate_by(&five, &Clusters::each(3), 0), None);
}

#[test]
fn draws_that_are_not_kept_are_the_same() {
    // 1,001 prompts are one too many to keep; of clusters of one row each the draws are plain.
    let groups = 1_001;
    let mut draws = bootstrap::Draws::new(3);
    let mut seen = 0;
    bootstrap::resample(&Clusters::each(groups), 3, |rows| {
        let expected: Vec<usize> = (0..groups).map(|_| draws.below(groups)).collect();
        assert_eq!(rows, expected);
        seen += 1;
    });
    assert_eq!(seen, bootstrap::RESAMPLES);
}

#[test]
fn the_same_seed_gives_the_same_digits() {
    let outcomes: Vec<Outcome> =
        (0..50_usize).map(|n| if n.is_multiple_of(3) { Outcome::A } else { Outcome::B }).collect();
    assert_eq!(win_rate(&outcomes, 3), win_rate(&outcomes, 3));
    assert_ne!(
        bootstrap_mean(&[0.1, 0.7, 0.3, 0.9, 0.2], 1),
        bootstrap_mean(&[0.1, 0.7, 0.3, 0.9, 0.2], 2)
    );
}

fn row(n: usize, a: &str, b: &str, p_a: Option<f64>, protocol: JudgeProtocol) -> Row {
    let mut prompt = Prompt::of_text(format!("p{n}"), "Why?");
    prompt.tags = vec![if n.is_multiple_of(2) { "even" } else { "odd" }.to_owned()];
    let verdict = PairVerdict {
        p_a,
        p_ab: p_a.map(|p| p + 0.1),
        p_ba: p_a.map(|p| p - 0.1),
        protocol,
        principles: p_a
            .map(|p| PrincipleVerdict {
                principle: "P1".into(),
                p_ab: Some(p),
                p_ba: Some(p),
                ..PrincipleVerdict::default()
            })
            .into_iter()
            .collect(),
        judges: Vec::new(),
    };
    let pair = JudgedPair {
        a: a.to_owned(),
        b: b.to_owned(),
        a_cut_off: false,
        b_cut_off: false,
        a_model: String::new(),
        b_model: String::new(),
        verdict,
    };
    Row { pair: Some(pair), ..Row::empty(&prompt) }
}

#[test]
fn every_state_of_a_pair_is_counted_by_name() {
    let mut rows: Vec<Row> = (0..30)
        .map(|n| row(n, "one two", "one two three", Some(0.3), JudgeProtocol::Pairwise))
        .collect();
    rows.push(row(30, "same", "same", Some(0.5), JudgeProtocol::Pairwise));
    rows.push(row(31, "x", "y", None, JudgeProtocol::Pairwise));
    rows.push(row(32, "x", "y", Some(0.45), JudgeProtocol::Pairwise));
    let mut failed = row(33, "x", "y", Some(0.9), JudgeProtocol::Pairwise);
    failed.failure = Some(RowFailure {
        at: "comparison P2 ab".to_owned(),
        failure: CallFailure::new(FailureKind::RateLimited, "slow down", ""),
    });
    rows.push(failed);
    let pairs: Vec<Pair> = rows.iter().map(Pair::of_row).collect();
    let measures = measure(&pairs, TIE_BAND, 0);
    assert_eq!(measures.counts.rows, 34);
    assert_eq!(measures.counts.with_outcome, 32);
    assert_eq!((measures.counts.same_text, measures.counts.unparsed), (1, 1));
    assert_eq!(measures.counts.failed["rate_limited"], 1);
    assert_eq!(measures.counts.flipped, 1, "p_ab .55 and p_ba .35");
    let overall = measures.overall.unwrap();
    assert_eq!((overall.a, overall.ties, overall.b), (0, 2, 30));
    assert_eq!(measures.histogram.len(), BINS);
    assert_eq!(measures.histogram.iter().sum::<u64>(), 31, "without the same text");
    assert_eq!(measures.by_tag.len(), 2);
    assert_eq!(measures.by_principle[0].rate.n, 31);
    assert_eq!(words::longer(&measures).unwrap(), "B is 1 word longer on average");
    let (first, _, n) = measures.first_shown.unwrap();
    assert_eq!(n, 31);
    assert!((first - 16.0 / 31.0).abs() < 1e-12, "half but for one: {first}");
    let wide = measure(&pairs, 0.25, 0);
    assert_eq!(wide.overall.unwrap().ties, 32);
}

#[test]
fn a_judge_of_single_answers_has_no_order() {
    let pair = Pair::of_row(&row(0, "x", "y", Some(0.3), JudgeProtocol::PointwiseYesNo));
    assert!(matches!(pair.judgement, Judgement::Judged { first: None, .. }));
    assert_eq!(measure([&pair], TIE_BAND, 0).first_shown, None);
}

#[test]
fn words_and_lists_are_counted_in_any_script() {
    assert_eq!(count_words("It’s 3.5 times, no?"), 4);
    assert!(count_words("这颗痣没事吗") > 3);
    assert!(has_list("Do:\n- one\n- two"));
    assert!(has_list("1. one\n2) two"));
    assert!(!has_list("- one dash\nand 2 things"));
    assert!(!has_list("1990. A year\nand more"));
}

#[test]
fn numbers_are_said_the_same_everywhere() {
    let interval = bootstrap::Interval { low: 0.62, high: 0.80 };
    assert_eq!(words::rate(0.71, Some(&interval), 60), ".71 ±.09 · n 60");
    assert_eq!(words::rate(0.71, Some(&interval), 7), "too few (7)");
    assert_eq!(words::p_value(0.034), "p = .034");
    assert_eq!(words::p_value(0.000_04), "p < .001");
    assert_eq!(words::two(-0.2), "−.20");
}
