//! Looking elsewhere: areas, selections, sheets, notices.

use crate::app::command::GoCommand;
use crate::app::effects::Effect;
use crate::app::state::{AppState, Area, Sheet, Target, lists};

pub(super) fn carry_out(state: &mut AppState, command: GoCommand) -> Vec<Effect> {
    match command {
        GoCommand::Area(area) => return enter(state, area),
        GoCommand::To(target) => {
            select(state, &target);
            mend_selection(state);
            state.request_focus(target.clone());
            state.request_flash(target);
        }
        GoCommand::Filter => state.request_focus(Target::Filter(state.area)),
        GoCommand::Constitution(stem) => {
            if state.selection.constitution != stem {
                state.selection.constitution = stem;
                state.selection.principle = None;
                state.selection.picked_principles.clear();
                mend_selection(state);
            }
        }
        GoCommand::Principle(id) => {
            state.history.seal();
            state.selection.principle = id;
            state.selection.picked_principles.clear();
        }
        GoCommand::Rubric(stem) => {
            if state.selection.rubric != stem {
                state.selection.rubric = stem;
                state.selection.criterion = None;
                state.selection.picked_criteria.clear();
                mend_selection(state);
            }
        }
        GoCommand::Criterion(id) => {
            state.history.seal();
            state.selection.criterion = id;
            state.selection.picked_criteria.clear();
        }
        GoCommand::PromptSet(stem) => {
            if state.selection.prompts != stem {
                state.selection.prompts = stem;
                state.selection.prompt = None;
                mend_selection(state);
            }
        }
        GoCommand::Prompt(id) => state.selection.prompt = Some(id),
        GoCommand::Step(by) => return step(state, by),
        GoCommand::Model(name) => state.selection.model = name,
        GoCommand::Open(sheet) => return open(state, sheet),
        GoCommand::CloseSheet => state.sheet = None,
        GoCommand::Dismiss(number) => state.notices.retain(|notice| notice.number != number),
    }
    Vec::new()
}

fn enter(state: &mut AppState, area: Area) -> Vec<Effect> {
    if state.area == area {
        return Vec::new();
    }
    state.history.seal();
    state.area = area;
    state.announce(area.to_string());
    match area {
        Area::Settings => super::models::look(state),
        Area::Compare => super::compare::enter(state),
        Area::Judges => super::judges::enter(state),
        Area::Runs | Area::Data => super::runs::enter(state),
        Area::Home | Area::Constitution | Area::Rubric | Area::Try => Vec::new(),
    }
}

fn open(state: &mut AppState, sheet: Sheet) -> Vec<Effect> {
    let is_export = sheet == Sheet::Export;
    let mut effects = super::library::opened_sheet(state, &sheet);
    if sheet == Sheet::NewRun {
        super::runs::draft::begin(state);
        return effects;
    }
    state.sheet = Some(sheet);
    if is_export {
        effects.extend(super::export::begin(state));
    }
    effects
}

/// Shows the area of a target and selects what it is in.
pub(super) fn select(state: &mut AppState, target: &Target) {
    state.area = target.area();
    state.selection.picked_principles.clear();
    state.selection.picked_criteria.clear();
    match target {
        Target::Constitution(stem) => {
            state.selection.constitution.clone_from(stem);
            state.selection.principle = None;
        }
        Target::Principle { stem, id, .. } => {
            state.selection.constitution.clone_from(stem);
            state.selection.principle = Some(id.clone());
        }
        Target::Rubric(stem) => {
            state.selection.rubric.clone_from(stem);
            state.selection.criterion = None;
        }
        Target::Criterion { stem, id, .. } => {
            state.selection.rubric.clone_from(stem);
            state.selection.criterion = Some(id.clone());
        }
        Target::Prompt { set, id } => {
            state.selection.prompts.clone_from(set);
            state.selection.prompt = Some(id.clone());
        }
        Target::Judge { stem, field } => super::judges::show(state, stem, *field),
        Target::Models | Target::Filter(_) | Target::RunLimit(_) => {}
    }
}

