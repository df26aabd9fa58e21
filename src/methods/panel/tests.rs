use std::sync::Mutex;

use futures::executor::block_on;

use super::*;
use crate::domain::{
    Call, CallFailure, ChoiceReading, Constitution, Delimiters, Finish, Method, Principle, Prompt,
    Purpose, Reply, Usage,
};
use crate::methods::ask::FromFn;
use crate::methods::template::Templates;

fn reply(probabilities: Option<Vec<f64>>) -> Reply {
    Reply {
        text: "A".to_owned(),
        reasoning: None,
        finish: Finish::Stop,
        usage: Usage::default(),
        choice: probabilities.map(|probabilities| ChoiceReading { probabilities }),
        model: String::new(),
        marks: Vec::new(),
    }
}

fn setup(change: impl FnOnce(&mut JudgeSetup)) -> JudgeSetup {
    let mut setup = JudgeSetup { reason_first: false, ..JudgeSetup::named("panel") };
    change(&mut setup);
    setup
}

const MANNER: Manner =
    Manner { protocol: JudgeProtocol::Pairwise, delimiters: Delimiters::Fenced, reasons: true };

/// A judge of models that say P(the first response is better), or fail; with the calls of each.
fn judged(
    models: &[Result<f64, FailureKind>],
    setup: &JudgeSetup,
) -> (Result<PairVerdict, MethodFailure<PairVerdict>>, Vec<usize>) {
    let calls: Vec<Mutex<usize>> = models.iter().map(|_| Mutex::new(0)).collect();
    let asks: Vec<_> = models
        .iter()
        .zip(&calls)
        .map(|(says, calls)| {
            FromFn(move |call: Call| {
                *calls.lock().unwrap() += 1;
                let p = says.map_err(|kind| CallFailure::new(kind, "it failed", ""))?;
                let Purpose::Comparison { order, .. } = &call.purpose else { panic!() };
                let p = if order == "ab" { p } else { 1.0 - p };
                Ok(reply(Some(vec![p, 1.0 - p])))
            })
        })
        .collect();
    let names: Vec<String> = (1..=models.len()).map(|n| format!("m{n}")).collect();
    let asks: Vec<(&_, &str, Manner)> =
        asks.iter().zip(&names).map(|(ask, name)| (ask, name.as_str(), MANNER)).collect();
    let prompt = Prompt::of_text("x", "Why?");
    let principle =
        Principle { id: "P1".into(), text: "Be kind.".to_owned(), ..Principle::default() };
    let constitution = Constitution { principles: vec![principle], ..Constitution::named("c") };
    let (templates, recipe) = (Templates::default(), Recipe::built_in(Method::Preference));
    let task = PairTask {
        prompt: &prompt,
        a: "One.",
        b: "Two.",
        constitution: &constitution,
        templates: &templates,
        recipe: &recipe,
        protocol: JudgeProtocol::Pairwise,
        seed: 3,
    };
    let verdict = block_on(judge_pair_by(&asks, &task, setup));
    (verdict, calls.into_iter().map(|calls| calls.into_inner().unwrap()).collect())
}

fn close(a: Option<f64>, b: f64) -> bool {
    a.is_some_and(|a| (a - b).abs() < 1e-9)
}

#[test]
fn each_rule_makes_one_verdict_and_keeps_each_judge() {
    for (rule, weights, expected) in [
        (PanelRule::Mean, vec![], 0.6),
        (PanelRule::Majority, vec![], 1.0),
        (PanelRule::Unanimous, vec![], 0.5),
        (PanelRule::Any, vec![], 0.5),
        (PanelRule::Weighted, vec![0.0, 3.0, 1.0], 0.675),
    ] {
        let setup = setup(|s| (s.rule, s.weights) = (rule, weights));
        let (verdict, calls) = judged(&[Ok(0.3), Ok(0.6), Ok(0.9)], &setup);
        let verdict = verdict.unwrap();
        assert!(close(verdict.p_a, expected), "{rule}: {:?}", verdict.p_a);
        assert!(close(verdict.principles[0].p_ab, expected), "{rule}");
        assert_eq!(calls, [2, 2, 2]);
        let each: Vec<_> =
            verdict.judges.iter().map(|said| (said.model.as_str(), said.verdict.p_a)).collect();
        assert_eq!(each.len(), 3);
        assert!(each[0].0 == "m1" && close(each[0].1, 0.3) && close(each[2].1, 0.9));
    }
}

