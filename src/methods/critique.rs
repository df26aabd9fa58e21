//! Draft → critique → revision, with a principle drawn for each round.
//!
//! Constitutional AI, phase 1: Bai et al. 2022, *Constitutional AI: Harmlessness from AI
//! Feedback* (arXiv:2212.08073), section 3.1. Two things differ, both for small models' sake and
//! both in the templates: the critic and the reviser are shown prompt and response anew in one
//! turn, instead of continuing the same dialogue, and the reviser writes the new answer only.

use minijinja::{Value, context};

use crate::domain::{
    Call, CallFailure, Chain, ChainStart, Constitution, Example, Finish, Message, ModelRole,
    Principle, Prompt, Purpose, Recipe, Reply, Sampling, Step, Want,
};

use super::ask::Ask;
use super::failure::MethodFailure;
use super::judging::{cannot, conversation_text};
use super::template::{TemplateError, Templates, fence};
use super::{draw, generated, named, tidy};

/// What one chain needs.
#[derive(Debug, Clone, Copy)]
pub struct ChainTask<'a> {
    /// The prompt.
    pub prompt: &'a Prompt,
    /// Where principles are drawn from.
    pub constitution: &'a Constitution,
    /// What the models are told.
    pub templates: &'a Templates,
    /// Rounds, shots, sampling, and whether a chain stops when nothing is found.
    pub recipe: &'a Recipe,
    /// The run's seed.
    pub seed: u64,
    /// What it goes on from; `None`: the draft is asked for.
    pub start: Option<&'a ChainStart>,
}

/// A first answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The answer, trimmed.
    pub text: String,
    /// Whether it was cut off at its longest length.
    pub cut_off: bool,
}

/// Critique → revision (Bai et al. 2022, section 3.1).
///
/// Principles are those of [`named::principles_of`]. A critique that finds nothing asks no
/// reviser; it ends the chain where the recipe says so, else the next principle is tried.
///
/// # Errors
///
/// The first call that failed, an empty answer, a broken template or no principle to draw; with
/// the chain up to there, once there is a draft.
pub async fn critique_revise(
    ask: &impl Ask,
    task: &ChainTask<'_>,
) -> Result<Chain, MethodFailure<Chain>> {
    let rounds = task.recipe.rounds;
    let drawn = named::principles_of(task.constitution, task.prompt, task.seed, rounds)
        .map_err(|problem| MethodFailure::new("principles", named::failure(&problem)))?;
    if drawn.is_empty() && rounds > 0 {
        return Err(MethodFailure::new("draft", nothing_to_draw(task.constitution)));
    }
    let mut chain = begun(ask, task).await?;
    let is_over = chain.steps.last().is_some_and(|step| step.found_nothing);
    if is_over && task.recipe.stop_when_clean {
        return Ok(chain);
    }
    let mut given = task.start.and_then(|start| start.critique.as_ref());
    for (round, drawn) in (1..).zip(drawn).skip(chain.steps.len()) {
        let (principle, critique) = match given.take() {
            Some((id, text)) => {
                let Some(principle) = task.constitution.principle(id) else {
                    let failure = cannot(
                        format!("the constitution has no principle {id} any more"),
                        "edit the answer instead of the critique, or bring the principle back",
                    );
                    let at = format!("critique {round}");
                    return Err(MethodFailure::new(at, failure).keeping(chain));
                };
                (principle, Some(text.as_str()))
            }
            None => (drawn, None),
        };
        match step(ask, task, chain.last(), round, principle, critique).await {
            Ok(step) => {
                let found_nothing = step.found_nothing;
                chain.steps.push(step);
                if found_nothing && task.recipe.stop_when_clean {
                    break;
                }
            }
            Err(failure) => return Err(failure.keeping(chain)),
        }
    }
    Ok(chain)
}

/// What is there before the first round that is asked: the steps given, else a draft.
async fn begun(ask: &impl Ask, task: &ChainTask<'_>) -> Result<Chain, MethodFailure<Chain>> {
    if let Some(start) = task.start {
        return Ok(Chain {
            draft: start.draft.clone(),
            draft_cut_off: start.draft_cut_off,
            steps: start.steps.clone(),
        });
    }
    let Draft { text, cut_off } =
        draft(ask, task.prompt, task.templates, task.recipe, task.seed, 0)
            .await
            .map_err(|failure| MethodFailure::new("draft", failure))?;
    Ok(Chain { draft: text, draft_cut_off: cut_off, steps: Vec::new() })
}

