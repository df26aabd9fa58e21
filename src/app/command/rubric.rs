//! Changing rubrics.

use crate::domain::{Aggregation, CriterionId, Gate, Scale};

/// Change a rubric of the project.
#[derive(Debug, Clone, PartialEq)]
pub enum RubricCommand {
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
        change: RubricChange,
    },
    /// Add an empty criterion after the selected one, and focus its name.
    AddCriterion,
    /// Copy a criterion.
    DuplicateCriterion(CriterionId),
    /// Delete a criterion (undoable).
    DeleteCriterion(CriterionId),
    /// Move a criterion by so many places (negative: up).
    MoveCriterion(CriterionId, i32),
    /// Copy several, each behind its original.
    DuplicateCriteria(Vec<CriterionId>),
    /// Delete several (undoable, as one).
    DeleteCriteria(Vec<CriterionId>),
    /// Move several by so many places, each past those that stay.
    MoveCriteria(Vec<CriterionId>, i32),
    /// Put several, in their order, before another one; `None`: at the end.
    PlaceCriteria {
        /// Which.
        ids: Vec<CriterionId>,
        /// Before which.
        before: Option<CriterionId>,
    },
    /// Move a criterion to a position, counted from 1.
    CriterionTo(CriterionId, usize),
    /// Change a criterion of the rubric selected.
    Criterion {
        /// Which.
        id: CriterionId,
        /// How.
        change: CriterionChange,
    },
}

/// A new value for a rubric's own field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RubricChange {
    /// What people call it.
    Name(String),
    /// What it is for.
    Description(String),
    /// How scores become one reward.
    Aggregation(Aggregation),
}

/// A new value for a criterion's field.
#[derive(Debug, Clone, PartialEq)]
pub enum CriterionChange {
    /// The few words that name it.
    Name(String),
    /// What is judged.
    Description(String),
    /// Levels or points, whole.
    Scale(Scale),
    /// One level's anchor, by its place from 0.
    Anchor(usize, String),
    /// Its points.
    Points(f64),
    /// Its share in the aggregate.
    Weight(f64),
    /// Whether it can veto.
    Gate(Gate),
}
