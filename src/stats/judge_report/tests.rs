//! The report on judges whose faults are known.

use super::super::bias::Style;
use super::super::bootstrap::Draws;
use super::super::estimate::{Flag, Unknown};
use super::*;
use crate::domain::{Certainty, LabelAnswer, PromptId, Split};

pub(super) fn item(n: usize, people: Option<LabelAnswer>, said: Option<Said>) -> ReportItem {
    ReportItem {
        item: format!("i{n:03}"),
        prompt: PromptId(format!("p{n:03}")),
        aspect: None,
        tags: Vec::new(),
        split: Split::Dev,
        levels: 0,
        people: people.map(|answer| ("ada".to_owned(), answer, None)).into_iter().collect(),
        twice: Vec::new(),
        stale: false,
        is_example: false,
        judge: said.map(ItemJudged::of),
        styles: None,
        own: None,
        writers: (String::new(), String::new()),
        prompt_text: format!("Prompt {n}"),
        a: "one".to_owned(),
        b: Some("other".to_owned()),
    }
}

pub(super) fn pair(p: f64) -> Said {
    Said::in_orders(Some(p), Some(p))
}

/// 40 pairs: people say A and B in turn, and the judge says the same but for every tenth.
fn forty() -> Vec<ReportItem> {
    let judged = |n: usize| {
        let (people, p) =
            if n.is_multiple_of(2) { (LabelAnswer::A, 0.9) } else { (LabelAnswer::B, 0.1) };
        item(n, Some(people), Some(pair(if n % 10 == 3 { 1.0 - p } else { p })))
    };
    (0..40).map(judged).collect()
}

#[test]
fn kappa_stands_with_all_that_it_is_read_beside() {
    let report = judge_report(&forty(), 0);
    assert_eq!(report.task, LabelTask::Pairwise);
    let agreement = &report.agreement;
    assert_eq!(agreement.n, 40);
    let kappa = agreement.kappa.unwrap();
    // 36 of 40 agree; 20 A by people, 24 by the judge (four B's are taken for A's).
    assert!((agreement.raw.unwrap().value - 0.9).abs() < 1e-12);
    let chance = 0.5 * 0.6 + 0.5 * 0.4;
    assert!((kappa.value - (0.9 - chance) / (1.0 - chance)).abs() < 1e-12);
    assert!(kappa.interval.unwrap().contains(kappa.value));
    assert!((agreement.even_kappa.unwrap().value - 0.8).abs() < 1e-12);
    assert!((agreement.constant_guess.unwrap() - 0.5).abs() < 1e-12);
    assert_eq!(agreement.ceiling, None, "one labeller has no ceiling");
    assert!((report.right.unwrap().value - 0.9).abs() < 1e-12);
}

#[test]
fn few_labels_give_counts_and_no_number() {
    let report = judge_report(&forty()[..7], 0);
    let few = Unknown::TooFew { n: 7, least: 20 };
    assert_eq!(report.agreement.kappa, Err(few));
    assert_eq!(report.right, Err(few));
    assert!(report.calibration.unwrap().quality.is_err());
    assert_eq!(report.panel.unwrap().position.unwrap().flag, Flag::TooFew);
    let more: Vec<String> = report.more_labels.iter().map(ToString::to_string).collect();
    assert_eq!(more, ["7 labels are too few to tell; 13 more are needed"]);
}

#[test]
fn nothing_at_all_is_a_report_too() {
    let report = judge_report(&[], 0);
    assert_eq!(report.counts, Counts::default());
    assert_eq!(report.agreement.kappa, Err(Unknown::TooFew { n: 0, least: 20 }));
    assert!(report.disagreements.is_empty());
}

#[test]
fn more_labels_narrow_the_interval() {
    let report = judge_report(&forty(), 0);
    let [twenty, fifty] = report.more_labels.as_slice() else { panic!("{:?}", report.more_labels) };
    let width = |more: &MoreLabels| more.then.unwrap().half_width();
    assert!(width(fifty) < width(twenty) && width(twenty) < twenty.now.unwrap().half_width());
    let sentence = twenty.to_string();
    assert!(sentence.starts_with("40 labels: κ could be ."), "{sentence}");
    assert!(sentence.contains("; 20 more would narrow it to ."), "{sentence}");
}

