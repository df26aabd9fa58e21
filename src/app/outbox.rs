//! Where views leave what the user asked for.

use std::cell::RefCell;

use super::command::Command;

/// Commands of one frame, in the order they were given; carried out after drawing.
#[derive(Debug, Default)]
pub struct Outbox {
    commands: RefCell<Vec<Command>>,
}

impl Outbox {
    /// Leaves a command.
    pub fn send(&self, command: impl Into<Command>) {
        self.commands.borrow_mut().push(command.into());
    }

    /// Takes everything that was left.
    pub fn take(&self) -> Vec<Command> {
        std::mem::take(&mut self.commands.borrow_mut())
    }
}

macro_rules! into_command {
    ($($from:ident => $variant:ident),* $(,)?) => {
        $(impl From<super::command::$from> for Command {
            fn from(command: super::command::$from) -> Self {
                Self::$variant(command)
            }
        })*
    };
}

into_command!(
    GoCommand => Go,
    ConstitutionCommand => Constitution,
    RubricCommand => Rubric,
    ListsCommand => Lists,
    CasesCommand => Cases,
    ProjectCommand => Project,
    TryCommand => Try,
    ExportCommand => Export,
    ModelsCommand => Models,
    LookCommand => Look,
    HomeCommand => Home,
    CompareCommand => Compare,
    JudgesCommand => Judges,
    RunsCommand => Runs,
    DataCommand => Data,
    LibraryCommand => Library,
);
