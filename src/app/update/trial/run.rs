//! Running chains: plain, with other seeds, without a principle, from a step written by hand.

use std::sync::Arc;

use super::{key, shown};
use crate::app::effects::{Effect, TrialPlan};
use crate::app::state::trial::{PromptKey, StepPart};
use crate::app::state::{AppState, CallState, Moment, NoticeKind, Trial, TrialStatus};
use crate::app::update::edit;
use crate::domain::{
    CallFailure, Chain, ChainStart, Constitution, FailureKind, Method, ModelKind, ModelRole,
    Principle, PrincipleId, Prompt, Recipe, Variant,
};

/// The most rounds that Try offers.
pub(super) const MOST_ROUNDS: u32 = 6;
/// How many chains “Three samples” runs.
const SAMPLES: u64 = 3;
/// So heavy that it is drawn before any other.
const DRAWN_FIRST: f64 = 1e9;

/// A chain to be run on the prompt shown.
pub(super) struct Wish {
    pub(super) seed: u64,
    pub(super) variant: Variant,
    pub(super) constitution: Arc<Constitution>,
    pub(super) start: Option<ChainStart>,
    /// The chain that it is compared with.
    pub(super) of: Option<u64>,
    /// At least so many rounds.
    pub(super) rounds: u32,
}

fn seed(state: &AppState) -> u64 {
    let project = state.documents().map_or(0, |documents| documents.setup.seed);
    state.trial.seed.unwrap_or(project)
}

/// Says why nothing can be run now; whether something can.
fn can_run(state: &mut AppState, at: Moment) -> bool {
    match crate::app::menu_command::runnable(state) {
        Ok(()) => true,
        Err(reason) => {
            state.notify(NoticeKind::Warning, reason, at);
            false
        }
    }
}

pub(super) fn run(state: &mut AppState, at: Moment) -> Vec<Effect> {
    if state.trial.seed_free && shown(state).is_some() {
        return other_seed(state, at);
    }
    plain(state, at)
}

pub(super) fn other_seed(state: &mut AppState, at: Moment) -> Vec<Effect> {
    state.trial.seed = Some(seed(state).wrapping_add(1));
    plain(state, at)
}

fn plain(state: &mut AppState, at: Moment) -> Vec<Effect> {
    if !can_run(state, at) {
        return Vec::new();
    }
    let Some(constitution) = state.constitution().cloned() else { return Vec::new() };
    let wish = Wish {
        seed: seed(state),
        variant: Variant::Plain,
        constitution,
        start: None,
        of: None,
        rounds: 0,
    };
    begin(state, wish)
}

/// Runs every prompt of the set shown whose chain is stale, one after the other, each with the
/// seed that it had.
pub(super) fn refresh_stale(state: &mut AppState, at: Moment) -> Vec<Effect> {
    if !can_run(state, at) {
        return Vec::new();
    }
    let mut effects = Vec::new();
    let stem = state.selection.prompts.clone();
    for id in crate::app::state::trial::stale_prompts(state) {
        let prompt = state.prompts().and_then(|set| set.prompts.iter().find(|p| p.id == id));
        let (Some(prompt), Some(constitution)) = (prompt.cloned(), state.constitution().cloned())
        else {
            continue;
        };
        let key = (stem.clone(), id);
        let seed = state.trial.trials.get(&key).map_or(0, |trial| trial.seed);
        let wish =
            Wish { seed, variant: Variant::Plain, constitution, start: None, of: None, rounds: 0 };
        effects.extend(begin_on(state, key, prompt, wish));
    }
    effects
}

pub(super) fn samples(state: &mut AppState, at: Moment) -> Vec<Effect> {
    let (Some(key), true) = (key(state), can_run(state, at)) else { return Vec::new() };
    let mut effects = plain(state, at);
    let first = state.trial.trials.get(&key).map(|trial| trial.number);
    let from = seed(state);
    for n in 1..SAMPLES {
        let Some(constitution) = state.constitution().cloned() else { break };
        let wish = Wish {
            seed: from.wrapping_add(n),
            variant: Variant::Sample,
            constitution,
            start: None,
            of: None,
            rounds: 0,
        };
        effects.extend(begin(state, wish));
    }
    // The first is looked at while the others come.
    if let Some(first) = first {
        state.trial.show(first);
    }
    effects
}

/// The chain that an experiment on the one shown is compared with.
fn base(state: &AppState) -> Option<(u64, u64)> {
    let shown = shown(state)?;
    let of = shown.of.filter(|_| shown.variant.is_experiment()).unwrap_or(shown.number);
    Some((of, shown.seed))
}

