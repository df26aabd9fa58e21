//! Places in the window: areas, and the things that can be focused or flashed.

use crate::domain::{CriterionId, PrincipleId, PromptId};

/// A main screen; the rail lists them in this order.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    strum::EnumIter,
    strum::Display,
)]
pub enum Area {
    /// Where was I? What next?
    Home,
    /// What should the model do?
    Constitution,
    /// What earns reward?
    Rubric,
    /// What do the documents do to this prompt?
    #[default]
    Try,
    /// Is B better than A, and where?
    Compare,
    /// Can I trust the judge?
    Judges,
    /// What is running, and what did it cost?
    Runs,
    /// What do I ship?
    Data,
    /// Who answers, and how does it look?
    Settings,
}

impl Area {
    /// The question that the area answers, for tooltips.
    pub fn question(self) -> &'static str {
        match self {
            Self::Home => "Where was I? What next?",
            Self::Constitution => "What should the model do?",
            Self::Rubric => "What earns reward?",
            Self::Try => "What do they do to this prompt?",
            Self::Compare => "Is B better than A, and where?",
            Self::Judges => "Can I trust the judge?",
            Self::Runs => "What is running, and what did it cost?",
            Self::Data => "What do I ship?",
            Self::Settings => "Who answers, and how does it look?",
        }
    }
}

/// A part of a principle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, strum::EnumIter)]
pub enum PrincipleField {
    /// The few words that name it.
    Title,
    /// The principle itself.
    Text,
    /// What the critic is asked.
    CritiqueRequest,
    /// What the reviser is asked.
    RevisionRequest,
    /// What a judge of two is asked.
    ComparisonQuestion,
    /// Groups.
    Tags,
    /// How often it is drawn.
    Weight,
    /// Which wins in a conflict.
    Priority,
    /// Whether runs use it.
    Enabled,
    /// Pinned prompts.
    Cases,
    /// For reviewers.
    Notes,
}

/// A part of a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, strum::EnumIter)]
pub enum CriterionField {
    /// The few words that name it.
    Name,
    /// What is judged.
    Description,
    /// Levels or points.
    Scale,
    /// One level's anchor, by its place from 0.
    Anchor(usize),
    /// Its share in the aggregate.
    Weight,
    /// Whether it can veto.
    Gate,
}

/// A part of a judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JudgeField {
    /// What people call it.
    Name,
    /// Its models and their order.
    Models,
    /// How several become one.
    Rule,
    /// A model's weight, by its place from 0.
    Weight(usize),
    /// Whether the first is asked alone, and when the others are.
    FirstAlone,
    /// The form of its question.
    Protocol,
    /// What it is told.
    Form,
    /// Whether it gives a reason first.
    ReasonFirst,
    /// Whether it reads its own verdict again.
    Refine,
    /// Whether it may call a tie.
    Ties,
    /// Votes in each order.
    Votes,
    /// Principles drawn for a pair.
    Principles,
    /// How many pairs have a canary beside them.
    Canaries,
    /// What it is shown before its questions.
    Examples,
    /// What its probabilities mean by people's labels; shown in its report.
    Map,
}

/// A limit that a run stops at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RunLimit {
    /// What it may cost.
    Cap,
    /// What all runs may cost on a day.
    CapPerDay,
    /// How many rows may fail.
    Failures,
    /// How many answers may be refusals.
    Refusals,
}

/// A thing that can be focused, scrolled to and flashed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A constitution's own page, by stem.
    Constitution(String),
    /// A principle, or one of its fields.
    Principle {
        /// The constitution's stem.
        stem: String,
        /// The principle.
        id: PrincipleId,
        /// Which part; `None`: its row in the list.
        field: Option<PrincipleField>,
    },
    /// A rubric's own page, by stem.
    Rubric(String),
    /// A criterion, or one of its fields.
    Criterion {
        /// The rubric's stem.
        stem: String,
        /// The criterion.
        id: CriterionId,
        /// Which part; `None`: its row in the table.
        field: Option<CriterionField>,
    },
    /// A prompt of a set.
    Prompt {
        /// The prompt set's stem.
        set: String,
        /// The prompt.
        id: PromptId,
    },
    /// The project's models and roles.
    Models,
    /// The filter of the area shown.
    Filter(Area),
    /// A limit of the run looked at.
    RunLimit(RunLimit),
    /// A judge's settings.
    Judge {
        /// The judge's stem.
        stem: String,
        /// Which part.
        field: JudgeField,
    },
}

impl Target {
    /// The area that shows it.
    pub fn area(&self) -> Area {
        match self {
            Self::Constitution(_) | Self::Principle { .. } => Area::Constitution,
            Self::Rubric(_) | Self::Criterion { .. } => Area::Rubric,
            Self::Prompt { .. } => Area::Try,
            Self::Models => Area::Settings,
            Self::Filter(area) => *area,
            Self::RunLimit(_) => Area::Runs,
            Self::Judge { .. } => Area::Judges,
        }
    }
}
