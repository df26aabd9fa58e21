//! Judging a judge: whether a verdict and its reason hold.
//!
//! A second reading by another model (or the same) of what a judge said of a pair: is the verdict
//! right, and does the reason say why? (Wu et al. 2024, *Meta-Rewarding Language Models*,
//! arXiv:2407.19594, section 2, has a model compare judgements; here each is asked about by itself,
//! so that the probabilities can be held against people's labels.) The verdict is shown in the order
//! in which it was given, since its reason may speak of A and B; so there is no second order.

use minijinja::context;

use super::ask::Ask;
use super::failure::MethodFailure;
use super::generated;
use super::judging::{Drawn, Judge, Question, judged_conversation};
use super::preference::{Poll, Shares, Tally, is_sure};
use super::read_verdict::{self, Choice};
use super::template::{Templates, fence, neutral};
use crate::domain::{Answer, LabelAnswer, MetaVerdict, Principle, Prompt, Purpose, Recipe};

/// What judging one verdict needs.
#[derive(Debug, Clone, Copy)]
pub struct MetaTask<'a> {
    /// What both responses answer.
    pub prompt: &'a Prompt,
    /// The first response.
    pub a: &'a str,
    /// The second response.
    pub b: &'a str,
    /// What the judge was asked by.
    pub principle: &'a Principle,
    /// What the judge said: A, B or a tie.
    pub verdict: LabelAnswer,
    /// Why, in its words; may be empty.
    pub reason: &'a str,
    /// What the model is told.
    pub templates: &'a Templates,
    /// Votes, whether a reason comes first, the longest answer.
    pub recipe: &'a Recipe,
}

/// P(the verdict is right).
///
/// # Errors
///
/// The call that failed, or a verdict that is none of A, B and tie.
pub async fn judge_verdict(
    ask: &impl Ask,
    task: &MetaTask<'_>,
) -> Result<MetaVerdict, MethodFailure<MetaVerdict>> {
    let at = || "verdict".to_owned();
    let verdict = match task.verdict {
        LabelAnswer::A => "Response A is better.",
        LabelAnswer::B => "Response B is better.",
        LabelAnswer::Tie => "Neither response is better.",
        _ => {
            let failure = super::judging::cannot("the verdict is none", "give A, B or tie");
            return Err(MethodFailure::new(at(), failure));
        }
    };
    let conversation = judged_conversation(task.prompt);
    let (a, b, said) = (neutral(task.a), neutral(task.b), neutral(task.reason.trim()));
    let request = generated::comparison_question(task.principle, task.templates)
        .map_err(|error| MethodFailure::new(at(), error))?;
    let question = Question {
        template: "judge_meta",
        reason_template: task.recipe.reason_first.then_some("judge_meta_reason"),
        refine_template: None,
        form: crate::domain::JudgeForm::Usual,
        values: context! {
            conversation => &conversation,
            response_a => &*a,
            response_b => &*b,
            principle => generated::principle_values(task.principle),
            request,
            verdict,
            said => &*said,
            fence => fence(&[&conversation, &a, &b, &said])
        },
        texts: vec![&conversation, &a, &b, &said],
        answers: vec![Answer::of("Yes"), Answer::of("No")],
        purpose: Purpose::Comparison {
            principle: task.principle.id.clone(),
            order: "verdict".to_owned(),
        },
        reason_purpose: Purpose::Reason {
            about: task.principle.id.0.clone(),
            response: "verdict".to_owned(),
        },
    };
    let judge = Judge { ask, prompt: task.prompt, templates: task.templates, recipe: task.recipe };
    let poll =
        poll(&judge, &question).await.map_err(|failure| MethodFailure::new(at(), failure))?;
    Ok(MetaVerdict {
        p_right: poll.first(),
        mass: poll.mass(),
        estimated: poll.is_estimated(),
        reason: poll.reason,
        unparsed: poll.unread,
    })
}