/// The writer's answer to a prompt; `candidate` tells apart several drawn for one prompt.
///
/// # Errors
///
/// The call's failure, a broken template, or an empty answer.
pub async fn draft(
    ask: &impl Ask,
    prompt: &Prompt,
    templates: &Templates,
    recipe: &Recipe,
    seed: u64,
    candidate: u32,
) -> Result<Draft, CallFailure> {
    draft_of(ask, prompt, templates, recipe, seed, Nth { candidate, sample: candidate }).await
}

/// Which of a row's drafts one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Nth {
    /// Among all of the row, from 0.
    pub(super) candidate: u32,
    /// Among those of its model, from 0.
    pub(super) sample: u32,
}

/// The same, where several models draft.
pub(super) async fn draft_of(
    ask: &impl Ask,
    prompt: &Prompt,
    templates: &Templates,
    recipe: &Recipe,
    seed: u64,
    Nth { candidate, sample }: Nth,
) -> Result<Draft, CallFailure> {
    let values = context! {
        messages => &prompt.messages,
        conversation => conversation_text(prompt)
    };
    let messages = templates.render("draft", &values)?;
    let parts = ["draft", &sample.to_string()];
    let reply = ask
        .ask(Call {
            purpose: Purpose::Draft { candidate },
            prompt: prompt.id.clone(),
            role: ModelRole::Writer,
            messages,
            sampling: seeded(&recipe.sampling, draw::call_seed(seed, &prompt.id, &parts)),
            want: Want::Text,
            sample,
        })
        .await?;
    let cut_off = reply.finish == Finish::Length;
    let text = reply.text.trim().to_owned();
    if text.is_empty() {
        return Err(wrote_nothing("writer", &reply));
    }
    Ok(Draft { text, cut_off })
}

/// Why no principle could be drawn.
pub(super) fn nothing_to_draw(constitution: &Constitution) -> CallFailure {
    cannot(
        format!(
            "the constitution “{}” has no principle to draw: none is enabled with text and a \
             weight above 0",
            constitution.name
        ),
        "enable or add a principle",
    )
}

/// One round: the critique (asked for where none is `given`), then the revision where the critic
/// found something.
async fn step(
    ask: &impl Ask,
    task: &ChainTask<'_>,
    response: &str,
    round: u32,
    principle: &Principle,
    given: Option<&str>,
) -> Result<Step, MethodFailure<Chain>> {
    let at = format!("critique {round}");
    let failed = |failure: CallFailure| MethodFailure::new(at.clone(), failure);
    let request = generated::critique_request(principle, task.templates)
        .map_err(|error| failed(error.into()))?;
    let (critique, critique_cut_off) = if let Some(text) = given {
        (text.trim().to_owned(), false)
    } else {
        let messages =
            critique_messages(task, response, principle, &request).map_err(|e| failed(e.into()))?;
        let purpose = Purpose::Critique { round, principle: principle.id.clone() };
        let reply = ask
            .ask(written(task, ModelRole::Critic, purpose, messages, round, principle))
            .await
            .map_err(&failed)?;
        let critique = tidy::critique(&reply.text);
        if critique.is_empty() {
            return Err(failed(wrote_nothing("critic", &reply)));
        }
        (critique, reply.finish == Finish::Length)
    };
    let mut step = Step {
        round,
        principle: principle.id.clone(),
        critique_request: request,
        found_nothing: tidy::finds_nothing(&critique),
        critique,
        revision_request: String::new(),
        revision: response.to_owned(),
        cut_off: false,
        critique_cut_off,
    };
    if step.found_nothing {
        return Ok(step);
    }

    let at = format!("revision {round}");
    let failed = |failure: CallFailure| MethodFailure::new(at.clone(), failure);
    step.revision_request = generated::revision_request(principle, task.templates)
        .map_err(|error| failed(error.into()))?;
    let messages =
        revision_messages(task, response, principle, &step).map_err(|e| failed(e.into()))?;
    let purpose = Purpose::Revision { round, principle: principle.id.clone() };
    let reply = ask
        .ask(written(task, ModelRole::Reviser, purpose, messages, round, principle))
        .await
        .map_err(&failed)?;
    step.revision = tidy::revision(&reply.text);
    step.cut_off = reply.finish == Finish::Length;
    if step.revision.is_empty() {
        return Err(failed(wrote_nothing("reviser", &reply)));
    }
    Ok(step)
}

