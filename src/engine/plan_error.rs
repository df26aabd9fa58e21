//! Why a run can't begin, and how to mend it.

use super::models::ModelError;
use crate::domain::{Problem, RunId, Severity};
use crate::store::project::{DocumentKind, words};
use crate::store::{Project, StoreError};

/// Why a run can't begin.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A document is not there.
    #[error("there is no {what} called “{name}”")]
    Missing {
        /// `recipe`, `constitution`, `rubric`, `prompt set`.
        what: &'static str,
        /// What was asked for.
        name: String,
        /// What there is, to choose from.
        known: Vec<String>,
        /// Why it is not there, where its file could not be read.
        unreadable: Option<String>,
    },
    /// A document has errors.
    #[error("the {what} “{name}” can't be used: {problem}")]
    Faulty {
        /// Which kind.
        what: &'static str,
        /// Its name.
        name: String,
        /// The first error.
        problem: String,
        /// How to mend it.
        hint: String,
    },
    /// There is nothing to do.
    #[error("there is no prompt to run")]
    NoPrompts,
    /// A comparison of something with itself.
    #[error("A and B are the same, so there is nothing to compare")]
    SameSides,
    /// A number makes no sense.
    #[error("{what} is {value}")]
    Number {
        /// Which.
        what: &'static str,
        /// What was given.
        value: String,
        /// How to mend it.
        hint: &'static str,
    },
    /// A limit is set that can't be kept.
    #[error("the price of {model} is unknown, so a spending limit could not be kept")]
    Unpriced {
        /// The model, as the project calls it.
        model: String,
    },
    /// A model can't be had.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The run to resume can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The run to resume was frozen in another shape.
    #[error("the run {run} can't be resumed: {reason}")]
    Frozen {
        /// Which.
        run: RunId,
        /// Why.
        reason: String,
    },
}

impl PlanError {
    /// How to mend it; may be empty.
    pub fn hint(&self) -> String {
        match self {
            Self::Missing { unreadable: Some(problem), .. } => {
                format!("its file can't be read: {problem}")
            }
            Self::Missing { known, what, .. } if known.is_empty() => {
                format!("the project has no {what} yet; add one")
            }
            Self::Missing { known, .. } => format!("use one of {}", known.join(", ")),
            Self::Faulty { hint, .. } => hint.clone(),
            Self::NoPrompts => "name a prompt set with prompts, or raise the limit".to_owned(),
            Self::SameSides => {
                "choose another constitution, version or model for one of them".to_owned()
            }
            Self::Number { hint, .. } => (*hint).to_owned(),
            Self::Unpriced { model } => format!(
                "give price_in and price_out for {model} (0 where it is free), or take the limits \
                 away"
            ),
            Self::Model(error) => error.problem.hint.clone(),
            Self::Store(error) => error.hint().to_owned(),
            Self::Frozen { .. } => "start a new run; what is paid for is not paid again".to_owned(),
        }
    }
}

pub(super) fn missing(
    project: &Project,
    kind: DocumentKind,
    name: &str,
    known: Vec<String>,
) -> PlanError {
    let unreadable = unreadable(project, kind, name);
    PlanError::Missing { what: words(kind), name: name.to_owned(), known, unreadable }
}

/// What is wrong with a document's file, where that is why it is not there.
pub(super) fn unreadable(project: &Project, kind: DocumentKind, stem: &str) -> Option<String> {
    let path = project.path_of(kind, stem);
    project.problems.iter().find(|problem| problem.path == path).map(ToString::to_string)
}

pub(super) fn first_error(problems: &[Problem]) -> Option<&Problem> {
    problems.iter().find(|problem| problem.severity == Severity::Error)
}

pub(super) fn faulty(what: &'static str, name: &str, problem: &Problem) -> PlanError {
    let said = if problem.place.is_empty() || problem.place == name {
        problem.what.clone()
    } else {
        format!("{}: {}", problem.place, problem.what)
    };
    PlanError::Faulty { what, name: name.to_owned(), problem: said, hint: problem.hint.clone() }
}
