//! One of the project's judges, as a run or a comparison that names it would ask it.

use std::sync::Arc;

use super::AppState;
use crate::domain::{JudgeSetup, Method, ModelEntry, ModelRole};
use crate::engine::ComparisonWishes;
use crate::engine::manner::{Shown, manner};
use crate::methods::{JudgeCalls, Templates};
use crate::providers::spec;

/// A judge with the models that it asks.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnJudge {
    /// Its file stem.
    pub stem: String,
    /// Its settings.
    pub setup: Arc<JudgeSetup>,
    /// Its models, in its order: the project's judge where it names none.
    pub models: Vec<ModelEntry>,
    /// Models that it names and that can't be found.
    pub unknown: Vec<String>,
    /// Whether each of its models is asked for a reason.
    reasons: Vec<bool>,
}

impl OwnJudge {
    /// The judge of a file stem or name, for a method's rows; `None` where there is none.
    pub fn of(state: &AppState, name: &str, method: Method) -> Option<Self> {
        let project = state.project.as_ref().filter(|_| !name.is_empty())?;
        let judges = &project.documents.judges;
        let own = judges.get_key_value(name);
        let (stem, setup) = own.or_else(|| judges.iter().find(|(_, judge)| judge.name == name))?;
        let known = project.documents.setup.all_models();
        let usual = project.documents.setup.model_of(ModelRole::Judge).to_owned();
        let names = match setup.models.as_slice() {
            [] => std::slice::from_ref(&usual),
            named => named,
        };
        let mut models = Vec::new();
        let mut unknown = Vec::new();
        for name in names {
            match spec::parse(name, &known) {
                Ok(model) => models.push(model),
                Err(_) => unknown.push(name.clone()),
            }
        }
        // Templates change what stands around the texts, never whether a reason is asked for.
        let (shown, templates) = (Shown::of(method), Templates::default());
        let reasons =
            models.iter().map(|model| manner(model, setup, shown, &templates).reasons).collect();
        Some(Self { stem: stem.clone(), setup: Arc::clone(setup), models, unknown, reasons })
    }

    /// The judge that a comparison would have; `None` where a model alone judges.
    pub fn of_comparison(state: &AppState, wishes: &ComparisonWishes) -> Option<Self> {
        let project = state.project.as_ref()?;
        let preference = project.recipes.values().find(|one| one.method == Method::Preference);
        let name = match (&wishes.panel, &wishes.judge, preference) {
            (Some(judge), _, _) => judge,
            (None, None, Some(recipe)) => &recipe.judge,
            (None, _, _) => return None,
        };
        Self::of(state, name, Method::Preference)
    }

    /// How it is asked, as far as its calls go.
    pub fn calls(&self) -> JudgeCalls<'_> {
        JudgeCalls { setup: &self.setup, reasons: &self.reasons }
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        match self.setup.name.trim() {
            "" => &self.stem,
            name => name,
        }
    }

    /// How a judge stands in a list beside models: `Two readers (a judge, 2 models)`.
    pub fn listed(stem: &str, setup: &JudgeSetup) -> String {
        let name = if setup.name.trim().is_empty() { stem } else { setup.name.trim() };
        match setup.models.len() {
            0 => format!("{name} (a judge)"),
            1 => format!("{name} (a judge, 1 model)"),
            n => format!("{name} (a judge, {n} models)"),
        }
    }

    /// What it does otherwise than one model that is asked once, in a few words.
    pub fn words(&self) -> String {
        let name = |model: &ModelEntry| match model.name.as_str() {
            ModelEntry::EMBEDDED => "Starter model".to_owned(),
            name => name.to_owned(),
        };
        let names: Vec<String> = self.models.iter().map(name).collect();
        let setup = &self.setup;
        let mut parts = vec![names.join(" + ")];
        if names.len() > 1 {
            parts.push(setup.rule.to_string().to_lowercase());
            if setup.first_alone.is_some() {
                parts.push("the others when the first is unsure".to_owned());
            }
        }
        if setup.refine {
            parts.push("reads its verdict again".to_owned());
        }
        parts.join(", ")
    }
}