#[test]
fn one_model_is_asked_as_if_there_were_no_panel() {
    let (verdict, calls) = judged(&[Ok(0.8)], &setup(|s| s.rule = PanelRule::Majority));
    let verdict = verdict.unwrap();
    assert!(close(verdict.p_a, 0.8), "a rule is for several");
    assert!(verdict.judges.is_empty());
    assert_eq!(calls, [2]);
}

#[test]
fn a_sure_first_model_spares_the_others() {
    let cheap = setup(|s| s.first_alone = Some(0.2));
    let (verdict, calls) = judged(&[Ok(0.75), Ok(0.1)], &cheap);
    let verdict = verdict.unwrap();
    assert_eq!(calls, [2, 0]);
    assert!(close(verdict.p_a, 0.75));
    assert_eq!(verdict.judges.len(), 1, "who was asked is known");
    for unsure in [0.7, 0.5, 0.31] {
        let (verdict, calls) = judged(&[Ok(unsure), Ok(0.1)], &cheap);
        assert_eq!(calls, [2, 2], "{unsure}");
        assert!(close(verdict.unwrap().p_a, f64::midpoint(unsure, 0.1)));
    }
    let (verdict, calls) = judged(&[Err(FailureKind::Rejected), Ok(0.1)], &cheap);
    assert_eq!(calls, [2, 2], "who failed is not sure");
    assert!(close(verdict.unwrap().p_a, 0.1));
}

#[test]
fn a_failed_judge_is_named_and_the_others_count() {
    let (verdict, _) = judged(&[Ok(0.9), Err(FailureKind::Rejected), Ok(0.7)], &setup(|_| ()));
    let verdict = verdict.unwrap();
    assert!(close(verdict.p_a, 0.8));
    let failed: Vec<_> = verdict.failed_judges().collect();
    assert_eq!(failed.len(), 1);
    assert_eq!((failed[0].0, failed[0].1.failure.kind), ("m2", FailureKind::Rejected));
    assert_eq!(failed[0].1.at, "comparison P1 ab");
}

#[test]
fn a_row_that_goes_on_later_is_not_done() {
    let (verdict, _) = judged(&[Ok(0.9), Err(FailureKind::Budget)], &setup(|_| ()));
    let failure = verdict.unwrap_err();
    assert_eq!(
        (failure.at.as_str(), failure.failure.kind),
        ("m2: comparison P1 ab", FailureKind::Budget)
    );
    let kept = failure.partial.unwrap();
    assert_eq!(kept.p_a, None, "a part of the panel must not stand for all of it");
    assert!(close(kept.judges[0].verdict.p_a, 0.9), "what was paid for is kept");
}

#[test]
fn where_all_fail_the_row_fails() {
    let both = [Err(FailureKind::Rejected), Err(FailureKind::Cancelled)];
    let failure = judged(&both, &setup(|_| ())).0.unwrap_err();
    assert_eq!(failure.failure.kind, FailureKind::Cancelled, "the one that is mended by going on");
}

#[test]
fn weights_that_do_not_fit_are_refused_before_anything_is_asked() {
    let (verdict, calls) = judged(
        &[Ok(0.9), Ok(0.8)],
        &setup(|s| (s.rule, s.weights) = (PanelRule::Weighted, vec![1.0])),
    );
    assert_eq!(verdict.unwrap_err().failure.kind, FailureKind::Method);
    assert_eq!(calls, [0, 0]);
}
