//! WHAT: the values Preamble is about, and their rules.
//!
//! Nothing here reads a file, a clock or entropy, and nothing here waits. A value that can be
//! wrong is checked by [`problem`], which names what is wrong, where, and how to mend it.
//! Start with [`constitution`] and [`rubric`], then [`call`] (what is asked of a model) and
//! [`row`] (what a run yields for one prompt).

pub mod ballot;
pub mod belief;
pub mod call;
pub mod constitution;
pub mod hand;
pub mod ids;
pub mod judge;
pub mod label;
pub(crate) mod linear;
pub mod model;
pub mod panel;
pub mod price;
pub mod problem;
pub mod prompt;
pub mod recalibration;
pub mod recipe;
pub mod row;
pub mod rubric;
pub mod tournament;
pub mod verdict;
pub mod vote;

pub use belief::Belief;
pub use call::{
    Answer, Call, CallFailure, CallKey, ChoiceReading, FailureKind, Finish, Purpose, Reply, Usage,
    Want,
};
pub use constitution::{Case, Constitution, Example, Principle};
pub use hand::{ByHand, Hand, Part};
pub use ids::{CriterionId, PrincipleId, PromptId, RunId};
pub use judge::{AskedAs, JudgeExample, JudgeForm, JudgeSetup, Manner, PanelRule};
pub use label::{
    Aspect, Certainty, FirstShown, Guide, Label, LabelAnswer, LabelItem, LabelSet, LabelTask,
    Split, WorkedExample,
};
pub use model::{ModelEntry, ModelKind};
pub use price::{LabelRates, PriceDetails, PriceTier, Spending};
pub use problem::{Problem, Severity};
pub use prompt::{Message, Prompt, PromptSet, Speaker};
pub use recalibration::{Corners, JudgedBy, Map, Recalibration};
pub use recipe::{
    Delimiters, JudgeProtocol, LabelForm, Method, ModelRole, PairSource, Recipe, Sampling,
};
pub use row::{
    CanaryResult, Chain, ChainStart, Half, JudgedPair, Provenance, Row, RowFailure, ScoredResponse,
    Step, Variant,
};
pub use rubric::{Aggregation, Criterion, Gate, Rubric, Scale};
pub use tournament::{
    ALL_PAIRS_UP_TO, Game, Pairing, Ranked, RankedAnswer, RankedGame, Round, all_pairs,
    informative_game, swiss_round, swiss_rounds, tying_round,
};
pub use verdict::{
    CriterionVerdict, FirstSaid, JudgeSaid, JudgeScore, MetaVerdict, PairVerdict, Passage, Place,
    PrincipleVerdict, Quotation, Reading, Score,
};
pub use vote::{PrincipleVote, TimesRule, Vote};

/// The newest `format:` number of documents that this version writes and reads.
pub const FORMAT: u32 = 1;
