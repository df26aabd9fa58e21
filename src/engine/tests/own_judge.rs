//! Runs whose recipe names one of the project's judges: planned, asked, frozen, gone on with.

use std::sync::Arc;

use super::fake::{Fake, refusal, silent};
use crate::domain::{
    Call, FailureKind, JudgeForm, JudgeProtocol, JudgeSetup, Method, ModelEntry, ModelRole,
    PanelRule, Prompt, Purpose, Recipe, Row,
};
use crate::engine::compare::{SideChoice, Yardstick};
use crate::engine::*;
use crate::providers::{Provider, Retry};
use crate::store::sample::{Sample, init};
use crate::store::secrets::Secrets;
use crate::store::{Journal, Project};

/// Writers, critics and two judges, by name.
struct Cast {
    writer: Fake,
    one: Fake,
    two: Fake,
}

impl Cast {
    /// The first draft is the better one.
    fn new(one: &Fake, two: &Fake) -> Self {
        let writer = Fake::new(|call| {
            Ok(match &call.purpose {
                Purpose::Draft { candidate: 0 } => format!("GOOD for {}", call.prompt),
                Purpose::Draft { candidate } => format!("bad {candidate} for {}", call.prompt),
                purpose => format!("{purpose:?} for {}", call.prompt),
            })
        });
        Self { writer, one: one.with_identity("fake:one"), two: two.with_identity("fake:two") }
    }

    fn models(&self) -> Models {
        let (writer, one, two) = (self.writer.clone(), self.one.clone(), self.two.clone());
        let loader: models::Loader = Arc::new(move |entry| {
            let fake = match entry.name.as_str() {
                "one" => one.clone(),
                "two" => two.clone(),
                _ => writer.clone(),
            };
            Box::pin(async move { Ok(Arc::new(fake) as Arc<dyn Provider>) })
        });
        Models::with_loader(Arc::new(Secrets::without_keychain()), loader)
    }

    fn calls(&self) -> u64 {
        u64::from(self.writer.calls() + self.one.calls() + self.two.calls())
    }
}

/// A judge that finds the first draft, wherever it stands.
fn finds_the_good(call: &Call) -> String {
    match &call.purpose {
        Purpose::Comparison { order, .. } if order == "ab" => "A".to_owned(),
        Purpose::Comparison { .. } => "B".to_owned(),
        _ => "Yes".to_owned(),
    }
}

fn good() -> Fake {
    Fake::new(|call| Ok(finds_the_good(call)))
}

fn two_readers() -> JudgeSetup {
    JudgeSetup {
        models: vec!["one".to_owned(), "two".to_owned()],
        protocol: JudgeProtocol::Pairwise,
        reason_first: false,
        votes: 1,
        principles_per_pair: 1,
        canaries: 0.0,
        ..JudgeSetup::named("Two readers")
    }
}

/// The sample with the judge `two`, and a recipe of each method that names it.
fn project(setup: &JudgeSetup) -> (tempfile::TempDir, Project) {
    use strum::IntoEnumIterator as _;
    let folder = tempfile::tempdir().unwrap();
    init(folder.path(), Sample::Starter).unwrap();
    let mut project = Project::open(folder.path()).unwrap();
    project.judges.insert("two".to_owned(), Arc::new(setup.clone()));
    for (name, file) in [("one", "SmolLM2-1.7B.gguf"), ("two", "qwen2.5.gguf")] {
        let entry =
            ModelEntry { name: name.to_owned(), model: file.to_owned(), ..ModelEntry::embedded() };
        project.file.models.push(entry);
    }
    for method in Method::iter() {
        let judge = if method == Method::Critique { "" } else { "two" };
        let recipe = Recipe { judge: judge.to_owned(), ..Recipe::built_in(method) };
        project.recipes.insert(format!("{method} by two"), Arc::new(recipe));
    }
    (folder, project)
}