#[test]
fn what_cannot_be_used_is_counted_by_its_reason() {
    let mut items = forty();
    items[0].judge = None;
    items[1].judge = Some(ItemJudged::of(Said::in_orders(Some(0.2), None)));
    items[2].judge.as_mut().unwrap().failed = Some("timeout".to_owned());
    items[3].people = vec![("ada".to_owned(), LabelAnswer::Tie, None)];
    items[4].judge = Some(ItemJudged::of(Said::in_orders(Some(0.8), Some(0.2))));
    items[5].people = vec![("ada".to_owned(), LabelAnswer::Unsure, None)];
    items[6].stale = true;
    items[7].is_example = true;
    items[8].split = Split::Gold;
    let report = judge_report(&items, 0);
    let expected = Counts {
        items: 40,
        examples: 1,
        labelled: 38,
        unsure: 1,
        stale: 1,
        judged: 36,
        unread: 1,
        failed: 1,
        not_asked: 1,
        people_even: 1,
        judge_even: 1,
        gold: 1,
        dev: 38,
    };
    assert_eq!(report.counts, expected);
    // Of 40 without the seven that can't be compared and the stale one.
    assert_eq!(report.agreement.n, 32);
    assert_eq!(report.stale.unwrap().n, 1);
    // A verdict of one half is half right, one that can't be read is none.
    assert_eq!(report.right.unwrap().n, 33);
    // One order of one pair: 2 verdicts a pair that was asked about and did not fail.
    assert_eq!(report.format.unread.unwrap().n, 74);
    assert!((report.format.unread.unwrap().value - 1.0 / 74.0).abs() < 1e-12);
}

#[test]
fn principles_and_tags_have_numbers_of_their_own() {
    let mut items = forty();
    for (n, item) in items.iter_mut().enumerate() {
        item.tags = vec![if n < 25 { "medical" } else { "law" }.to_owned()];
        item.aspect = (n < 30).then(|| "P1".to_owned());
        // What names no principle is known by those that the judge was asked about.
        let judged = item.judge.as_mut().unwrap();
        judged.principles = vec![("P2".to_owned(), judged.said)];
    }
    let report = judge_report(&items, 0);
    let names = |groups: &[Group]| -> Vec<(String, u64, bool)> {
        let of =
            |group: &Group| (group.name.clone(), group.agreement.n, group.agreement.kappa.is_ok());
        groups.iter().map(of).collect()
    };
    assert_eq!(
        names(&report.by_principle),
        [("P1".to_owned(), 30, true), ("P2".to_owned(), 10, false)]
    );
    assert_eq!(
        names(&report.by_tag),
        [("medical".to_owned(), 25, true), ("law".to_owned(), 15, false)]
    );
    assert!(report.by_split.is_empty(), "there is one split only");
}

#[test]
fn gold_and_development_stand_apart() {
    let mut items = forty();
    for item in items.iter_mut().take(15) {
        item.split = Split::Gold;
    }
    let report = judge_report(&items, 0);
    let splits: Vec<(&str, u64)> =
        report.by_split.iter().map(|group| (group.name.as_str(), group.agreement.n)).collect();
    assert_eq!(splits, [("dev", 25), ("gold", 15)]);
}

