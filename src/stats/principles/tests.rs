//! Health against scipy and statsmodels, overlaps against counting, and where nothing is known.

use serde_json::Value;

use super::super::bias::Side;
use super::super::bootstrap::Clusters;
use super::super::estimate::Unknown;
use super::super::false_discovery::benjamini_hochberg;
use super::super::tests::{fixture, near, near_interval, numbers, seed};
use super::*;
use crate::domain::Vote;

fn file() -> Value {
    fixture(include_str!("../../../tests/fixtures/stats/principles.json"))
}

fn side(text: &Value) -> Option<Side> {
    text.as_str().map(|side| if side == "A" { Side::A } else { Side::B })
}

fn matrix_of(case: &Value) -> VoteMatrix {
    let human: Vec<Option<Side>> = case["human"].as_array().unwrap().iter().map(side).collect();
    let columns: Vec<Vec<Option<Vote>>> = case["votes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| {
            let votes = column.as_array().unwrap().iter();
            votes.map(|vote| vote.as_str().map(|vote| vote.parse().unwrap())).collect()
        })
        .collect();
    let rows: Vec<VoteRow> = human
        .into_iter()
        .enumerate()
        .map(|(row, human)| VoteRow {
            votes: columns.iter().map(|column| column[row]).collect(),
            human,
        })
        .collect();
    VoteMatrix {
        principles: (0..columns.len()).map(|p| format!("P{p}")).collect(),
        clusters: Clusters::each(rows.len()),
        rows,
    }
}

#[test]
fn health_is_that_of_the_reference() {
    for case in file()["cases"].as_array().unwrap() {
        let matrix = matrix_of(case);
        let found = health(&matrix, seed(case));
        let expected = case["principles"].as_array().unwrap();
        assert_eq!(found.principles.len(), expected.len());
        let same = |measured: &crate::stats::Measured, expected: &Value| {
            let measured = measured.as_ref().unwrap();
            near(measured.value, &expected["value"]);
            near_interval(measured.interval, &expected["interval"]);
            assert_eq!(measured.n, expected["n"].as_u64().unwrap());
        };
        same(&found.coverage, &case["coverage"]);
        for (one, expected) in found.principles.iter().zip(expected) {
            for (count, name) in [
                (one.read, "read"),
                (one.speaks, "speaks"),
                (one.agrees, "agrees"),
                (one.disagrees, "disagrees"),
            ] {
                assert_eq!(count, expected[name].as_u64().unwrap(), "{} {name}", one.name);
            }
            same(&one.relevance, &expected["relevance"]);
            near(one.p.unwrap(), &expected["p"]);
            if (one.agrees + one.disagrees) as usize >= super::super::MIN_ITEMS {
                same(&one.accuracy, &expected["accuracy"]);
                same(&one.strength, &expected["strength"]);
                near(one.kappa.as_ref().unwrap().value, &expected["kappa"]);
            } else {
                assert!(matches!(one.accuracy, Err(Unknown::TooFew { .. })));
                assert!(matches!(one.strength, Err(Unknown::TooFew { .. })));
            }
        }
    }
}

#[test]
fn adjusted_p_values_are_those_of_statsmodels() {
    for set in file()["benjamini_hochberg"].as_array().unwrap() {
        let adjusted = benjamini_hochberg(&numbers(&set["p"]));
        for (one, expected) in adjusted.iter().zip(set["adjusted"].as_array().unwrap()) {
            near(*one, expected);
        }
    }
    assert!(benjamini_hochberg(&[]).is_empty());
}

#[test]
fn overlaps_are_counted_and_named() {
    for case in file()["cases"].as_array().unwrap() {
        let matrix = matrix_of(case);
        let found = overlaps(&matrix, 1);
        for overlap in &found {
            let (low, high) =
                (overlap.first.min(overlap.second), overlap.first.max(overlap.second));
            let expected = case["together"]
                .as_array()
                .unwrap()
                .iter()
                .find(|one| {
                    one["first"].as_u64() == Some(low as u64)
                        && one["second"].as_u64() == Some(high as u64)
                })
                .unwrap();
            assert_eq!(overlap.both, expected["both"].as_u64().unwrap());
            assert_eq!(overlap.rows.len() as u64, overlap.both);
            near(overlap.together, &expected["together"]);
            near(overlap.r, &expected["r"]);
        }
        let kind = |first: usize, second: usize| {
            let is_these = |one: &&Overlap| {
                [one.first, one.second] == [first, second]
                    || [one.second, one.first] == [first, second]
            };
            found.iter().find(is_these).map(|one| one.kind)
        };
        assert!(
            matches!(kind(0, 1), Some(OverlapKind::Duplicate | OverlapKind::Contained)),
            "{:?}",
            kind(0, 1)
        );
        if matrix.rows.len() > 100 {
            assert_eq!(kind(0, 2), Some(OverlapKind::Conflict));
        }
    }
}

/// A matrix of the given columns, everything labelled A.
fn columns(of: &[&dyn Fn(usize) -> Option<Vote>], n: usize) -> VoteMatrix {
    VoteMatrix {
        principles: (0..of.len()).map(|p| p.to_string()).collect(),
        rows: (0..n)
            .map(|row| VoteRow {
                votes: of.iter().map(|column| column(row)).collect(),
                human: Some(Side::A),
            })
            .collect(),
        clusters: Clusters::each(n),
    }
}

#[test]
fn dead_always_on_and_contained_are_said() {
    let rare = |row: usize| Some(if row < 30 { Vote::A } else { Vote::None });
    let wide = |row: usize| Some(if row < 100 { Vote::A } else { Vote::Both });
    let always = |_: usize| Some(Vote::B);
    let dead = |_: usize| Some(Vote::None);
    let unread = |_: usize| None;
    let matrix = columns(&[&rare, &wide, &always, &dead, &unread], 200);
    let found = health(&matrix, 0);
    let flags: Vec<(bool, bool)> =
        found.principles.iter().map(|one| (one.is_dead, one.is_always_on)).collect();
    assert_eq!(
        flags,
        [(false, false), (false, false), (false, true), (true, false), (false, false)]
    );
    assert_eq!(found.principles[3].p, None, "it never speaks");
    assert_eq!((found.principles[4].read, found.principles[4].unread), (0, 200));
    assert!(found.principles[4].relevance.is_err(), "what can't be read says nothing");
    let overlaps = overlaps(&matrix, 1);
    assert_eq!(
        overlaps.iter().map(|one| (one.first, one.second, one.kind)).collect::<Vec<_>>(),
        [
            (0, 1, OverlapKind::Contained),
            (0, 2, OverlapKind::Conflict),
            (1, 2, OverlapKind::Conflict)
        ]
    );
}

#[test]
fn few_pairs_have_counts_and_no_rates() {
    let matrix = columns(&[&|_| Some(Vote::A)], 19);
    let found = health(&matrix, 0);
    assert_eq!((found.pairs, found.labelled, found.principles[0].agrees), (19, 19, 19));
    assert!(matches!(found.coverage, Err(Unknown::TooFew { n: 19, .. })));
    assert!(found.principles[0].relevance.is_err() && !found.principles[0].is_always_on);
}
