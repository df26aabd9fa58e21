//! A judge of several models in a run: frozen, gone on with, asked in its own manner.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::BoxFuture;

use super::fake::{self, Fake};
use crate::domain::{
    Call, Delimiters, JudgeProtocol, JudgeSetup, JudgedPair, Method, ModelKind, ModelRole, Prompt,
    Purpose, Recipe, Row,
};
use crate::engine::manner::{Shown, decide_delimiters};
use crate::engine::*;
use crate::methods::PairTask;
use crate::methods::template::Templates;
use crate::store::Journal;
use crate::store::secrets::Secrets;

/// Judges each prompt's text against a worse one.
struct Judging;

impl RowMethod for Judging {
    fn row<'a>(
        &'a self,
        plan: &'a Plan,
        ask: &'a RunAsk,
        prompt: &'a Prompt,
    ) -> BoxFuture<'a, Row> {
        Box::pin(async move {
            let (Some(panel), Some(constitution)) = (&plan.panel, &plan.constitution) else {
                panic!("no judge")
            };
            let task = PairTask {
                prompt,
                a: "good",
                b: "bad",
                constitution,
                templates: &plan.templates,
                recipe: &plan.recipe,
                protocol: plan.recipe.protocol,
                seed: plan.seed,
            };
            let canary = panel.canary(ask, plan, prompt).await;
            let verdict = panel.judge(ask, &task).await;
            let (verdict, failure) = match verdict {
                Ok(verdict) => (verdict, None),
                Err(failure) => {
                    let (failure, partial) = failure.split();
                    (partial.unwrap_or_default(), Some(failure))
                }
            };
            let pair = JudgedPair {
                a: "good".to_owned(),
                b: "bad".to_owned(),
                a_cut_off: false,
                b_cut_off: false,
                a_model: String::new(),
                b_model: String::new(),
                verdict,
            };
            Row { pair: Some(pair), failure, canary, ..Row::empty(prompt) }
        })
    }
}

/// A judge that finds what is good, wherever it stands.
fn finds_the_good(call: &Call) -> String {
    match &call.purpose {
        Purpose::Comparison { order, .. } if order == "ab" => "A".to_owned(),
        _ => "B".to_owned(),
    }
}

fn judge(canaries: f64) -> Arc<JudgeSetup> {
    Arc::new(JudgeSetup {
        reason_first: false,
        protocol: JudgeProtocol::Pairwise,
        votes: 1,
        canaries,
        ..JudgeSetup::named("two")
    })
}

fn plan_of(one: &Fake, two: &Fake, canaries: f64) -> Plan {
    let mut plan = fake::plan(one, 3);
    plan.models = BTreeMap::new();
    plan.recipe = Arc::new(Recipe::built_in(Method::Preference));
    plan.constitution = Some(Arc::new(fake::constitution()));
    let models = vec![one.model(), two.model()];
    let panel = Panel::new(judge(canaries), models, Shown::Pairs, &plan.templates);
    plan.panel = Some(Arc::new(panel));
    plan
}

#[tokio::test]
async fn a_judge_of_two_is_frozen_and_gone_on_with() {
    let one = Fake::new(|call| Ok(finds_the_good(call))).with_identity("fake:one");
    let two = Fake::new(|_| Ok("A".to_owned())).with_identity("fake:two");
    let plan = plan_of(&one, &two, 0.0);
    assert_eq!(plan.all_models().count(), 2, "whose prices and places are known");
    let provenance = plan.provenance();
    assert_eq!(provenance.models.len(), 2);
    let journal = Journal::open_in_memory().unwrap();
    let done = run_with(plan, journal.clone(), fake::silent(), Cancel::new(), Arc::new(Judging));
    let done = done.await.unwrap();
    let rows = journal.rows(&done.run, None, 9).await.unwrap();
    let verdict = &rows[0].row.pair.as_ref().unwrap().verdict;
    // One vote in each order: ¾ by the one, ½ by who goes by the place.
    assert!((verdict.p_a.unwrap() - 0.625).abs() < 1e-9, "{verdict:?}");
    let names: Vec<&str> = verdict.judges.iter().map(|said| said.model.as_str()).collect();
    assert_eq!(names, ["fake-one", "fake-two"]);

    let asked = (one.calls(), two.calls());
    let fakes = [one.clone(), two.clone()];
    let loader = Arc::new(move |entry: crate::domain::ModelEntry| {
        let found = fakes.iter().find(|fake| fake.model().name == entry.name).cloned();
        let loaded: BoxFuture<'static, models::Loaded> = Box::pin(async move {
            let provider: Arc<dyn crate::providers::Provider> = Arc::new(found.unwrap());
            Ok(provider)
        });
        loaded
    });
    let models = Models::with_loader(Arc::new(Secrets::without_keychain()), loader);
    let back = Plan::resume(&journal, &done.run, &Overrides::default(), &models, &[]).await;
    let mut back = back.unwrap();
    assert_eq!(back.provenance(), provenance);
    assert_eq!(**back.panel.as_ref().unwrap().setup(), *judge(0.0));
    back.run = None;
    run_with(back, journal, fake::silent(), Cancel::new(), Arc::new(Judging)).await.unwrap();
    assert_eq!((one.calls(), two.calls()), asked, "all of it is in the journal");
}

