//! What a judging's rows carry: the item as it is asked about, in the row's prompt, so that a run
//! is frozen with it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::plan_error::PlanError;
use crate::domain::label::item_problems;
use crate::domain::prompt::JUDGED_COLUMN;
use crate::domain::{Aspect, LabelItem, LabelTask, Prompt, PromptId};
use crate::methods::draw;
use crate::methods::perturb::Perturbation;
use crate::store::labels::LabelBook;

/// A judge answers a level with one digit.
const MOST_LEVELS: u32 = 9;

/// An item as it is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    /// The item's id.
    pub(super) item: String,
    /// Its prompt's.
    pub(super) prompt: PromptId,
    /// The first answer, or the only one, with the change in it.
    pub(super) a: String,
    /// The second.
    pub(super) b: Option<String>,
    /// Who wrote them.
    pub(super) a_model: String,
    pub(super) b_model: String,
    /// What it is judged by.
    pub(super) aspect: Option<Aspect>,
    /// Levels of its scale; 0 for other tasks.
    pub(super) levels: u32,
    /// How it is asked about once more; `None`: for the first time.
    pub(super) again: Option<Perturbation>,
}

impl Asked {
    /// What a row of a judging was asked about; `None` for a row of anything else.
    pub(super) fn of(prompt: &Prompt) -> Option<Self> {
        serde_json::from_value(prompt.extra.get(JUDGED_COLUMN)?.clone()).ok()
    }

    /// Whether it is the item as it is now: the same answers and the same text to judge by.
    pub(super) fn is_now(&self, item: &LabelItem) -> bool {
        let text = |aspect: &Option<Aspect>| aspect.as_ref().map(|aspect| aspect.text.clone());
        self.a == item.a && self.b == item.b && text(&self.aspect) == text(&item.aspect)
    }
}

/// Nothing, where a judge can be asked about these items.
pub(super) fn check(book: &LabelBook, items: &[LabelItem]) -> Result<(), PlanError> {
    let faulty = |problem: String, hint: &str| {
        let (what, name) = ("label set", book.stem.clone());
        Err(PlanError::Faulty { what, name, problem, hint: hint.to_owned() })
    };
    if items.is_empty() {
        return faulty(
            "it has no item to judge".to_owned(),
            "add items, or choose the other split",
        );
    }
    if let Some((_, problem)) = item_problems(book.set.task, items).into_iter().next() {
        return faulty(format!("{}: {}", problem.place, problem.what), &problem.hint);
    }
    let too_many = items.iter().find(|item| item.level_count() > MOST_LEVELS);
    if let Some(item) = too_many.filter(|_| book.set.task == LabelTask::Scores) {
        let problem = format!("item {} has {} levels", item.id, item.level_count());
        return faulty(problem, "a judge answers with one digit: use 9 levels at most");
    }
    Ok(())
}

/// The ids of so many items, drawn by the set's seed for one purpose: more items move none.
pub(super) fn drawn(items: &[LabelItem], n: usize, seed: u64, purpose: &str) -> BTreeSet<String> {
    let place = |item: &LabelItem| {
        let id = PromptId(item.id.clone());
        (draw::call_seed(seed, &id, &["judging", purpose]), item.id.clone())
    };
    let mut order: Vec<(u64, String)> = items.iter().map(place).collect();
    order.sort_unstable();
    order.into_iter().take(n).map(|(_, id)| id).collect()
}

/// One prompt for each item, and then for each time that one of `again` items is asked about once
/// more, in each of these ways.
pub(super) fn prompts(
    items: &[LabelItem],
    again: usize,
    changes: &BTreeSet<Perturbation>,
    seed: u64,
) -> Vec<Prompt> {
    let once_more = drawn(items, again, seed, "again");
    let first = items.iter().map(|item| prompt(item, None, seed));
    let more = items
        .iter()
        .filter(|item| once_more.contains(&item.id))
        .flat_map(|item| changes.iter().map(move |change| prompt(item, Some(*change), seed)));
    first.chain(more).collect()
}

/// An item as it is asked about for the first time, or once more.
pub(super) fn asked(item: &LabelItem, again: Option<Perturbation>, seed: u64) -> Asked {
    let (mut a, mut b) = (item.a.clone(), item.b.clone());
    if let Some(change) = again {
        match &mut b {
            Some(b) if !change.changes_first(seed, &PromptId(item.id.clone())) => {
                *b = change.of(b);
            }
            _ => a = change.of(&a),
        }
    }
    Asked {
        item: item.id.clone(),
        prompt: item.prompt.id.clone(),
        a,
        b,
        a_model: item.a_model.clone(),
        b_model: item.b_model.clone(),
        aspect: item.aspect.clone(),
        levels: item.level_count(),
        again,
    }
}

fn prompt(item: &LabelItem, again: Option<Perturbation>, seed: u64) -> Prompt {
    let asked = asked(item, again, seed);
    let id = match again {
        None => item.id.clone(),
        Some(change) => format!("{} · {change}", item.id),
    };
    // Texts, names and numbers can always be written.
    let value = serde_json::to_value(&asked).unwrap_or_default();
    let mut prompt = item.prompt.clone();
    prompt.id = PromptId(id);
    prompt.extra = [(JUDGED_COLUMN.to_owned(), value)].into();
    prompt
}
