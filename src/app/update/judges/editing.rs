//! Changing judges: documents like constitutions and rubrics, so each change can be undone, is
//! kept as a draft and saved by itself.

use std::sync::Arc;

use super::super::edit::{self, What};
use super::report;
use crate::app::command::JudgeChange;
use crate::app::effects::Effect;
use crate::app::effects::judges::{CallsPlan, JudgesEffect};
use crate::app::message::{Failure, SaveOutcome, SavedDocument};
use crate::app::state::documents::{Documents, free_stem};
use crate::app::state::judges::{CallsShown, JudgePage, Selected};
use crate::app::state::{AppState, Document, DocumentId, JudgeField, Moment, NoticeKind, Target};
use crate::domain::{JudgeExample, JudgeSetup, ModelRole, PanelRule, Problem, Recalibration};
use crate::engine::judging::About;
use crate::methods::CallsPlanned;

/// What a model weighs that was not weighed yet.
const WEIGHT: f64 = 1.0;

pub(super) fn change(
    state: &mut AppState,
    stem: &str,
    change: JudgeChange,
    at: Moment,
) -> Vec<Effect> {
    let Some(before) = state.judge(stem).cloned() else { return Vec::new() };
    let own = state
        .documents()
        .map(|documents| documents.setup.model_of(ModelRole::Judge).to_owned())
        .unwrap_or_default();
    let mut after = JudgeSetup::clone(&before);
    let (verb, field, joins) = apply(&mut after, change, &own);
    let label = format!("{verb} of {}", edit::shortened(&before.name));
    put(state, stem, Some(after), (&label, field, joins), at)
}

/// Puts a judge in its place; `what` is the edit's label, the field, and whether it may join the
/// edit before.
fn put(
    state: &mut AppState,
    stem: &str,
    after: Option<JudgeSetup>,
    (label, field, joins): (&str, JudgeField, bool),
    at: Moment,
) -> Vec<Effect> {
    let before = state.judge(stem).cloned();
    let is_alike = judge_alike(before.as_deref(), after.as_ref());
    let kept = before.and_then(|one| one.recalibration.clone());
    let mut after = after;
    let judge =
        after.as_mut().filter(|one| !is_alike && kept.is_some() && one.recalibration == kept);
    let is_stale = judge.is_some();
    if let Some(judge) = judge {
        // A map holds for what was said as it was said.
        judge.recalibration = None;
    }
    let target = Target::Judge { stem: stem.to_owned(), field };
    let what = What { label: label.to_owned(), target, joins };
    let value = Document::Judge(after.map(Arc::new));
    let mut effects = edit::put(state, DocumentId::Judge(stem.to_owned()), value, what, at);
    if is_alike || state.project.as_ref().is_none_or(|project| project.read_only) {
        return effects;
    }
    if is_stale {
        let text = "Asked like this it is another judge, so the map that was fitted to what it \
                    said is gone. Undo brings both back";
        state.notify(NoticeKind::Warning, text, at);
    }
    forget(state, stem);
    effects.extend(count_calls(state));
    effects
}

/// Whether both judge alike, so that the verdicts of the one are the other's.
fn judge_alike(one: Option<&JudgeSetup>, other: Option<&JudgeSetup>) -> bool {
    let hash = |judge: Option<&JudgeSetup>| {
        judge.map(|judge| About::hash_of(&JudgeSetup { name: String::new(), ..judge.clone() }))
    };
    hash(one) == hash(other)
}

/// What is known of a judge's verdicts was another judge's.
fn forget(state: &mut AppState, stem: &str) {
    let report = &mut state.judges.report;
    report.lines.remove(stem);
    let is_shown = report.shown.as_ref().is_some_and(|shown| {
        shown.wanted.judge == stem || shown.wanted.beside.as_deref() == Some(stem)
    });
    if is_shown {
        report.shown = None;
        report.item = None;
    }
}

