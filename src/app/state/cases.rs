//! Pinned cases of principles: what became of each when it was run last and before that.
//!
//! A case is run under its principle alone: one draft, one critique, one revision. Its outcome is
//! a row of the journal, so that the last one is there again after a restart. Which words it was
//! made under is the hash of the constitution it ran under, which the row keeps: where that
//! differs from [`mark_of`] the principle now, the outcome is stale.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::models::remote_host;
use super::{AppState, Moment};
use crate::domain::{
    Case, Constitution, ModelEntry, ModelRole, Principle, PrincipleId, Prompt, Row, Rubric, RunId,
};

/// The recipe's name under which pinned cases run; runs of it are read back.
pub const RECIPE: &str = "pinned cases";
/// The column of a case's prompt that says which principle it was run for.
pub const COLUMN: &str = "case_of";
/// A difference of rewards below this is no difference.
pub const SAME_REWARD: f64 = 0.005;

/// Names a case: the constitution's stem, the principle, and the prompt's text.
pub type CaseKey = (String, PrincipleId, String);

/// Pinned cases and what became of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CasesState {
    /// What became of each case.
    pub outcomes: BTreeMap<CaseKey, Outcomes>,
    /// The cases on their way.
    pub running: Option<Running>,
    /// Whether a change of the principle's words runs its cases by itself.
    pub rerun_on_edit: bool,
    /// When they run by themselves, and for which words.
    pub due: Option<(Moment, String)>,
    /// Whether outcomes are scored by the rubric, too.
    pub score: bool,
    /// Rows with scores from the journal, newest first.
    pub scored: Vec<Scored>,
    /// Whether the journal was read since the project was opened.
    pub was_read: bool,
}

/// A row with scores, and the rubric that it was scored by.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// The run that it is from.
    pub run: RunId,
    /// The row.
    pub row: Arc<Row>,
    /// The rubric as it was then.
    pub rubric: Option<Arc<Rubric>>,
}

/// What became of one case.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcomes {
    /// The newest row.
    pub last: Option<Arc<Row>>,
    /// The row before it that was made under other words.
    pub before: Option<Arc<Row>>,
}

/// Cases on their way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Names the job.
    pub number: u64,
    /// The cases, by key, that have no row of this job yet.
    pub left: Vec<CaseKey>,
    /// The mark of the words that they run under.
    pub mark: String,
    /// How many there were.
    pub total: usize,
    /// What is done now, in words.
    pub doing: String,
}

/// How a case stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// It was never run.
    New,
    /// It waits for its turn or is being run.
    Running,
    /// It ended with a failure, said in words.
    Failed(String),
    /// The principle's words were changed since.
    Stale,
    /// There is one outcome, and nothing yet to compare it with.
    First,
    /// The answer is the same as before.
    Same,
    /// The answer is another than before; with rewards of both, by how much it is better.
    Changed(Option<f64>),
}

/// How many cases stand how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Another answer than before.
    pub changed: usize,
    /// … of these by a higher reward.
    pub better: usize,
    /// … of these by a lower reward.
    pub worse: usize,
    /// The same answer as before.
    pub same: usize,
    /// Failed.
    pub failed: usize,
    /// Never run, failed or stale: what a run of the stale ones would run.
    pub to_run: usize,
    /// Stale.
    pub stale: usize,
}

/// The constitution that a principle's cases run under: the principle alone, in its words, with
/// what the model is told around it. Nothing else is in it, so that nothing else makes it stale.
pub fn alone(constitution: &Constitution, principle: &Principle) -> Constitution {
    Constitution {
        format: constitution.format,
        name: principle.id.to_string(),
        description: String::new(),
        preface: constitution.preface.clone(),
        principles: vec![Principle {
            id: principle.id.clone(),
            title: principle.title.clone(),
            text: principle.text.clone(),
            critique_request: principle.critique_request.clone(),
            revision_request: principle.revision_request.clone(),
            ..Principle::default()
        }],
        examples: constitution.examples.clone(),
    }
}

/// What an outcome made now would be marked with.
pub fn mark_of(constitution: &Constitution, principle: &Principle) -> String {
    crate::engine::plan::hash_of(&alone(constitution, principle))
}

/// The prompt that a case is run as. Its id comes from its text, so that the draft is the same
/// each time and costs nothing again.
pub fn prompt_of(stem: &str, principle: &PrincipleId, case: &Case) -> Prompt {
    let hash = crate::engine::plan::hash_of(&case.prompt);
    let mut prompt = Prompt::of_text(format!("case-{}", &hash[..12]), case.prompt.clone());
    let of = serde_json::json!({ "constitution": stem, "principle": principle.as_str() });
    prompt.extra.insert(COLUMN.to_owned(), of);
    prompt
}

/// The case that a row is an outcome of, if it is one.
pub fn key_of(row: &Row) -> Option<CaseKey> {
    let of = row.prompt.extra.get(COLUMN)?;
    let text = |name: &str| of.get(name).and_then(serde_json::Value::as_str);
    let principle = PrincipleId::new(text("principle")?);
    Some((text("constitution")?.to_owned(), principle, row.prompt.text().to_owned()))
}

/// A row's last answer.
pub fn answer(row: &Row) -> Option<&str> {
    row.chain.as_ref().map(crate::domain::Chain::last)
}

/// The reward of a row's last answer.
pub fn reward(row: &Row) -> Option<f64> {
    row.scores.last().and_then(|scored| scored.score.reward)
}