pub(super) fn ablate(state: &mut AppState, id: &PrincipleId, at: Moment) -> Vec<Effect> {
    if !can_run(state, at) {
        return Vec::new();
    }
    let Some(mut constitution) = state.constitution().map(|c| (**c).clone()) else {
        return Vec::new();
    };
    let own = constitution.principles.iter_mut().find(|principle| &principle.id == id);
    let Some(own) = own else {
        let text = format!("{id} is not in the constitution shown");
        state.notify(NoticeKind::Warning, text, at);
        return Vec::new();
    };
    own.enabled = false;
    if constitution.eligible().is_empty() {
        let text = format!("Without {id} there is no principle left to draw");
        state.notify(NoticeKind::Warning, text, at);
        return Vec::new();
    }
    let base = base(state);
    let wish = Wish {
        seed: base.map_or_else(|| seed(state), |(_, seed)| seed),
        variant: Variant::Without { principle: id.clone() },
        constitution: Arc::new(constitution),
        start: None,
        of: base.map(|(of, _)| of),
        rounds: 0,
    };
    begin(state, wish)
}

/// Runs the prompt with a principle that the document doesn't have; its number.
pub(super) fn with_candidate(
    state: &mut AppState,
    text: &str,
    at: Moment,
) -> (Option<u64>, Vec<Effect>) {
    if !can_run(state, at) {
        return (None, Vec::new());
    }
    let Some(mut constitution) = state.constitution().map(|c| (**c).clone()) else {
        return (None, Vec::new());
    };
    let id = constitution.free_id();
    let candidate =
        Principle { id, text: text.to_owned(), weight: DRAWN_FIRST, ..Principle::default() };
    constitution.principles.push(candidate);
    let base = base(state);
    let wish = Wish {
        seed: base.map_or_else(|| seed(state), |(_, seed)| seed),
        variant: Variant::With { text: text.to_owned() },
        constitution: Arc::new(constitution),
        start: None,
        of: base.map(|(of, _)| of),
        rounds: 0,
    };
    let effects = begin(state, wish);
    (shown(state).map(|trial| trial.number), effects)
}

pub(super) fn branch(state: &mut AppState, part: StepPart, text: &str, at: Moment) -> Vec<Effect> {
    if !can_run(state, at) {
        return Vec::new();
    }
    let (Some(trial), Some(now)) = (shown(state), state.constitution()) else {
        return Vec::new();
    };
    let Some(chain) = trial.chain() else { return Vec::new() };
    let Some(mut start) = start_from(chain, part, text.trim()) else {
        state.notify(NoticeKind::Warning, "Nothing was changed, so there is nothing to run", at);
        return Vec::new();
    };
    let mut by_hand: Vec<String> =
        trial.by_hand.iter().filter(|name| is_kept(name, part)).cloned().collect();
    by_hand.push(part.to_string());
    start.by_hand = by_hand;
    let constitution = match &trial.constitution {
        // An experiment goes on as the experiment that it is.
        Some(own) if trial.variant.is_experiment() => Arc::clone(own),
        Some(_) | None => Arc::clone(now),
    };
    let wish = Wish {
        seed: trial.seed,
        variant: Variant::Branch,
        constitution,
        of: Some(trial.number),
        rounds: chain.steps.len() as u32,
        start: Some(start),
    };
    begin(state, wish)
}

/// Whether something written by hand is still there after another part is written anew.
fn is_kept(name: &str, edited: StepPart) -> bool {
    let place = |part: StepPart| match part {
        StepPart::Draft => 0,
        StepPart::Critique(round) => 2 * round - 1,
        StepPart::Revision(round) => 2 * round,
    };
    let parts = (1..=MOST_ROUNDS).flat_map(|n| [StepPart::Critique(n), StepPart::Revision(n)]);
    std::iter::once(StepPart::Draft)
        .chain(parts)
        .any(|part| part.to_string() == name && place(part) < place(edited))
}

/// What a chain goes on from when one part of it reads otherwise; `None` where it reads the same.
fn start_from(chain: &Chain, part: StepPart, text: &str) -> Option<ChainStart> {
    let kept = |rounds: usize| ChainStart {
        draft: chain.draft.clone(),
        draft_cut_off: chain.draft_cut_off,
        steps: chain.steps.iter().take(rounds).cloned().collect(),
        ..ChainStart::default()
    };
    match part {
        StepPart::Draft => (chain.draft != text)
            .then(|| ChainStart { draft: text.to_owned(), ..ChainStart::default() }),
        StepPart::Critique(round) => {
            let before = (round as usize).checked_sub(1)?;
            let step = chain.steps.get(before)?;
            let critique = Some((step.principle.clone(), text.to_owned()));
            (step.critique != text).then(|| ChainStart { critique, ..kept(before) })
        }
        StepPart::Revision(round) => {
            let mut start = kept(round as usize);
            let step = start.steps.last_mut().filter(|step| step.round == round)?;
            if step.revision == text {
                return None;
            }
            text.clone_into(&mut step.revision);
            step.found_nothing = false;
            step.cut_off = false;
            Some(start)
        }
    }
}

