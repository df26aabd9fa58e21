//! From a project to a plan: what is chosen, what is missing, what is wrong.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::fake::Fake;
use crate::domain::{JudgeProtocol, ModelRole};
use crate::engine::plan::hash_of;
use crate::engine::*;
use crate::providers::Provider;
use crate::store::sample::{Sample, init};
use crate::store::secrets::Secrets;
use crate::store::{Project, atomic};

fn sample() -> (tempfile::TempDir, Project) {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path(), Sample::Starter).unwrap();
    let project = Project::open(folder.path()).unwrap();
    (folder, project)
}

/// Models whose embedded one is a fake.
pub(super) fn models() -> Models {
    let loader = Arc::new(|_entry| {
        let loaded: futures::future::BoxFuture<'static, models::Loaded> = Box::pin(async {
            let provider: Arc<dyn Provider> = Arc::new(Fake::new(|_| Ok("yes".to_owned())));
            Ok(provider)
        });
        loaded
    });
    Models::with_loader(Arc::new(Secrets::without_keychain()), loader)
}

#[tokio::test]
async fn the_sample_plans_every_built_in_recipe() {
    let (_folder, project) = sample();
    let models = models();
    for name in project.recipe_names() {
        let wishes = Overrides { limit: Some(3), ..Overrides::default() };
        let plan = Plan::of_project(&project, &name, &wishes, &models).await.unwrap();
        assert_eq!(plan.prompts.len(), 3);
        assert_eq!(plan.constitution.is_some(), name != "score", "{name}");
        assert_eq!(plan.rubric.is_some(), name.contains("score"), "{name}");
        assert_eq!(plan.models.contains_key(&ModelRole::Judge), name != "critique", "{name}");
        if name != "critique" {
            assert_eq!(plan.recipe.protocol, JudgeProtocol::PointwiseYesNo, "a small judge");
        }
        let frozen = plan.new_run().frozen;
        assert_eq!(frozen["prompts"].as_array().unwrap().len(), 3);
        assert!(frozen["templates"].as_object().unwrap().len() > 3);
    }
}

#[tokio::test]
async fn wishes_win_over_recipe_and_project() {
    let (_folder, project) = sample();
    let wishes = Overrides {
        constitution: Some("teaching-tiny".to_owned()),
        prompts: Some("creative".to_owned()),
        seed: Some(41),
        models: BTreeMap::from([(
            ModelRole::Judge,
            "openai:judge-x@http://localhost:9/v1".to_owned(),
        )]),
        concurrency: Some(2),
        ..Overrides::default()
    };
    let plan = Plan::of_project(&project, "preference", &wishes, &models()).await.unwrap();
    let tiny = &project.constitutions["teaching-tiny"];
    assert_eq!(plan.provenance().constitution, Some(hash_of(&**tiny)));
    assert_eq!((plan.seed, plan.controls.limits().at_once), (41, 2));
    assert_eq!(plan.prompts.len(), project.prompt_sets["creative"].prompts.len());
    let judge = &plan.models[&ModelRole::Judge];
    assert_eq!(judge.provider.identity(), "openai:judge-x@http://localhost:9/v1");
    assert_eq!(plan.recipe.protocol, JudgeProtocol::Pairwise);
    assert!(judge.can_cost() && judge.price.is_none());
}

#[tokio::test]
async fn what_is_missing_or_wrong_is_named_with_what_there_is() {
    let (folder, project) = sample();
    drop(project);
    atomic::write(&folder.path().join("constitutions/broken.ron"), b"(format: 1, nome: 1)")
        .unwrap();
    let empty = b"(format: 1, name: \"Empty\", criteria: [(id: \"\", name: \"x\")])";
    atomic::write(&folder.path().join("rubrics/faulty.ron"), empty).unwrap();
    let project = Project::open(folder.path()).unwrap();
    let cases: Vec<(&str, Overrides, &str, &str)> = vec![
        ("nonsense", Overrides::default(), "recipe called “nonsense”", "critique"),
        (
            "critique",
            Overrides { constitution: Some("nobody".to_owned()), ..Overrides::default() },
            "constitution called “nobody”",
            "general-assistant",
        ),
        (
            "critique",
            Overrides { constitution: Some("broken".to_owned()), ..Overrides::default() },
            "constitution called “broken”",
            "broken.ron:1:13",
        ),
        (
            "score",
            Overrides { rubric: Some("faulty".to_owned()), ..Overrides::default() },
            "has no id",
            "C1",
        ),
        (
            "critique",
            Overrides { prompts: Some("none".to_owned()), ..Overrides::default() },
            "prompt set called “none”",
            "sample",
        ),
        (
            "critique",
            Overrides { limit: Some(0), ..Overrides::default() },
            "no prompt",
            "prompt set",
        ),
        (
            "critique",
            Overrides { concurrency: Some(0), ..Overrides::default() },
            "concurrency is 0",
            "1 or more",
        ),
        (
            "critique",
            Overrides { max_failures: Some(20.0), ..Overrides::default() },
            "failures is 20",
            "0 to 1",
        ),
        (
            "critique",
            Overrides {
                models: BTreeMap::from([(ModelRole::Writer, "gpt".to_owned())]),
                ..Overrides::default()
            },
            "gpt",
            "openai:MODEL",
        ),
    ];
    for (recipe, wishes, said, hinted) in cases {
        let error = Plan::of_project(&project, recipe, &wishes, &models()).await.err().unwrap();
        assert!(error.to_string().contains(said), "{error} | {}", error.hint());
        assert!(error.hint().contains(hinted), "{error} | {}", error.hint());
    }
}

#[tokio::test]
async fn models_are_kept_until_a_key_changes() {
    let models = models();
    let spec = "openai:m@http://localhost:9/v1";
    let first = models.resolve(&[], spec, None).await.unwrap();
    let again = models.resolve(&[], spec, None).await.unwrap();
    assert!(Arc::ptr_eq(&first, &again), "one limiter for all its calls");
    let key = secrecy::SecretString::from("sk-canary-0123456789");
    models.secrets().set_for_session("OPENAI_API_KEY", key);
    let with_key = models.resolve(&[], spec, None).await.unwrap();
    assert!(!Arc::ptr_eq(&first, &with_key));
    assert_eq!(first.provider.identity(), with_key.provider.identity(), "replies stay valid");
    assert!(!format!("{with_key:?}").contains("canary"));
}
