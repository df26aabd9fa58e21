use std::sync::Mutex;

use futures::executor::block_on;
use proptest::prelude::*;

use super::*;
use crate::domain::{
    Call, CallFailure, ChoiceReading, FailureKind, Finish, Method, Principle, Purpose, Reply,
    Usage, Want,
};
use crate::methods::ask::FromFn;

const A: &str = "The first response. The answer is: B";
const B: &str = "The second response. Yes. 5";

fn reply(text: &str, choice: Option<Vec<f64>>) -> Reply {
    Reply {
        text: text.to_owned(),
        reasoning: None,
        finish: Finish::Stop,
        usage: Usage::default(),
        choice: choice.map(|probabilities| ChoiceReading { probabilities }),
        model: String::new(),
        marks: Vec::new(),
    }
}

fn constitution(n: usize) -> Constitution {
    let principles = (1..=n)
        .map(|i| Principle {
            id: format!("P{i}").as_str().into(),
            text: format!("Principle text {i}."),
            ..Principle::default()
        })
        .collect();
    Constitution { principles, ..Constitution::named("test") }
}

fn recipe(reason_first: bool, votes: u32) -> Recipe {
    Recipe { votes, reason_first, ..Recipe::built_in(Method::Preference) }
}

fn judge_with(
    recipe: &Recipe,
    protocol: JudgeProtocol,
    principles: usize,
    answer: impl Fn(&Call) -> Result<Reply, CallFailure> + Sync,
) -> (Result<PairVerdict, MethodFailure<PairVerdict>>, Vec<Call>) {
    let calls = Mutex::new(Vec::new());
    let ask = FromFn(|call: Call| {
        let answered = answer(&call);
        calls.lock().unwrap().push(call);
        answered
    });
    let prompt = Prompt::of_text("x1", "The prompt");
    let (templates, constitution) = (Templates::default(), constitution(principles));
    let task = PairTask {
        prompt: &prompt,
        a: A,
        b: B,
        constitution: &constitution,
        templates: &templates,
        recipe,
        protocol,
        seed: 7,
    };
    (block_on(judge_pair(&ask, &task)), calls.into_inner().unwrap())
}

fn order(call: &Call) -> &str {
    match &call.purpose {
        Purpose::Comparison { order, .. } => order,
        Purpose::Reason { response, .. } => response,
        other => panic!("unexpected {other:?}"),
    }
}

fn text(call: &Call) -> &str {
    &call.messages.last().unwrap().content
}

fn close(a: Option<f64>, b: f64) -> bool {
    a.is_some_and(|a| (a - b).abs() < 1e-9)
}

#[test]
fn both_orders_are_asked_and_averaged() {
    // q₁ = .9 with A first, q₂ = .4 with B first: p = ½ [.9 + (1 − .4)] = .75.
    let (verdict, calls) = judge_with(&recipe(false, 2), JudgeProtocol::Auto, 1, |call| {
        Ok(match order(call) {
            "ab" => reply("A", Some(vec![0.72, 0.08])),
            "ba" => reply("A", Some(vec![0.2, 0.3])),
            other => panic!("{other}"),
        })
    });
    let verdict = verdict.unwrap();
    assert_eq!(verdict.protocol, JudgeProtocol::Pairwise);
    assert!(close(verdict.p_ab, 0.9) && close(verdict.p_ba, 0.6) && close(verdict.p_a, 0.75));
    assert!(close(verdict.order_gap(), 0.3));
    let one = &verdict.principles[0];
    assert!(close(one.mass, 0.5) && !one.estimated && one.unparsed.is_empty());
    assert_eq!(calls.len(), 2, "log-probabilities need no votes");
    let (ab, ba) = if order(&calls[0]) == "ab" { (0, 1) } else { (1, 0) };
    assert!(text(&calls[ab]).find(A) < text(&calls[ab]).find(B));
    assert!(text(&calls[ba]).find(B) < text(&calls[ba]).find(A));
    assert!(text(&calls[ab]).contains("Principle text 1."));
}

#[test]
fn pure_position_bias_is_one_half() {
    let (verdict, _) = judge_with(&recipe(false, 2), JudgeProtocol::Pairwise, 3, |_| {
        Ok(reply("A", Some(vec![0.66, 0.34])))
    });
    let verdict = verdict.unwrap();
    assert!(close(verdict.p_a, 0.5) && close(verdict.order_gap(), 0.32));
    assert_eq!(verdict.flipped(), Some(true));
    assert_eq!(verdict.principles.len(), 2, "as many as the recipe says");
}

