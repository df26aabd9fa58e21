//! Where the user is: kept soon after it changes, and shown again when the project is opened.

use strum::IntoEnumIterator as _;

use crate::app::effects::Effect;
use crate::app::effects::home::HomeEffect;
use crate::app::state::{AppState, Area, Closing, Moment, SaveState};
use crate::store::settings::{Known, Place};

/// From a change of where the user is to its being kept.
const PLACE_AFTER_MILLIS: u64 = 600;

/// Shows what was shown when the project was left; from Home, where work was.
pub(super) fn restore(state: &mut AppState, place: &Place) {
    let area_of = |name: &str| Area::iter().find(|area| area.to_string() == name);
    let work = area_of(&place.work);
    let from_home = state.area == Area::Home;
    let area = if from_home { work.or(Some(Area::Try)) } else { area_of(&place.area) };
    state.area = area.unwrap_or(state.area);
    state.home.work = work;
    let some = |text: &String| (!text.is_empty()).then(|| text.clone());
    let selection = &mut state.selection;
    selection.constitution.clone_from(&place.constitution);
    selection.principle = some(&place.principle).map(|id| id.as_str().into());
    selection.rubric.clone_from(&place.rubric);
    selection.criterion = some(&place.criterion).map(|id| id.as_str().into());
    selection.prompts.clone_from(&place.prompts);
    selection.prompt = some(&place.prompt).map(crate::domain::PromptId);
    crate::app::update::go::mend_selection(state);
}

fn known_of(state: &AppState) -> Option<Known> {
    let documents = state.documents()?;
    let selection = &state.selection;
    let keeping = &state.home.keeping;
    let sum = |counts: &mut dyn Iterator<Item = usize>| counts.sum::<usize>() as u64;
    let id = |id: Option<String>| id.unwrap_or_default();
    Some(Known {
        name: documents.setup.name.clone(),
        place: Place {
            area: state.area.to_string(),
            work: state.home.work.unwrap_or_default().to_string(),
            constitution: selection.constitution.clone(),
            principle: id(selection.principle.as_ref().map(ToString::to_string)),
            rubric: selection.rubric.clone(),
            criterion: id(selection.criterion.as_ref().map(ToString::to_string)),
            prompts: selection.prompts.clone(),
            prompt: id(selection.prompt.as_ref().map(ToString::to_string)),
        },
        edited_ms: keeping.edited.0,
        opened_ms: keeping.opened.0,
        principles: sum(&mut documents.constitutions.values().map(|one| one.principles.len())),
        criteria: sum(&mut documents.rubrics.values().map(|one| one.criteria.len())),
        prompts: sum(&mut documents.prompt_sets.values().map(|one| one.prompts.len())),
        runs: state.home.facts.map_or(keeping.kept.runs, |facts| facts.runs),
    })
}

pub(super) fn keep_place(state: &mut AppState, at: Moment) -> Vec<Effect> {
    let Some(root) = state.home.keeping.root.clone() else { return Vec::new() };
    let edited = match state.save {
        SaveState::Dirty { since } => since,
        SaveState::Saving => at,
        SaveState::Clean | SaveState::Saved { .. } | SaveState::Failed { .. } => Moment::default(),
    };
    state.home.keeping.edited = state.home.keeping.edited.max(edited);
    let Some(known) = known_of(state) else { return Vec::new() };
    let keeping = &mut state.home.keeping;
    if keeping.kept == known {
        keeping.due = None;
        return Vec::new();
    }
    let when = keeping.due.as_ref().map(|(_, when)| *when);
    match when {
        Some(when) if at < when && state.closing != Closing::Now => {
            keeping.due = Some((known, when));
            Vec::new()
        }
        None if state.closing != Closing::Now => {
            let when = at.plus_millis(PLACE_AFTER_MILLIS);
            keeping.due = Some((known, when));
            vec![Effect::WakeAt(when)]
        }
        Some(_) | None => {
            keeping.due = None;
            keeping.kept = known.clone();
            if let Some(line) = state.home.recents.iter_mut().find(|line| line.root == root) {
                line.known = known.clone();
            }
            vec![Effect::Home(HomeEffect::KeepPlace { root, known: Box::new(known) })]
        }
    }
}