#[tokio::test]
async fn canaries_stand_beside_their_rows() {
    let one = Fake::new(|call| Ok(finds_the_good(call)));
    let plan = plan_of(&one, &one.with_identity("fake:two"), 1.0);
    let journal = Journal::open_in_memory().unwrap();
    let done = run_with(plan, journal.clone(), fake::silent(), Cancel::new(), Arc::new(Judging));
    let done = done.await.unwrap();
    for entry in journal.rows(&done.run, None, 9).await.unwrap() {
        let canary = entry.row.canary.as_ref().expect("each row has one");
        assert!(canary.failure.is_none() && canary.p_good.is_some(), "{canary:?}");
        // Kept as a call like any other, under a name of its own.
        let calls = journal.calls(&done.run, &entry.row.prompt.id).await.unwrap();
        let is_canary = |purpose: &Purpose| matches!(purpose, Purpose::Comparison { principle, .. } if principle.as_str() == "canary");
        assert!(calls.iter().any(|call| is_canary(&call.purpose)), "{calls:?}");
    }
}

#[test]
fn what_stands_around_the_texts_is_settled_by_the_model() {
    let settled = |kind, templates: &Templates| {
        let mut entry = Fake::new(|_| Ok(String::new())).model().entry.clone();
        entry.kind = kind;
        let provider = Arc::new(Fake::new(|_| Ok(String::new())));
        let model = Arc::new(Model::new(entry, provider));
        let mut recipe =
            Recipe { protocol: JudgeProtocol::Pairwise, ..Recipe::built_in(Method::Preference) };
        let models = BTreeMap::from([(ModelRole::Judge, Arc::clone(&model))]);
        decide_delimiters(&mut recipe, &models, templates);
        let of = |shown| manner(&model.entry, &judge(0.0), shown, templates).delimiters;
        assert_eq!(of(Shown::Pairs), recipe.delimiters);
        (recipe.delimiters, of(Shown::Answers))
    };
    let both_ways = |delimiters| (delimiters, delimiters);
    let usual = Templates::default();
    assert_eq!(settled(ModelKind::Embedded, &usual), both_ways(Delimiters::Quoted));
    assert_eq!(settled(ModelKind::OpenAi, &usual), both_ways(Delimiters::Fenced));
    let own = |names: &[&str]| {
        let source = |name: &str| match name.starts_with("score") {
            true => "--- user ---\n{{ response }}".to_owned(),
            false => "--- user ---\n{{ response_a }} {{ response_b }}".to_owned(),
        };
        let own = names.iter().map(|name| ((*name).to_owned(), source(name))).collect();
        let (templates, problems) = Templates::with_overrides(own);
        assert!(problems.is_empty(), "{problems:?}");
        templates
    };
    let quoted = own(&["judge_pairwise"]);
    let (pairs, answers) = settled(ModelKind::OpenAi, &quoted);
    assert_eq!(pairs, Delimiters::Quoted, "the user's words count");
    assert_eq!(answers, Delimiters::Fenced, "of rubrics there are none");
    let both = own(&["judge_pairwise", "judge_pairwise_fenced"]);
    assert_eq!(settled(ModelKind::Anthropic, &both), both_ways(Delimiters::Fenced));
    let scores = own(&["score_met", "score_levels", "score_levels_fenced"]);
    let (pairs, answers) = settled(ModelKind::OpenAi, &scores);
    assert_eq!((pairs, answers), (Delimiters::Fenced, Delimiters::Quoted));
}
