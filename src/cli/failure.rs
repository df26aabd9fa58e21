//! How a command ends when it does not end well.

use std::process::ExitCode;

use crate::domain::Problem;
use crate::engine::models::ModelError;
use crate::engine::{EngineError, PlanError};
use crate::formats::export::ExportError;
use crate::store::StoreError;

/// What the process ends with; scripts rely on the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 1: the input or the result is bad.
    Bad,
    /// 2: the command was used wrongly.
    Usage,
    /// 3: a limit stopped it (budget, failures, cancelled), and all work is kept.
    Stopped,
}

/// Why a command did not end well, in one line, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What went wrong; empty where it was told already.
    pub message: String,
    /// How to mend it; may be empty.
    pub hint: String,
}

impl Failure {
    /// Bad input or a bad result.
    pub fn bad(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { exit: Exit::Bad, message: message.into(), hint: hint.into() }
    }

    /// Wrong usage.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into(), hint: hint.into() }
    }

    /// Stopped by a limit, with all work kept.
    pub fn stopped(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { exit: Exit::Stopped, message: message.into(), hint: hint.into() }
    }

    /// An end that was told already.
    pub fn told(exit: Exit) -> Self {
        Self { exit, message: String::new(), hint: String::new() }
    }

    /// A problem in a file.
    pub fn of_problem(file: &str, problem: &Problem) -> Self {
        let at = match problem.position {
            Some((line, column)) => format!("{file}:{line}:{column}"),
            None => file.to_owned(),
        };
        let place = match problem.place.as_str() {
            "" | "file" => String::new(),
            place => format!("{place}: "),
        };
        Self::bad(format!("{at}: {place}{}", problem.what), problem.hint.clone())
    }

    /// The process's exit code.
    pub fn code(&self) -> ExitCode {
        ExitCode::from(match self.exit {
            Exit::Bad => 1,
            Exit::Usage => 2,
            Exit::Stopped => 3,
        })
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::bad(error.to_string(), error.hint())
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        let exit = if matches!(error, PlanError::Number { .. }) { Exit::Usage } else { Exit::Bad };
        Self { exit, message: error.to_string(), hint: error.hint() }
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        Self::bad(error.to_string(), error.problem.hint)
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        let EngineError::Store(store) = &error;
        Self::bad(error.to_string(), store.hint())
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        let hint = match &error {
            ExportError::Nothing { .. } => "export another run, or choose another format",
            ExportError::Container { .. } => "choose that kind of file, or leave --container out",
            _ => "",
        };
        // The source says what the writer's own words leave out.
        let source = std::error::Error::source(&error).map(|source| format!(": {source}"));
        Self::bad(format!("{error}{}", source.unwrap_or_default()), hint)
    }
}

/// For what is written to stdout: a reader that went away (`| head`) needs no message.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self::told(Exit::Bad);
        }
        Self::bad(format!("the output can't be written: {error}"), "check the disk or the pipe")
    }
}
