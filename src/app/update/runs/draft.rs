//! The sheet of a new run: what it begins with, and what starts from it.

use std::sync::Arc;

use strum::IntoEnumIterator as _;

use crate::app::effects::Effect;
use crate::app::effects::runs::{RunPlan, RunWork, RunsEffect};
use crate::app::message::Failure;
use crate::app::state::runs::{Dry, NewRun, Pilot, PilotState, RunSettings};
use crate::app::state::{AppState, Moment, NoticeKind, OwnJudge, ProjectState, Sheet};
use crate::domain::{Method, ModelRole, Problem, Recipe, Severity};
use crate::engine::roles::{judges, makes_pairs, roles_for};
use crate::engine::{DryCount, Limits};

/// Requests at once, until the user chooses.
const AT_ONCE: u32 = 16;
/// How often a failed call is tried again, until the user chooses.
const RETRIES: u32 = 5;

/// Opens the sheet, with what was chosen last.
pub(in crate::app::update) fn begin(state: &mut AppState) {
    let Some(project) = &state.project else { return };
    let mut settings = match state.runs.draft.take() {
        Some(mut draft) => {
            mend(&mut draft.settings, state);
            state.runs.draft = Some(draft);
            state.sheet = Some(Sheet::NewRun);
            return;
        }
        None => RunSettings {
            recipe: usual_recipe(project),
            prompts: state.selection.prompts.clone(),
            constitution: state.selection.constitution.clone(),
            rubric: state.selection.rubric.clone(),
            rounds: 2,
            principles_per_pair: 2,
            seed: project.documents.setup.seed,
            at_once: AT_ONCE,
            retries: RETRIES,
            cap: project.documents.setup.spending.per_run,
            cap_per_day: project.documents.setup.spending.per_day,
            ..RunSettings::default()
        },
    };
    take_numbers(project, &mut settings);
    state.runs.draft = Some(NewRun { settings, ..NewRun::default() });
    state.sheet = Some(Sheet::NewRun);
}

/// Takes what was chosen; another recipe brings its own numbers along.
pub(super) fn choose(state: &mut AppState, mut settings: RunSettings) {
    let (Some(project), Some(draft)) = (&state.project, &mut state.runs.draft) else { return };
    if draft.settings.recipe != settings.recipe {
        take_numbers(project, &mut settings);
    }
    draft.settings = settings;
    foretell(state);
}

/// The numbers that the project's own recipe has; a built-in one has the usual ones.
fn take_numbers(project: &ProjectState, settings: &mut RunSettings) {
    if let Some(own) = project.recipes.get(&settings.recipe) {
        settings.rounds = own.rounds;
        settings.principles_per_pair = own.principles_per_pair;
    }
}

/// Chooses what is there wherever what was chosen is not any more.
fn mend(settings: &mut RunSettings, state: &AppState) {
    let Some(documents) = state.documents() else { return };
    let selection = &state.selection;
    if !documents.prompt_sets.contains_key(&settings.prompts) {
        settings.prompts.clone_from(&selection.prompts);
    }
    if !documents.constitutions.contains_key(&settings.constitution) {
        settings.constitution.clone_from(&selection.constitution);
    }
    if !documents.rubrics.contains_key(&settings.rubric) {
        settings.rubric.clone_from(&selection.rubric);
    }
    let known: Vec<String> =
        documents.setup.all_models().into_iter().map(|model| model.name).collect();
    settings.models.retain(|_, name| known.contains(name));
    let is_there = |name: &String| name.is_empty() || known.contains(name);
    settings.candidates.take_if(|pens| !pens.iter().all(is_there));
    let judges = &documents.judges;
    settings.judge.take_if(|stem| !stem.is_empty() && !judges.contains_key(stem));
}

