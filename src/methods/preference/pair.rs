//! One pair, and the questions that are asked about it.

use std::borrow::Cow;

use futures::future::join;
use minijinja::{Value, context};

use super::poll::{Poll, Shares, Tally, is_settled, levels_preference};
use super::{PairTask, Told, preference_of_yes, shots};
use crate::domain::{
    Answer, CallFailure, Delimiters, FirstSaid, JudgeForm, JudgeProtocol, PairVerdict, Passage,
    Principle, PrincipleVerdict, Purpose,
};
use crate::methods::ask::Ask;
use crate::methods::failure::MethodFailure;
use crate::methods::generated;
use crate::methods::judging::{
    Drawn, Judge, Judged, Question, conversation_text, judged_conversation,
};
use crate::methods::prometheus::unsectioned;
use crate::methods::quotations::quotations;
use crate::methods::read_verdict::Choice;
use crate::methods::template::{fence, neutral};

/// A pair, with what all its questions share.
pub(super) struct Pair<'a, A> {
    judge: Judge<'a, A>,
    task: &'a PairTask<'a>,
    told: &'a Told<'a>,
    protocol: JudgeProtocol,
    conversation: String,
    a: Cow<'a, str>,
    b: Cow<'a, str>,
    pair_fence: String,
}

/// What came of both questions of a pair.
struct Polled {
    said: [Poll; 2],
    /// What was said before the verdicts were read again.
    before: Option<[Poll; 2]>,
}

impl<'a, A: Ask> Pair<'a, A> {
    pub(super) fn new(
        ask: &'a A,
        task: &'a PairTask<'a>,
        told: &'a Told<'a>,
        protocol: JudgeProtocol,
    ) -> Self {
        let conversation = judged_conversation(task.prompt);
        let (a, b) = (neutral(task.a), neutral(task.b));
        // The same in both orders.
        let pair_fence = fence(&[&conversation, &a, &b]);
        let judge =
            Judge { ask, prompt: task.prompt, templates: task.templates, recipe: task.recipe };
        Self { judge, task, told, protocol, conversation, a, b, pair_fence }
    }

    /// The names of both questions.
    fn names(&self) -> [&'static str; 2] {
        match self.protocol {
            JudgeProtocol::Auto | JudgeProtocol::Pairwise => ["ab", "ba"],
            JudgeProtocol::PointwiseYesNo | JudgeProtocol::PointwiseScale => ["a", "b"],
        }
    }

    pub(super) async fn under(
        &self,
        principle: &Principle,
    ) -> Result<PrincipleVerdict, MethodFailure<PairVerdict>> {
        let Polled { said: [one, two], before } = self.polls(principle).await?;
        let (p_ab, p_ba) = self.preferences(&one, &two);
        let mass = match (one.mass(), two.mass()) {
            (Some(x), Some(y)) => Some(x.min(y)),
            (x, y) => x.or(y),
        };
        let tie = one.tie().zip(two.tie()).map(|(x, y)| f64::midpoint(x, y));
        let estimated = one.is_estimated() || two.is_estimated();
        let reason = self.reasons(&one, &two);
        let first = before.map(|[one, two]| {
            let (p_ab, p_ba) = self.preferences(&one, &two);
            Box::new(FirstSaid { p_ab, p_ba, reason: self.reasons(&one, &two) })
        });
        let spans = match self.told.manner.delimiters {
            // Only there a reason is asked to quote.
            Delimiters::Fenced if !self.told.is_prometheus() => self.spans(principle, &reason),
            Delimiters::Fenced | Delimiters::Auto | Delimiters::Quoted => Vec::new(),
        };
        let mut unparsed = one.unread;
        unparsed.extend(two.unread);
        Ok(PrincipleVerdict {
            principle: principle.id.clone(),
            p_ab,
            p_ba,
            mass,
            unparsed,
            estimated,
            reason,
            tie,
            spans,
            first,
        })
    }

    /// P(a is better) as each of the questions has it.
    fn preferences(&self, one: &Poll, two: &Poll) -> (Option<f64>, Option<f64>) {
        match self.protocol {
            JudgeProtocol::Auto | JudgeProtocol::Pairwise => {
                (one.first(), two.first().map(|q| 1.0 - q))
            }
            JudgeProtocol::PointwiseYesNo => {
                let p = one.first().zip(two.first()).map(|(p, q)| preference_of_yes(p, q));
                (p, p)
            }
            JudgeProtocol::PointwiseScale => {
                let p = levels_preference(one, two);
                (p, p)
            }
        }
    }

    fn reasons(&self, one: &Poll, two: &Poll) -> String {
        let [first, second] = self.names();
        [(first, &one.reason), (second, &two.reason)]
            .iter()
            .filter(|(_, reason)| !reason.is_empty())
            .map(|(name, reason)| format!("[{name}] {reason}"))
            .collect::<Vec<_>>()
            .join("\n\n")
    }

