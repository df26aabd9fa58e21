//! How far people agree with each other and with themselves, from their labels as they are kept.

use std::collections::{BTreeMap, BTreeSet};

use super::agreement::{Among, Ratings, Repeats, Scale, TwoRaters, among, repeats};
use super::bootstrap::Clusters;
use super::estimate::Measured;
use super::judge_report::Unit;
use crate::domain::{Label, LabelAnswer, LabelItem, LabelTask};

/// Whether a labeller says the same of items that came again, hidden.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Consistency {
    /// Items labelled twice, with a judgment both times.
    pub twice: u64,
    /// Those labelled the same.
    pub same: u64,
    /// The share and κ; too few under [`MIN_ITEMS`](super::MIN_ITEMS) prompts.
    pub measured: Measured<Repeats>,
}

/// Self-consistency of one labeller, over the hidden repeats.
///
/// “Unsure” and “does not apply” say nothing that could agree and are left out; taking no side is
/// one answer, as it is in a judge's report.
pub fn consistency(
    task: LabelTask,
    items: &[LabelItem],
    labels: &[Label],
    labeller: &str,
    seed: u64,
) -> Consistency {
    let unit = unit(task, items);
    let said = |again: bool| -> BTreeMap<&str, usize> {
        labels
            .iter()
            .filter(|label| label.labeller == labeller && label.again == again)
            .filter_map(|label| Some((label.item.as_str(), unit.side_or_none(label.answer?)?)))
            .collect()
    };
    let (first, again) = (said(false), said(true));
    let both: Vec<(&LabelItem, (usize, usize))> = items
        .iter()
        .filter_map(|item| {
            let id = item.id.as_str();
            Some((item, (*first.get(id)?, *again.get(id)?)))
        })
        .collect();
    let rows = both.iter().map(|(item, labels)| (&item.prompt.id, *labels));
    let raters = TwoRaters::by_prompt(unit.categories(), rows);
    let same = raters.labels().iter().filter(|(one, other)| one == other).count() as u64;
    Consistency { twice: raters.len() as u64, same, measured: repeats(&raters, seed) }
}

/// Agreement between people, over the items on which two or more say something; repeats do not
/// count.
///
/// A tie and “both bad” are answers that people may differ in. In a judge's report, whose κ is of
/// items on which both take a side, they are left out of what people reach, too, so that the two
/// can be held beside each other.
pub fn people_agreement(
    task: LabelTask,
    items: &[LabelItem],
    labels: &[Label],
    seed: u64,
) -> Among {
    let categories = match task {
        LabelTask::Pairwise => 4,
        LabelTask::PassFail | LabelTask::Scores => unit(task, items).categories(),
    };
    let firsts = || labels.iter().filter(|label| !label.again);
    let people: BTreeSet<&str> = firsts().map(|label| label.labeller.as_str()).collect();
    let column: BTreeMap<&str, usize> =
        people.iter().enumerate().map(|(column, name)| (*name, column)).collect();
    let mut rows: BTreeMap<&str, Vec<Option<usize>>> = BTreeMap::new();
    for label in firsts() {
        let Some(category) = label.answer.and_then(LabelAnswer::category) else { continue };
        let row = rows.entry(&label.item).or_insert_with(|| vec![None; people.len()]);
        if let Some(column) = column.get(label.labeller.as_str()) {
            row[*column] = Some(category);
        }
    }
    let (prompts, rows): (Vec<_>, Vec<_>) = items
        .iter()
        .filter_map(|item| Some((&item.prompt.id, rows.remove(item.id.as_str())?)))
        .unzip();
    let ratings = Ratings::of_categories(categories, rows, Clusters::by(prompts));
    let scale = match task {
        LabelTask::Scores => Scale::Ordinal,
        LabelTask::Pairwise | LabelTask::PassFail => Scale::Nominal,
    };
    match ratings {
        Ok(ratings) => among(&ratings, scale, seed),
        Err(unknown) => Among { shared: 0, kappa: Err(unknown), alpha: Err(unknown) },
    }
}

