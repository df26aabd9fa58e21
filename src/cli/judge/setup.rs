//! From the arguments to the judge and the plan of a run without prompts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::{Arguments, Principles};
use crate::cli::failure::Failure;
use crate::cli::{embedded, out, place};
use crate::domain::{
    Constitution, JudgeSetup, Method, ModelEntry, ModelRole, Recipe, Severity, Variant,
};
use crate::engine::manner::Shown;
use crate::engine::{Controls, Limits, Panel, Plan, RetryPolicy, plan};
use crate::formats;
use crate::methods::Templates;
use crate::store::Project;
use crate::store::journal::RunKind;

/// The plan of a run without prompts, whose judge is [`Plan::panel`].
pub(super) async fn plan(
    arguments: &Arguments,
    constitution: Option<Constitution>,
) -> Result<Plan, Failure> {
    let mut known = Vec::new();
    let mut templates = Templates::default();
    let mut project = None;
    if let Some(dir) = &arguments.who.project {
        let read = Project::look(dir)?;
        place::hide_keys(&read.file.models);
        let (own, problems) = Templates::with_overrides(read.templates.clone());
        if let Some(problem) = problems.first() {
            return Err(Failure::of_problem(&dir.display().to_string(), problem));
        }
        templates = own;
        known.clone_from(&read.file.models);
        project = Some(read);
    }
    if arguments.concurrency == Some(0) {
        return Err(Failure::usage("the concurrency is 0", "use 1 or more"));
    }
    let setup = setup(arguments, project.as_ref(), constitution.as_ref())?;
    let models = place::models();
    let key_env = arguments.who.key_env.as_deref();
    let default = (known.as_slice(), ModelEntry::EMBEDDED);
    let shown = (Shown::Pairs, &templates);
    let mut panel = Panel::of(Arc::new(setup), default, key_env, &models, shown).await?;
    if arguments.how.reasons.reason {
        panel = panel.reasoning();
    }
    embedded::ready(panel.models()).await?;
    let mut recipe = Recipe::built_in(Method::Preference);
    let mut by_role = BTreeMap::new();
    if let Some(model) = panel.models().next() {
        by_role.insert(ModelRole::Judge, Arc::clone(model));
        recipe = panel.settled(&recipe);
    }
    Ok(Plan {
        kind: RunKind::Judge,
        run: None,
        recipe: Arc::new(recipe),
        constitution: constitution.map(Arc::new),
        rubric: None,
        prompts: Vec::new().into(),
        only: None,
        templates: Arc::new(templates),
        models: by_role,
        candidates: None,
        compare: None,
        panel: Some(Arc::new(panel)),
        judging: None,
        seed: arguments.seed,
        controls: Controls::new(Limits {
            at_once: arguments.concurrency.unwrap_or(plan::CONCURRENCY),
            ..Limits::default()
        }),
        retry: RetryPolicy::default(),
        replay_only: false,
        grace: plan::GRACE,
        variant: Variant::default(),
        start: None,
    })
}

/// The judge that is named, with what the arguments say otherwise.
fn setup(
    arguments: &Arguments,
    project: Option<&Project>,
    constitution: Option<&Constitution>,
) -> Result<JudgeSetup, Failure> {
    let (who, how) = (&arguments.who, &arguments.how);
    let eligible = constitution.map_or(1, |constitution| constitution.eligible().len());
    let all = u32::try_from(eligible).unwrap_or(u32::MAX);
    let mut setup = match &arguments.judge {
        Some(name) => named(name, project)?,
        None => JudgeSetup { principles_per_pair: all, ..JudgeSetup::named("command line") },
    };
    if !who.model.is_empty() {
        setup.models.clone_from(&who.model);
        setup.weights.clear();
    }
    if !who.weights.is_empty() {
        setup.weights.clone_from(&who.weights);
    }
    setup.rule = who.rule.map_or(setup.rule, Into::into);
    setup.first_alone = who.first_alone.or(setup.first_alone);
    setup.form = how.form.map_or(setup.form, Into::into);
    setup.votes = how.votes.unwrap_or(setup.votes);
    setup.canaries = how.canaries.unwrap_or(setup.canaries);
    setup.reason_first = (setup.reason_first || how.reasons.reason) && !how.reasons.no_reason;
    setup.refine |= how.reasons.refine;
    setup.ties |= how.ties;
    match how.principles {
        Some(Principles::All) => setup.principles_per_pair = all,
        Some(Principles::Sample(count)) => setup.principles_per_pair = count,
        None => {}
    }
    let file = arguments.judge.as_deref().unwrap_or("the judge");
    for problem in setup.problems() {
        if problem.severity == Severity::Error {
            return Err(Failure::of_problem(file, &problem));
        }
        out::say(&format!("{file}: {}: {}; {}", problem.place, problem.what, problem.hint));
    }
    Ok(setup)
}

/// A judge's file, or one of the project's judges.
fn named(name: &str, project: Option<&Project>) -> Result<JudgeSetup, Failure> {
    if let Some(judge) = project.and_then(|project| project.judge(name)) {
        return Ok(JudgeSetup::clone(&judge));
    }
    let path = Path::new(name);
    if !path.is_file() {
        let known: Vec<&str> =
            project.iter().flat_map(|p| p.judges.keys().map(String::as_str)).collect();
        let hint = match known.as_slice() {
            [] => "name a file such as judges/mine.ron".to_owned(),
            known => format!("name a file, or one of the project’s judges: {}", known.join(", ")),
        };
        return Err(Failure::bad(format!("there is no judge {name}"), hint));
    }
    let bytes = crate::cli::guess::bytes(path)?;
    let text = String::from_utf8(bytes)
        .map_err(|error| Failure::bad(format!("{name}: {error}"), "save it as UTF-8"))?;
    formats::document::parse(&text, "judge").map_err(|problem| Failure::of_problem(name, &problem))
}