/// The recipes that can be chosen: the project's own, then the built-in ones.
pub fn recipe_names(project: &ProjectState) -> Vec<String> {
    let mut names: Vec<String> = project.recipes.keys().cloned().collect();
    for method in Method::iter() {
        let name = method.to_string();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The recipe that the sheet begins with: critique and revision, the project's own if it has one.
fn usual_recipe(project: &ProjectState) -> String {
    let own = project.recipes.iter().find(|(_, recipe)| recipe.method == Method::Critique);
    own.map_or_else(|| Method::Critique.to_string(), |(stem, _)| stem.clone())
}

/// The recipe as it was chosen, with the choices of the sheet in it.
pub fn recipe_of(project: &ProjectState, settings: &RunSettings) -> Option<Recipe> {
    let own = project.recipes.get(&settings.recipe).map(|recipe| Recipe::clone(recipe));
    let mut recipe = own.or_else(|| {
        Method::iter().find(|method| method.to_string() == settings.recipe).map(Recipe::built_in)
    })?;
    recipe.name.clone_from(&settings.recipe);
    recipe.rounds = settings.rounds.clamp(1, 6);
    recipe.principles_per_pair = settings.principles_per_pair.clamp(1, 8);
    recipe.prompts.clone_from(&settings.prompts);
    recipe.constitution = String::new();
    recipe.rubric = String::new();
    if needs_constitution(recipe.method) {
        recipe.constitution.clone_from(&settings.constitution);
    }
    if needs_rubric(recipe.method) {
        recipe.rubric.clone_from(&settings.rubric);
    }
    recipe.candidates = pens_of(project, settings, &recipe);
    if let Some(judge) = &settings.judge {
        recipe.judge.clone_from(judge);
    }
    if !judges(recipe.method) {
        recipe.judge.clear();
    }
    Some(recipe)
}

/// Who writes the pairs' answers: none of their own, or two.
fn pens_of(project: &ProjectState, settings: &RunSettings, recipe: &Recipe) -> Vec<String> {
    let Some(chosen) = settings.candidates.as_ref().filter(|_| makes_pairs(recipe.method)) else {
        return recipe.candidates.clone();
    };
    if chosen.iter().all(String::is_empty) {
        return Vec::new();
    }
    let usual = || project.documents.setup.model_of(ModelRole::Writer).to_owned();
    let writer = settings.models.get(&ModelRole::Writer).cloned().unwrap_or_else(usual);
    let pen = |name: &String| if name.is_empty() { writer.clone() } else { name.clone() };
    chosen.iter().map(pen).collect()
}

/// Whether a method draws principles.
pub fn needs_constitution(method: Method) -> bool {
    info(method).is_some_and(|info| info.needs_constitution)
}

/// Whether a method scores by criteria.
pub fn needs_rubric(method: Method) -> bool {
    info(method).is_some_and(|info| info.needs_rubric)
}

fn info(method: Method) -> Option<&'static crate::methods::MethodInfo> {
    crate::methods::METHODS.iter().find(|info| info.method == method)
}

/// Whether what is chosen can run.
///
/// # Errors
///
/// The reason why it can't.
pub fn startable(state: &AppState) -> Result<(), &'static str> {
    let project = state.project.as_ref().ok_or("No project is open")?;
    if project.read_only {
        return Err("The project is open in another window; run it there");
    }
    let draft = state.runs.draft.as_ref().ok_or("Choose what to run first")?;
    let settings = &draft.settings;
    let recipe = recipe_of(project, settings).ok_or("Choose a recipe")?;
    let documents = &project.documents;
    let prompts = documents.prompt_sets.get(&settings.prompts).ok_or("Choose a prompt set")?;
    if prompts.prompts.is_empty() {
        return Err("The prompt set has no prompts");
    }
    if needs_constitution(recipe.method) {
        let chosen = documents.constitutions.get(&settings.constitution);
        let constitution = chosen.ok_or("Choose a constitution")?;
        if constitution.eligible().is_empty() {
            return Err("The constitution has no enabled principle with text and a weight above 0");
        }
    }
    if !recipe.judge.is_empty() {
        judge_problem(state, &recipe).map_or(Ok(()), Err)?;
    }
    if needs_rubric(recipe.method) {
        let rubric = documents.rubrics.get(&settings.rubric).ok_or("Choose a rubric")?;
        if rubric.criteria.is_empty() {
            return Err("The rubric has no criterion to score by");
        }
    }
    Ok(())
}

/// Why a recipe's judge can't be asked, if it can't.
fn judge_problem(state: &AppState, recipe: &Recipe) -> Option<&'static str> {
    // Until judges are read nobody knows; the plan says it then.
    state.judges.books.as_ref()?;
    let Some(judge) = OwnJudge::of(state, &recipe.judge, recipe.method) else {
        return Some("The judge of the recipe is not in the project; choose another");
    };
    if !judge.unknown.is_empty() {
        return Some("The judge names a model that the project has not; see Judges");
    }
    let is_error = |problem: &Problem| problem.severity == Severity::Error;
    if judge.setup.problems().iter().any(is_error) {
        return Some("The judge has a problem that must be mended first; see Judges");
    }
    let unfit = judge.setup.problems_in(recipe.method);
    unfit.iter().any(is_error).then_some(
        "The judge has a form or a second reading that are for pairs only; choose another",
    )
}