impl Outcomes {
    /// Takes a newer row in: the one before it is kept while it was made under other words.
    pub fn take(&mut self, row: Arc<Row>) {
        if let Some(last) = self.last.take()
            && last.failure.is_none()
            && last.provenance.constitution != row.provenance.constitution
        {
            self.before = Some(last);
        }
        self.last = Some(row);
    }

    /// How it stands, for words of that mark.
    pub fn standing(&self, mark: &str) -> Standing {
        let Some(last) = &self.last else { return Standing::New };
        if last.provenance.constitution.as_deref() != Some(mark) {
            return Standing::Stale;
        }
        if let Some(failure) = &last.failure {
            let words = format!("{}: {}", failure.at, failure.failure.message);
            return Standing::Failed(words);
        }
        let Some(before) = &self.before else { return Standing::First };
        if answer(before) == answer(last) {
            return Standing::Same;
        }
        let gain = reward(before).zip(reward(last)).map(|(before, now)| now - before);
        Standing::Changed(gain)
    }
}

impl CasesState {
    /// How one case of a principle stands.
    pub fn standing(&self, key: &CaseKey, mark: &str) -> Standing {
        if self.running.as_ref().is_some_and(|running| running.left.contains(key)) {
            return Standing::Running;
        }
        self.outcomes.get(key).map_or(Standing::New, |outcomes| outcomes.standing(mark))
    }

    /// How the cases of a principle stand, together.
    pub fn sums(&self, stem: &str, principle: &Principle, mark: &str) -> Sums {
        let mut sums = Sums::default();
        for case in principle.cases.iter().filter(|case| !case.prompt.trim().is_empty()) {
            let key = (stem.to_owned(), principle.id.clone(), case.prompt.clone());
            match self.standing(&key, mark) {
                Standing::New => sums.to_run += 1,
                Standing::Failed(_) => {
                    sums.to_run += 1;
                    sums.failed += 1;
                }
                Standing::Stale => {
                    sums.to_run += 1;
                    sums.stale += 1;
                }
                Standing::Same => sums.same += 1,
                Standing::Changed(gain) => {
                    sums.changed += 1;
                    sums.better += usize::from(gain.is_some_and(|gain| gain >= SAME_REWARD));
                    sums.worse += usize::from(gain.is_some_and(|gain| gain <= -SAME_REWARD));
                }
                Standing::Running | Standing::First => {}
            }
        }
        sums
    }
}

/// Why the cases of the principle shown can't be run now.
///
/// # Errors
///
/// The reason, for a tooltip.
pub fn runnable(state: &AppState) -> Result<(), &'static str> {
    let project = state.project.as_ref().ok_or("No project is open")?;
    if project.read_only {
        return Err("The project is open in another window; run cases there");
    }
    if state.cases.running.is_some() {
        return Err("Cases are running already; stop them first");
    }
    let constitution = state.constitution().ok_or("The project has no constitution")?;
    let selected = state.selection.principle.as_ref();
    let principle = selected
        .and_then(|id| constitution.principle(id))
        .ok_or("Select a principle with pinned cases first")?;
    if principle.cases.iter().all(|case| case.prompt.trim().is_empty()) {
        return Err("The principle has no pinned case; pin a prompt first");
    }
    if principle.text.trim().is_empty() {
        return Err("The principle has no text yet");
    }
    if state.cases.score && state.rubric().is_none_or(|rubric| rubric.criteria.is_empty()) {
        return Err("There is no rubric with a criterion to score by");
    }
    Ok(())
}

/// Why cases may not run by themselves: only models that cost nothing are asked unasked.
///
/// # Errors
///
/// The reason, for a tooltip.
pub fn may_run_unasked(state: &AppState) -> Result<(), &'static str> {
    let documents = state.documents().ok_or("No project is open")?;
    let mut roles = vec![ModelRole::Writer, ModelRole::Critic, ModelRole::Reviser];
    if state.cases.score {
        roles.push(ModelRole::Judge);
    }
    let models = documents.setup.all_models();
    let is_free = |role: ModelRole| {
        let name = documents.setup.model_of(role);
        models.iter().find(|model| model.name == name).is_some_and(ModelEntry::is_free)
    };
    // Nobody is there to be asked whether a host may be sent to.
    let is_known = |role: ModelRole| {
        let name = documents.setup.model_of(role);
        let host = models.iter().find(|model| model.name == name).and_then(remote_host);
        host.is_none_or(|host| state.settings.hosts.contains(&host))
    };
    if state.settings.ask_before_hosts && !roles.iter().copied().all(is_known) {
        return Err("A host that was not sent to yet is asked about first; run a case by hand");
    }
    if roles.into_iter().all(is_free) {
        Ok(())
    } else {
        Err("Only models on this computer, or with a price of 0, are asked without being told to")
    }
}

impl std::fmt::Display for Sums {
    /// `3 changed (2 better, 1 worse), 1 same, 1 failed`; nothing where nothing was compared.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut parts = Vec::new();
        if self.changed > 0 {
            let judged: Vec<String> = [(self.better, "better"), (self.worse, "worse")]
                .into_iter()
                .filter(|(n, _)| *n > 0)
                .map(|(n, word)| format!("{n} {word}"))
                .collect();
            parts.push(if judged.is_empty() {
                format!("{} changed", self.changed)
            } else {
                format!("{} changed ({})", self.changed, judged.join(", "))
            });
        }
        for (n, word) in [(self.same, "same"), (self.stale, "stale"), (self.failed, "failed")] {
            if n > 0 {
                parts.push(format!("{n} {word}"));
            }
        }
        f.write_str(&parts.join(", "))
    }
}
