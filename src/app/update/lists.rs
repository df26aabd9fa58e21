//! How the lists are looked at; what hides an item that is asked for gives way.

use super::items;
use crate::app::command::ListsCommand;
use crate::app::effects::Effect;
use crate::app::state::lists::group_of;
use crate::app::state::{AppState, Target};
use crate::domain::{Constitution, Rubric};

pub(super) fn carry_out(state: &mut AppState, command: ListsCommand) -> Vec<Effect> {
    match command {
        ListsCommand::FilterPrinciples(text) => state.lists.principles.filter = text,
        ListsCommand::FilterCriteria(text) => state.lists.criteria.filter = text,
        ListsCommand::Sort(sort) => {
            state.lists.principles.sort = sort;
            state.announce(format!("Principles: {sort}"));
        }
        ListsCommand::Fold(group, fold) => {
            let folded = &mut state.lists.principles.folded;
            if fold {
                folded.insert(group);
            } else {
                folded.remove(&group);
            }
        }
        ListsCommand::FoldAll(fold) => {
            let groups = state.constitution().filter(|_| fold).map(|constitution| {
                constitution.principles.iter().map(|one| group_of(one).to_owned()).collect()
            });
            state.lists.principles.folded = groups.unwrap_or_default();
            state.announce(if fold { "All groups folded" } else { "All groups unfolded" });
        }
        ListsCommand::Copy(form) => return super::copying::copy(state, form),
        ListsCommand::PickPrinciples(ids) => items::pick::<Constitution>(state, ids),
        ListsCommand::PickCriteria(ids) => items::pick::<Rubric>(state, ids),
    }
    Vec::new()
}

/// Makes the lists show what is asked for: a filter or a fold that hides it is taken off.
pub(super) fn uncover(state: &mut AppState, target: &Target) {
    match target {
        Target::Principle { id, .. } => {
            let Some(constitution) = state.constitution().cloned() else { return };
            let Some(principle) = constitution.principle(id) else { return };
            let look = &mut state.lists.principles;
            look.folded.remove(group_of(principle));
            let place = constitution.principles.iter().position(|one| &one.id == id);
            let lines = crate::app::state::lists::principle_lines(&constitution, look);
            let is_there = lines.iter().any(|line| match line {
                crate::app::state::lists::Line::Item(at) => Some(*at) == place,
                crate::app::state::lists::Line::Group { .. } => false,
            });
            if !is_there {
                look.filter.clear();
            }
        }
        Target::Criterion { id, .. } => {
            let Some(rubric) = state.rubric().cloned() else { return };
            let place = rubric.criteria.iter().position(|one| &one.id == id);
            let look = &mut state.lists.criteria;
            let lines = crate::app::state::lists::criterion_lines(&rubric, look);
            if place.is_some_and(|place| !lines.contains(&place)) {
                look.filter.clear();
            }
        }
        Target::Constitution(_)
        | Target::Rubric(_)
        | Target::Prompt { .. }
        | Target::Models
        | Target::Filter(_)
        | Target::Judge { .. }
        | Target::RunLimit(_) => {}
    }
}