async fn plan_of(
    project: &Project,
    method: Method,
    rows: usize,
    cast: &Cast,
) -> Result<Plan, PlanError> {
    let prompts = (0..rows).map(|n| {
        let mut prompt = Prompt::of_text(format!("p{n}"), format!("Say {n}"));
        if method == Method::Votes {
            prompt.extra.insert("a".to_owned(), "one answer".into());
            prompt.extra.insert("b".to_owned(), "another".into());
        }
        prompt
    });
    let wishes = Overrides { prompt_list: Some(prompts.collect()), ..Overrides::default() };
    Plan::of_project(project, &format!("{method} by two"), &wishes, &cast.models()).await
}

async fn rows_of(plan: Plan, journal: &Journal) -> Vec<Row> {
    let done = run(plan, journal.clone(), silent(), Cancel::new()).await.unwrap();
    let rows = journal.rows(&done.run, None, 99).await.unwrap();
    rows.into_iter().map(|entry| entry.row).collect()
}

#[tokio::test]
async fn both_models_judge_and_one_that_fails_is_named() {
    let (_folder, project) = project(&two_readers());
    let broken = Fake::new(|_| Err(refusal(FailureKind::Model, Retry::Never)));
    let cast = Cast::new(&good(), &broken);
    let plan = plan_of(&project, Method::Preference, 2, &cast).await.unwrap();
    let roles: Vec<&ModelRole> = plan.models.keys().collect();
    assert_eq!(roles, [&ModelRole::Writer], "nobody plays the judge beside it");
    assert_eq!((plan.recipe.votes, plan.recipe.principles_per_pair), (1, 1), "the judge's");
    let provenance = plan.provenance();
    let judges: Vec<&str> = provenance
        .models
        .iter()
        .filter(|(role, _)| role == "judge")
        .map(|(_, identity)| identity.as_str())
        .collect();
    assert_eq!(judges, ["fake:one", "fake:two"]);
    assert!(provenance.judge.is_some());
    let journal = Journal::open_in_memory().unwrap();
    for row in rows_of(plan, &journal).await {
        assert_eq!((&row.failure, &row.provenance.judge), (&None, &provenance.judge));
        let verdict = &row.pair.as_ref().unwrap().verdict;
        // One vote in each order: ¾ by the one that answered.
        assert!((verdict.p_a.unwrap() - 0.75).abs() < 1e-9, "{verdict:?}");
        let failed: Vec<&str> = verdict.failed_judges().map(|(name, _)| name).collect();
        assert_eq!((verdict.judges.len(), failed), (2, vec!["two"]));
    }
}

#[tokio::test]
async fn the_second_is_asked_only_where_the_first_is_unsure() {
    let setup = JudgeSetup { first_alone: Some(0.2), ..two_readers() };
    let (_folder, project) = project(&setup);
    let first = Fake::new(|call| {
        let is_hard = ["p1", "p3"].contains(&call.prompt.as_str());
        Ok(if is_hard { "A".to_owned() } else { finds_the_good(call) })
    });
    let cast = Cast::new(&first, &good());
    let plan = plan_of(&project, Method::Preference, 4, &cast).await.unwrap();
    let planned = plan.calls_of(&plan.prompts[0]);
    assert_eq!((planned.least, planned.most), (2 + 2, 2 + 4));
    let journal = Journal::open_in_memory().unwrap();
    let rows = rows_of(plan, &journal).await;
    assert_eq!((cast.one.calls(), cast.two.calls()), (8, 4));
    let asked: Vec<usize> =
        rows.iter().map(|row| row.pair.as_ref().unwrap().verdict.judges.len()).collect();
    assert_eq!(asked, [1, 2, 1, 2]);
}

