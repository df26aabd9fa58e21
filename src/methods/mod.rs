//! HOW: one file per method, its paper cited on top.
//!
//! A method is a plain async function over [`Ask`]. It knows no tokio, HTTP, file, clock or
//! screen; its only randomness is [`draw`], seeded from run seed, prompt id and step, so the same
//! task makes the same calls on every machine, in any order. Whatever a model is told comes from
//! [`template`], whose sources are files that people see and edit.
//!
//! Start with [`run_row()`], which the engine calls for each prompt, then [`critique`],
//! [`preference`] and [`rubric_score`].

pub mod aggregate;
pub mod ask;
pub mod attribution;
pub mod calls_planned;
pub mod canary;
pub mod chain_metrics;
pub mod changes;
pub mod compare;
pub mod critique;
pub mod diff;
pub mod draw;
pub mod failure;
pub mod generated;
pub mod given;
pub mod judging;
pub mod labelling;
pub mod meta;
pub mod method_info;
pub mod named;
pub mod panel;
pub mod perturb;
pub mod preference;
pub mod prometheus;
pub mod quotations;
pub mod react;
pub mod read_verdict;
pub mod refused;
pub mod rubric_score;
pub mod run_row;
pub mod shared_text;
pub mod template;
pub mod tidy;
pub mod tournament;
pub mod votes;

pub use aggregate::reward;
pub use ask::Ask;
pub use calls_planned::{
    CallsPlanned, JudgeCalls, calls_planned, calls_planned_by, calls_planned_for,
};
pub use chain_metrics::{StepMetrics, chain_metrics};
pub use critique::{ChainTask, critique_revise};
pub use diff::{DiffKind, DiffSpan, word_diff};
pub use draw::principles_for;
pub use failure::MethodFailure;
pub use given::{GivenPair, given_pair};
pub use method_info::{METHODS, MethodInfo};
pub use panel::{Jury, PanelScore, judge_pair_by, score_response_by};
pub use preference::{Candidates, PairTask, draw_two, judge_pair};
pub use rubric_score::{ScoreTask, score_response};
pub use run_row::{Beside, RowParts, RowTask, run_row, run_row_by};
pub use template::{TEMPLATES, TemplateError, TemplateInfo, Templates};
pub use tournament::{TournamentTask, tournament};
