//! Items for people, from the rows of a run.

use std::collections::BTreeSet;

use super::MakePlan;
use crate::app::message::Failure;
use crate::domain::{LabelItem, LabelTask, PromptId, Row};

/// The items that a plan's rows have, in the rows' order; where there are more than wanted, those
/// drawn by the set's seed.
pub(super) fn of_rows<'a>(
    plan: &MakePlan,
    rows: impl Iterator<Item = &'a Row>,
) -> Vec<LabelItem> {
    let only: BTreeSet<&PromptId> = plan.only.iter().collect();
    let mut all: Vec<LabelItem> = rows
        .filter(|row| only.is_empty() || only.contains(&row.prompt.id))
        .flat_map(|row| of_row(plan, row))
        .collect();
    if plan.limit > 0 && all.len() > plan.limit {
        let mut drawn: Vec<([u8; 32], usize)> = all
            .iter()
            .enumerate()
            .map(|(place, item)| (draw(plan.set.seed, &item.id), place))
            .collect();
        drawn.sort_unstable();
        let kept: BTreeSet<usize> =
            drawn.into_iter().take(plan.limit).map(|(_, place)| place).collect();
        let mut place = 0;
        all.retain(|_| {
            place += 1;
            kept.contains(&(place - 1))
        });
    }
    all
}

fn draw(seed: u64, id: &str) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    hasher.update(id.as_bytes());
    *hasher.finalize().as_bytes()
}

/// Two answers: those of its pair, else draft and last revision. One answer: the last of the
/// chain, else each of the pair.
fn of_row(plan: &MakePlan, row: &Row) -> Vec<LabelItem> {
    let item = |suffix: &str, a: &str, b: Option<&str>, models: (&str, &str)| LabelItem {
        id: format!("{}{suffix}", row.prompt.id),
        prompt: row.prompt.clone(),
        a: a.to_owned(),
        b: b.map(str::to_owned),
        a_model: models.0.to_owned(),
        b_model: models.1.to_owned(),
        aspect: plan.aspect.clone(),
    };
    let pair = row.pair.as_ref();
    let chain = row.chain.as_ref().filter(|chain| !chain.draft.trim().is_empty());
    if plan.set.task == LabelTask::Pairwise {
        let of_pair = pair.map(|pair| {
            (pair.a.as_str(), pair.b.as_str(), (pair.a_model.as_str(), pair.b_model.as_str()))
        });
        let of_chain = chain.map(|chain| (chain.draft.as_str(), chain.last(), ("", "")));
        let two = of_pair.or(of_chain).filter(|(a, b, _)| {
            // Nobody can tell which of the same words are better, or compare with nothing.
            a != b && !a.trim().is_empty() && !b.trim().is_empty()
        });
        return two.map(|(a, b, models)| item("", a, Some(b), models)).into_iter().collect();
    }
    if let Some(chain) = chain {
        return vec![item("", chain.last(), None, ("", ""))];
    }
    let Some(pair) = pair else {
        let scored = row.scores.first().filter(|one| !one.text.trim().is_empty());
        return scored.map(|one| item("", &one.text, None, ("", ""))).into_iter().collect();
    };
    let both = [("/a", &pair.a, &pair.a_model), ("/b", &pair.b, &pair.b_model)];
    both.into_iter()
        .filter(|(_, text, _)| !text.trim().is_empty())
        .map(|(suffix, text, model)| item(suffix, text, None, (model, "")))
        .collect()
}

/// Why no item came of a run.
pub(super) fn nothing(plan: &MakePlan) -> Failure {
    let what = match plan.set.task {
        LabelTask::Pairwise => "no prompt of the run has two different answers",
        LabelTask::PassFail | LabelTask::Scores => "no prompt of the run has an answer",
    };
    Failure::new(what, "choose another run; comparisons and preference runs have two answers each")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Chain, LabelSet, PairVerdict, Prompt, Provenance, RunId, Step,
    };

    fn row(n: usize, a: &str, b: &str) -> Row {
        let text = serde_json::json!({
            "prompt": Prompt::of_text(format!("p{n}"), "Why?"),
            "pair": {"a": a, "b": b, "verdict": PairVerdict::default()},
            "provenance": Provenance::default(),
        });
        serde_json::from_value(text).unwrap()
    }

    fn plan(task: LabelTask, limit: usize) -> MakePlan {
        MakePlan {
            stem: "s".to_owned(),
            set: LabelSet::named("s", task),
            run: RunId::new("R-0001"),
            only: Vec::new(),
            aspect: None,
            limit,
        }
    }

    #[test]
    fn pairs_of_different_answers_become_items_and_others_do_not() {
        let rows = [row(1, "yes", "no"), row(2, "same", "same"), row(3, "", "x")];
        let items = of_rows(&plan(LabelTask::Pairwise, 0), rows.iter());
        assert_eq!(items.len(), 1);
        assert_eq!((items[0].id.as_str(), items[0].b.as_deref()), ("p1", Some("no")));
        let items = of_rows(&plan(LabelTask::PassFail, 0), rows.iter());
        let ids: Vec<&str> = items.iter().map(|item| item.id.as_str()).collect();
        assert_eq!(ids, ["p1/a", "p1/b", "p2/a", "p2/b", "p3/b"]);
    }

    #[test]
    fn a_chain_gives_its_draft_and_its_last_revision() {
        let mut one = row(1, "", "");
        one.pair = None;
        one.chain = Some(Chain {
            draft: "draft".to_owned(),
            draft_cut_off: false,
            steps: vec![Step {
                round: 1,
                principle: "P1".into(),
                critique_request: String::new(),
                critique: String::new(),
                found_nothing: false,
                revision_request: String::new(),
                revision: "revised".to_owned(),
                cut_off: false,
                critique_cut_off: false,
            }],
        });
        let items = of_rows(&plan(LabelTask::Pairwise, 0), std::iter::once(&one));
        assert_eq!((items[0].a.as_str(), items[0].b.as_deref()), ("draft", Some("revised")));
        let items = of_rows(&plan(LabelTask::Scores, 0), std::iter::once(&one));
        assert_eq!((items[0].a.as_str(), items[0].b.as_deref()), ("revised", None));
    }

    #[test]
    fn of_many_the_seed_draws_some_and_their_order_stays() {
        let rows: Vec<Row> = (0..100).map(|n| row(n, "a", "b")).collect();
        let drawn = of_rows(&plan(LabelTask::Pairwise, 10), rows.iter());
        assert_eq!(drawn.len(), 10);
        let places: Vec<usize> =
            drawn.iter().map(|item| item.id[1..].parse().unwrap()).collect();
        assert!(places.is_sorted() && places != (0..10).collect::<Vec<_>>(), "{places:?}");
        assert_eq!(of_rows(&plan(LabelTask::Pairwise, 10), rows.iter()), drawn);
        let mut other = plan(LabelTask::Pairwise, 10);
        other.set.seed = 1;
        assert_ne!(of_rows(&other, rows.iter()), drawn);
    }
}
