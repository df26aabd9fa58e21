//! What each of many principles says of a pair: A, B, both or none.
//!
//! Findeis et al. 2024, *Inverse Constitutional AI* (arXiv:2406.06560), section 3: up to 40
//! principles in one call, in another order each time, and one vote from several times. Unlike
//! there the order of the responses is not a coin's but balanced: it changes with each time.
//!
//! Models that answer only pointwise are asked about one principle at a time instead, as for a
//! preference; a probability near one half is then *none*.

use std::collections::BTreeMap;

use futures::future::join_all;
use minijinja::context;
use rand::seq::SliceRandom as _;

use crate::domain::{
    JudgeProtocol, JudgeSetup, PairVerdict, Principle, PrincipleId, PrincipleVote, Purpose,
    TimesRule, Vote, Want,
};

use super::ask::Ask;
use super::draw;
use super::failure::MethodFailure;
use super::judging::{Drawn, Judge, judged_conversation};
use super::panel::{Jury, judge_pair_by};
use super::preference::{PairTask, judge_pair};
use super::template::{fence, neutral};

/// Principles of one call (Findeis et al. 2024).
pub const PER_CALL: usize = 40;

/// Within this of one half a pointwise judge says nothing (judgement).
pub const SILENT_BAND: f64 = 0.1;

/// Votes on a pair by every principle that can be drawn, in the constitution's order.
///
/// `times` is how often all are asked (at least 1); pointwise judges are asked once. A principle
/// whose answer can't be read at any time has no vote.
///
/// # Errors
///
/// The first call that failed.
pub async fn vote(
    ask: &impl Ask,
    task: &PairTask<'_>,
    times: u32,
    rule: TimesRule,
) -> Result<Vec<PrincipleVote>, MethodFailure<Vec<PrincipleVote>>> {
    let principles = task.constitution.eligible();
    match task.protocol {
        JudgeProtocol::Auto | JudgeProtocol::Pairwise => {
            together(ask, task, &principles, times.max(1), rule).await
        }
        JudgeProtocol::PointwiseYesNo | JudgeProtocol::PointwiseScale => {
            let verdict = judge_pair(ask, task)
                .await
                .map_err(|failure| MethodFailure::new(failure.at, failure.failure))?;
            Ok(of_verdict(&principles, &verdict))
        }
    }
}

/// The same by a judge of its own, which is asked about one principle at a time, as for a
/// preference: a probability within [`SILENT_BAND`] of one half is then *none*.
///
/// # Errors
///
/// As [`super::panel::judge_pair_by`].
pub(super) async fn vote_by<J: Ask>(
    jury: &Jury<'_, J>,
    task: &PairTask<'_>,
) -> Result<Vec<PrincipleVote>, MethodFailure<Vec<PrincipleVote>>> {
    let setup = JudgeSetup { principles_per_pair: u32::MAX, ..jury.setup.clone() };
    let verdict = judge_pair_by(&jury.seats, task, &setup)
        .await
        .map_err(|failure| MethodFailure::new(failure.at, failure.failure))?;
    Ok(of_verdict(&task.constitution.eligible(), &verdict))
}

fn of_verdict(principles: &[&Principle], verdict: &PairVerdict) -> Vec<PrincipleVote> {
    let said = |id: &PrincipleId| {
        let p_a = verdict.principles.iter().find(|one| one.principle == *id)?.p_a()?;
        Some(match p_a - 0.5 {
            lead if lead > SILENT_BAND => Vote::A,
            lead if lead < -SILENT_BAND => Vote::B,
            _ => Vote::None,
        })
    };
    principles
        .iter()
        .map(|principle| {
            let vote = said(&principle.id);
            PrincipleVote { principle: principle.id.clone(), vote, each: vec![vote] }
        })
        .collect()
}