/// Applies a change; gives what it is called, the field, and whether it may join the one before.
/// `own` is the project's judge, which a judge without models means.
fn apply(
    judge: &mut JudgeSetup,
    change: JudgeChange,
    own: &str,
) -> (&'static str, JudgeField, bool) {
    match change {
        JudgeChange::Name(text) => {
            judge.name = text;
            ("Edit name", JudgeField::Name, true)
        }
        JudgeChange::Model(place, name) => {
            match (name, judge.models.get_mut(place)) {
                (None, _) => {
                    judge.models.clear();
                    judge.weights.clear();
                }
                (Some(name), Some(model)) => *model = name,
                (Some(name), None) => judge.models.push(name),
            }
            keep_in_step(judge);
            ("Change model", JudgeField::Models, false)
        }
        JudgeChange::AddModel(name) => {
            if judge.models.is_empty() {
                judge.models.push(own.to_owned());
            }
            judge.models.push(name);
            keep_in_step(judge);
            ("Add a model", JudgeField::Models, false)
        }
        JudgeChange::RemoveModel(place) => {
            if place < judge.models.len() {
                judge.models.remove(place);
            }
            if place < judge.weights.len() {
                judge.weights.remove(place);
            }
            keep_in_step(judge);
            ("Remove a model", JudgeField::Models, false)
        }
        JudgeChange::MoveModel(place, by) => {
            let to = place.saturating_add_signed(by as isize);
            if place < judge.models.len() && to < judge.models.len() {
                judge.models.swap(place, to);
                if place < judge.weights.len() && to < judge.weights.len() {
                    judge.weights.swap(place, to);
                }
            }
            ("Move a model", JudgeField::Models, false)
        }
        JudgeChange::Rule(rule) => {
            judge.rule = rule;
            keep_in_step(judge);
            ("Change rule", JudgeField::Rule, false)
        }
        JudgeChange::Weight(place, weight) => {
            if let Some(kept) = judge.weights.get_mut(place) {
                *kept = weight;
            }
            ("Change weight", JudgeField::Weight(place), true)
        }
        JudgeChange::FirstAlone(band) => {
            let joins = judge.first_alone.is_some() == band.is_some();
            judge.first_alone = band;
            ("Change the first one’s band", JudgeField::FirstAlone, joins)
        }
        change @ (JudgeChange::Protocol(_)
        | JudgeChange::Form(_)
        | JudgeChange::ReasonFirst(_)
        | JudgeChange::Refine(_)
        | JudgeChange::Ties(_)
        | JudgeChange::Votes(_)
        | JudgeChange::Principles(_)
        | JudgeChange::Canaries(_)
        | JudgeChange::RemoveExample(_)
        | JudgeChange::RemoveMap) => asking(judge, &change),
    }
}

/// How it is asked, what it is shown, and its map.
fn asking(judge: &mut JudgeSetup, change: &JudgeChange) -> (&'static str, JudgeField, bool) {
    match change {
        JudgeChange::Protocol(protocol) => {
            judge.protocol = *protocol;
            ("Change protocol", JudgeField::Protocol, false)
        }
        JudgeChange::Form(form) => {
            judge.form = *form;
            ("Change form", JudgeField::Form, false)
        }
        JudgeChange::ReasonFirst(on) => {
            judge.reason_first = *on;
            ("Change reason first", JudgeField::ReasonFirst, false)
        }
        JudgeChange::Refine(on) => {
            judge.refine = *on;
            ("Change second reading", JudgeField::Refine, false)
        }
        JudgeChange::Ties(on) => {
            judge.ties = *on;
            ("Change ties", JudgeField::Ties, false)
        }
        JudgeChange::Votes(votes) => {
            judge.votes = *votes;
            ("Change votes", JudgeField::Votes, true)
        }
        JudgeChange::Principles(principles) => {
            judge.principles_per_pair = *principles;
            ("Change principles a pair", JudgeField::Principles, true)
        }
        JudgeChange::Canaries(share) => {
            judge.canaries = *share;
            ("Change canaries", JudgeField::Canaries, true)
        }
        JudgeChange::RemoveExample(place) => {
            if *place < judge.examples.len() {
                judge.examples.remove(*place);
            }
            ("Remove an example", JudgeField::Examples, false)
        }
        JudgeChange::RemoveMap => {
            judge.recalibration = None;
            ("Remove the map", JudgeField::Map, false)
        }
        JudgeChange::Name(_)
        | JudgeChange::Model(..)
        | JudgeChange::AddModel(_)
        | JudgeChange::RemoveModel(_)
        | JudgeChange::MoveModel(..)
        | JudgeChange::Rule(_)
        | JudgeChange::Weight(..)
        | JudgeChange::FirstAlone(_) => ("Change", JudgeField::Name, false),
    }
}