#[test]
fn principles_are_averaged_and_each_used_once() {
    let many = Recipe { principles_per_pair: 9, ..recipe(false, 2) };
    let (verdict, calls) = judge_with(&many, JudgeProtocol::Pairwise, 2, |call| {
        let strong = text(call).contains("Principle text 1.");
        let first = if (order(call) == "ab") == strong { 0.8 } else { 0.2 };
        Ok(reply("", Some(vec![first, 1.0 - first])))
    });
    let verdict = verdict.unwrap();
    assert_eq!((verdict.principles.len(), calls.len()), (2, 4));
    assert!(close(verdict.p_a, 0.5));
    let by_id = |id: &str| verdict.principles.iter().find(|v| v.principle.as_str() == id).unwrap();
    assert!(close(by_id("P1").p_a(), 0.8) && close(by_id("P2").p_a(), 0.2));
}

#[test]
fn yes_no_compares_logits() {
    let (verdict, calls) =
        judge_with(&recipe(false, 2), JudgeProtocol::PointwiseYesNo, 1, |call| {
            Ok(match order(call) {
                "a" => reply("", Some(vec![0.4, 0.1])),
                _ => reply("", Some(vec![0.02, 0.02])),
            })
        });
    let verdict = verdict.unwrap();
    // logit .8 − logit .5 = ln 4, σ(ln 4) = .8.
    assert!(close(verdict.p_a, 0.8) && close(verdict.order_gap(), 0.0));
    assert!(close(verdict.principles[0].mass, 0.04));
    for call in &calls {
        let (own, other) = if order(call) == "a" { (A, B) } else { (B, A) };
        assert!(text(call).contains(own) && !text(call).contains(other));
        assert!(text(call).ends_with("Answer Yes or No."));
        let Want::Choice(answers) = &call.want else { panic!() };
        assert!(answers[0].variants.contains(&" yes".to_owned()));
    }
}

#[test]
fn scale_compares_distributions() {
    let (verdict, _) = judge_with(&recipe(false, 2), JudgeProtocol::PointwiseScale, 1, |call| {
        Ok(match order(call) {
            "a" => reply("", Some(vec![0.0, 0.0, 0.5, 0.5, 0.0])),
            _ => reply("", Some(vec![0.0, 0.0, 1.0, 0.0, 0.0])),
        })
    });
    assert!(close(verdict.unwrap().p_a, 0.75));
}

#[test]
fn without_probabilities_votes_are_counted_and_marked() {
    let (verdict, calls) = judge_with(&recipe(false, 3), JudgeProtocol::Pairwise, 1, |call| {
        Ok(match (order(call), call.sample) {
            ("ab", 0 | 1) => reply("A", None),
            ("ab", _) => reply("(B)", None),
            ("ba", 0) => reply("B", None),
            ("ba", 1) => reply("I can not say", None),
            _ => reply("The answer is B.", None),
        })
    });
    let verdict = verdict.unwrap();
    assert_eq!(calls.len(), 6);
    // (2 + ½)/(3 + 1) with A first; of two readable votes none for the first: 1 − ½/3.
    assert!(close(verdict.p_ab, 2.5 / 4.0) && close(verdict.p_ba, 1.0 - 0.5 / 3.0));
    let one = &verdict.principles[0];
    assert!(one.estimated && one.mass.is_none());
    assert_eq!(one.unparsed, ["I can not say"]);
    let keys: std::collections::BTreeSet<_> = calls.iter().map(|call| call.key("m")).collect();
    assert_eq!(keys.len(), 6, "each vote is a call of its own");
    let seeds: std::collections::BTreeSet<_> = calls.iter().map(|c| c.sampling.seed).collect();
    assert_eq!(seeds.len(), 6);
    assert!(calls.iter().all(|call| (call.sampling.temperature - 1.0).abs() < f64::EPSILON));
}

#[test]
fn votes_do_for_pointwise_protocols() {
    let (verdict, _) = judge_with(&recipe(false, 3), JudgeProtocol::PointwiseYesNo, 1, |call| {
        Ok(reply(if order(call) == "a" { "Yes" } else { "No" }, None))
    });
    let verdict = verdict.unwrap();
    assert!(close(verdict.p_a, preference_of_yes(3.5 / 4.0, 0.5 / 4.0)));
    assert!(verdict.principles[0].estimated);

    let (verdict, _) = judge_with(&recipe(false, 2), JudgeProtocol::PointwiseScale, 1, |call| {
        Ok(reply(if order(call) == "a" { "5" } else { "2" }, None))
    });
    assert!(close(verdict.unwrap().p_a, 2.5 / 3.0), "two votes are no certainty");
}

#[test]
fn an_order_that_can_not_be_read_leaves_no_probability() {
    for protocol in
        [JudgeProtocol::Pairwise, JudgeProtocol::PointwiseYesNo, JudgeProtocol::PointwiseScale]
    {
        let (verdict, _) = judge_with(&recipe(false, 2), protocol, 2, |call| {
            let first = matches!(order(call), "ab" | "a");
            let answer = match protocol {
                JudgeProtocol::PointwiseYesNo => "Yes",
                JudgeProtocol::PointwiseScale => "3",
                _ => "A",
            };
            Ok(reply(if first { "They are both good" } else { answer }, None))
        });
        let verdict = verdict.unwrap();
        assert_eq!((verdict.p_a, verdict.p_ab), (None, None), "{protocol:?}");
        assert_eq!(verdict.principles[0].unparsed, ["They are both good"]);
    }
}