async fn together(
    ask: &impl Ask,
    task: &PairTask<'_>,
    principles: &[&Principle],
    times: u32,
    rule: TimesRule,
) -> Result<Vec<PrincipleVote>, MethodFailure<Vec<PrincipleVote>>> {
    let conversation = judged_conversation(task.prompt);
    let orders: Vec<(u32, Vec<usize>)> = (0..times)
        .map(|time| {
            let mut order: Vec<usize> = (0..principles.len()).collect();
            let parts = ["votes", &time.to_string()];
            order.shuffle(&mut draw::generator(task.seed, &task.prompt.id, &parts));
            (time, order)
        })
        .collect();
    let asked = orders.iter().flat_map(|(time, order)| {
        order.chunks(PER_CALL).enumerate().map(|(part, rules)| Part { time: *time, part, rules })
    });
    let conversation = &conversation;
    let answered = join_all(asked.map(|part| async move {
        let found = part.ask(ask, task, principles, conversation).await;
        (part.time as usize, found)
    }))
    .await;
    let mut each = vec![vec![None; times as usize]; principles.len()];
    for (time, found) in answered {
        for (principle, vote) in found? {
            each[principle][time] = Some(vote);
        }
    }
    Ok(principles
        .iter()
        .zip(each)
        .map(|(principle, each)| PrincipleVote {
            principle: principle.id.clone(),
            vote: settled(&each, rule),
            each,
        })
        .collect())
}

/// Some rules asked about in one call.
struct Part<'a> {
    time: u32,
    part: usize,
    /// Which principles, in the order asked.
    rules: &'a [usize],
}

impl Part<'_> {
    async fn ask(
        &self,
        ask: &impl Ask,
        task: &PairTask<'_>,
        principles: &[&Principle],
        conversation: &str,
    ) -> Result<Vec<(usize, Vote)>, MethodFailure<Vec<PrincipleVote>>> {
        let is_swapped = self.time % 2 == 1;
        let (a, b) = (&*neutral(task.a), &*neutral(task.b));
        let (first, second) = if is_swapped { (b, a) } else { (a, b) };
        let order = if is_swapped { "ba" } else { "ab" };
        let failed = |failure: crate::domain::CallFailure| {
            MethodFailure::new(format!("votes {} {order}", self.time + 1), failure)
        };
        let rules: Vec<_> = self
            .rules
            .iter()
            .enumerate()
            .map(|(index, rule)| {
                context! { number => index + 1, text => principles[*rule].text.trim() }
            })
            .collect();
        let values = context! {
            conversation,
            preface => task.constitution.preface.trim(),
            response_a => first,
            response_b => second,
            fence => fence(&[conversation, a, b]),
            rules,
        };
        let messages =
            task.templates.render("votes", &values).map_err(|error| failed(error.into()))?;
        let judge =
            Judge { ask, prompt: task.prompt, templates: task.templates, recipe: task.recipe };
        let purpose = Purpose::Votes {
            time: self.time,
            part: u32::try_from(self.part).unwrap_or(u32::MAX),
            order: order.to_owned(),
        };
        let mut call = judge.call(purpose, messages, Want::Text, Drawn::Greedy);
        // A line takes about six tokens; a list that is cut off would leave rules without a vote.
        let room = u32::try_from(self.rules.len() * 8 + 64).unwrap_or(u32::MAX);
        call.sampling.max_tokens = call.sampling.max_tokens.max(room);
        let reply = ask.ask(call).await.map_err(failed)?;
        let said = read(&reply.text, self.rules.len());
        Ok(said
            .into_iter()
            .map(|(number, vote)| {
                (self.rules[number], if is_swapped { vote.swapped() } else { vote })
            })
            .collect())
    }
}

/// The votes in an answer, by place from 0: lines such as `3: A`, `3. both`, `**3)** B`, or the
/// same as a JSON object. A rule named twice with different votes has none.
pub fn read(text: &str, rules: usize) -> BTreeMap<usize, Vote> {
    let mut found: BTreeMap<usize, Option<Vote>> = BTreeMap::new();
    for line in text.split(['\n', ',', '{', '}']) {
        let Some((number, vote)) = line_of(line) else { continue };
        if !(1..=rules).contains(&number) {
            continue;
        }
        found
            .entry(number - 1)
            .and_modify(|known| {
                if *known != Some(vote) {
                    *known = None;
                }
            })
            .or_insert(Some(vote));
    }
    found.into_iter().filter_map(|(number, vote)| Some((number, vote?))).collect()
}

