//! Pairs by two models, with and without a chain beside them: who is asked, what is kept, resume.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::fake::{Fake, constitution, plan, quick, silent};
use super::plans::models;
use crate::domain::{
    JudgeProtocol, Method, ModelEntry, ModelKind, ModelRole, Prompt, Purpose, Recipe,
};
use crate::engine::candidates::Pens;
use crate::engine::compare::Kinship;
use crate::engine::*;
use crate::methods::named::PRINCIPLES_COLUMN;
use crate::store::sample::{Sample, init};
use crate::store::secrets::Secrets;
use crate::store::{Journal, Project};

fn answers(who: &'static str) -> Fake {
    let fake = Fake::new(move |call| match &call.purpose {
        Purpose::Comparison { .. } => Ok("A".to_owned()),
        Purpose::Critique { .. } => Ok("It could be kinder.".to_owned()),
        purpose => Ok(format!("{who}: {purpose:?} of {}", call.prompt)),
    });
    fake.with_identity(who)
}

/// A chain and a pair for each prompt.
fn both(fake: &Fake, rows: usize) -> Plan {
    let mut plan = plan(fake, rows);
    plan.recipe = Arc::new(Recipe {
        rounds: 1,
        principles_per_pair: 1,
        votes: 1,
        reason_first: false,
        protocol: JudgeProtocol::Pairwise,
        ..Recipe::built_in(Method::ChainPreference)
    });
    plan.constitution = Some(Arc::new(constitution()));
    let roles = [ModelRole::Writer, ModelRole::Critic, ModelRole::Reviser, ModelRole::Judge];
    plan.models = BTreeMap::from(roles.map(|role| (role, fake.model())));
    plan.retry = quick();
    plan
}

#[tokio::test]
async fn a_chain_and_a_pair_of_one_writer_share_the_draft() {
    let (fake, journal) = (answers("writer"), Journal::open_in_memory().unwrap());
    let summary = run(both(&fake, 3), journal.clone(), silent(), Cancel::new()).await.unwrap();
    assert_eq!((summary.progress.rows_done, summary.progress.rows_failed), (3, 0));
    // Draft, critique, revision; the second answer, and two verdicts.
    assert_eq!((fake.calls(), fake.most_calls_of_one_key()), (3 * 6, 1));
    let rows = journal.rows(&summary.run, None, 9).await.unwrap();
    for row in rows.iter().map(|entry| &entry.row) {
        let pair = row.pair.as_ref().unwrap();
        assert_eq!(row.chain.as_ref().unwrap().draft, pair.a);
        assert_eq!((pair.a_model.as_str(), pair.b_model.as_str()), ("", ""));
    }
}

#[tokio::test]
async fn candidates_are_asked_kept_and_resumed() {
    let (fake, journal) = (answers("writer"), Journal::open_in_memory().unwrap());
    let (small, large) = (answers("small"), answers("large"));
    let plan = || {
        let mut plan = both(&fake, 3);
        plan.candidates = Some(Arc::new(Pens::new(vec![small.model(), large.model()])));
        plan
    };
    let provenance = plan().provenance();
    assert!(provenance.models.contains(&("writer of A".to_owned(), "small".to_owned())));
    assert!(provenance.models.contains(&("writer of B".to_owned(), "large".to_owned())));
    let summary = run(plan(), journal.clone(), silent(), Cancel::new()).await.unwrap();
    assert_eq!(summary.progress.rows_failed, 0);
    assert_eq!((fake.calls(), small.calls(), large.calls()), (3 * 5, 3, 3));
    let rows = journal.rows(&summary.run, None, 9).await.unwrap();
    let pair = rows[0].row.pair.as_ref().unwrap();
    assert!(pair.a.starts_with("small:") && pair.b.starts_with("large:"), "{pair:?}");
    assert_eq!((pair.a_model.as_str(), pair.b_model.as_str()), ("small", "large"));
    assert_eq!(rows[0].row.provenance, provenance);

    // As it was frozen, whatever the project says now; nothing is asked a second time.
    let all = [fake.clone(), small.clone(), large.clone()];
    let loader = Arc::new(move |entry: ModelEntry| {
        let found = all.iter().find(|fake| fake.model().name == entry.name).cloned();
        let loaded: futures::future::BoxFuture<'static, models::Loaded> = Box::pin(async move {
            let provider: Arc<dyn crate::providers::Provider> = Arc::new(found.unwrap());
            Ok(provider)
        });
        loaded
    });
    let models = Models::with_loader(Arc::new(Secrets::without_keychain()), loader);
    let back =
        Plan::resume(&journal, &summary.run, &Overrides::default(), &models, &[]).await.unwrap();
    assert_eq!(back.provenance(), provenance);
    assert_eq!(back.all_models().count(), 4 + 2);
    run(back, journal, silent(), Cancel::new()).await.unwrap();
    assert_eq!((fake.calls(), small.calls(), large.calls()), (3 * 5, 3, 3));
}

