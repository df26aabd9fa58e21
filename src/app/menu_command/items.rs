//! What the commands on the selected item mean in each area.
#![warn(clippy::wildcard_enum_match_arm)]

use super::editable;
use crate::app::command::{
    Command, ConstitutionCommand, ModelsCommand, PrincipleChange, RubricCommand, TryCommand,
};
use crate::app::state::{AppState, Area};

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
        Area::Settings => Ok(ModelsCommand::BeginNew.into()),
        Area::Runs => super::runs::new_run(state),
        Area::Home | Area::Compare | Area::Data => Err("Nothing to add on this screen"),
    }
}

pub(super) fn duplicate(state: &AppState) -> Result<Command, &'static str> {
    editable(state)?;
    match state.area {
        Area::Constitution => {
            let id = state.selection.principle.clone().ok_or("Select a principle first")?;
            Ok(ConstitutionCommand::DuplicatePrinciple(id).into())
        }
        Area::Rubric => {
            let id = state.selection.criterion.clone().ok_or("Select a criterion first")?;
            Ok(RubricCommand::DuplicateCriterion(id).into())
        }
        Area::Try => {
            let prompt = state.prompt().ok_or("Select a prompt first")?;
            Ok(TryCommand::AddPrompt(prompt.text().to_owned()).into())
        }
        Area::Settings => Err("Models can't be copied"),
        Area::Home | Area::Compare | Area::Runs | Area::Data => {
            Err("Nothing to copy on this screen")
        }
    }
}

pub(super) fn delete(state: &AppState) -> Result<Command, &'static str> {
    editable(state)?;
    match state.area {
        Area::Constitution => {
            let id = state.selection.principle.clone().ok_or("Select a principle first")?;
            Ok(ConstitutionCommand::DeletePrinciple(id).into())
        }
        Area::Rubric => {
            let id = state.selection.criterion.clone().ok_or("Select a criterion first")?;
            Ok(RubricCommand::DeleteCriterion(id).into())
        }
        Area::Try => {
            let prompt = state.prompt().ok_or("Select a prompt first")?;
            Ok(TryCommand::DeletePrompt(prompt.id.clone()).into())
        }
        Area::Home | Area::Compare | Area::Runs | Area::Data => {
            Err("Nothing to delete on this screen")
        }
        Area::Settings => {
            let name = state.selection.model.clone().ok_or("Select a model first")?;
            if name == crate::domain::ModelEntry::EMBEDDED {
                return Err("The embedded model is always there");
            }
            Ok(ModelsCommand::Delete(name).into())
        }
    }
}

pub(super) fn step(state: &AppState, by: i32) -> Result<Command, &'static str> {
    editable(state)?;
    match state.area {
        Area::Constitution => {
            let id = state.selection.principle.clone().ok_or("Select a principle first")?;
            Ok(ConstitutionCommand::MovePrinciple(id, by).into())
        }
        Area::Rubric => {
            let id = state.selection.criterion.clone().ok_or("Select a criterion first")?;
            Ok(RubricCommand::MoveCriterion(id, by).into())
        }
        Area::Home | Area::Try | Area::Compare | Area::Runs | Area::Data | Area::Settings => {
            Err("Nothing to move on this screen")
        }
    }
}

pub(super) fn toggle(state: &AppState) -> Result<Command, &'static str> {
    editable(state)?;
    if state.area != Area::Constitution {
        return Err("Select a principle first");
    }
    let id = state.selection.principle.clone().ok_or("Select a principle first")?;
    let constitution = state.constitution().ok_or("The project has no constitution")?;
    let principle = constitution.principle(&id).ok_or("Select a principle first")?;
    let change = PrincipleChange::Enabled(!principle.enabled);
    Ok(ConstitutionCommand::Principle { id, change }.into())
}
