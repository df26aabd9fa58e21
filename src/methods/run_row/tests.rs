use std::future::Future;
use std::sync::Mutex;

use futures::executor::block_on;

use super::*;
use crate::domain::{
    Call, ChoiceReading, Criterion, FailureKind, Finish, Principle, Purpose, Reply, Usage, Want,
};
use crate::methods::ask::FromFn;

fn usual(call: &Call) -> Reply {
    let text = match &call.purpose {
        Purpose::Draft { candidate } => format!("draft {candidate}"),
        Purpose::Revision { round, .. } => format!("revision {round}"),
        _ => "fault".to_owned(),
    };
    let choice = match &call.want {
        Want::Choice(answers) => {
            let mut probabilities = vec![0.0; answers.len()];
            probabilities[0] = 1.0;
            Some(ChoiceReading { probabilities })
        }
        Want::Text => None,
    };
    Reply {
        text,
        reasoning: None,
        finish: Finish::Stop,
        usage: Usage::default(),
        choice,
        model: String::new(),
    }
}

struct Setting {
    constitution: Constitution,
    rubric: Rubric,
    templates: Templates,
    prompt: Prompt,
}

fn setting() -> Setting {
    let mut constitution = Constitution::named("test");
    let mut rubric = Rubric::named("test");
    for i in 1..=3 {
        constitution.principles.push(Principle {
            id: format!("P{i}").as_str().into(),
            text: format!("text {i}"),
            ..Principle::default()
        });
        rubric.criteria.push(Criterion {
            id: format!("C{i}").as_str().into(),
            name: format!("name {i}"),
            ..Criterion::default()
        });
    }
    Setting {
        constitution,
        rubric,
        templates: Templates::default(),
        prompt: Prompt::of_text("x1", "Hello"),
    }
}

fn run(
    setting: &Setting,
    recipe: &Recipe,
    answer: impl Fn(&Call) -> Result<Reply, CallFailure> + Sync,
) -> (RowParts, Vec<Call>) {
    let calls = Mutex::new(Vec::new());
    let ask = FromFn(|call: Call| {
        let answered = answer(&call);
        calls.lock().unwrap().push(call);
        answered
    });
    let parts = block_on(run_row(&ask, &task(setting, recipe)));
    (parts, calls.into_inner().unwrap())
}

fn task<'a>(setting: &'a Setting, recipe: &'a Recipe) -> RowTask<'a> {
    RowTask {
        prompt: &setting.prompt,
        recipe,
        constitution: Some(&setting.constitution),
        rubric: Some(&setting.rubric),
        templates: &setting.templates,
        seed: 7,
        protocol: JudgeProtocol::Pairwise,
        start: None,
    }
}

#[test]
fn every_method_is_in_the_registry_once() {
    use strum::IntoEnumIterator as _;
    for method in Method::iter() {
        assert_eq!(METHODS.iter().filter(|info| info.method == method).count(), 1, "{method}");
    }
    for info in METHODS {
        assert!(!info.line.is_empty() && !info.doc.is_empty() && !info.source.is_empty());
    }
}

#[test]
fn every_method_makes_its_parts_in_the_calls_planned() {
    let setting = setting();
    for info in METHODS {
        for (reason_first, batch_criteria, stop_when_clean) in
            [(true, false, false), (false, false, true), (true, true, false)]
        {
            let recipe = Recipe {
                stop_when_clean,
                reason_first,
                batch_criteria,
                ..Recipe::built_in(info.method)
            };
            let planned =
                calls_planned(&recipe, Some(&setting.constitution), Some(&setting.rubric));
            let (parts, calls) = run(&setting, &recipe, |call| Ok(usual(call)));
            assert_eq!(parts.failure, None, "{}", info.method);
            let n = calls.len() as u64;
            assert!(planned.least <= n && n <= planned.most, "{}: {n}, {planned:?}", info.method);
            let chained = matches!(info.method, Method::Critique | Method::ChainScore);
            assert_eq!(parts.chain.is_some(), chained);
            assert_eq!(parts.pair.is_some(), info.method == Method::Preference);
            let names: Vec<&str> = parts.scores.iter().map(|s| s.name.as_str()).collect();
            let expected: &[&str] = match info.method {
                Method::Critique | Method::Preference => &[],
                Method::Score => &["draft"],
                Method::ChainScore => &["draft", "revision 1", "revision 2"],
            };
            assert_eq!(names, expected);
            if chained && info.method == Method::Critique {
                assert_eq!(n, planned.most);
            }
            if info.method == Method::Preference {
                assert_eq!(n, planned.least);
            }
        }
    }
}