    fn spans(&self, principle: &Principle, reason: &str) -> Vec<crate::domain::Quotation> {
        let conversation = conversation_text(self.task.prompt);
        let texts = [
            (Passage::A, self.task.a),
            (Passage::B, self.task.b),
            (Passage::Message, conversation.as_str()),
        ];
        let told = [
            principle.text.as_str(),
            principle.comparison_question.as_str(),
            self.task.constitution.preface.as_str(),
        ];
        quotations(reason, &texts, &told)
    }

    /// Asks both questions once. Where no probabilities come back, more votes are asked for, one of
    /// each question at a time, until they say enough or all are cast.
    async fn polls(&self, principle: &Principle) -> Result<Polled, MethodFailure<PairVerdict>> {
        let names = self.names();
        let failed = |name: &str, failure: CallFailure| {
            MethodFailure::new(format!("comparison {} {name}", principle.id), failure)
        };
        let [one, two] = names
            .map(|name| self.question(principle, name).map_err(|failure| failed(name, failure)));
        let questions = [one?, two?];
        let vote = |i: usize, nth: u32| {
            let (question, name) = (&questions[i], names[i]);
            async move {
                let judged = self.judge.verdict(question, Drawn::Vote(nth)).await;
                judged.map_err(|failure| failed(name, failure))
            }
        };
        let (one, two) = join(vote(0, 0), vote(1, 0)).await;
        let mut votes = [Votes::new(one?, &questions[0]), Votes::new(two?, &questions[1])];
        for nth in 1..self.task.recipe.votes.max(1) {
            let is_open = [votes[0].exact.is_none(), votes[1].exact.is_none()];
            let is_over = match is_open {
                [false, false] => true,
                [true, true] => is_settled([&votes[0].tally, &votes[1].tally], self.protocol),
                _ => false,
            };
            if is_over {
                break;
            }
            let more = |i: usize| async move {
                if is_open[i] { vote(i, nth).await.map(Some) } else { Ok(None) }
            };
            let (one, two) = join(more(0), more(1)).await;
            for (i, judged) in [one?, two?].into_iter().enumerate() {
                if let Some(judged) = judged {
                    votes[i].count(&judged, &questions[i]);
                }
            }
        }
        let [one, two] = votes.map(Votes::close);
        let before = one.1.zip(two.1).map(|(one, two)| [one, two]);
        Ok(Polled { said: [one.0, two.0], before })
    }