/// Selects something that is there wherever what was selected is not (any more).
pub(super) fn mend_selection(state: &mut AppState) {
    let Some(project) = &state.project else { return };
    let documents = &project.documents;
    let selection = &mut state.selection;
    mend_stem(
        &mut selection.constitution,
        documents.constitutions.keys(),
        &documents.setup.constitution,
    );
    mend_stem(&mut selection.rubric, documents.rubrics.keys(), &documents.setup.rubric);
    mend_stem(&mut selection.prompts, documents.prompt_sets.keys(), &documents.setup.prompts);
    if let Some(id) = &selection.principle
        && documents
            .constitutions
            .get(&selection.constitution)
            .is_none_or(|constitution| constitution.principle(id).is_none())
    {
        selection.principle = None;
    }
    if let Some(id) = &selection.criterion
        && documents
            .rubrics
            .get(&selection.rubric)
            .is_none_or(|rubric| rubric.criterion(id).is_none())
    {
        selection.criterion = None;
    }
    if let Some(set) = documents.prompt_sets.get(&selection.prompts) {
        let there = selection
            .prompt
            .as_ref()
            .is_some_and(|id| set.prompts.iter().any(|prompt| &prompt.id == id));
        if !there {
            selection.prompt = set.prompts.first().map(|prompt| prompt.id.clone());
        }
    } else {
        selection.prompt = None;
    }
}

fn mend_stem<'a>(stem: &mut String, mut there: impl Iterator<Item = &'a String>, default: &str) {
    let all: Vec<&String> = there.by_ref().collect();
    if all.iter().any(|one| *one == stem) {
        return;
    }
    *stem = all
        .iter()
        .find(|one| one.as_str() == default)
        .or_else(|| all.first())
        .map_or_else(String::new, |one| (*one).clone());
}

fn step(state: &mut AppState, by: i32) -> Vec<Effect> {
    match state.area {
        Area::Constitution => {
            let Some(constitution) = state.constitution() else { return Vec::new() };
            // As the list shows them: sorted, filtered, without what is folded away.
            let lines = lists::principle_lines(constitution, &state.lists.principles);
            let ids: Vec<_> = lines
                .iter()
                .filter_map(|line| match line {
                    lists::Line::Item(place) => Some(constitution.principles[*place].id.clone()),
                    lists::Line::Group { .. } => None,
                })
                .collect();
            state.selection.principle = neighbour(&ids, state.selection.principle.as_ref(), by);
            state.selection.picked_principles.clear();
        }
        Area::Rubric => {
            let Some(rubric) = state.rubric() else { return Vec::new() };
            let lines = lists::criterion_lines(rubric, &state.lists.criteria);
            let ids: Vec<_> =
                lines.into_iter().map(|place| rubric.criteria[place].id.clone()).collect();
            state.selection.criterion = neighbour(&ids, state.selection.criterion.as_ref(), by);
            state.selection.picked_criteria.clear();
        }
        Area::Try => {
            let Some(set) = state.prompts() else { return Vec::new() };
            let ids: Vec<_> = set.prompts.iter().map(|p| p.id.clone()).collect();
            state.selection.prompt = neighbour(&ids, state.selection.prompt.as_ref(), by);
        }
        Area::Compare => super::compare::step(state, by),
        Area::Judges => return super::judges::step(state, by),
        Area::Runs => return super::runs::step(state, by),
        Area::Data => return super::data::step(state, by),
        // It has no list.
        Area::Home => {}
        Area::Settings => {
            let Some(documents) = state.documents() else { return Vec::new() };
            let names: Vec<_> =
                documents.setup.all_models().into_iter().map(|model| model.name).collect();
            state.selection.model = neighbour(&names, state.selection.model.as_ref(), by);
        }
    }
    Vec::new()
}

/// The one before or after `now`; the first or last where there is none.
pub(super) fn neighbour<T: Clone + PartialEq>(all: &[T], now: Option<&T>, by: i32) -> Option<T> {
    let last = all.len().checked_sub(1)?;
    let place = now.and_then(|now| all.iter().position(|one| one == now));
    let place = match place {
        Some(place) => place.saturating_add_signed(by as isize).min(last),
        None if by < 0 => last,
        None => 0,
    };
    Some(all[place].clone())
}