#[tokio::test]
async fn a_recipe_names_two_models_or_none() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path(), Sample::Starter).unwrap();
    let project = Project::open(folder.path()).unwrap();
    let models = models();
    let host = "http://localhost:9/v1";
    let of = |candidates: &[&str]| Overrides {
        candidates: candidates.iter().map(|name| (*name).to_owned()).collect(),
        ..Overrides::default()
    };
    let (small, large) = (format!("openai:llama-8b@{host}"), format!("openai:qwen-7b@{host}"));
    let mut wishes = of(&[&small, &large]);
    wishes.models.insert(ModelRole::Judge, format!("openai:llama-70b@{host}"));
    let plan = Plan::of_project(&project, "preference", &wishes, &models).await.unwrap();
    // Nobody else writes, so nobody else is needed.
    assert_eq!(plan.models.keys().copied().collect::<Vec<_>>(), [ModelRole::Judge]);
    assert!(plan.all_models().all(|model| model.entry.kind == ModelKind::OpenAi));
    assert_eq!(plan.kinship(), Kinship::Family);
    assert_eq!(plan.recipe.candidates, [small.clone(), large.clone()]);
    let both = Plan::of_project(&project, "critique+preference", &wishes, &models).await.unwrap();
    assert!(both.models.contains_key(&ModelRole::Writer) && both.candidates.is_some());
    // Where no pair is made, they are nobody's business.
    let chain = Plan::of_project(&project, "critique", &wishes, &models).await.unwrap();
    assert!(chain.candidates.is_none() && chain.kinship() == Kinship::None);
    let one = Plan::of_project(&project, "preference", &of(&[&small]), &models).await;
    let Err(PlanError::Faulty { problem, hint, .. }) = one else { panic!("one is no pair") };
    assert!(problem.contains("1 candidates") && hint.contains("two models"), "{problem}");
    let unknown = of(&["nobody", &large]);
    let none = Plan::of_project(&project, "preference", &unknown, &models).await;
    assert!(matches!(none, Err(PlanError::Model(_))));
}

#[tokio::test]
async fn a_prompt_that_names_no_principle_of_the_constitution_is_found_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path(), Sample::Starter).unwrap();
    let project = Project::open(folder.path()).unwrap();
    let mut prompt = Prompt::of_text("p7", "Why?");
    prompt.extra.insert(PRINCIPLES_COLUMN.to_owned(), serde_json::json!(["no such"]));
    let wishes = Overrides { prompt_list: Some(vec![prompt]), ..Overrides::default() };
    for (recipe, is_found) in
        [("critique", true), ("critique+preference", true), ("preference", false)]
    {
        let plan = Plan::of_project(&project, recipe, &wishes, &models()).await;
        match plan {
            Err(error) if is_found => {
                let said = error.to_string();
                assert!(said.contains("prompt “p7”") && said.contains("“no such”"), "{said}");
                assert!(error.hint().contains("name one of"), "{}", error.hint());
            }
            Ok(_) if !is_found => {}
            other => panic!("{recipe}: {:?}", other.err()),
        }
    }
}
