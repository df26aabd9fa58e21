//! The raw pane: exactly what was sent to the model and what came back, call by call.

use egui::{CollapsingHeader, Ui};

use crate::app::state::trial::{CallState, LiveCall, Trial};
use crate::app::theme::{self, space, text};
use crate::app::widgets::{Button, NoticeKind, Prose, badge, notice, number};
use crate::app::{Command, Outbox};
use crate::domain::{Call, Finish, Purpose, Reply, Want};

pub(super) fn show(ui: &mut Ui, trial: &Trial, outbox: &Outbox) {
    ui.label(text::weak_label(format!(
        "{}, in the order they were asked. Nothing else was sent.",
        number::counted(trial.calls.len() as u64, "call", "calls")
    )));
    for (index, call) in trial.calls.iter().enumerate() {
        let title = format!("{}  {}", index + 1, purpose(&call.purpose));
        CollapsingHeader::new(title)
            .id_salt((trial.number, index))
            .default_open(index == 0)
            .show(ui, |ui| one(ui, trial.number, index, call, outbox));
    }
}

fn one(ui: &mut Ui, trial: u64, index: usize, call: &LiveCall, outbox: &Outbox) {
    let t = theme::tokens(ui);
    match &call.state {
        CallState::Running => {
            ui.label(text::weak_label("Under way; what was sent is shown when it has ended"));
            Prose::new(("raw live", trial, index), &call.text).mono().streaming(true).show(ui);
        }
        CallState::Retrying(why) => {
            notice(ui, NoticeKind::Warning, "Asked again after a failed attempt", why, |_| {});
        }
        CallState::Done { call, reply, replayed } => {
            ui.horizontal_wrapped(|ui| {
                facts(ui, call, Some(reply));
                if *replayed {
                    badge(ui, "replayed", t.weak, "The reply was in the journal");
                }
                let copy = format!("Copy call {}", index + 1);
                let button = Button::quiet("Copy").name(&copy).compact();
                if button.tip("Copies messages and reply").show(ui).clicked() {
                    outbox.send(Command::Copy(as_text(call, Some(reply))));
                }
            });
            sent(ui, trial, index, call);
            heading(ui, "Reply");
            if let Some(reasoning) = &reply.reasoning {
                ui.label(text::weak_label("Reasoning, apart from the answer"));
                Prose::new(("reasoning", trial, index), reasoning).mono().weak().show(ui);
            }
            Prose::new(("reply", trial, index), &reply.text).mono().show(ui);
            if let (Some(choice), Want::Choice(answers)) = (&reply.choice, &call.want) {
                let spread: Vec<String> = answers
                    .iter()
                    .zip(&choice.probabilities)
                    .map(|(answer, p)| format!("{} {}", answer.label, number::score(*p)))
                    .collect();
                ui.label(text::label(format!("Probabilities: {}", spread.join(" · "))));
            }
        }
        CallState::Failed { call, failure } => {
            let title = format!("{}: {}", failure.kind, failure.message);
            notice(ui, NoticeKind::Failure, &title, &failure.hint, |_| {});
            if let Some(call) = call {
                ui.horizontal_wrapped(|ui| facts(ui, call, None));
                sent(ui, trial, index, call);
            }
        }
    }
    ui.add_space(space::S);
}

fn heading(ui: &mut Ui, words: &str) {
    ui.add_space(space::XS);
    ui.label(text::label(words).color(theme::tokens(ui).accent));
}

fn sent(ui: &mut Ui, trial: u64, index: usize, call: &Call) {
    for (place, message) in call.messages.iter().enumerate() {
        heading(ui, super::speaker(message.role));
        Prose::new(("sent", trial, index, place), &message.content).mono().show(ui);
    }
}

fn facts(ui: &mut Ui, call: &Call, reply: Option<&Reply>) {
    let mut facts = vec![format!("asked as {}", call.role)];
    if let Some(reply) = reply {
        if !reply.model.is_empty() {
            facts.push(reply.model.clone());
        }
        facts.push(format!(
            "{} tokens in, {} out",
            number::count(reply.usage.prompt_tokens),
            number::count(reply.usage.completion_tokens)
        ));
        facts.extend(number::cached(reply.usage));
        facts.extend(cache_marks(reply));
        if reply.finish == Finish::Length {
            facts.push("cut off at the longest length".to_owned());
        }
    }
    facts.push(format!("temperature {}", call.sampling.temperature));
    facts.push(format!("at most {} tokens", call.sampling.max_tokens));
    if let Some(seed) = call.sampling.seed {
        facts.push(format!("seed {seed}"));
    }
    ui.add(egui::Label::new(text::weak_label(facts.join(" · "))).wrap());
}

/// Where the request had cache marks, which its words do not show; `None`: it had none.
fn cache_marks(reply: &Reply) -> Option<String> {
    let after: Vec<String> = reply.marks.iter().map(|nth| (nth + 1).to_string()).collect();
    let (texts, put) = (after.join(", "), number::count(reply.usage.cache_write_tokens));
    (!after.is_empty())
        .then(|| format!("cache marks after text {texts}, {put} tokens put into the cache"))
}

/// What a call is for, in words.
pub(super) fn purpose(purpose: &Purpose) -> String {
    match purpose {
        Purpose::Draft { candidate: 0 } => "Draft".to_owned(),
        Purpose::Draft { candidate } => format!("Draft {}", candidate + 1),
        Purpose::Critique { round, principle } => format!("Critique {round} under {principle}"),
        Purpose::Revision { round, principle } => format!("Revision {round} under {principle}"),
        Purpose::Reason { about, response } => format!("Reason about {about} of {response}"),
        Purpose::Comparison { principle, order } => {
            format!("Comparison under {principle}, order {order}")
        }
        Purpose::Criterion { criterion, response } => {
            format!("Verdict on {criterion} of {response}")
        }
        Purpose::Suggestion { reaction } => format!("Principles for a {reaction}"),
        Purpose::Votes { time, order, .. } => format!("Votes {}, order {order}", time + 1),
        Purpose::Probe => "Probe".to_owned(),
    }
}

/// Messages and reply as text for the clipboard.
fn as_text(call: &Call, reply: Option<&Reply>) -> String {
    let mut parts: Vec<String> = call
        .messages
        .iter()
        .map(|message| format!("[{}]\n{}\n", message.role, message.content))
        .collect();
    if let Some(marks) = reply.and_then(cache_marks) {
        parts.push(format!("[{marks}]\n"));
    }
    parts.extend(reply.map(|reply| format!("[reply]\n{}\n", reply.text)));
    parts.join("\n")
}
