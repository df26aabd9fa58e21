//! What all judging methods share: fenced texts, the reason call, the verdict call.

use std::borrow::Cow;

use minijinja::{Value, context};

use crate::domain::{
    Answer, Call, CallFailure, FailureKind, JudgeForm, Message, ModelRole, Prompt, Purpose, Recipe,
    Reply, Sampling, Speaker, Want,
};

use super::ask::Ask;
use super::draw;
use super::prometheus;
use super::read_verdict::{self, Choice};
use super::template::{TemplateError, Templates, fence, neutral};

/// The prompt as one text: a single user's message as it is, several with their speaker's name
/// before each.
pub fn conversation_text(prompt: &Prompt) -> String {
    match prompt.messages.as_slice() {
        [only] if only.role == Speaker::User => only.content.clone(),
        messages => messages
            .iter()
            .map(|message| {
                let speaker = match message.role {
                    Speaker::System => "System",
                    Speaker::User => "User",
                    Speaker::Assistant => "Assistant",
                    Speaker::Tool => "Tool",
                };
                format!("{speaker}: {}", message.content)
            })
            .collect::<Vec<_>>()
            .join("\n\n"),
    }
}

/// The same as it is shown to a judge: no message of it can pass for another speaker's.
pub fn judged_conversation(prompt: &Prompt) -> String {
    let mut prompt = prompt.clone();
    for message in &mut prompt.messages {
        if let Cow::Owned(without) = neutral(&message.content) {
            message.content = without;
        }
    }
    conversation_text(&prompt)
}

/// How a judge's text is drawn. The first sample of a reason, and scores, are greedy, so that they
/// can be repeated; votes are drawn at temperature 1, from the model's own distribution, which is
/// what log-probabilities would have shown (judgement; G-Eval, Liu et al. 2023, samples as well
/// where there are none).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drawn {
    /// Temperature 0, no seed.
    Greedy,
    /// Temperature 1, seeded from the question and the sample's number.
    Vote(u32),
}

/// One question to a judge: a template for the verdict, perhaps one for the reason before it, and
/// their values.
pub(super) struct Question<'a> {
    /// The verdict's template.
    pub(super) template: &'a str,
    /// The reason's template; `None`: no reason is asked for.
    pub(super) reason_template: Option<&'a str>,
    /// The template that has the judge read its verdict again; `None`: it is not asked to.
    pub(super) refine_template: Option<&'a str>,
    /// What the answer looks like; in the Prometheus form the reason is part of it.
    pub(super) form: JudgeForm,
    /// The values but `reason`, `reason_fence`, `verdict`.
    pub(super) values: Value,
    /// The texts that came from users and models, for the fence around the reason.
    pub(super) texts: Vec<&'a str>,
    /// The answers to choose from.
    pub(super) answers: Vec<Answer>,
    /// What the verdict's call is for.
    pub(super) purpose: Purpose,
    /// What the reason's call is for.
    pub(super) reason_purpose: Purpose,
}

impl Question<'_> {
    /// What a reply says.
    pub(super) fn read(&self, reply: &Reply) -> Choice {
        match self.form {
            JudgeForm::Usual => read_verdict::choice(reply, &self.answers),
            JudgeForm::Prometheus => prometheus::choice(reply, &self.answers),
        }
    }
}

/// A verdict's reply with the reason before it.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    /// The reply to the verdict's call.
    pub(super) reply: Reply,
    /// The reason; empty where none was asked for.
    pub(super) reason: String,
    /// The verdict and its reason before it read them again, where it did.
    pub(super) before: Option<(Reply, String)>,
}

/// Asks a judge on behalf of one row.
pub(super) struct Judge<'a, A> {
    /// Who answers.
    pub(super) ask: &'a A,
    /// The row's prompt.
    pub(super) prompt: &'a Prompt,
    /// The templates.
    pub(super) templates: &'a Templates,
    /// The recipe.
    pub(super) recipe: &'a Recipe,
}

