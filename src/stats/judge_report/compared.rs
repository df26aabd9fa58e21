//! Several judges on the same items, and the models of one judge among themselves.

use std::collections::{BTreeMap, BTreeSet};

use super::super::agreement::{Scale, TwoRaters, kappa_difference};
use super::super::bootstrap::Clusters;
use super::super::ensemble::{Independence, independence};
use super::super::estimate::Measured;
use super::super::estimate::Unknown;
use super::super::words::{too_few, two};
use super::item::{ItemJudged, ReportItem, Unit};
use super::measured::unit_of;

/// A judge's models among themselves.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ModelsTogether {
    /// Their names, in the order of the matrix.
    pub models: Vec<String>,
    /// How their errors go together.
    pub independence: Measured<Independence>,
}

/// How a judge's models err together; `None` where it has only one.
pub(super) fn models_together(items: &[&ReportItem], seed: u64) -> Option<ModelsTogether> {
    let names: BTreeSet<&str> = items
        .iter()
        .filter_map(|item| item.judge.as_ref())
        .flat_map(|judged| judged.models.iter().map(|(name, _)| name.as_str()))
        .collect();
    if names.len() < 2 {
        return None;
    }
    let rows = labelled(items);
    let said: Vec<Vec<Option<f64>>> = names
        .iter()
        .map(|name| {
            rows.iter()
                .map(|(item, _)| {
                    let judged = item.judge.as_ref()?;
                    let (_, said) = judged.models.iter().find(|(model, _)| model == name)?;
                    said.value()
                })
                .collect()
        })
        .collect();
    Some(ModelsTogether {
        models: names.into_iter().map(str::to_owned).collect(),
        independence: errors_together(&said, &rows, seed),
    })
}

fn labelled<'a>(items: &[&'a ReportItem]) -> Vec<(&'a ReportItem, f64)> {
    items
        .iter()
        .filter(|item| !item.stale)
        .filter_map(|item| Some((*item, item.people_value()?)))
        .collect()
}

fn errors_together(
    said: &[Vec<Option<f64>>],
    rows: &[(&ReportItem, f64)],
    seed: u64,
) -> Measured<Independence> {
    let was: Vec<f64> = rows.iter().map(|(_, was)| *was).collect();
    let clusters = Clusters::by(rows.iter().map(|(item, _)| &item.prompt));
    independence(said, &was, &clusters, seed)
}

/// Which of two judges agrees more with people.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct KappaDifference {
    /// The one judge.
    pub first: String,
    /// The other.
    pub second: String,
    /// κ of the first − κ of the second on the same items, with its paired interval.
    pub difference: Measured,
}

impl std::fmt::Display for KappaDifference {
    /// `J2 beats J1 by .12 (.03–.21) · n 60`; `J2 and J4: not clear, …`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { first, second, difference } = self;
        let difference = match difference {
            Ok(difference) => difference,
            Err(Unknown::TooFew { n, .. }) => {
                return write!(f, "{first} and {second}: {}", too_few(*n));
            }
            Err(unknown) => return write!(f, "{first} and {second}: {unknown}"),
        };
        let is_second = difference.value < 0.0;
        let (better, worse) = if is_second { (second, first) } else { (first, second) };
        let range = difference.interval.map_or_else(String::new, |interval| {
            let (low, high) = match is_second {
                true => (-interval.high, -interval.low),
                false => (interval.low, interval.high),
            };
            format!(" ({} to {})", two(low), two(high))
        });
        let by = two(difference.value.abs());
        let n = difference.n;
        if difference.excludes(0.0) {
            write!(f, "{better} beats {worse} by {by}{range} · n {n}")
        } else {
            write!(f, "{better} and {worse}: not clear, {by} apart{range} · n {n}")
        }
    }
}

/// Several judges on the items that all of them judged.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct JudgesCompared {
    /// The judges' names.
    pub judges: Vec<String>,
    /// Each pair of them, in their order.
    pub differences: Vec<KappaDifference>,
    /// How their errors go together, in their order.
    pub independence: Measured<Independence>,
}