fn critique_messages(
    task: &ChainTask<'_>,
    response: &str,
    principle: &Principle,
    request: &str,
) -> Result<Vec<Message>, TemplateError> {
    let conversation = conversation_text(task.prompt);
    let values = context! {
        fence => fence(&[&conversation, response]),
        messages => &task.prompt.messages,
        conversation, response, request,
        preface => task.constitution.preface.trim(),
        principle => generated::principle_values(principle),
        examples => example_values(task)?,
        may_stop => task.recipe.stop_when_clean
    };
    task.templates.render("critique", &values)
}

fn revision_messages(
    task: &ChainTask<'_>,
    response: &str,
    principle: &Principle,
    step: &Step,
) -> Result<Vec<Message>, TemplateError> {
    let conversation = conversation_text(task.prompt);
    let values = context! {
        fence => fence(&[&conversation, response, &step.critique]),
        messages => &task.prompt.messages,
        conversation, response,
        critique => &step.critique,
        critique_request => &step.critique_request,
        request => &step.revision_request,
        preface => task.constitution.preface.trim(),
        principle => generated::principle_values(principle),
        examples => example_values(task)?
    };
    task.templates.render("revision", &values)
}

/// The first `recipe.shots` examples, always the same, so that every row begins alike and prefix
/// caches pay.
fn example_values(task: &ChainTask<'_>) -> Result<Vec<Value>, TemplateError> {
    let shown = task.constitution.examples.iter().take(task.recipe.shots as usize);
    shown.map(|example| example_value(task, example)).collect()
}

fn example_value(task: &ChainTask<'_>, example: &Example) -> Result<Value, TemplateError> {
    // An imported example may name no principle; its critique then speaks for itself.
    let unnamed = Principle {
        text: "a good response is honest, helpful and harmless".to_owned(),
        ..Principle::default()
    };
    let principle = task.constitution.principle(&example.principle).unwrap_or(&unnamed);
    Ok(context! {
        prompt => example.prompt.trim(),
        draft => example.draft.trim(),
        critique => example.critique.trim(),
        revision => example.revision.trim(),
        principle => example.principle.as_str(),
        request => generated::critique_request(principle, task.templates)?,
        revision_request => generated::revision_request(principle, task.templates)?,
        // Of its own texts, so that the examples are the same in every call.
        fence => fence(&[&example.prompt, &example.draft, &example.critique])
    })
}

fn written(
    task: &ChainTask<'_>,
    role: ModelRole,
    purpose: Purpose,
    messages: Vec<Message>,
    round: u32,
    principle: &Principle,
) -> Call {
    let what = if role == ModelRole::Critic { "critique" } else { "revision" };
    let parts = [what, &round.to_string(), principle.id.as_str()];
    let seed = draw::call_seed(task.seed, &task.prompt.id, &parts);
    Call {
        purpose,
        prompt: task.prompt.id.clone(),
        role,
        messages,
        sampling: seeded(&task.recipe.sampling, seed),
        want: Want::Text,
        sample: 0,
    }
}

fn seeded(sampling: &Sampling, seed: u64) -> Sampling {
    Sampling { seed: Some(seed), ..sampling.clone() }
}

fn wrote_nothing(who: &str, reply: &Reply) -> CallFailure {
    if reply.finish == Finish::Length {
        cannot(
            format!("the {who} wrote nothing before its longest length was reached"),
            "raise the recipe's max_tokens: a model that reasons first needs room for both",
        )
    } else if reply.finish == Finish::Filtered {
        cannot(
            format!("the {who} wrote nothing: a filter of the provider's stopped it"),
            "use another model for this prompt, or leave the prompt out",
        )
    } else {
        cannot(
            format!("the {who} wrote nothing"),
            "try another seed, another model, or an edited template",
        )
    }
}

#[cfg(test)]
mod tests;
