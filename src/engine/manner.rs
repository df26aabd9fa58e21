//! How a model is asked as a judge: settled when a plan is built, so that it can be shown and never
//! changes afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::models::Model;
use super::roles::judges;
use crate::domain::{
    Delimiters, JudgeProtocol, JudgeSetup, Manner, Method, ModelEntry, ModelKind, ModelRole, Recipe,
};
use crate::methods::template::Templates;

/// What a judge is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Two answers to one prompt.
    Pairs,
    /// One answer and a rubric.
    Answers,
}

impl Shown {
    /// What the judge of a method is shown.
    pub fn of(method: Method) -> Self {
        match method {
            Method::Score | Method::ChainScore => Self::Answers,
            Method::Critique
            | Method::Preference
            | Method::ChainPreference
            | Method::Rank
            | Method::Votes => Self::Pairs,
        }
    }
}

/// How a model is asked by a judge's settings.
///
/// Where the judge leaves the protocol open it is the model's, and a model that its own reasons
/// mislead is asked for none.
pub fn manner(
    entry: &ModelEntry,
    setup: &JudgeSetup,
    shown: Shown,
    templates: &Templates,
) -> Manner {
    let (protocol, reasons) = match setup.protocol {
        JudgeProtocol::Auto => (protocol_of(entry), reasons(entry)),
        chosen => (chosen, true),
    };
    let delimiters = delimiters(entry, (shown, protocol), templates);
    Manner { protocol, delimiters, reasons: reasons && setup.reason_first }
}

/// How a model is asked as a judge: as its entry says, else as suits its kind. A model inside the
/// program is small and reads two responses at once badly.
pub fn protocol_of(entry: &ModelEntry) -> JudgeProtocol {
    match (entry.judge_protocol, entry.kind) {
        (JudgeProtocol::Auto, ModelKind::Embedded) => JudgeProtocol::PointwiseYesNo,
        (JudgeProtocol::Auto, ModelKind::OpenAi | ModelKind::Anthropic) => JudgeProtocol::Pairwise,
        (chosen, _) => chosen,
    }
}

/// Whether a reason before its verdict helps a model as a judge. The starter model is misled by
/// its own: of 40 plain decisions it took 16 rightly after a reason, about 30 without.
pub fn reasons(entry: &ModelEntry) -> bool {
    entry.kind != ModelKind::Embedded
}

/// Settles a recipe's [`Delimiters::Auto`], once its protocol is settled; one that has nothing
/// judged has nothing to settle.
pub fn decide_delimiters(
    recipe: &mut Recipe,
    models: &BTreeMap<ModelRole, Arc<Model>>,
    templates: &Templates,
) {
    if recipe.delimiters == Delimiters::Auto
        && judges(recipe.method)
        && let Some(judge) = models.get(&ModelRole::Judge)
    {
        let shown = (Shown::of(recipe.method), recipe.protocol);
        recipe.delimiters = delimiters(&judge.entry, shown, templates);
    }
}

/// Tags with a nonce, which larger models read well; quoted lines for the embedded model, which
/// judges better with them (see [`crate::methods::template::quoted`]), and where the project has
/// templates of its own for those and none for the tags, so that no text of the user's is passed
/// over.
fn delimiters(
    entry: &ModelEntry,
    (shown, protocol): (Shown, JudgeProtocol),
    templates: &Templates,
) -> Delimiters {
    let is_passed_over = match shown {
        Shown::Pairs => is_pair_passed_over(protocol, templates),
        Shown::Answers => SCORES.iter().any(|(quoted, fenced)| {
            templates.is_overridden(quoted) && !templates.is_overridden(fenced)
        }),
    };
    if entry.kind == ModelKind::Embedded || is_passed_over {
        Delimiters::Quoted
    } else {
        Delimiters::Fenced
    }
}

/// What scores are asked by: with quoted lines, with tags.
const SCORES: [(&str, &str); 5] = [
    ("score_levels", "score_levels_fenced"),
    ("score_levels_reason", "score_levels_fenced_reason"),
    ("score_met", "score_met_fenced"),
    ("score_met_reason", "score_met_fenced_reason"),
    ("score_batch", "score_batch_fenced"),
];

fn is_pair_passed_over(protocol: JudgeProtocol, templates: &Templates) -> bool {
    let quoted: [&str; 2] = match protocol {
        JudgeProtocol::Auto | JudgeProtocol::Pairwise => {
            ["judge_pairwise", "judge_pairwise_reason"]
        }
        JudgeProtocol::PointwiseYesNo => ["judge_yes_no", "judge_yes_no_reason"],
        JudgeProtocol::PointwiseScale => ["judge_scale", "judge_scale_reason"],
    };
    let fenced: [String; 2] =
        [format!("{}_fenced", quoted[0]), format!("{}_fenced_reason", quoted[0])];
    let has_own_quoted = quoted.iter().any(|name| templates.is_overridden(name));
    let has_own_fenced = fenced.iter().any(|name| templates.is_overridden(name));
    has_own_quoted && !has_own_fenced
}
