//! How a model is asked as a judge: settled when a plan is built, so that it can be shown and never
//! changes afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::models::Model;
use crate::domain::{Delimiters, JudgeProtocol, JudgeSetup, Manner, ModelKind, ModelRole, Recipe};
use crate::methods::template::Templates;

/// How a model is asked by a judge's settings.
///
/// Where the judge leaves the protocol open it is the model's, and a model that its own reasons
/// mislead is asked for none.
pub fn manner(model: &Model, setup: &JudgeSetup, templates: &Templates) -> Manner {
    let (protocol, reasons) = match setup.protocol {
        JudgeProtocol::Auto => (model.protocol(), model.reasons()),
        chosen => (chosen, true),
    };
    let delimiters = delimiters(model, protocol, templates);
    Manner { protocol, delimiters, reasons: reasons && setup.reason_first }
}

/// Settles a recipe's [`Delimiters::Auto`], once its protocol is settled.
pub fn decide_delimiters(
    recipe: &mut Recipe,
    models: &BTreeMap<ModelRole, Arc<Model>>,
    templates: &Templates,
) {
    if recipe.delimiters == Delimiters::Auto
        && let Some(judge) = models.get(&ModelRole::Judge)
    {
        recipe.delimiters = delimiters(judge, recipe.protocol, templates);
    }
}

/// Tags with a nonce, which larger models read well; quoted lines for the embedded model, which
/// judges better with them (see [`crate::methods::template::quoted`]), and where the project has
/// templates of its own for those and none for the tags, so that no text of the user's is passed
/// over.
fn delimiters(model: &Model, protocol: JudgeProtocol, templates: &Templates) -> Delimiters {
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
    if model.entry.kind == ModelKind::Embedded || (has_own_quoted && !has_own_fenced) {
        Delimiters::Quoted
    } else {
        Delimiters::Fenced
    }
}
