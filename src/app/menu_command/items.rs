//! What the commands on the selected item mean in each area.
#![warn(clippy::wildcard_enum_match_arm)]

use super::editable;
use crate::app::command::{
    Command, CompareCommand, ConstitutionCommand, CopyAs, JudgesCommand, ListsCommand,
    ModelsCommand, RubricCommand, TryCommand,
};
use crate::app::state::{AppState, Area, SettingsPage};
use crate::domain::{CriterionId, PrincipleId};

/// Whether a chain can be run now.
///
/// # Errors
///
/// The reason why it can't.
pub fn runnable(state: &AppState) -> Result<(), &'static str> {
    let project = state.project.as_ref().ok_or("No project is open")?;
    if project.read_only {
        return Err("The project is open in another window; run prompts there");
    }
    if state.trial.running.is_some() {
        return Err("A chain is running already; stop it first");
    }
    let prompt = state.prompt().ok_or("Select a prompt in Try first")?;
    if prompt.text().trim().is_empty() {
        return Err("The prompt is empty");
    }
    let constitution = state.constitution().ok_or("The project has no constitution")?;
    if constitution.eligible().is_empty() {
        return Err("The constitution has no enabled principle with text and a weight above 0");
    }
    if state.trial.score {
        let rubric = state.rubric().ok_or("The project has no rubric to score by")?;
        if rubric.criteria.is_empty() {
            return Err("The rubric has no criterion to score by");
        }
    }
    Ok(())
}

pub(super) fn add(state: &AppState) -> Result<Command, &'static str> {
    editable(state)?;
    match state.area {
        Area::Constitution => {
            state.constitution().ok_or("The project has no constitution")?;
            Ok(ConstitutionCommand::AddPrinciple.into())
        }
        Area::Rubric => {
            state.rubric().ok_or("The project has no rubric")?;
            Ok(RubricCommand::AddCriterion.into())
        }
        Area::Try => Ok(TryCommand::AddPrompt(String::new()).into()),
        Area::Settings if state.home.page == SettingsPage::Models => {
            Ok(ModelsCommand::BeginNew.into())
        }
        Area::Runs => super::runs::new_run(state),
        Area::Compare => Ok(CompareCommand::New.into()),
        Area::Judges => Ok(JudgesCommand::BeginSet(None).into()),
        Area::Home | Area::Data | Area::Settings => Err("Nothing to add on this screen"),
    }
}

pub(super) fn duplicate(state: &AppState) -> Result<Command, &'static str> {
    editable(state)?;
    match state.area {
        Area::Constitution => {
            Ok(ConstitutionCommand::DuplicatePrinciples(principles(state)?).into())
        }
        Area::Rubric => Ok(RubricCommand::DuplicateCriteria(criteria(state)?).into()),
        Area::Try => {
            let prompt = state.prompt().ok_or("Select a prompt first")?;
            Ok(TryCommand::AddPrompt(prompt.text().to_owned()).into())
        }
        Area::Settings => Err("Models can't be copied"),
        Area::Home | Area::Compare | Area::Judges | Area::Runs | Area::Data => {
            Err("Nothing to copy on this screen")
        }
    }
}

pub(super) fn delete(state: &AppState) -> Result<Command, &'static str> {
    editable(state)?;
    match state.area {
        Area::Constitution => Ok(ConstitutionCommand::DeletePrinciples(principles(state)?).into()),
        Area::Rubric => Ok(RubricCommand::DeleteCriteria(criteria(state)?).into()),
        Area::Try => {
            let prompt = state.prompt().ok_or("Select a prompt first")?;
            Ok(TryCommand::DeletePrompt(prompt.id.clone()).into())
        }
        Area::Settings if state.home.page != SettingsPage::Models => {
            Err("Nothing to delete on this screen")
        }
        Area::Home | Area::Compare | Area::Judges | Area::Runs | Area::Data => {
            Err("Nothing to delete on this screen")
        }
        Area::Settings => {
            let name = state.selection.model.clone().ok_or("Select a model first")?;
            if name == crate::domain::ModelEntry::EMBEDDED {
                return Err("The starter model is always there");
            }
            Ok(ModelsCommand::Delete(name).into())
        }
    }
}

pub(super) fn step(state: &AppState, by: i32) -> Result<Command, &'static str> {
    editable(state)?;
    match state.area {
        Area::Constitution => {
            let ids = principles(state)?;
            if let Some(why) = state.lists.principles.why_fixed() {
                return Err(why);
            }
            Ok(ConstitutionCommand::MovePrinciples(ids, by).into())
        }
        Area::Rubric => {
            let ids = criteria(state)?;
            if let Some(why) = state.lists.criteria.why_fixed() {
                return Err(why);
            }
            Ok(RubricCommand::MoveCriteria(ids, by).into())
        }
        Area::Home
        | Area::Try
        | Area::Compare
        | Area::Judges
        | Area::Runs
        | Area::Data
        | Area::Settings => Err("Nothing to move on this screen"),
    }
}

pub(super) fn toggle(state: &AppState) -> Result<Command, &'static str> {
    editable(state)?;
    if state.area != Area::Constitution {
        return Err("Nothing to enable on this screen");
    }
    let ids = principles(state)?;
    let constitution = state.constitution().ok_or("The project has no constitution")?;
    let is_on = |id| constitution.principle(id).is_some_and(|principle| principle.enabled);
    // Of several that differ, all are enabled first.
    let on = !ids.iter().all(is_on);
    Ok(ConstitutionCommand::EnablePrinciples(ids, on).into())
}

/// More places than any list has.
pub(super) const ALL_THE_WAY: i32 = 1_000_000;

fn principles(state: &AppState) -> Result<Vec<PrincipleId>, &'static str> {
    let ids = state.chosen_principles();
    if ids.is_empty() { Err("Select a principle first") } else { Ok(ids) }
}

fn criteria(state: &AppState) -> Result<Vec<CriterionId>, &'static str> {
    let ids = state.chosen_criteria();
    if ids.is_empty() { Err("Select a criterion first") } else { Ok(ids) }
}

pub(super) fn copy(state: &AppState, form: CopyAs) -> Result<Command, &'static str> {
    match state.area {
        Area::Constitution => {
            state.constitution().ok_or("The project has no constitution")?;
        }
        Area::Rubric => {
            state.rubric().ok_or("The project has no rubric")?;
        }
        Area::Home
        | Area::Try
        | Area::Compare
        | Area::Judges
        | Area::Runs
        | Area::Data
        | Area::Settings => {
            return Err("Go to Constitution or Rubric first");
        }
    }
    Ok(ListsCommand::Copy(form).into())
}

pub(super) fn fold(state: &AppState, fold: bool) -> Result<Command, &'static str> {
    if state.area != Area::Constitution {
        return Err("Go to Constitution first");
    }
    let constitution = state.constitution().ok_or("The project has no constitution")?;
    if constitution.principles.iter().all(|principle| principle.tags.is_empty()) {
        return Err("No principle has a tag, so there are no groups");
    }
    Ok(ListsCommand::FoldAll(fold).into())
}
