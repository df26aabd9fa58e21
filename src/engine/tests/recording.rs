//! The recorded journal of the sample project is of the sample as it is.

use serde_json::{Value, json, to_value};

use crate::store::sample::{Sample, init, put_recording};
use crate::store::{Project, journal::RunState};

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