/// Starts what is chosen: a pilot in the sheet, else all of it, which closes the sheet.
pub(super) fn start(state: &mut AppState, is_pilot: bool, at: Moment) -> Vec<Effect> {
    if let Err(reason) = startable(state) {
        state.notify(NoticeKind::Warning, reason, at);
        return Vec::new();
    }
    let (Some(project), Some(draft)) = (&state.project, &state.runs.draft) else {
        return Vec::new();
    };
    let is_running = draft.pilot.as_ref().is_some_and(|pilot| pilot.state == PilotState::Running);
    if is_pilot && is_running {
        return Vec::new();
    }
    let settings = draft.settings.clone();
    let Some(plan) = plan_of(project, &settings, is_pilot) else { return Vec::new() };
    let about = [
        project.documents.constitutions.get(&plan.recipe.constitution).map(|one| one.name.clone()),
        project.documents.rubrics.get(&plan.recipe.rubric).map(|one| one.name.clone()),
    ];
    let mut name =
        if is_pilot { format!("pilot of {}", settings.recipe) } else { settings.recipe.clone() };
    for one in about.into_iter().flatten().filter(|one| !one.is_empty()) {
        name.push_str(" · ");
        name.push_str(&one);
    }
    let choices = (!is_pilot).then(|| settings.clone());
    let work = RunWork::New(Box::new(plan));
    let (number, effects) = super::enqueue(state, name, work, choices, at);
    if is_pilot {
        if let Some(draft) = &mut state.runs.draft {
            draft.pilot = Some(Pilot { number, settings, state: PilotState::Running });
        }
    } else {
        state.sheet = None;
    }
    effects
}

/// How much of what is chosen the journal has is counted, where that is not known yet.
pub(super) fn count(state: &mut AppState) -> Vec<Effect> {
    let is_startable = startable(state).is_ok();
    let (Some(project), Some(draft)) = (&state.project, &state.runs.draft) else {
        return Vec::new();
    };
    if draft.dry.as_ref().is_some_and(|dry| draft.is_asked(dry)) {
        return Vec::new();
    }
    let settings = draft.settings.clone();
    let plan = plan_of(project, &settings, false).filter(|_| is_startable);
    let number = state.number();
    let Some(draft) = &mut state.runs.draft else { return Vec::new() };
    let mut effects = Vec::new();
    if let Some(before) = draft.dry.take().filter(|dry| dry.count.is_none()) {
        effects.push(Effect::Runs(RunsEffect::Stop(before.number)));
    }
    if let Some(plan) = plan {
        draft.dry = Some(Dry { number, settings, count: None });
        effects.push(Effect::Runs(RunsEffect::Dry { number, plan: Box::new(plan) }));
    }
    effects
}

/// It was counted.
pub(super) fn counted(
    state: &mut AppState,
    number: u64,
    result: Option<Result<DryCount, Failure>>,
) {
    if let Some(draft) = &mut state.runs.draft
        && let Some(dry) = draft.dry.as_mut().filter(|dry| dry.number == number)
    {
        dry.count = result;
    }
    foretell(state);
}

/// The pilot is over: its rows are in the journal now, and say what the others will take.
pub(super) fn piloted(state: &mut AppState) -> Vec<Effect> {
    if let Some(draft) = &mut state.runs.draft {
        draft.dry = None;
    }
    let effects = count(state);
    foretell(state);
    effects
}

/// Says anew what the rows to come will take.
fn foretell(state: &mut AppState) {
    let (Some(project), Some(draft)) = (&state.project, &mut state.runs.draft) else { return };
    let set = project.documents.prompt_sets.get(&draft.settings.prompts);
    draft.foretell(set.map_or(0, |set| set.prompts.len()));
}

/// The plan of what is chosen; `None` where a document that it names is not there.
pub(super) fn plan_of(
    project: &ProjectState,
    settings: &RunSettings,
    is_pilot: bool,
) -> Option<RunPlan> {
    let recipe = recipe_of(project, settings)?;
    // Ten rows say little about shares: a pilot runs to its end.
    let share = |percent: Option<u32>| Some(f64::from(percent.filter(|_| !is_pilot)?) / 100.0);
    let documents = &project.documents;
    let mut setup = (*documents.setup).clone();
    for role in roles_for(&recipe) {
        if let Some(model) = settings.models.get(role) {
            setup.roles.insert(*role, model.clone());
        }
    }
    Some(RunPlan {
        prompts: Arc::clone(documents.prompt_sets.get(&settings.prompts)?),
        limit: settings.limit,
        constitution: documents.constitutions.get(&recipe.constitution).cloned(),
        rubric: documents.rubrics.get(&recipe.rubric).cloned(),
        setup: Arc::new(setup),
        seed: settings.seed,
        limits: Limits {
            at_once: settings.at_once.max(1) as usize,
            per_minute: settings.per_minute,
            max_cost: settings.cap,
            max_cost_per_day: settings.cap_per_day,
            max_failures: share(settings.failures),
            max_refusals: share(settings.refusals),
        },
        retries: settings.retries,
        is_pilot,
        recipe,
    })
}
