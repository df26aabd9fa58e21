//! The recorded journal of the sample project is of the sample as it is.

use std::sync::Arc;

use serde_json::{Value, json, to_value};

use super::fake::Fake;
use crate::engine::{Cancel, Models, Overrides, Plan, dry_count};
use crate::store::Project;
use crate::store::journal::{RunKind, RunState};
use crate::store::sample::{Sample, init, put_recording};
use crate::store::secrets::Secrets;

/// The templates that the recorded runs asked by.
const USED: [&str; 6] =
    ["draft", "critique", "critique_request", "revision", "revision_request", "score_met"];

#[tokio::test]
async fn the_recording_is_of_the_sample_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("sample");
    init(&root, Sample::Starter).unwrap();
    put_recording(&root).unwrap();
    assert!(put_recording(&root).is_err(), "a journal is never written over");
    let project = Project::open(&root).unwrap();
    let journal = project.open_journal().unwrap();
    let runs = journal.runs().await.unwrap();
    assert!(runs.len() >= 3, "chains, pairs and a comparison: {}", runs.len());
    let again = "the sample changed: run assets/sample/record.sh and commit its journal";
    for run in runs {
        assert_eq!(run.state, RunState::Done, "{}", run.id);
        let frozen = journal.frozen(&run.id).await.unwrap().unwrap();
        let recipe = &frozen["recipe"];
        if let Some(stem) = recipe["constitution"].as_str()
            && let Some(now) = project.constitutions.get(stem)
            && frozen["constitution"] != Value::Null
        {
            assert_eq!(frozen["constitution"], to_value(&**now).unwrap(), "{again}");
        }
        if let Some(now) = recipe["rubric"].as_str().and_then(|stem| project.rubrics.get(stem))
            && frozen["rubric"] != Value::Null
        {
            assert_eq!(frozen["rubric"], to_value(&**now).unwrap(), "{again}");
        }
        for name in USED {
            let now = crate::methods::template::TEMPLATES.iter().find(|one| one.name == name);
            assert_eq!(frozen["templates"][name], json!(now.unwrap().source), "{name}: {again}");
        }
        assert!(frozen["prompts"].as_array().is_some_and(|all| all.len() >= 8), "{}", run.id);
    }
}

/// Whoever opens the sample finds all of it answered: a judge that is asked otherwise than when it
/// was recorded would be asked anew.
#[tokio::test]
async fn the_recording_answers_the_sample_whole() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("sample");
    init(&root, Sample::Starter).unwrap();
    put_recording(&root).unwrap();
    let project = Project::open(&root).unwrap();
    let journal = project.open_journal().unwrap();
    for run in journal.runs().await.unwrap() {
        let frozen = journal.frozen(&run.id).await.unwrap().unwrap();
        let identity = frozen["models"]["judge"]["identity"].as_str().unwrap().to_owned();
        let fake = Fake::new(|_| Ok(String::new())).with_identity(identity.leak());
        let loader: crate::engine::models::Loader = Arc::new(move |_| {
            let fake = fake.clone();
            Box::pin(async move { Ok(Arc::new(fake) as Arc<dyn crate::providers::Provider>) })
        });
        let models = Models::with_loader(Arc::new(Secrets::without_keychain()), loader);
        if run.kind == RunKind::Compare {
            continue;
        }
        let wishes = Overrides { limit: Some(run.rows_total as usize), ..Overrides::default() };
        let plan = Plan::of_project(&project, &run.recipe, &wishes, &models).await.unwrap();
        let count = dry_count(&plan, &journal, &Cancel::new()).await.unwrap().unwrap();
        assert_eq!((count.rows_whole, count.missing), (run.rows_total, 0), "{}", run.recipe);
    }
}