    fn question<'q>(
        &'q self,
        principle: &Principle,
        name: &str,
    ) -> Result<Question<'q>, CallFailure> {
        let (a, b) = (&*self.a, &*self.b);
        let shared = context! {
            conversation => &self.conversation,
            preface => self.task.constitution.preface.trim(),
            principle => generated::principle_values(principle)
        };
        if self.told.is_prometheus() {
            return Ok(self.prometheus(principle, name));
        }
        let is_fenced = self.told.manner.delimiters == Delimiters::Fenced;
        let of = |quoted: [&'static str; 2], fenced: [&'static str; 2]| {
            if is_fenced { fenced } else { quoted }
        };
        let ([template, reason_template], values, texts, answers) = match self.protocol {
            JudgeProtocol::Auto | JudgeProtocol::Pairwise => {
                let (first, second) = if name == "ab" { (a, b) } else { (b, a) };
                let (values, answers) = self.beside(principle, is_fenced)?;
                let values = context! {
                    response_a => first,
                    response_b => second,
                    fence => &self.pair_fence,
                    ..values
                };
                let templates = of(
                    ["judge_pairwise", "judge_pairwise_reason"],
                    ["judge_pairwise_fenced", "judge_pairwise_fenced_reason"],
                );
                (templates, context! { ..values, ..shared }, vec![first, second], answers)
            }
            JudgeProtocol::PointwiseYesNo | JudgeProtocol::PointwiseScale => {
                let response = if name == "a" { a } else { b };
                let values = context! {
                    response,
                    fence => fence(&[&self.conversation, response]),
                    ..shared
                };
                let (templates, answers) = if self.protocol == JudgeProtocol::PointwiseYesNo {
                    let templates = of(
                        ["judge_yes_no", "judge_yes_no_reason"],
                        ["judge_yes_no_fenced", "judge_yes_no_fenced_reason"],
                    );
                    (templates, vec![Answer::of("Yes"), Answer::of("No")])
                } else {
                    let templates = of(
                        ["judge_scale", "judge_scale_reason"],
                        ["judge_scale_fenced", "judge_scale_fenced_reason"],
                    );
                    (templates, (1..=5).map(|n: u8| Answer::letter(&n.to_string())).collect())
                };
                (templates, values, vec![response], answers)
            }
        };
        let mut texts = texts;
        texts.push(&self.conversation);
        let again = match self.protocol {
            JudgeProtocol::Auto | JudgeProtocol::Pairwise => "judge_pairwise_again",
            JudgeProtocol::PointwiseYesNo | JudgeProtocol::PointwiseScale => "judge_response_again",
        };
        let is_refined = self.told.setup.is_some_and(|setup| setup.refine);
        Ok(Question {
            template,
            reason_template: self.told.manner.reasons.then_some(reason_template),
            refine_template: is_refined.then_some(again),
            form: JudgeForm::Usual,
            values,
            texts,
            answers,
            purpose: Purpose::Comparison {
                principle: principle.id.clone(),
                order: name.to_owned(),
            },
            reason_purpose: Purpose::Reason {
                about: principle.id.0.clone(),
                response: name.to_owned(),
            },
        })
    }

    /// The question in the Prometheus form, whose answer has its reason in it.
    fn prometheus<'q>(&'q self, principle: &Principle, name: &str) -> Question<'q> {
        let reference = self.task.prompt.reference.as_deref().unwrap_or_default().trim();
        let (a, b) = (unsectioned(self.task.a), unsectioned(self.task.b));
        let shared = context! {
            conversation => &*unsectioned(&self.conversation),
            reference => &*unsectioned(reference),
            principle => generated::principle_values(principle)
        };
        let (template, values, answers) = match self.protocol {
            JudgeProtocol::Auto | JudgeProtocol::Pairwise => {
                let (first, second) = if name == "ab" { (&a, &b) } else { (&b, &a) };
                let values = context! { response_a => &**first, response_b => &**second, ..shared };
                ("prometheus_pair", values, ["A", "B"].map(Answer::letter).to_vec())
            }
            JudgeProtocol::PointwiseYesNo | JudgeProtocol::PointwiseScale => {
                let response = if name == "a" { &a } else { &b };
                let levels = ["1", "2", "3", "4", "5"].map(Answer::letter).to_vec();
                ("prometheus_grade", context! { response => &**response, ..shared }, levels)
            }
        };
        Question {
            template,
            reason_template: None,
            refine_template: None,
            form: JudgeForm::Prometheus,
            values,
            texts: vec![&self.conversation, &self.a, &self.b],
            answers,
            purpose: Purpose::Comparison {
                principle: principle.id.clone(),
                order: name.to_owned(),
            },
            reason_purpose: Purpose::Reason {
                about: principle.id.0.clone(),
                response: name.to_owned(),
            },
        }
    }

    /// What is asked of two responses beside each other, and the answers there are.
    fn beside(
        &self,
        principle: &Principle,
        is_fenced: bool,
    ) -> Result<(Value, Vec<Answer>), CallFailure> {
        let request = generated::comparison_question(principle, self.task.templates)?;
        let mut answers = vec![Answer::letter("A"), Answer::letter("B")];
        let Some(setup) = self.told.setup.filter(|_| is_fenced) else {
            let none: Vec<Value> = Vec::new();
            let values = context! { request, shots => none, reasoned_shots => none, ties => false };
            return Ok((values, answers));
        };
        if setup.ties {
            answers.push(Answer::letter("C"));
        }
        let shots = shots::shots(setup, self.task.templates)?;
        let reasoned: Vec<Value> = shots
            .iter()
            .filter(|shot| shot.get_attr("reason").is_ok_and(|reason| reason.is_true()))
            .cloned()
            .collect();
        Ok((context! { request, shots, reasoned_shots => reasoned, ties => setup.ties }, answers))
    }
}

/// The answers to one question so far.
struct Votes {
    /// From log-probabilities: then one answer says all.
    exact: Option<Shares>,
    tally: Tally,
    /// The answers before they were read again, where they were.
    before: Option<Box<Votes>>,
}

impl Votes {
    fn new(judged: Judged, question: &Question<'_>) -> Self {
        let mut votes = Self::empty(question);
        if let Some((reply, reason)) = &judged.before {
            let before = Judged { reply: reply.clone(), reason: reason.clone(), before: None };
            votes.before = Some(Box::new(Self::new(before, question)));
        }
        votes.tally.explain(&judged);
        match question.read(&judged.reply) {
            Choice::Probabilities { normalised, mass } => {
                votes.exact = Some(Shares::Exact { probabilities: normalised, mass });
            }
            choice => votes.tally.count(choice),
        }
        votes
    }

    fn empty(question: &Question<'_>) -> Self {
        Self { exact: None, tally: Tally::new(question.answers.len()), before: None }
    }

    /// Counts a further vote.
    fn count(&mut self, judged: &Judged, question: &Question<'_>) {
        self.tally.count(question.read(&judged.reply));
        if let (Some(before), Some((reply, _))) = (&mut self.before, &judged.before) {
            before.tally.count(question.read(reply));
        }
    }

    /// What was said, and what was said before it was read again.
    fn close(self) -> (Poll, Option<Poll>) {
        let before = self.before.map(|before| before.close().0);
        let mut poll = self.tally.close();
        if let Some(exact) = self.exact {
            poll.shares = Some(exact);
        }
        (poll, before)
    }
}