#[test]
fn people_among_themselves_are_the_ceiling() {
    let mut items = forty();
    for (n, item) in items.iter_mut().enumerate() {
        let answer = item.people[0].1;
        item.people.push(("bob".to_owned(), answer, None));
        let again = if n == 0 { LabelAnswer::Tie } else { answer };
        item.twice = vec![SaidTwice { labeller: "ada".to_owned(), first: answer, again }];
    }
    items[39].people[1].1 = LabelAnswer::A;
    let report = judge_report(&items, 0);
    let ceiling = report.agreement.ceiling.unwrap().unwrap();
    assert!(ceiling.value > 0.9 && ceiling.value < 1.0, "{ceiling:?}");
    assert_eq!(report.people.labellers, [("ada".to_owned(), 40), ("bob".to_owned(), 40)]);
    assert!(report.people.alpha.unwrap().is_ok());
    let same = report.people.repeats.unwrap().unwrap().same;
    assert!((same.value - 39.0 / 40.0).abs() < 1e-12);
    // Where two people take both sides there is none.
    assert_eq!(report.counts.people_even, 1);
}

#[test]
fn disagreements_come_by_how_telling_they_are() {
    let mut items = forty();
    items[13].people[0].2 = Some(Certainty::Certain);
    items[3].people[0].2 = Some(Certainty::Guess);
    items[23].judge.as_mut().unwrap().said = Said::in_orders(Some(0.99), Some(0.45));
    items[23].judge.as_mut().unwrap().reason = "longer".to_owned();
    let report = judge_report(&items, 0);
    let names: Vec<&str> = report.disagreements.iter().map(|one| one.item.as_str()).collect();
    assert_eq!(names, ["i013", "i033", "i023", "i003"]);
    let third = &report.disagreements[2];
    assert_eq!((third.people, third.judge), (LabelAnswer::B, LabelAnswer::A));
    assert!((third.confidence - 0.72).abs() < 1e-12 && third.flipped);
    assert_eq!(third.reason, "longer");
    assert_eq!(third.excerpt, "Prompt 23");
}

#[test]
fn pass_or_fail_has_a_corrected_rate_and_its_own_calibration() {
    let mut draws = Draws::new(1);
    let items: Vec<ReportItem> = (0..300)
        .map(|n| {
            let passes = draws.share() < 0.6;
            let right = draws.share() < 0.85;
            let p = if passes == right { 0.9 } else { 0.1 };
            let people = if passes { LabelAnswer::Pass } else { LabelAnswer::Fail };
            // A third is labelled; of all the judge was asked.
            let mut one = item(n, (n % 3 == 0).then_some(people), Some(Said::Pass { p: Some(p) }));
            one.own = (n % 2 == 0).then_some(super::super::bias::Side::A);
            one
        })
        .collect();
    let report = judge_report(&items, 0);
    assert_eq!(report.task, LabelTask::PassFail);
    assert_eq!(report.panel, None);
    let corrected = report.corrected.unwrap();
    assert_eq!(corrected.of, CorrectedOf::Pass);
    let rate = corrected.rate.unwrap();
    assert!(rate.interval.contains(0.6), "{rate:?}");
    assert!(rate.sensitivity > 0.7 && rate.specificity > 0.7, "{rate:?}");
    assert_eq!(report.calibration.unwrap().curve.unwrap().len(), 2, "two values, two bins");
    assert!(report.false_passes.unwrap().is_ok());
}

#[test]
fn a_judge_near_chance_corrects_nothing() {
    let items: Vec<ReportItem> = (0..60)
        .map(|n| {
            let people = if n % 2 == 0 { LabelAnswer::Pass } else { LabelAnswer::Fail };
            item(n, Some(people), Some(Said::Pass { p: Some(if n % 4 < 2 { 0.9 } else { 0.1 }) }))
        })
        .collect();
    let report = judge_report(&items, 0);
    assert_eq!(report.corrected.unwrap().rate, Err(Unknown::NearChance));
}

#[test]
fn a_pair_has_a_corrected_rate_only_where_its_sides_mean_something() {
    let mut items = forty();
    assert_eq!(judge_report(&items, 0).corrected, None);
    for item in &mut items {
        item.writers = ("small".to_owned(), "large".to_owned());
    }
    let corrected = judge_report(&items, 0).corrected.unwrap();
    assert_eq!(corrected.of, CorrectedOf::SecondBetter);
    let rate = corrected.rate.unwrap();
    // Four B's were taken for A's: 16 of 20 B's found, none made up.
    assert!((rate.raw - 0.4).abs() < 1e-12 && (rate.sensitivity - 0.8).abs() < 1e-12, "{rate:?}");
    assert!((rate.rate - 0.5).abs() < 1e-12);
}