/// What a task's labels are.
fn unit(task: LabelTask, items: &[LabelItem]) -> Unit {
    match task {
        LabelTask::Pairwise | LabelTask::PassFail => Unit::Probability,
        LabelTask::Scores => {
            let levels = items.iter().map(|item| item.level_count() as usize).max();
            Unit::Levels(levels.unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::estimate::Unknown;
    use super::*;
    use crate::domain::Prompt;

    fn item(n: usize) -> LabelItem {
        LabelItem {
            id: format!("i{n}"),
            prompt: Prompt::of_text(format!("p{n}"), "?"),
            a: "x".to_owned(),
            b: Some("y".to_owned()),
            a_model: String::new(),
            b_model: String::new(),
            aspect: None,
        }
    }

    fn label(n: usize, labeller: &str, answer: LabelAnswer, again: bool) -> Label {
        Label {
            item: format!("i{n}"),
            labeller: labeller.to_owned(),
            answer: Some(answer),
            sure: None,
            comment: String::new(),
            first: None,
            again,
            guide: 0,
            aspect: String::new(),
            seconds: None,
            at: String::new(),
        }
    }

    const A: LabelAnswer = LabelAnswer::A;
    const B: LabelAnswer = LabelAnswer::B;

    #[test]
    fn repeats_are_counted_and_measured_only_where_there_are_enough() {
        let items: Vec<LabelItem> = (0..40).map(item).collect();
        let mut labels = Vec::new();
        for n in 0..10 {
            labels.push(label(n, "Ana", if n % 2 == 0 { A } else { B }, false));
            labels.push(label(n, "Ana", if n < 9 && n % 2 == 0 { A } else { B }, true));
        }
        labels.push(label(11, "Ana", LabelAnswer::Unsure, false));
        labels.push(label(11, "Ana", A, true));
        labels.push(label(12, "Ana", A, true));
        let few = consistency(LabelTask::Pairwise, &items, &labels, "Ana", 0);
        assert_eq!((few.twice, few.same), (10, 10));
        assert_eq!(few.measured, Err(Unknown::TooFew { n: 10, least: 20 }));
        for n in 20..32 {
            labels.push(label(n, "Ana", A, false));
            labels.push(label(n, "Ana", B, true));
        }
        let more = consistency(LabelTask::Pairwise, &items, &labels, "Ana", 0);
        assert_eq!((more.twice, more.same), (22, 10));
        assert!((more.measured.unwrap().same.value - 10.0 / 22.0).abs() < 1e-12);
        assert_eq!(consistency(LabelTask::Pairwise, &items, &labels, "Ben", 0).twice, 0);
    }

    #[test]
    fn people_agree_over_what_they_share() {
        let items: Vec<LabelItem> = (0..40).map(item).collect();
        let mut labels = Vec::new();
        for n in 0..40 {
            labels.push(label(n, "Ana", if n % 2 == 0 { A } else { B }, false));
            if n < 30 {
                // Of 30 shared ones 27 are the same: 14 of 15 even and 13 of 15 odd ones.
                let flips = [2, 5, 7].contains(&n);
                let is_a = (n % 2 == 0) != flips;
                labels.push(label(n, "Ben", if is_a { A } else { B }, false));
            }
            // A repeat is no second person.
            labels.push(label(n, "Ana", B, true));
        }
        labels.push(label(39, "Ben", LabelAnswer::NotApplicable, false));
        let found = people_agreement(LabelTask::Pairwise, &items, &labels, 0);
        assert_eq!(found.shared, 30);
        // po = .9; Ana 15 of 30 A, Ben 16 of 30 A: pe = .5 · 16/30 + .5 · 14/30 = .5; κ = .8.
        assert!((found.kappa.unwrap().value - 0.8).abs() < 1e-12, "{found:?}");
        // α = 1 − (n − 1) · Do' / De' with 60 labels, 31 A and 29 B, and 3 items that differ:
        // 1 − 59 · (2 · 3) / (2 · 31 · 29).
        let alpha = 1.0 - 59.0 * 6.0 / (2.0 * 31.0 * 29.0);
        assert!((found.alpha.unwrap().value - alpha).abs() < 1e-12, "{found:?} {alpha}");
        let few = people_agreement(LabelTask::Pairwise, &items[..19], &labels, 0);
        assert_eq!(few.kappa, Err(Unknown::TooFew { n: 19, least: 20 }));
        assert_eq!(few.shared, 19);
    }
}
