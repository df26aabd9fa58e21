//! Changing constitutions.

use crate::domain::{Case, PrincipleId};

/// Change a constitution of the project.
#[derive(Debug, Clone, PartialEq)]
pub enum ConstitutionCommand {
    /// Make an empty one of that name and select it.
    New(String),
    /// Copy one, by stem, and select the copy.
    Duplicate(String),
    /// Take one out of the project, by stem (undoable).
    Delete(String),
    /// Make one the project's default, by stem.
    MakeDefault(String),
    /// Change its own fields.
    Change {
        /// Which, by stem.
        stem: String,
        /// How.
        change: ConstitutionChange,
    },
    /// Add an empty principle after the selected one, and focus its text.
    AddPrinciple,
    /// Add one principle for each line of text, without bullets and numbers.
    AddLines(String),
    /// Copy a principle.
    DuplicatePrinciple(PrincipleId),
    /// Delete a principle (undoable).
    DeletePrinciple(PrincipleId),
    /// Move a principle by so many places (negative: up).
    MovePrinciple(PrincipleId, i32),
    /// Copy several, each behind its original.
    DuplicatePrinciples(Vec<PrincipleId>),
    /// Delete several (undoable, as one).
    DeletePrinciples(Vec<PrincipleId>),
    /// Move several by so many places, each past those that stay.
    MovePrinciples(Vec<PrincipleId>, i32),
    /// Put several, in their order, before another one; `None`: at the end.
    PlacePrinciples {
        /// Which.
        ids: Vec<PrincipleId>,
        /// Before which.
        before: Option<PrincipleId>,
    },
    /// Move a principle to a position, counted from 1.
    PrincipleTo(PrincipleId, usize),
    /// Enable or disable several.
    EnablePrinciples(Vec<PrincipleId>, bool),
    /// Give several a tag, or take it off them.
    TagPrinciples {
        /// Which.
        ids: Vec<PrincipleId>,
        /// The tag.
        tag: String,
        /// Whether they get it.
        on: bool,
    },
    /// Change a principle of the constitution selected.
    Principle {
        /// Which.
        id: PrincipleId,
        /// How.
        change: PrincipleChange,
    },
}

/// A new value for a constitution's own field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConstitutionChange {
    /// What people call it.
    Name(String),
    /// What it is for.
    Description(String),
    /// What the model is told before any principle.
    Preface(String),
}

/// A new value for a principle's field.
#[derive(Debug, Clone, PartialEq)]
pub enum PrincipleChange {
    /// The few words that name it.
    Title(String),
    /// The principle itself.
    Text(String),
    /// What the critic is asked; empty: generated.
    CritiqueRequest(String),
    /// What the reviser is asked; empty: generated.
    RevisionRequest(String),
    /// What a judge of two is asked; empty: generated.
    ComparisonQuestion(String),
    /// Groups.
    Tags(Vec<String>),
    /// How often it is drawn.
    Weight(f64),
    /// Which wins in a conflict, 1..=5.
    Priority(u8),
    /// Whether runs use it.
    Enabled(bool),
    /// Pinned prompts.
    Cases(Vec<Case>),
    /// For reviewers.
    Notes(String),
}