#[test]
fn scores_have_a_weighted_kappa_and_a_rank_correlation() {
    let items: Vec<ReportItem> = (0..50)
        .map(|n| {
            let level = 1 + n % 5;
            let said = (level as f64 + if n % 7 == 0 { 1.0 } else { 0.2 }).min(5.0);
            let mut one = item(
                n,
                Some(LabelAnswer::Level(level as u32)),
                Some(Said::Level { value: Some(said) }),
            );
            one.levels = 5;
            one
        })
        .collect();
    let report = judge_report(&items, 0);
    assert_eq!(report.task, LabelTask::Scores);
    let kappa = report.agreement.kappa.unwrap().value;
    assert!(kappa > 0.9 && kappa < 1.0, "{kappa}");
    let scores = report.scores.unwrap();
    assert!(scores.spearman.unwrap().value > 0.9);
    assert!((0.2..0.4).contains(&scores.apart.unwrap().value));
    assert!(report.calibration.is_none() && report.corrected.is_none());
    // 8 items are a level too high; of those at the top the scale cuts it off.
    assert_eq!(report.disagreements.len(), 6);
    assert_eq!(report.disagreements[0].judge, LabelAnswer::Level(2));
}

#[test]
fn a_map_is_fitted_to_development_items_and_shown_on_gold() {
    let mut draws = Draws::new(3);
    let mut judged = |n: usize| {
        let odds = 5.0 * (draws.share() - 0.5);
        let is_a = draws.share() < super::super::logistic::sigmoid(odds);
        let people = if is_a { LabelAnswer::A } else { LabelAnswer::B };
        // Twice too sure of itself.
        item(n, Some(people), Some(pair(super::super::logistic::sigmoid(2.0 * odds))))
    };
    let mut items: Vec<ReportItem> = (0..500).map(&mut judged).collect();
    let calibration = judge_report(&items, 0).calibration.unwrap();
    assert_eq!(calibration.flag, Flag::Flagged);
    assert!(calibration.temperature.unwrap().interval.unwrap().contains(2.0));
    let half = calibration.best().unwrap();
    assert_eq!((half.recalibration.labels, half.recalibration.seed), (250, Some(0)));
    assert!(half.recalibration.mirrored && half.after.ece.value < half.before.ece.value);
    assert!(!calibration.repairs[0].shown_on_gold);
    for item in items.iter_mut().skip(200) {
        item.split = Split::Gold;
    }
    let calibration = judge_report(&items, 0).calibration.unwrap();
    assert!(calibration.repairs[0].shown_on_gold);
    let fitted = calibration.repairs[0].fitted.as_ref().unwrap();
    assert_eq!((fitted.recalibration.labels, fitted.recalibration.seed), (200, None));
    assert_eq!(fitted.before.brier.n, 300);
    // Gold by itself is reported on, never fitted to.
    let gold = judge_report(&items[200..], 0).calibration.unwrap();
    let few = Unknown::TooFew { n: 0, least: 100 };
    assert_eq!(gold.repairs[0].fitted.as_ref().unwrap_err(), &few);
}

#[test]
fn stale_labels_fit_nothing_and_are_reported_apart() {
    let mut items = forty();
    for item in items.iter_mut().take(15) {
        item.stale = true;
    }
    let report = judge_report(&items, 0);
    assert_eq!((report.agreement.n, report.stale.as_ref().unwrap().n), (25, 15));
    assert_eq!(report.calibration.unwrap().quality.unwrap().brier.n, 25);
    assert!(report.disagreements.iter().any(|one| one.stale));
}