#[tokio::test]
async fn as_many_calls_are_planned_as_are_made() {
    for (method, is_exact) in [
        (Method::Preference, true),
        (Method::Rank, true),
        (Method::Votes, true),
        (Method::Score, true),
        (Method::ChainPreference, false),
        (Method::ChainScore, false),
    ] {
        for canaries in [0.0, 1.0] {
            let setup = JudgeSetup { canaries, ..two_readers() };
            let (_folder, project) = project(&setup);
            let cast = Cast::new(&good(), &good());
            let plan = plan_of(&project, method, 1, &cast).await.unwrap();
            let planned = plan.calls_of(&plan.prompts[0]);
            assert_eq!(plan.most_calls(), planned.most);
            let again = plan_of(&project, method, 1, &cast).await.unwrap();
            let journal = Journal::open_in_memory().unwrap();
            let dry = dry_count(&again, &journal, &Cancel::new()).await.unwrap().unwrap();
            let rows = rows_of(plan, &journal).await;
            assert_eq!(rows[0].failure, None, "{method}");
            let n = cast.calls();
            assert!((planned.least..=planned.most).contains(&n), "{method}: {n}, {planned:?}");
            assert!(dry.new_least <= n && n <= dry.new_most, "{method}: {n}, {dry:?}");
            assert!(cast.one.calls() > 0 && cast.one.calls() == cast.two.calls(), "{method}");
            if is_exact {
                assert_eq!(planned.most, n, "{method} with {canaries}");
            }
            assert_eq!(rows[0].canary.is_some(), canaries > 0.0, "{method}");
            // Answers one by one are scored by both, too.
            for scored in &rows[0].scores {
                let names: Vec<&str> = scored.judges.iter().map(|one| one.model.as_str()).collect();
                assert_eq!(names, ["one", "two"]);
                assert!(scored.score.reward.is_some());
            }
            let whole = dry_count(&again, &journal, &Cancel::new()).await.unwrap().unwrap();
            assert_eq!((whole.rows_whole, whole.missing), (1, 0), "{method}: all is kept");
        }
    }
}

#[tokio::test]
async fn a_run_goes_on_with_the_judge_that_it_began_with() {
    let (_folder, mut project) = project(&two_readers());
    let cast = Cast::new(&good(), &good());
    let mut plan = plan_of(&project, Method::Preference, 3, &cast).await.unwrap();
    plan.only = Some(vec![0].into());
    let provenance = plan.provenance();
    let journal = Journal::open_in_memory().unwrap();
    let begun = run(plan, journal.clone(), silent(), Cancel::new()).await.unwrap().run;
    let calls = cast.calls();
    assert_eq!(calls, 6);
    // Meanwhile it became another judge.
    let other = JudgeSetup { votes: 9, rule: PanelRule::Unanimous, ..two_readers() };
    project.judges.insert("two".to_owned(), Arc::new(other));
    let known = project.file.models.clone();
    let wishes = Overrides::default();
    let plan = Plan::resume(&journal, &begun, &wishes, &cast.models(), &known).await.unwrap();
    assert_eq!(**plan.panel.as_ref().unwrap().setup(), two_readers());
    assert_eq!(plan.provenance(), provenance);
    run(plan, journal.clone(), silent(), Cancel::new()).await.unwrap();
    assert_eq!(cast.calls(), 3 * calls, "two votes more would be seen");
    let rows = journal.rows(&begun, None, 9).await.unwrap();
    assert!(rows.iter().all(|entry| entry.row.provenance == provenance) && rows.len() == 3);

    let frozen = journal.frozen(&begun).await.unwrap().unwrap();
    let judge = FrozenJudge::of(&frozen).unwrap();
    assert_eq!((judge.judge.as_str(), &judge.setup), ("two", &two_readers()));
    assert_eq!(judge.hash, judging::About::hash_of(&two_readers()));
    assert_eq!(judge.words(), "Two readers: fake:one + fake:two, Mean");
    let new = plan_of(&project, Method::Preference, 3, &cast).await.unwrap();
    assert_ne!(new.provenance().judge, provenance.judge, "asked otherwise");
}

#[tokio::test]
async fn each_judge_of_the_writers_family_counts() {
    let (_folder, project) = project(&two_readers());
    let cast = Cast::new(&good(), &good());
    let plan = plan_of(&project, Method::Preference, 1, &cast).await.unwrap();
    // The starter model writes, which is of the first judge's family.
    assert_eq!(plan.kinship(), compare::Kinship::Family);
    let said = plan.kinship_warning().unwrap();
    assert!(said.starts_with("1 of 2 judges (one) is of the family"), "{said}");
    let score = plan_of(&project, Method::Score, 1, &cast).await.unwrap();
    assert_eq!(score.kinship_warning(), None, "nothing is compared");
}