impl<A: Ask> Judge<'_, A> {
    /// The reason (where asked for), then the verdict that has it before it.
    pub(super) async fn verdict(
        &self,
        question: &Question<'_>,
        drawn: Drawn,
    ) -> Result<Judged, CallFailure> {
        if question.form == JudgeForm::Prometheus {
            let messages = self.render(question.template, &question.values, question, "")?;
            let mut call = self.call(question.purpose.clone(), messages, Want::Text, drawn);
            call.sampling.max_tokens = call.sampling.max_tokens.max(prometheus::LONGEST);
            let reply = self.ask.ask(call).await?;
            let reason = prometheus::feedback(&reply.text).to_owned();
            return Ok(Judged { reply, reason, before: None });
        }
        let reason = match question.reason_template {
            Some(template) => self.reason(template, question, drawn).await?,
            None => String::new(),
        };
        let reply = self.named(question, &reason, drawn, question.purpose.clone()).await?;
        let again = question.refine_template.zip(named_label(&reply, &question.answers));
        let Some((template, verdict)) = again else {
            return Ok(Judged { reply, reason, before: None });
        };
        let values = context! { verdict, ..question.values.clone() };
        let messages = self.render(template, &values, question, &reason)?;
        let purpose = again_of(question.reason_purpose.clone());
        let call = self.call(purpose, messages, Want::Text, reason_drawn(drawn));
        let second_reason = self.ask.ask(call).await?.text.trim().to_owned();
        let purpose = again_of(question.purpose.clone());
        let second = self.named(question, &second_reason, drawn, purpose).await?;
        Ok(Judged { reply: second, reason: second_reason, before: Some((reply, reason)) })
    }

    /// The verdict's call, after a reason.
    async fn named(
        &self,
        question: &Question<'_>,
        reason: &str,
        drawn: Drawn,
        purpose: Purpose,
    ) -> Result<Reply, CallFailure> {
        let messages = self.render(question.template, &question.values, question, reason)?;
        let want = Want::Choice(question.answers.clone());
        self.ask.ask(self.call(purpose, messages, want, drawn)).await
    }

    async fn reason(
        &self,
        template: &str,
        question: &Question<'_>,
        drawn: Drawn,
    ) -> Result<String, CallFailure> {
        let messages = self.render(template, &question.values, question, "")?;
        let purpose = question.reason_purpose.clone();
        let call = self.call(purpose, messages, Want::Text, reason_drawn(drawn));
        Ok(self.ask.ask(call).await?.text.trim().to_owned())
    }

    /// A call to the judge.
    pub(super) fn call(
        &self,
        purpose: Purpose,
        messages: Vec<Message>,
        want: Want,
        drawn: Drawn,
    ) -> Call {
        let (temperature, seed, sample) = match drawn {
            Drawn::Greedy => (0.0, None, 0),
            Drawn::Vote(sample) => (1.0, Some(draw::vote_seed(&messages, sample)), sample),
        };
        Call {
            purpose,
            prompt: self.prompt.id.clone(),
            role: ModelRole::Judge,
            messages,
            sampling: Sampling {
                temperature,
                top_p: 1.0,
                max_tokens: self.recipe.sampling.max_tokens,
                frequency_penalty: self.recipe.sampling.frequency_penalty,
                stop: Vec::new(),
                seed,
            },
            want,
            sample,
        }
    }

    fn render(
        &self,
        template: &str,
        values: &Value,
        question: &Question<'_>,
        reason: &str,
    ) -> Result<Vec<Message>, TemplateError> {
        // What a judge quotes from a response is as little an instruction as the response.
        let reason = &*neutral(reason);
        let mut texts = question.texts.clone();
        texts.push(reason);
        let values = context! {
            reason,
            reason_fence => fence(&texts),
            ..values.clone()
        };
        self.templates.render(template, &values)
    }
}

/// How a reason is drawn. A vote's first reason is greedy: where log-probabilities then come back,
/// it is the only one, and can be repeated.
fn reason_drawn(drawn: Drawn) -> Drawn {
    if drawn == Drawn::Vote(0) { Drawn::Greedy } else { drawn }
}

/// The label of the answer that a reply gives or finds most probable; `None` where it can't be
/// read.
fn named_label<'q>(reply: &Reply, answers: &'q [Answer]) -> Option<&'q str> {
    let index = match read_verdict::choice(reply, answers) {
        Choice::Named(index) => index,
        Choice::Probabilities { normalised, .. } => {
            let most = normalised.iter().copied().fold(f64::MIN, f64::max);
            normalised.iter().position(|p| *p >= most)?
        }
        Choice::Unread(_) => return None,
    };
    answers.get(index).map(|answer| answer.label.as_str())
}

/// What the second reading's call is for.
fn again_of(purpose: Purpose) -> Purpose {
    match purpose {
        Purpose::Reason { about, response } => {
            Purpose::Reason { about, response: format!("{response} again") }
        }
        Purpose::Comparison { principle, order } => {
            Purpose::Comparison { principle, order: format!("{order} again") }
        }
        other => other,
    }
}

/// The failure of a method that has nothing to go by.
pub(super) fn cannot(message: impl Into<String>, hint: &str) -> CallFailure {
    CallFailure::new(FailureKind::Method, message, hint)
}