#[test]
fn verdicts_that_stay_and_that_do_not() {
    let mut items = forty();
    for (n, item) in items.iter_mut().enumerate() {
        let judged = item.judge.as_mut().unwrap();
        let turned = match judged.said {
            Said::Pair { p_ab, .. } => pair(1.0 - p_ab.unwrap()),
            other => other,
        };
        let asked = |perturbation: Option<&str>, said| AskedAgain {
            perturbation: perturbation.map(str::to_owned),
            said,
        };
        judged.again = vec![
            asked(None, judged.said),
            asked(Some("padding"), if n < 20 { turned } else { judged.said }),
        ];
    }
    let robustness = judge_report(&items, 0).robustness;
    assert!((robustness.consistency.unwrap().value - 1.0).abs() < 1e-12);
    let padding = &robustness.perturbations[0];
    assert!((padding.rate.unwrap().value - 0.5).abs() < 1e-12);
    assert_eq!(padding.flag, Flag::Flagged);
}

#[test]
fn answers_asked_about_apart_have_no_order() {
    let mut items = forty();
    for item in &mut items {
        let judged = item.judge.as_mut().unwrap();
        judged.said = Said::Apart { p_a: judged.said.value() };
        item.styles = Some((
            Style { words: 10, ..Style::default() },
            Style { words: 20, ..Style::default() },
        ));
    }
    let report = judge_report(&items, 0);
    let panel = report.panel.unwrap();
    assert!(panel.position.is_err(), "{:?}", panel.position);
    assert!(panel.length.unwrap().judge.is_ok());
    assert_eq!(report.agreement.n, 40);
}

#[test]
fn two_judges_are_compared_on_what_both_judged() {
    let good = forty();
    let mut bad = forty();
    for (n, item) in bad.iter_mut().enumerate() {
        if n % 3 == 0 {
            let judged = item.judge.as_mut().unwrap();
            judged.said = pair(1.0 - judged.said.value().unwrap());
        }
    }
    bad.truncate(38);
    let compared = compare_judges(&[("J1", &bad), ("J2", &good)], 0);
    let [difference] = compared.differences.as_slice() else { panic!("{compared:?}") };
    let found = difference.difference.unwrap();
    assert_eq!(found.n, 38);
    let alone = |items: &[ReportItem]| judge_report(items, 0).agreement.kappa.unwrap().value;
    assert!((found.value - (alone(&bad) - alone(&good[..38]))).abs() < 1e-12);
    let words = difference.to_string();
    assert!(words.starts_with("J2 beats J1 by ."), "{words}");
    assert!(words.ends_with(" · n 38"), "{words}");
    let together = compared.independence.unwrap();
    assert!(together.effective.value > 1.0 && together.effective.value <= 2.0);
    let same = compare_judges(&[("J1", &good), ("J2", &good)], 0);
    assert!(same.differences[0].to_string().contains("not clear"), "{}", same.differences[0]);
}

#[test]
fn a_judges_models_err_together_or_not() {
    let mut items = forty();
    for (n, item) in items.iter_mut().enumerate() {
        let judged = item.judge.as_mut().unwrap();
        let other = if n % 4 == 1 { 0.6 } else { judged.said.value().unwrap() };
        judged.models = vec![("one".to_owned(), judged.said), ("other".to_owned(), pair(other))];
    }
    let together = judge_report(&items, 0).independence.unwrap();
    assert_eq!(together.models, ["one", "other"]);
    assert!(together.independence.unwrap().mean < 1.0);
    assert!(judge_report(&forty(), 0).independence.is_none());
    // As judges of their own they are compared in pairs, and err together as much.
    let alone = compare_models(&items, 0).unwrap();
    assert_eq!((alone.judges.as_slice(), alone.differences.len()), (together.models.as_slice(), 1));
    assert_eq!(alone.differences[0].difference.unwrap().n, 40);
    assert_eq!(alone.independence, judge_report(&items, 0).independence.unwrap().independence);
    assert!(compare_models(&forty(), 0).is_none());
}

#[test]
fn canaries_need_a_number_of_them_too() {
    assert_eq!(canaries(5, 1), Err(Unknown::TooFew { n: 5, least: 20 }));
    assert!((canaries(40, 1).unwrap().value - 0.025).abs() < 1e-12);
}