/// One weight for each model where the rule weighs them, none otherwise; and nobody is asked alone
/// where there is nobody else.
fn keep_in_step(judge: &mut JudgeSetup) {
    match judge.rule {
        PanelRule::Weighted => judge.weights.resize(judge.models.len(), WEIGHT),
        PanelRule::Mean | PanelRule::Majority | PanelRule::Unanimous | PanelRule::Any => {
            judge.weights.clear();
        }
    }
    if judge.models.len() < 2 {
        judge.first_alone = None;
    }
}

/// Adds a judge and shows its settings.
pub(super) fn add(state: &mut AppState, setup: JudgeSetup, label: &str, at: Moment) -> Vec<Effect> {
    let Some(documents) = state.documents() else { return Vec::new() };
    let stem = free_stem(&documents.judges, &setup.name);
    let effects = put(state, &stem, Some(setup), (label, JudgeField::Name, false), at);
    if state.judge(&stem).is_none() {
        return effects;
    }
    show(state, &stem, JudgeField::Name);
    state.area = crate::app::state::Area::Judges;
    state.request_focus(Target::Judge { stem: stem.clone(), field: JudgeField::Name });
    state.announce(format!("The judge {stem} is there"));
    let mut all = effects;
    all.extend(count_calls(state));
    all
}

pub(super) fn copy(state: &mut AppState, stem: &str, at: Moment) -> Vec<Effect> {
    let Some(original) = state.judge(stem) else { return Vec::new() };
    let mut setup = JudgeSetup::clone(original);
    setup.name = format!("{} (copy)", setup.name);
    add(state, setup, "Duplicate judge", at)
}

pub(super) fn delete(state: &mut AppState, stem: &str, at: Moment) -> Vec<Effect> {
    let Some(judge) = state.judge(stem) else { return Vec::new() };
    let label = format!("Delete judge {}", edit::shortened(&judge.name));
    let mut effects = put(state, stem, None, (&label, JudgeField::Name, false), at);
    if state.judge(stem).is_none() {
        super::mend(state);
        state.judges.report.page = JudgePage::Report;
        effects.extend(report::enter(state));
        state.notify(NoticeKind::Done, format!("{label}: Undo brings it back"), at);
    }
    effects
}

/// An example for the judge shown from now on.
pub(super) fn show_example(
    state: &mut AppState,
    stem: &str,
    example: JudgeExample,
    at: Moment,
) -> Vec<Effect> {
    let Some(before) = state.judge(stem) else { return Vec::new() };
    let mut after = JudgeSetup::clone(before);
    let label = format!("Show {} an example", edit::shortened(&after.name));
    after.examples.push(example);
    let text = format!(
        "{} is shown this example from now on. That makes it another judge: run it again",
        after.name
    );
    let n = after.examples.len();
    let what = (label.as_str(), JudgeField::Examples, false);
    let mut effects = put(state, stem, Some(after), what, at);
    if state.judge(stem).is_some_and(|judge| judge.examples.len() == n) {
        state.notify(NoticeKind::Done, text, at);
        effects.extend(report::enter(state));
    }
    effects
}

/// Keeps a map with a judge.
pub(super) fn keep_map(
    state: &mut AppState,
    stem: &str,
    map: Recalibration,
    at: Moment,
) -> Vec<Effect> {
    let Some(before) = state.judge(stem) else { return Vec::new() };
    let mut after = JudgeSetup::clone(before);
    let label = format!("Keep a map with {}", edit::shortened(&after.name));
    state.announce(format!("Kept: {}", map.map));
    after.recalibration = Some(map);
    put(state, stem, Some(after), (&label, JudgeField::Map, false), at)
}

/// The models' weights as they were found, and the page that shows them.
pub(super) fn weigh(
    state: &mut AppState,
    stem: &str,
    setup: JudgeSetup,
    at: Moment,
) -> Vec<Effect> {
    let label = format!("Weigh the models of {}", edit::shortened(&setup.name));
    show(state, stem, JudgeField::Rule);
    let effects = put(state, stem, Some(setup), (&label, JudgeField::Rule, false), at);
    let text = "Weighed by κ. Run it again: its verdicts are made anew from the journal";
    state.notify(NoticeKind::Done, text, at);
    effects
}