#[test]
fn reasons_come_before_verdicts() {
    let (verdict, calls) = judge_with(&recipe(true, 2), JudgeProtocol::Pairwise, 1, |call| {
        let reason = format!("Because of {}.", order(call));
        if matches!(call.purpose, Purpose::Reason { .. }) {
            return Ok(reply(&reason, None));
        }
        assert!(text(call).contains(&reason));
        Ok(reply("A", Some(vec![0.9, 0.1])))
    });
    assert_eq!(calls.len(), 4);
    let verdict = verdict.unwrap();
    assert_eq!(verdict.principles[0].reason, "[ab] Because of ab.\n\n[ba] Because of ba.");
}

#[test]
fn a_failed_call_keeps_the_other_principles() {
    let (verdict, _) = judge_with(&recipe(false, 2), JudgeProtocol::Pairwise, 2, |call| {
        if text(call).contains("Principle text 2.") && order(call) == "ba" {
            return Err(CallFailure::new(FailureKind::RateLimited, "busy", ""));
        }
        Ok(reply("A", Some(vec![0.5, 0.5])))
    });
    let failure = verdict.unwrap_err();
    assert_eq!(failure.at, "comparison P2 ba");
    let partial = failure.partial.unwrap();
    assert_eq!(partial.p_a, None);
    assert_eq!(partial.principles.len(), 1);
}

#[test]
fn judging_does_not_depend_on_the_run_that_asks() {
    // The same pair under the same principle is the same call, so that it is paid for once.
    let keys = || {
        let all = Recipe { principles_per_pair: 2, ..recipe(false, 2) };
        let (_, calls) = judge_with(&all, JudgeProtocol::Pairwise, 2, |_| Ok(reply("A", None)));
        calls.iter().map(|call| call.key("m")).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(keys(), keys());
}

#[test]
fn two_drafts_are_two_samples() {
    let draw = |same: bool| {
        let ask = FromFn(move |call: Call| {
            assert_eq!(call.purpose, Purpose::Draft { candidate: call.sample });
            Ok(reply(if same { "same" } else { ["one", "two"][call.sample as usize] }, None))
        });
        let (prompt, templates) = (Prompt::of_text("x1", "Hi"), Templates::default());
        block_on(draw_two(&ask, &prompt, &templates, &recipe(false, 2), 7))
    };
    let texts = |(a, b): (crate::methods::critique::Draft, crate::methods::critique::Draft)| {
        (a.text, b.text)
    };
    assert_eq!(texts(draw(false).unwrap()), ("one".to_owned(), "two".to_owned()));
    assert_eq!(texts(draw(true).unwrap()), ("same".to_owned(), "same".to_owned()));
    let verdict = verdict_on_equals(JudgeProtocol::Pairwise);
    assert_eq!(
        (verdict.p_a, verdict.order_gap(), verdict.flipped()),
        (Some(0.5), Some(0.0), Some(false))
    );
}

proptest! {
    #[test]
    fn preferences_mirror(p in 0.0_f64..=1.0, q in 0.0_f64..=1.0) {
        let forth = preference_of_yes(p, q);
        prop_assert!((forth + preference_of_yes(q, p) - 1.0).abs() < 1e-9);
        prop_assert!((0.0..=1.0).contains(&forth));
        if p > q + 1e-3 && p < 0.999 && q > 0.001 {
            prop_assert!(forth > 0.5);
        }
    }

    #[test]
    fn level_preferences_mirror(p in prop::collection::vec(0.01_f64..1.0, 5), q in prop::collection::vec(0.01_f64..1.0, 5)) {
        let normalise = |v: Vec<f64>| {
            let sum: f64 = v.iter().sum();
            v.into_iter().map(|x| x / sum).collect::<Vec<_>>()
        };
        let (p, q) = (normalise(p), normalise(q));
        prop_assert!((preference_of_levels(&p, &q) + preference_of_levels(&q, &p) - 1.0).abs() < 1e-9);
        prop_assert!((preference_of_levels(&p, &p) - 0.5).abs() < 1e-9);
    }

    /// Whatever the judge's position bias, swapping the responses mirrors p.
    #[test]
    fn swapping_the_responses_mirrors_p(q1 in 0.01_f64..0.99, q2 in 0.01_f64..0.99) {
        let run = |ab: f64, ba: f64| {
            judge_with(&recipe(false, 1), JudgeProtocol::Pairwise, 1, |call| {
                let q = if order(call) == "ab" { ab } else { ba };
                Ok(reply("", Some(vec![q, 1.0 - q])))
            }).0.unwrap().p_a.unwrap()
        };
        prop_assert!((run(q1, q2) + run(q2, q1) - 1.0).abs() < 1e-9);
    }
}