fn line_of(line: &str) -> Option<(usize, Vote)> {
    let line = line.trim_matches(|c: char| c.is_whitespace() || "*-\"'`|".contains(c));
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number = line.get(..digits)?.parse().ok()?;
    let rest = line.get(digits..)?;
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || "*-\"'`.):|=>–—".contains(c));
    // Only the word itself: “A because …” is an explanation, “Although …” is no vote.
    let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
    let (word, after) = rest.split_at(end);
    let (word, after) = match word {
        // “Response A”.
        response if response.eq_ignore_ascii_case("response") => {
            let after = after.trim_start();
            let end = after.find(|c: char| !c.is_alphanumeric()).unwrap_or(after.len());
            after.split_at(end)
        }
        word => (word, after),
    };
    let vote = match word.to_ascii_lowercase().as_str() {
        "neither" => Vote::None,
        word => word.parse().ok()?,
    };
    // “A good answer …” begins with the article.
    let is_sentence = vote.takes_side() && after.trim_start().starts_with(char::is_alphabetic);
    (!is_sentence).then_some((number, vote))
}

fn settled(each: &[Option<Vote>], rule: TimesRule) -> Option<Vote> {
    let read: Vec<Vote> = each.iter().flatten().copied().collect();
    let first = *read.first()?;
    let of = |vote: Vote| read.iter().filter(|said| **said == vote).count();
    let wins = |vote: Vote| match rule {
        TimesRule::Unanimous => of(vote) == read.len(),
        TimesRule::Majority => 2 * of(vote) > read.len(),
    };
    let winner = [first, Vote::A, Vote::B, Vote::Both, Vote::None].into_iter().find(|v| wins(*v));
    Some(winner.unwrap_or(Vote::None))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::domain::{Call, Constitution, Finish, Method, Prompt, Recipe, Reply, Usage};
    use crate::methods::ask::FromFn;
    use crate::methods::template::Templates;

    #[test]
    fn reads_lines_json_and_markdown() {
        for (text, expected) in [
            ("1: A\n2: B\n3: both\n4: none", vec![(0, "a"), (1, "b"), (2, "both"), (3, "none")]),
            ("**1.** Response B\n2) neither\n- 3 - A.", vec![(0, "b"), (1, "none"), (2, "a")]),
            ("{\"1\": \"A\", \"2\": \"None\"}", vec![(0, "a"), (1, "none")]),
            ("1: A good answer is kind\n2: Although\n9: A\n0: A", vec![]),
            ("1: A\n1: B\n2: B\n2: b", vec![(1, "b")]),
            ("1: A (it says so)\n2", vec![(0, "a")]),
            ("", vec![]),
        ] {
            let found: Vec<_> =
                read(text, 4).into_iter().map(|(at, vote)| (at, vote.to_string())).collect();
            let expected: Vec<_> =
                expected.into_iter().map(|(at, vote)| (at, vote.to_owned())).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn several_times_become_one_vote() {
        use Vote::{A, B, None as Silent};
        for (each, unanimous, majority) in [
            (vec![Some(A), Some(A), Some(A)], Some(A), Some(A)),
            (vec![Some(A), Some(A), Some(B)], Some(Silent), Some(A)),
            (vec![Some(A), Some(B)], Some(Silent), Some(Silent)),
            (vec![Some(B), None, None], Some(B), Some(B)),
            (vec![None, None, None], None, None),
        ] {
            assert_eq!(settled(&each, TimesRule::Unanimous), unanimous, "{each:?}");
            assert_eq!(settled(&each, TimesRule::Majority), majority, "{each:?}");
        }
    }

    fn task_of<'a>(
        prompt: &'a Prompt,
        constitution: &'a Constitution,
        templates: &'a Templates,
        recipe: &'a Recipe,
    ) -> PairTask<'a> {
        PairTask {
            prompt,
            a: "first words",
            b: "second words",
            constitution,
            templates,
            recipe,
            protocol: JudgeProtocol::Pairwise,
            seed: 3,
        }
    }

    fn constitution(n: usize) -> Constitution {
        let principles = (1..=n)
            .map(|i| Principle {
                id: PrincipleId(format!("P{i}")),
                text: format!("Prefer what number {i} says."),
                ..Principle::default()
            })
            .collect();
        Constitution { principles, ..Constitution::default() }
    }

    #[test]
    fn orders_are_balanced_and_votes_go_back_to_their_principle() {
        let (prompt, constitution) = (Prompt::of_text("p", "Hello?"), constitution(45));
        let (templates, recipe) = (Templates::default(), Recipe::built_in(Method::Preference));
        let task = task_of(&prompt, &constitution, &templates, &recipe);
        let asked = Mutex::new(Vec::new());
        let ask = FromFn(|call: Call| {
            let text = call.messages[0].content.clone();
            let (order, rules) = text.split_once("For each of these rules").unwrap();
            let is_swapped = order.find("second words") < order.find("first words");
            let expected = if is_swapped { "ba" } else { "ab" };
            assert!(matches!(&call.purpose, Purpose::Votes { order, .. } if order == expected));
            // P7 speaks for the first response, P8 for the second, the others say nothing.
            let lines: Vec<String> = rules
                .lines()
                .filter_map(|line| line.split_once(". Prefer what number "))
                .map(|(number, rule)| {
                    let word = match (rule, is_swapped) {
                        ("7 says.", false) | ("8 says.", true) => "A",
                        ("7 says.", true) | ("8 says.", false) => "B",
                        _ => "none",
                    };
                    format!("{number}: {word}")
                })
                .collect();
            asked.lock().unwrap().push((is_swapped, lines.len()));
            Ok(Reply {
                text: lines.join("\n"),
                reasoning: None,
                finish: Finish::Stop,
                usage: Usage::default(),
                choice: None,
                model: String::new(),
                marks: Vec::new(),
            })
        });
        let votes =
            futures::executor::block_on(vote(&ask, &task, 4, TimesRule::Unanimous)).unwrap();
        let ids: Vec<&str> = votes.iter().map(|vote| vote.principle.as_str()).collect();
        assert_eq!((ids.len(), ids[0], ids[44]), (45, "P1", "P45"));
        for vote in &votes {
            let expected = match vote.principle.as_str() {
                "P7" => Vote::A,
                "P8" => Vote::B,
                _ => Vote::None,
            };
            assert_eq!((vote.vote, vote.each.len()), (Some(expected), 4), "{}", vote.principle);
        }
        let asked = asked.into_inner().unwrap();
        assert_eq!(asked.len(), 8, "two parts, four times");
        let swapped: usize = asked.iter().filter(|(is_swapped, _)| *is_swapped).count();
        assert_eq!(swapped, 4, "half of the calls show the second response first");
        assert!(asked.iter().all(|(_, rules)| [40, 5].contains(rules)));
    }

    #[test]
    fn what_is_left_out_has_no_vote_and_a_failed_call_is_named() {
        let (prompt, constitution) = (Prompt::of_text("p", "Hello?"), constitution(3));
        let (templates, recipe) = (Templates::default(), Recipe::built_in(Method::Preference));
        let task = task_of(&prompt, &constitution, &templates, &recipe);
        let ask = FromFn(|_call: Call| {
            Ok(Reply {
                text: "1: A\n2: I can not say".to_owned(),
                reasoning: None,
                finish: Finish::Stop,
                usage: Usage::default(),
                choice: None,
                model: String::new(),
                marks: Vec::new(),
            })
        });
        let votes = futures::executor::block_on(vote(&ask, &task, 1, TimesRule::Majority)).unwrap();
        assert_eq!(votes.iter().filter(|vote| vote.vote.is_some()).count(), 1);
        let ask = FromFn(|_call: Call| {
            Err(crate::domain::CallFailure::new(crate::domain::FailureKind::Unreachable, "x", "y"))
        });
        let failed = futures::executor::block_on(vote(&ask, &task, 2, TimesRule::Majority));
        assert_eq!(failed.unwrap_err().at, "votes 1 ab");
    }
}
