//! What the next comparison shall be.

use super::{begin_job, runnable};
use crate::app::effects::Effect;
use crate::app::effects::compare::{CompareEffect, ComparePlan};
use crate::app::state::{AppState, Area, Moment, NoticeKind};
use crate::app::update::edit;
use crate::domain::PrincipleId;
use crate::engine::compare::{ComparisonWishes, SideChoice};

/// The prompts that a first comparison is limited to: enough to say something, few enough to try.
const FIRST_LIMIT: usize = 20;

/// Compare is shown.
pub(crate) fn enter(state: &AppState) -> Vec<Effect> {
    // Another window or the command line may have run one meanwhile.
    if state.project.is_some() && state.compare.running.is_none() {
        vec![Effect::Compare(CompareEffect::List)]
    } else {
        Vec::new()
    }
}

pub(super) fn begin_new(state: &mut AppState) -> Vec<Effect> {
    let Some(documents) = state.documents() else { return Vec::new() };
    let a = state.selection.constitution.clone();
    let b = documents.constitutions.keys().find(|stem| **stem != a).cloned();
    let side = |stem: Option<String>| SideChoice { constitution: stem, ..SideChoice::default() };
    let a = Some(a).filter(|stem| documents.constitutions.contains_key(stem));
    if state.compare.setup.a == state.compare.setup.b {
        return begin(state, side(a), side(b));
    }
    // What was set up last is the best guess of what comes next.
    let (a, b) = (state.compare.setup.a.clone(), state.compare.setup.b.clone());
    begin(state, a, b)
}

pub(super) fn begin(state: &mut AppState, a: SideChoice, b: SideChoice) -> Vec<Effect> {
    let default = state.documents().map(|documents| documents.setup.prompts.clone());
    let setup = &mut state.compare.setup;
    let is_first = setup.prompts.is_none();
    if is_first {
        let selected = Some(state.selection.prompts.clone()).filter(|stem| !stem.is_empty());
        setup.prompts = selected.or(default);
        setup.limit = Some(FIRST_LIMIT);
    }
    setup.a = a;
    setup.b = b;
    state.compare.is_setting_up = true;
    if let Some(shown) = &mut state.compare.shown {
        shown.is_open = false;
    }
    state.area = Area::Compare;
    state.announce("Set up a comparison");
    versions(state)
}

pub(super) fn ablate(state: &mut AppState, stem: String, principle: PrincipleId) -> Vec<Effect> {
    let a = SideChoice::of(stem);
    let b = SideChoice { without: vec![principle], ..a.clone() };
    begin(state, a, b)
}

pub(super) fn change(state: &mut AppState, wishes: ComparisonWishes) -> Vec<Effect> {
    let before =
        [&state.compare.setup.a, &state.compare.setup.b].map(|side| side.constitution.clone());
    let after = [&wishes.a, &wishes.b].map(|side| side.constitution.clone());
    state.compare.setup = wishes;
    if before == after { Vec::new() } else { versions(state) }
}

/// The kept versions of both sides' constitutions.
fn versions(state: &AppState) -> Vec<Effect> {
    let setup = &state.compare.setup;
    let mut stems: Vec<&String> =
        [&setup.a, &setup.b].into_iter().filter_map(|side| side.constitution.as_ref()).collect();
    stems.dedup();
    stems.into_iter().map(|stem| Effect::Compare(CompareEffect::Versions(stem.clone()))).collect()
}

pub(super) fn run(state: &mut AppState, at: Moment) -> Vec<Effect> {
    if let Err(reason) = runnable(state) {
        state.notify(NoticeKind::Warning, reason, at);
        return Vec::new();
    }
    let mut wishes = state.compare.setup.clone();
    if wishes.a == wishes.b {
        let text = "A and B are the same; choose another constitution, version or model for one";
        state.notify(NoticeKind::Warning, text, at);
        return Vec::new();
    }
    let Some(documents) = state.documents() else { return Vec::new() };
    let seed = wishes.seed.unwrap_or(documents.setup.seed);
    wishes.seed = Some(seed);
    let documents = documents.clone();
    let number = begin_job(state, None);
    state.compare.is_setting_up = false;
    state.history.seal();
    state.announce("Comparing");
    // Whoever reads the journal later must find the documents as they were on disk, too.
    let mut effects = edit::save_unsaved(state);
    let plan = ComparePlan::new(number, wishes, &documents);
    effects.push(Effect::Compare(CompareEffect::Run(Box::new(plan))));
    effects
}