/// Selects a judge and shows the page that a field of it is on.
pub(in crate::app::update) fn show(state: &mut AppState, stem: &str, field: JudgeField) {
    let judges = &mut state.judges;
    judges.selected = Selected::Judge(stem.to_owned());
    judges.item = None;
    let is_map = field == JudgeField::Map;
    judges.report.page = if is_map { JudgePage::Report } else { JudgePage::Settings };
}

/// A judge was put back as it was, or as its file has it.
pub(in crate::app::update) fn restored(state: &mut AppState, stem: &str) -> Vec<Effect> {
    forget(state, stem);
    super::mend(state);
    let mut effects = report::lines_of(
        state,
        state.judges.report.against.clone(),
        state.judge(stem).map(|_| stem.to_owned()).into_iter().collect(),
    );
    effects.extend(report::enter(state));
    effects.extend(count_calls(state));
    effects
}

/// Documents were saved: what is no longer known of the judges among them is read.
pub(in crate::app::update) fn saved(state: &AppState, documents: &[SavedDocument]) -> Vec<Effect> {
    let report = &state.judges.report;
    let of = documents.iter().filter_map(|saved| match (&saved.id, &saved.outcome) {
        (DocumentId::Judge(stem), SaveOutcome::Saved(_)) => Some(stem.clone()),
        _ => None,
    });
    let of = of.filter(|stem| !report.lines.contains_key(stem) && state.judge(stem).is_some());
    report::lines_of(state, report.against.clone(), of.collect())
}

/// Counts how many calls a pair takes, where the settings of a judge are shown.
pub(super) fn count_calls(state: &mut AppState) -> Vec<Effect> {
    let Selected::Judge(judge) = state.judges.selected.clone() else { return Vec::new() };
    if state.judges.report.page != JudgePage::Settings || state.judge(&judge).is_none() {
        return Vec::new();
    }
    let mut effects = Vec::new();
    if let Some(before) = state.judges.report.calls.take().filter(|one| one.calls.is_none()) {
        effects.push(Effect::Judges(JudgesEffect::Stop(before.number)));
    }
    let number = state.number();
    let Some(documents) = state.documents() else { return effects };
    let plan = CallsPlan::new(number, judge.clone(), documents);
    effects.push(Effect::Judges(JudgesEffect::Calls(Box::new(plan))));
    state.judges.report.calls = Some(CallsShown { number, judge, calls: None });
    effects
}

/// They are counted.
pub(super) fn counted(state: &mut AppState, number: u64, result: Result<CallsPlanned, Failure>) {
    if let Some(calls) = state.judges.report.calls.as_mut().filter(|one| one.number == number) {
        calls.calls = Some(result);
    }
}

/// What is wrong with a judge of a project, worst first.
pub fn project_problems(judge: &JudgeSetup, documents: &Documents) -> Vec<Problem> {
    let models = documents.setup.all_models();
    crate::store::project::judge_problems(judge, |name| models.iter().any(|one| one.name == name))
}

/// The field that a problem is at, and which of several, counted from 0.
pub fn field_of(problem: &Problem) -> (JudgeField, Option<usize>) {
    let place = problem.place.split('.').next().unwrap_or_default();
    let (name, nth) = place.split_once(' ').unwrap_or((place, ""));
    let nth = nth.parse::<usize>().ok().and_then(|nth| nth.checked_sub(1));
    let field = match name {
        "models" => JudgeField::Models,
        "rule" => JudgeField::Rule,
        "weights" => nth.map_or(JudgeField::Rule, JudgeField::Weight),
        "first_alone" => JudgeField::FirstAlone,
        "protocol" => JudgeField::Protocol,
        "refine" => JudgeField::Refine,
        "ties" => JudgeField::Ties,
        "votes" => JudgeField::Votes,
        "principles_per_pair" => JudgeField::Principles,
        "canaries" => JudgeField::Canaries,
        "examples" => JudgeField::Examples,
        "recalibration" => JudgeField::Map,
        _ => JudgeField::Name,
    };
    (field, nth)
}
