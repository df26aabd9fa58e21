use std::future::Future;
use std::sync::Mutex;

use futures::executor::block_on;

use super::*;
use crate::domain::{
    Call, ChoiceReading, Criterion, FailureKind, Finish, ModelRole, Principle, Purpose, Reply,
    Usage, Want,
};
use crate::methods::ask::FromFn;
use crate::methods::{METHODS, calls_planned};

fn usual(call: &Call) -> Reply {
    let text = match &call.purpose {
        Purpose::Draft { candidate } => format!("draft {candidate}"),
        Purpose::Revision { round, .. } => format!("revision {round}"),
        Purpose::Votes { .. } => "1: A\n2: B\n3: none".to_owned(),
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
        marks: Vec::new(),
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

fn given() -> [(String, serde_json::Value); 2] {
    [("a".to_owned(), "one answer".into()), ("b".to_owned(), "another".into())]
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
    let mut setting = setting();
    for info in METHODS {
        if info.method == Method::Votes {
            setting.prompt.extra.extend(given());
        } else {
            setting.prompt.extra.clear();
        }
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
            // What is asked twice in the same words is one call to the engine.
            let mut keys: Vec<_> = calls.iter().map(|call| call.key("m").0).collect();
            keys.sort();
            keys.dedup();
            let n = keys.len() as u64;
            assert!(planned.least <= n && n <= planned.most, "{}: {n}, {planned:?}", info.method);
            let chained = matches!(
                info.method,
                Method::Critique | Method::ChainScore | Method::ChainPreference
            );
            assert_eq!(parts.chain.is_some(), chained);
            let paired =
                matches!(info.method, Method::Preference | Method::ChainPreference | Method::Rank);
            let answers = parts.ranked.as_ref().map_or(0, |ranked| ranked.answers.len());
            assert_eq!(answers, if info.method == Method::Rank { 4 } else { 0 });
            assert_eq!(parts.pair.is_some(), paired);
            let n_votes = if info.method == Method::Votes { 3 } else { 0 };
            assert_eq!(parts.votes.len(), n_votes);
            let names: Vec<&str> = parts.scores.iter().map(|s| s.name.as_str()).collect();
            let expected: &[&str] = match info.method {
                Method::Critique
                | Method::Preference
                | Method::ChainPreference
                | Method::Rank
                | Method::Votes => &[],
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
fn answers_that_a_prompt_brings_are_compared_instead_of_drafts() {
    let mut setting = setting();
    setting.prompt.extra.extend(given());
    let recipe = Recipe::built_in(Method::Preference);
    let (parts, calls) = run(&setting, &recipe, |call| Ok(usual(call)));
    let pair = parts.pair.unwrap();
    assert_eq!((pair.a.as_str(), pair.b.as_str()), ("one answer", "another"));
    assert!(calls.iter().all(|call| !matches!(call.purpose, Purpose::Draft { .. })));
    assert_eq!(pair.verdict.p_a, Some(0.5), "a judge who always says A");
}

#[test]
fn votes_need_two_answers() {
    let setting = setting();
    let recipe = Recipe::built_in(Method::Votes);
    let (parts, calls) = run(&setting, &recipe, |call| Ok(usual(call)));
    let failure = parts.failure.unwrap();
    assert_eq!((failure.at.as_str(), calls.len()), ("votes", 0));
    assert!(failure.failure.hint.contains("a and b"), "{}", failure.failure.hint);
}

#[test]
fn a_chain_is_compared_with_its_own_draft() {
    let setting = setting();
    let recipe = Recipe {
        pair_of: PairSource::DraftAndRevision,
        ..Recipe::built_in(Method::ChainPreference)
    };
    let planned = calls_planned(&recipe, Some(&setting.constitution), None);
    let (parts, calls) = run(&setting, &recipe, |call| Ok(usual(call)));
    let pair = parts.pair.unwrap();
    assert_eq!((pair.a.as_str(), pair.b.as_str()), ("draft 0", "revision 2"));
    assert!((planned.least..=planned.most).contains(&(calls.len() as u64)));
    // A chain that changes nothing leaves nothing to compare.
    let (parts, calls) = run(&setting, &recipe, |call| {
        let mut reply = usual(call);
        if matches!(call.purpose, Purpose::Critique { .. }) {
            reply.text = "No critique needed.".to_owned();
        }
        Ok(reply)
    });
    let pair = parts.pair.unwrap();
    assert_eq!((pair.a, pair.verdict.principles.len()), (pair.b, 0));
    assert_eq!(calls.len() as u64, planned.least);
    // A judge that fails leaves the chain whole.
    let (parts, _) = run(&setting, &recipe, |call| match call.purpose {
        Purpose::Comparison { .. } => Err(CallFailure::new(FailureKind::Timeout, "slow", "")),
        _ => Ok(usual(call)),
    });
    assert_eq!(parts.whole, Some(Half::Chain));
    assert!(parts.failure.is_some() && parts.chain.is_some());
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

/// Two models that say who they are.
fn by_two(
    setting: &Setting,
    recipe: &Recipe,
    is_one: bool,
    answer: impl Fn(&Call) -> Result<Reply, CallFailure> + Sync,
) -> (RowParts, Vec<(&'static str, Call)>) {
    let calls = Mutex::new(Vec::new());
    let as_one = |name: &'static str| {
        let (calls, answer) = (&calls, &answer);
        FromFn(move |call: Call| {
            let answered = answer(&call).map(|reply| match call.purpose {
                Purpose::Draft { .. } if !name.is_empty() => {
                    Reply { text: format!("by {name} {}", call.sample), ..reply }
                }
                _ => reply,
            });
            calls.lock().unwrap().push((name, call));
            answered
        })
    };
    let (ask, small, large) = (as_one(""), as_one("small"), as_one("large"));
    let (asks, names) = ([small, large], ["small", "large"].map(str::to_owned));
    let candidates = Candidates { asks: &asks, names: &names, samples: &[0, u32::from(is_one)] };
    let parts = block_on(run_row_by(
        &ask,
        Beside { candidates: Some(candidates), jury: None },
        &task(setting, recipe),
    ));
    (parts, calls.into_inner().unwrap())
}

#[test]
fn candidates_answer_the_pair_and_nothing_else() {
    let setting = setting();
    for method in [Method::Preference, Method::ChainPreference] {
        let named = vec!["small".to_owned(), "large".to_owned()];
        let recipe = Recipe { candidates: named, ..Recipe::built_in(method) };
        let (parts, calls) = by_two(&setting, &recipe, false, |call| Ok(usual(call)));
        assert_eq!((parts.failure, parts.whole), (None, None));
        let pair = parts.pair.unwrap();
        assert_eq!((pair.a.as_str(), pair.b.as_str()), ("by small 0", "by large 0"));
        assert_eq!((pair.a_model.as_str(), pair.b_model.as_str()), ("small", "large"));
        let planned = calls_planned(&recipe, Some(&setting.constitution), None);
        let n = calls.len() as u64;
        assert!(planned.least <= n && n <= planned.most, "{method}: {n}, {planned:?}");
        let of = |who: &str| calls.iter().filter(|(name, _)| *name == who).count();
        assert_eq!((of("small"), of("large")), (1, 1));
        // No two drafts of a row have one name.
        let mut drafts: Vec<u32> = calls
            .iter()
            .filter_map(|(_, call)| match call.purpose {
                Purpose::Draft { candidate } => Some(candidate),
                _ => None,
            })
            .collect();
        drafts.sort_unstable();
        let expected: &[u32] = if method == Method::Preference { &[0, 1] } else { &[0, 1, 2] };
        assert_eq!(drafts, expected);
    }
    // Twice one model: two samples of it.
    let recipe = Recipe::built_in(Method::Preference);
    let (parts, _) = by_two(&setting, &recipe, true, |call| Ok(usual(call)));
    let pair = parts.pair.unwrap();
    assert_eq!((pair.a.as_str(), pair.b.as_str()), ("by small 0", "by large 1"));
}

#[test]
fn a_chain_and_a_pair_fail_each_by_name() {
    let setting = setting();
    let recipe = Recipe::built_in(Method::ChainPreference);
    let slow = |what: &str| Err(CallFailure::new(FailureKind::Timeout, format!("slow {what}"), ""));
    let run_with = |chain_fails: bool, pair_fails: bool| {
        run(&setting, &recipe, move |call| match call.purpose {
            Purpose::Revision { round: 2, .. } if chain_fails => slow("chain"),
            Purpose::Comparison { .. } if pair_fails => slow("pair"),
            _ => Ok(usual(call)),
        })
        .0
    };
    let parts = run_with(true, false);
    assert_eq!((parts.failure.unwrap().at.as_str(), parts.whole), ("revision 2", Some(Half::Pair)));
    assert_eq!(parts.chain.unwrap().steps.len(), 1);
    assert!(parts.pair.unwrap().verdict.p_a.is_some());

    let parts = run_with(false, true);
    assert!(parts.failure.unwrap().at.starts_with("comparison"));
    assert_eq!(parts.whole, Some(Half::Chain));
    assert_eq!(parts.chain.unwrap().steps.len(), 2);
    assert_eq!(parts.pair.unwrap().verdict.p_a, None, "both answers are kept");

    let parts = run_with(true, true);
    let failure = parts.failure.unwrap();
    assert_eq!((failure.at.as_str(), parts.whole), ("revision 2", None));
    assert!(failure.failure.message.starts_with("slow chain; and comparison P"));
    assert!(failure.failure.message.ends_with("slow pair"), "{}", failure.failure.message);
}

#[test]
fn what_a_resumed_run_mends_names_the_row() {
    let setting = setting();
    let recipe = Recipe::built_in(Method::ChainPreference);
    let (parts, _) = run(&setting, &recipe, |call| match call.purpose {
        Purpose::Critique { .. } => Err(CallFailure::new(FailureKind::Timeout, "slow", "")),
        Purpose::Comparison { .. } => Err(CallFailure::new(FailureKind::Budget, "spent", "")),
        _ => Ok(usual(call)),
    });
    let failure = parts.failure.unwrap().failure;
    assert_eq!(failure.kind, FailureKind::Budget);
    assert_eq!(failure.message, "spent; and critique 1: slow");
    // The draft that both begin with is one call, and one failure.
    let (parts, _) =
        run(&setting, &recipe, |_| Err(CallFailure::new(FailureKind::Timeout, "slow", "")));
    assert_eq!(parts.failure.unwrap().failure.message, "slow");
}

#[test]
fn a_prompt_names_the_principles_of_its_chain() {
    let mut setting = setting();
    let names = serde_json::json!(["P3", "P1"]);
    setting.prompt.extra.insert(crate::methods::named::PRINCIPLES_COLUMN.to_owned(), names);
    let recipe = Recipe::built_in(Method::Critique);
    let (parts, _) = run(&setting, &recipe, |call| Ok(usual(call)));
    let steps = parts.chain.unwrap().steps;
    let ids: Vec<&str> = steps.iter().map(|step| step.principle.as_str()).collect();
    assert_eq!(ids, ["P3", "P1"]);
    let names = serde_json::json!(["P9"]);
    setting.prompt.extra.insert(crate::methods::named::PRINCIPLES_COLUMN.to_owned(), names);
    let (parts, calls) = run(&setting, &recipe, |call| Ok(usual(call)));
    let failure = parts.failure.unwrap();
    assert_eq!((failure.at.as_str(), calls.len()), ("principles", 0));
    assert!(failure.failure.message.contains("prompt x1: it names the principle “P9”"));
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

#[test]
fn a_canary_beside_a_pair_is_judged_and_never_fails_the_row() {
    let setting = setting();
    let all = Recipe { canaries: 1.0, ..Recipe::built_in(Method::Preference) };
    let planned = calls_planned(&all, Some(&setting.constitution), None);
    let (parts, calls) = run(&setting, &all, |call| Ok(usual(call)));
    let canary = parts.canary.unwrap();
    assert!(canary.failure.is_none(), "{canary:?}");
    assert!(parts.pair.is_some() && calls.len() as u64 <= planned.most);
    let own: Vec<&Call> =
        calls.iter().filter(|c| c.prompt.as_str().starts_with("canary:")).collect();
    assert!(!own.is_empty() && own.iter().all(|call| call.role == ModelRole::Judge));
    let (parts, _) = run(&setting, &all, |call| {
        if call.prompt.as_str().starts_with("canary:") {
            return Err(CallFailure::new(FailureKind::RateLimited, "busy", ""));
        }
        Ok(usual(call))
    });
    assert_eq!(parts.failure, None);
    assert_eq!(parts.canary.unwrap().failure.unwrap().failure.kind, FailureKind::RateLimited);
    let none = Recipe::built_in(Method::Preference);
    assert_eq!(run(&setting, &none, |call| Ok(usual(call))).0.canary, None);
}
