//! Comparisons: two sides in one run, shared drafts, failures by side, resume.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::fake::{Fake, constitution, plan, quick, refusal, silent};
use super::plans::models;
use crate::domain::{FailureKind, JudgeProtocol, ModelRole, Purpose, Recipe};
use crate::engine::compare::{
    About, Comparison, ComparisonWishes, Kinship, RECIPE, Side, SideAbout, SideChoice, Yardstick,
    about, all_rows,
};
use crate::engine::*;
use crate::methods::compare::both_sides;
use crate::providers::Retry;
use crate::store::journal::RunKind;
use crate::store::sample::{Sample, init};
use crate::store::{Journal, Project};

/// A writer whose critic always finds something, and a judge that likes what is shown first.
fn answers() -> Fake {
    Fake::new(|call| match &call.purpose {
        Purpose::Comparison { .. } => Ok("A".to_owned()),
        Purpose::Critique { .. } => Ok("It could be kinder.".to_owned()),
        purpose => Ok(format!("{purpose:?} of {}", call.prompt)),
    })
}

fn side_about(label: &str) -> SideAbout {
    SideAbout {
        label: label.to_owned(),
        choice: SideChoice::default(),
        writer: "fake".to_owned(),
        writer_identity: "fake:model".to_owned(),
    }
}

/// Plain drafts against two principles.
fn compared(fake: &Fake, rows: usize) -> Plan {
    let cast = BTreeMap::from(
        [ModelRole::Writer, ModelRole::Critic, ModelRole::Reviser].map(|role| (role, fake.model())),
    );
    let two = Arc::new(constitution());
    let about = About {
        a: side_about("Plain drafts"),
        b: side_about("Two"),
        prompts: "p".to_owned(),
        judge: "fake".to_owned(),
        judge_identity: "fake:model".to_owned(),
        judged_by: "the principles of both sides".to_owned(),
        principles_per_pair: 1,
        principles: BTreeMap::new(),
        rounds: 1,
        seed: 7,
        kinship: Kinship::Same,
    };
    let mut plan = plan(fake, rows);
    plan.kind = RunKind::Compare;
    plan.recipe = Arc::new(Recipe {
        name: RECIPE.to_owned(),
        rounds: 1,
        principles_per_pair: 1,
        votes: 1,
        reason_first: false,
        protocol: JudgeProtocol::Pairwise,
        ..Recipe::clone(&plan.recipe)
    });
    plan.constitution = Some(Arc::new(both_sides(None, Some(&two))));
    plan.models = BTreeMap::from([(ModelRole::Judge, fake.model())]);
    plan.retry = quick();
    plan.compare = Some(Arc::new(Comparison {
        about,
        a: Side { constitution: None, models: cast.clone() },
        b: Side { constitution: Some(two), models: cast },
    }));
    plan
}

#[tokio::test]
async fn both_sides_share_the_draft_and_are_judged_in_both_orders() {
    let (fake, journal) = (answers(), Journal::open_in_memory().unwrap());
    let ended = run(compared(&fake, 3), journal.clone(), silent(), Cancel::new()).await.unwrap();
    assert_eq!(ended.end, RunEnd::Done);
    // A draft, a critique, a revision, and the judge twice.
    assert_eq!((fake.calls(), fake.most_calls_of_one_key()), (15, 1));
    let rows = all_rows(&journal, &ended.run).await.unwrap();
    let pair = rows[1].row.pair.as_ref().unwrap();
    assert!(pair.a.starts_with("Draft") && pair.b.starts_with("Revision"), "{pair:?}");
    assert_eq!(pair.verdict.flipped(), Some(true), "who is first wins");
    assert_eq!(pair.verdict.p_a, Some(0.5));
    let told = about(&journal, &ended.run).await.unwrap().unwrap();
    assert_eq!((told.b.label.as_str(), told.kinship), ("Two", Kinship::Same));
    let models = &rows[0].row.provenance.models;
    assert!(models.iter().any(|(role, _)| role == "writer of A"), "{models:?}");
}

#[tokio::test]
async fn a_failed_side_is_named_and_asked_again_when_the_run_goes_on() {
    let journal = Journal::open_in_memory().unwrap();
    let broken = Fake::new(|call| match &call.purpose {
        Purpose::Revision { .. } if call.prompt.as_str() == "p1" => {
            Err(refusal(FailureKind::ServerError, Retry::Never))
        }
        Purpose::Comparison { .. } => Ok("B".to_owned()),
        purpose => Ok(format!("{purpose:?}")),
    });
    let ended = run(compared(&broken, 3), journal.clone(), silent(), Cancel::new()).await.unwrap();
    let rows = all_rows(&journal, &ended.run).await.unwrap();
    assert_eq!(rows[1].row.failure.as_ref().unwrap().at, "B: revision 1");
    assert!(rows[1].row.pair.is_none());
    let whole = answers();
    let mut again = compared(&whole, 3);
    again.run = Some(ended.run.clone());
    run(again, journal.clone(), silent(), Cancel::new()).await.unwrap();
    assert_eq!(whole.calls(), 3, "one revision, and the judge twice");
    let rows = all_rows(&journal, &ended.run).await.unwrap();
    assert!(rows.iter().all(|entry| entry.row.failure.is_none() && entry.row.pair.is_some()));
}

#[tokio::test]
async fn a_comparison_is_planned_from_a_project_and_thaws_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path(), Sample::Starter).unwrap();
    let project = Project::open(folder.path()).unwrap();
    let journal = project.open_journal().unwrap();
    let models = models();
    let text = crate::formats::document::to_ron(&*project.constitutions["first-look"]).unwrap();
    journal.put_version("constitution", "first-look", "v1", &text).await.unwrap();
    let version = SideChoice { version: Some("v1".to_owned()), ..SideChoice::of("first-look") };
    let less = SideChoice { without: vec!["P1".into()], ..SideChoice::of("teaching-tiny") };
    let wishes = ComparisonWishes { a: version, b: less, limit: Some(2), ..Default::default() };
    let plan = Plan::of_comparison(&project, &journal, &wishes, &models).await.unwrap();
    let told = &plan.compare.as_ref().unwrap().about;
    assert!(told.a.label.ends_with(" · v1") && told.b.label.ends_with(" without P1"), "{told:?}");
    assert_eq!(plan.recipe.protocol, JudgeProtocol::PointwiseYesNo);
    assert_eq!(plan.recipe.sampling.max_tokens, 200, "as the project's own recipe says");
    let record = journal.create_run(plan.new_run()).await.unwrap();
    assert_eq!(record.kind, RunKind::Compare);
    let thawed =
        Plan::resume(&journal, &record.id, &Overrides::default(), &models, &[]).await.unwrap();
    assert_eq!(thawed.provenance(), plan.provenance());
    assert_eq!(thawed.compare.unwrap().about, *told);

    let same = ComparisonWishes {
        a: SideChoice::of("first-look"),
        b: SideChoice { version: Some("v1".to_owned()), ..SideChoice::of("first-look") },
        yardstick: Yardstick::Overall,
        ..Default::default()
    };
    let refused = Plan::of_comparison(&project, &journal, &same, &models).await;
    assert!(matches!(refused, Err(PlanError::SameSides)));
}