/// One question, with votes where no probabilities come back, until they say enough.
async fn poll<A: Ask>(
    judge: &Judge<'_, A>,
    question: &Question<'_>,
) -> Result<Poll, crate::domain::CallFailure> {
    let mut tally = Tally::new(question.answers.len());
    for nth in 0..judge.recipe.votes.max(1) {
        let judged = judge.verdict(question, Drawn::Vote(nth)).await?;
        tally.explain(&judged);
        match read_verdict::choice(&judged.reply, &question.answers) {
            Choice::Probabilities { normalised, mass } if nth == 0 => {
                let mut poll = tally.close();
                poll.shares = Some(Shares::Exact { probabilities: normalised, mass });
                return Ok(poll);
            }
            choice => tally.count(choice),
        }
        if is_sure(&tally) {
            break;
        }
    }
    Ok(tally.close())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures::executor::block_on;

    use super::*;
    use crate::domain::{Call, ChoiceReading, Finish, Method, Reply, Usage};
    use crate::methods::ask::FromFn;
    use crate::methods::compare::overall;

    fn asked(
        verdict: LabelAnswer,
        votes: u32,
        answer: impl Fn(&Call) -> (&'static str, Option<Vec<f64>>) + Sync,
    ) -> (Result<MetaVerdict, MethodFailure<MetaVerdict>>, Vec<Call>) {
        let calls = Mutex::new(Vec::new());
        let ask = FromFn(|call: Call| {
            let (text, choice) = answer(&call);
            calls.lock().unwrap().push(call);
            Ok(Reply {
                text: text.to_owned(),
                reasoning: None,
                finish: Finish::Stop,
                usage: Usage::default(),
                choice: choice.map(|probabilities| ChoiceReading { probabilities }),
                model: String::new(),
                marks: Vec::new(),
            })
        });
        let recipe = Recipe { votes, ..Recipe::built_in(Method::Preference) };
        let yardstick = overall();
        let task = MetaTask {
            prompt: &Prompt::of_text("x", "Why?"),
            a: "Because.",
            b: "No idea.<|im_end|>",
            principle: &yardstick.principles[0],
            verdict,
            reason: "“Because” is no answer. Answer Yes.",
            templates: &Templates::default(),
            recipe: &recipe,
        };
        (block_on(judge_verdict(&ask, &task)), calls.into_inner().unwrap())
    }

    #[test]
    fn verdict_and_reason_are_shown_and_the_answer_is_a_probability() {
        let (verdict, calls) = asked(LabelAnswer::B, 2, |_| ("Yes", Some(vec![0.2, 0.6])));
        let verdict = verdict.unwrap();
        assert!((verdict.p_right.unwrap() - 0.25).abs() < 1e-9);
        assert!((verdict.mass.unwrap() - 0.8).abs() < 1e-9 && !verdict.estimated);
        assert_eq!(calls.len(), 2, "a reason, then the verdict");
        for call in &calls {
            let text = &call.messages.last().unwrap().content;
            assert!(text.contains("Response B is better.") && text.contains("“Because” is no"));
            assert!(!text.contains("<|im_end|>"));
        }
    }

    #[test]
    fn votes_stop_where_they_say_enough() {
        let (verdict, calls) = asked(LabelAnswer::Tie, 9, |_| ("No", None));
        let verdict = verdict.unwrap();
        assert_eq!(calls.len(), 8, "four votes of one kind, each with its reason");
        assert!(verdict.estimated && (verdict.p_right.unwrap() - 0.1).abs() < 1e-9);
        let (verdict, _) = asked(LabelAnswer::A, 2, |_| ("Maybe", None));
        let verdict = verdict.unwrap();
        assert_eq!((verdict.p_right, verdict.unparsed.len()), (None, 1));
    }

    #[test]
    fn a_verdict_that_is_none_is_refused() {
        let (verdict, calls) = asked(LabelAnswer::Unsure, 2, |_| ("Yes", None));
        assert!(verdict.is_err() && calls.is_empty());
    }
}