#[test]
fn the_plan_is_the_fewest_and_the_most() {
    let setting = setting();
    // A critic that finds nothing: the fewest.
    for stop_when_clean in [true, false] {
        let recipe = Recipe { stop_when_clean, ..Recipe::built_in(Method::ChainScore) };
        let planned = calls_planned(&recipe, Some(&setting.constitution), Some(&setting.rubric));
        let (parts, calls) = run(&setting, &recipe, |call| {
            let mut reply = usual(call);
            if matches!(call.purpose, Purpose::Critique { .. }) {
                reply.text = "No critique needed.".to_owned();
            }
            Ok(reply)
        });
        assert_eq!(parts.failure, None);
        assert_eq!(calls.len() as u64, planned.least);
        // The answer that stands keeps its score, without being judged again.
        let scores = &parts.scores;
        assert!(scores.iter().all(|scored| scored.score == scores[0].score));
    }
    // A judge without log-probabilities: the most.
    let recipe = Recipe { votes: 3, ..Recipe::built_in(Method::Preference) };
    let planned = calls_planned(&recipe, Some(&setting.constitution), None);
    let (_, calls) = run(&setting, &recipe, |call| {
        let text =
            if matches!(call.want, Want::Choice(_)) { "A".to_owned() } else { usual(call).text };
        Ok(Reply { text, choice: None, ..usual(call) })
    });
    assert_eq!(calls.len() as u64, planned.most);
}

#[test]
fn a_response_of_the_prompts_own_is_scored_instead_of_a_draft() {
    let mut setting = setting();
    setting.prompt.extra.insert(RESPONSE_COLUMN.to_owned(), " My own. ".into());
    let (parts, calls) = run(&setting, &Recipe::built_in(Method::Score), |call| Ok(usual(call)));
    assert_eq!(
        (parts.scores[0].name.as_str(), parts.scores[0].text.as_str()),
        ("response", "My own.")
    );
    assert!(calls.iter().all(|call| !matches!(call.purpose, Purpose::Draft { .. })));
}

#[test]
fn what_is_missing_is_named_before_anybody_is_asked() {
    let setting = setting();
    for info in METHODS {
        let recipe = Recipe::built_in(info.method);
        let bare = RowTask { constitution: None, rubric: None, ..task(&setting, &recipe) };
        let ask = FromFn(|call: Call| panic!("asked {call:?}"));
        let failure = block_on(run_row(&ask, &bare)).failure.unwrap();
        let what = if info.needs_rubric { "rubric" } else { "constitution" };
        assert_eq!(failure.at, what);
        assert!(failure.failure.message.contains(what));
    }
}

#[test]
fn a_chain_that_broke_off_is_kept_and_scored() {
    let setting = setting();
    let recipe = Recipe::built_in(Method::ChainScore);
    let (parts, _) = run(&setting, &recipe, |call| match call.purpose {
        Purpose::Revision { round: 2, .. } => {
            Err(CallFailure::new(FailureKind::Timeout, "slow", ""))
        }
        _ => Ok(usual(call)),
    });
    let failure = parts.failure.unwrap();
    assert_eq!((failure.at.as_str(), failure.failure.kind), ("revision 2", FailureKind::Timeout));
    assert_eq!(parts.chain.unwrap().steps.len(), 1);
    assert_eq!(parts.scores.len(), 2);
}

#[test]
fn a_pair_whose_judge_fails_keeps_its_answers() {
    let setting = setting();
    let recipe = Recipe { principles_per_pair: 3, ..Recipe::built_in(Method::Preference) };
    let (parts, _) = run(&setting, &recipe, |call| match &call.purpose {
        Purpose::Comparison { principle, .. } if principle.as_str() == "P2" => {
            Err(CallFailure::new(FailureKind::Cancelled, "stopped", ""))
        }
        _ => Ok(usual(call)),
    });
    let (nothing, _) = run(&setting, &recipe, |call| match &call.purpose {
        Purpose::Comparison { .. } => Err(CallFailure::new(FailureKind::Cancelled, "stopped", "")),
        _ => Ok(usual(call)),
    });
    assert_eq!(nothing.pair.unwrap().verdict.p_a, None);
    let pair = parts.pair.unwrap();
    assert_eq!((pair.a.as_str(), pair.b.as_str()), ("draft 0", "draft 1"));
    assert_eq!((pair.verdict.p_a, pair.verdict.principles.len()), (None, 2));
    assert_eq!(parts.failure.unwrap().at, "comparison P2 ab");
}

#[test]
fn a_row_can_be_sent_to_another_thread() {
    fn needs_send<T: Future + Send>(future: T) -> T {
        future
    }
    let (setting, recipe) = (setting(), Recipe::built_in(Method::ChainScore));
    let ask = FromFn(|call: Call| Ok(usual(&call)));
    let task = task(&setting, &recipe);
    assert_eq!(block_on(needs_send(run_row(&ask, &task))).failure, None);
}