/// Compares judges on the same labels.
///
/// Each pair is compared on the items where both and people take a side. Labels made under an older
/// guide, and items whose prompt either was shown as an example, are left out.
pub fn compare_judges(judges: &[(&str, &[ReportItem])], seed: u64) -> JudgesCompared {
    let by_item: Vec<BTreeMap<&str, &ReportItem>> = judges
        .iter()
        .map(|(_, items)| {
            let usable = items.iter().filter(|item| !item.stale && !item.is_example);
            usable.map(|item| (item.item.as_str(), item)).collect()
        })
        .collect();
    let unit =
        unit_of(&by_item.iter().flat_map(|items| items.values().copied()).collect::<Vec<_>>());
    let mut differences = Vec::new();
    for (first, items) in by_item.iter().enumerate() {
        for (second, others) in by_item.iter().enumerate().skip(first + 1) {
            let (one, other) = both(items, others, unit);
            let scale = match unit {
                Unit::Probability => Scale::Nominal,
                Unit::Levels(_) => Scale::Ordinal,
            };
            differences.push(KappaDifference {
                first: judges[first].0.to_owned(),
                second: judges[second].0.to_owned(),
                difference: kappa_difference(&one, &other, scale, seed),
            });
        }
    }
    let everywhere: Vec<&ReportItem> = by_item.first().map_or_else(Vec::new, |items| {
        let in_all = |item: &&str| by_item.iter().all(|items| items.contains_key(item));
        items.iter().filter(|(item, _)| in_all(item)).map(|(_, item)| *item).collect()
    });
    let rows = labelled(&everywhere);
    let said: Vec<Vec<Option<f64>>> = by_item
        .iter()
        .map(|items| {
            let value = |item: &ReportItem| items.get(item.item.as_str())?.judge_value();
            rows.iter().map(|(item, _)| value(item)).collect()
        })
        .collect();
    JudgesCompared {
        judges: judges.iter().map(|(name, _)| (*name).to_owned()).collect(),
        differences,
        independence: errors_together(&said, &rows, seed),
    }
}

/// The models of a judge compared as if each were a judge; `None` where it has only one.
pub fn compare_models(items: &[ReportItem], seed: u64) -> Option<JudgesCompared> {
    let judged = items.iter().filter_map(|item| item.judge.as_ref());
    let names: BTreeSet<&str> =
        judged.flat_map(|judged| judged.models.iter().map(|(name, _)| name.as_str())).collect();
    if names.len() < 2 {
        return None;
    }
    let alone = |name: &str| -> Vec<ReportItem> {
        let said = |item: &ReportItem| {
            let judged = item.judge.as_ref()?;
            let (_, said) = judged.models.iter().find(|(model, _)| model == name)?;
            Some(ItemJudged::of(*said))
        };
        items.iter().map(|item| ReportItem { judge: said(item), ..item.clone() }).collect()
    };
    let judges: Vec<(&str, Vec<ReportItem>)> =
        names.into_iter().map(|name| (name, alone(name))).collect();
    let judges: Vec<(&str, &[ReportItem])> =
        judges.iter().map(|(name, items)| (*name, items.as_slice())).collect();
    Some(compare_judges(&judges, seed))
}

/// Two judges beside the same people, on the items where all three take a side.
fn both(
    first: &BTreeMap<&str, &ReportItem>,
    second: &BTreeMap<&str, &ReportItem>,
    unit: Unit,
) -> (TwoRaters, TwoRaters) {
    let category = |value: Option<f64>| unit.category(value?);
    let (one, other): (Vec<_>, Vec<_>) = first
        .iter()
        .filter_map(|(name, item)| {
            let people = category(item.people_value())?;
            let one = category(item.judge_value())?;
            let other = category(second.get(name)?.judge_value())?;
            Some(((&item.prompt, (one, people)), (&item.prompt, (other, people))))
        })
        .unzip();
    let raters = |rows| TwoRaters::by_prompt(unit.categories(), rows);
    (raters(one), raters(other))
}