/// Starts a chain on the prompt shown, or has it wait for the one on its way.
pub(super) fn begin(state: &mut AppState, wish: Wish) -> Vec<Effect> {
    match (key(state), state.prompt().cloned()) {
        (Some(key), Some(prompt)) => begin_on(state, key, prompt, wish),
        _ => Vec::new(),
    }
}

fn begin_on(state: &mut AppState, key: PromptKey, prompt: Prompt, wish: Wish) -> Vec<Effect> {
    let Some(documents) = state.documents() else { return Vec::new() };
    let setup = Arc::clone(&documents.setup);
    let score = state.trial.score;
    let rubric = state.rubric().filter(|_| score).cloned();
    let method = if score { Method::ChainScore } else { Method::Critique };
    let mut recipe = recipe_of(state, method);
    recipe.rounds = state.trial.rounds().max(wish.rounds);
    recipe.constitution.clone_from(&state.selection.constitution);
    recipe.rubric.clone_from(&state.selection.rubric);
    recipe.prompts.clone_from(&state.selection.prompts);
    state.history.seal();
    let number = state.number();
    let waits = state.trial.running.is_some();
    let roles = [ModelRole::Writer, ModelRole::Critic, ModelRole::Reviser];
    let judge = score.then_some(ModelRole::Judge);
    let models = setup.all_models();
    let on_this_computer = roles.into_iter().chain(judge).all(|role| {
        let name = setup.model_of(role);
        models.iter().any(|m| m.name == name && m.kind == ModelKind::Embedded)
    });
    let trial = Trial {
        number,
        seed: wish.seed,
        prompt: Some(Arc::new(prompt.clone())),
        constitution: Some(Arc::clone(&wish.constitution)),
        rubric: rubric.clone(),
        variant: wish.variant.clone(),
        by_hand: wish.start.as_ref().map(|start| start.by_hand.clone()).unwrap_or_default(),
        of: wish.of,
        on_this_computer,
        status: TrialStatus::Running(
            if waits { "Waiting for the chain before it" } else { "Asking the model" }.to_owned(),
        ),
        ..Trial::default()
    };
    state.trial.put(key.clone(), trial);
    let plan = Box::new(TrialPlan {
        number,
        recipe,
        prompt,
        constitution: wish.constitution,
        rubric,
        seed: wish.seed,
        setup,
        variant: wish.variant,
        start: wish.start.map(Arc::new),
    });
    if waits {
        state.trial.waiting.push((key, plan));
        return Vec::new();
    }
    state.trial.running = Some((number, key));
    state.announce("Running");
    // Whoever reads the journal later must find the documents as they were on disk, too.
    let mut effects = edit::save_unsaved(state);
    effects.push(Effect::RunTrial(plan));
    effects
}

/// The project's own recipe of a method, else the built-in one.
pub(super) fn recipe_of(state: &AppState, method: Method) -> Recipe {
    state
        .project
        .as_ref()
        .and_then(|project| project.recipes.values().find(|recipe| recipe.method == method))
        .map_or_else(|| Recipe::built_in(method), |recipe| (**recipe).clone())
}

pub(super) fn stop(state: &mut AppState) -> Vec<Effect> {
    drop_waiting(state);
    let Some((number, _)) = state.trial.running.take() else { return Vec::new() };
    if let Some(trial) = state.trial.find_mut(number) {
        trial.status = TrialStatus::Stopped;
        let stopped = CallFailure::new(FailureKind::Cancelled, "stopped", "");
        for call in &mut trial.calls {
            if matches!(call.state, CallState::Running | CallState::Retrying(_)) {
                call.state = CallState::Failed { call: None, failure: stopped.clone() };
            }
        }
    }
    state.announce("Stopped; what is there is kept");
    vec![Effect::StopTrial(number)]
}

/// Takes away chains that wait: nothing of them is there.
pub(super) fn drop_waiting(state: &mut AppState) {
    for (key, plan) in std::mem::take(&mut state.trial.waiting) {
        super::look::take_away(state, &key, plan.number);
    }
}

/// Starts the chain that has waited longest.
pub(super) fn next(state: &mut AppState) -> Vec<Effect> {
    if state.trial.running.is_some() || state.trial.waiting.is_empty() {
        return Vec::new();
    }
    let (key, plan) = state.trial.waiting.remove(0);
    if let Some(trial) = state.trial.find_mut(plan.number) {
        trial.status = TrialStatus::Running("Asking the model".to_owned());
    }
    state.trial.running = Some((plan.number, key));
    vec![Effect::RunTrial(plan)]
}