#[tokio::test]
async fn a_comparison_is_judged_by_it_too() {
    let setup = JudgeSetup { canaries: 1.0, ..two_readers() };
    let (_folder, mut project) = project(&setup);
    project.recipes.retain(|stem, _| stem.ends_with("by two"));
    let broken = Fake::new(|_| Err(refusal(FailureKind::Model, Retry::Never)));
    let cast = Cast::new(&good(), &broken);
    let journal = Journal::open_in_memory().unwrap();
    let stem = project.file.constitution.clone();
    let wishes = ComparisonWishes {
        a: SideChoice::of(stem),
        yardstick: Yardstick::Overall,
        limit: Some(2),
        panel: Some("two".to_owned()),
        ..Default::default()
    };
    let models = cast.models();
    let plan = Plan::of_comparison(&project, &journal, &wishes, &models).await.unwrap();
    let about = &plan.compare.as_ref().unwrap().about;
    assert_eq!(about.judge_in_words(), "Two readers (fake:one + fake:two, Mean)");
    assert!(!plan.models.contains_key(&ModelRole::Judge));
    let most = plan.most_calls();
    let rows = rows_of(plan, &journal).await;
    assert!(cast.calls() <= most, "{} of {most}", cast.calls());
    for row in &rows {
        let verdict = &row.pair.as_ref().unwrap().verdict;
        assert_eq!((verdict.judges.len(), &row.failure), (2, &None));
        assert!(row.canary.is_some());
    }
    // A model named in its place, and the recipe's own judge where nobody is.
    let model = ComparisonWishes { judge: Some("one".to_owned()), panel: None, ..wishes.clone() };
    let plan = Plan::of_comparison(&project, &journal, &model, &models).await.unwrap();
    assert!(plan.panel.is_none() && plan.models.contains_key(&ModelRole::Judge));
    let usual = ComparisonWishes { panel: None, ..wishes.clone() };
    let plan = Plan::of_comparison(&project, &journal, &usual, &models).await.unwrap();
    assert_eq!(plan.panel.as_ref().map(|panel| panel.models().count()), Some(2));
    let both = ComparisonWishes { principles_per_pair: Some(3), ..wishes };
    let refused = Plan::of_comparison(&project, &journal, &both, &models).await.err().unwrap();
    assert!(refused.to_string().contains("how many principles"), "{refused}");
}

#[tokio::test]
async fn what_can_not_judge_is_named() {
    let (_folder, mut project) = project(&two_readers());
    let cast = Cast::new(&good(), &good());
    let of = |name: &str, wishes: Overrides| {
        let (project, models, name) = (project.clone(), cast.models(), name.to_owned());
        async move {
            let wishes = Overrides { limit: Some(1), ..wishes };
            Plan::of_project(&project, &name, &wishes, &models).await.map_err(|e| e.to_string())
        }
    };
    let judge = |name: &str| Overrides { judge: Some(name.to_owned()), ..Overrides::default() };
    let wished = of("preference", judge("two")).await.unwrap();
    assert_eq!(wished.recipe.judge, "two");
    let by_name = of("preference", judge("Two readers")).await.unwrap();
    assert_eq!(by_name.recipe.judge, "two", "frozen by its stem");
    let without = of("preference by two", judge("")).await.unwrap();
    assert!(without.panel.is_none() && without.models.contains_key(&ModelRole::Judge));
    let missing = of("preference", judge("three")).await.err().unwrap();
    assert_eq!(missing, "there is no judge called “three”");
    let nothing = of("critique", judge("two")).await.err().unwrap();
    assert!(nothing.contains("has nothing judged"), "{nothing}");
    let models = [(ModelRole::Judge, "one".to_owned())].into();
    let wished = of("rank by two", Overrides { models, ..Overrides::default() }).await;
    let other = wished.err().unwrap();
    assert!(other.contains("names its own models"), "{other}");
    let prometheus = JudgeSetup { form: JudgeForm::Prometheus, ..two_readers() };
    project.judges.insert("two".to_owned(), Arc::new(prometheus));
    let unfit = plan_of(&project, Method::Score, 1, &cast).await.err().unwrap().to_string();
    assert!(unfit.contains("Prometheus form is for principles"), "{unfit}");
    assert!(plan_of(&project, Method::Preference, 1, &cast).await.is_ok());
}
