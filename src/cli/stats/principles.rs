//! What principles say of pairs.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Statistic;
use super::fields::Fields;
use super::items::Names;
use super::report::{Report, enough, part_of};
use crate::domain::Vote;
use crate::stats::bias::Side;
use crate::stats::principles::{Overlap, PrincipleHealth, VoteMatrix, VoteRow, health, overlaps};
use crate::stats::{Clusters, MIN_ITEMS, Measured};

/// Overlaps are told from so many shared pairs on.
pub(in crate::cli) const LEAST_SHARED: u64 = 15;

/// The most principles: each two of them are compared.
const MOST: usize = 2_000;

/// Lines of `{"item", "principle", "vote", "human"}`; an item is a pair.
#[derive(Debug, Default)]
pub(super) struct Health {
    items: Names,
    principles: Names,
    votes: BTreeMap<(u32, u32), Option<Vote>>,
    human: BTreeMap<u32, Side>,
    lines: usize,
}

impl Statistic for Health {
    fn line(&mut self, fields: &mut Fields) -> Result<(), String> {
        let (item, principle) = (fields.name("item")?, fields.name("principle")?);
        let vote = match fields.name("vote")?.as_str() {
            // What could not be read is no vote of “none”.
            "unread" => None,
            word => Some(word.parse::<Vote>().map_err(|_unknown| {
                format!("“vote” is “{word}”, not A, B, both, none or unread")
            })?),
        };
        let human = match fields.maybe_name("human")?.as_deref() {
            Some("A" | "a") => Some(Side::A),
            Some("B" | "b") => Some(Side::B),
            None => None,
            Some(other) => return Err(format!("“human” is “{other}”, not A or B")),
        };
        let shown = (item.clone(), principle.clone());
        let (item, principle) = (self.items.number(item), self.principles.number(principle));
        if self.principles.len() > MOST {
            return Err(format!("there are more than {MOST} principles; measure them in parts"));
        }
        if self.votes.insert((item, principle), vote).is_some() {
            return Err(format!("{} has voted on {} before", shown.1, shown.0));
        }
        if let Some(human) = human
            && self.human.insert(item, human).is_some_and(|before| before != human)
        {
            return Err(format!("a line before says of {} that people prefer the other", shown.0));
        }
        self.lines += 1;
        Ok(())
    }

    fn report(&self, seed: u64) -> Result<Report, String> {
        let n = self.items.len();
        let matrix = VoteMatrix {
            principles: self.principles.in_order().into_iter().map(str::to_owned).collect(),
            rows: (0..n as u32)
                .map(|item| VoteRow {
                    votes: (0..self.principles.len() as u32)
                        .map(|principle| self.votes.get(&(item, principle)).copied().flatten())
                        .collect(),
                    human: self.human.get(&item).copied(),
                })
                .collect(),
            clusters: Clusters::each(n),
        };
        let found = health(&matrix, seed);
        let rows: Vec<Value> = found.principles.iter().map(of_principle).collect();
        let value = enough(n, MIN_ITEMS).map(|()| Value::Array(rows));
        Ok(Report::of_value("principle_health", value, self.lines)
            .part("pairs", found.pairs)
            .part("labelled", found.labelled)
            .measure("coverage", &found.coverage)
            .part("overlaps", of_overlaps(&matrix, &overlaps(&matrix, LEAST_SHARED))))
    }
}

/// A number with its interval, or why there is none.
pub(in crate::cli) fn of_measure(measured: &Measured) -> Value {
    part_of(measured)
}

/// A principle's health as one object.
pub(in crate::cli) fn of_principle(one: &PrincipleHealth) -> Value {
    json!({
        "principle": one.name,
        "read": one.read,
        "unread": one.unread,
        "speaks": one.speaks,
        "agrees": one.agrees,
        "disagrees": one.disagrees,
        "relevance": part_of(&one.relevance),
        "accuracy": part_of(&one.accuracy),
        "kappa": part_of(&one.kappa),
        "strength": part_of(&one.strength),
        "p": one.p,
        "dead": one.is_dead,
        "always_on": one.is_always_on,
    })
}

/// Overlaps and conflicts, each as one object.
pub(in crate::cli) fn of_overlaps(matrix: &VoteMatrix, all: &[Overlap]) -> Value {
    all.iter()
        .map(|one| {
            json!({
                "first": matrix.principles[one.first],
                "second": matrix.principles[one.second],
                "kind": one.kind,
                "both": one.both,
                "together": one.together,
                "r": one.r,
            })
        })
        .collect()
}
