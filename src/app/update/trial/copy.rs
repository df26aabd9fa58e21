//! A chain as text for the clipboard.

use std::fmt::Write as _;

use super::shown;
use crate::app::effects::Effect;
use crate::app::state::trial::CopyForm;
use crate::app::state::{AppState, CallState, Moment, NoticeKind, Trial};
use crate::app::widgets::number;
use crate::domain::Speaker;

pub(super) fn copy(state: &mut AppState, form: CopyForm, at: Moment) -> Vec<Effect> {
    let Some(trial) = shown(state) else { return Vec::new() };
    let number = trial.number;
    let text = match form {
        CopyForm::Markdown => markdown(trial),
        CopyForm::Json => {
            trial.row.as_ref().and_then(|row| serde_json::to_string_pretty(&**row).ok())
        }
        CopyForm::Raw => raw(trial),
    };
    let Some(text) = text else {
        if form == CopyForm::Raw {
            let effects = super::recall::fetch_calls(state, number);
            if !effects.is_empty() {
                let words = "What was sent is being read from the journal; copy it again then";
                state.notify(NoticeKind::Done, words, at);
                return effects;
            }
        }
        state.notify(
            NoticeKind::Warning,
            "There is nothing to copy before the chain has ended",
            at,
        );
        return Vec::new();
    };
    let words = match form {
        CopyForm::Markdown => "Copied the chain as Markdown",
        CopyForm::Json => "Copied the chain as JSON",
        CopyForm::Raw => "Copied what was sent and what came back",
    };
    state.notify(NoticeKind::Done, words, at);
    vec![Effect::Copy(text)]
}

/// The chain for people; `None` before there is one.
fn markdown(trial: &Trial) -> Option<String> {
    let row = trial.row.as_ref()?;
    let chain = row.chain.as_ref()?;
    let by_hand = |part: String| {
        if trial.by_hand.contains(&part) { " (edited by hand)" } else { "" }
    };
    let mut out = String::from("## Prompt\n\n");
    for message in &row.prompt.messages {
        if message.role != Speaker::User || row.prompt.messages.len() > 1 {
            writeln!(out, "{}:\n", message.role).ok();
        }
        writeln!(out, "{}\n", quoted(&message.content)).ok();
    }
    writeln!(out, "## Draft{}\n\n{}\n", by_hand("draft".to_owned()), chain.draft).ok();
    let constitution = trial.constitution.as_deref();
    for step in &chain.steps {
        let principle = constitution.and_then(|c| c.principle(&step.principle));
        let text = principle.map_or("", |principle| principle.text.as_str());
        writeln!(out, "## Round {}: {}\n\n{text}\n", step.round, step.principle).ok();
        let mark = by_hand(format!("critique {}", step.round));
        writeln!(out, "Critique{mark}:\n\n{}\n", quoted(&step.critique)).ok();
        if step.found_nothing {
            writeln!(out, "The critic found nothing to mend.\n").ok();
        } else {
            let mark = by_hand(format!("revision {}", step.round));
            writeln!(out, "Revision{mark}:\n\n{}\n", step.revision).ok();
        }
    }
    if let Some(failure) = &row.failure {
        writeln!(out, "Stopped at {}: {}\n", failure.at, failure.failure.message).ok();
    }
    if !row.scores.is_empty() {
        writeln!(out, "| Answer | Reward |\n| --- | ---: |").ok();
        for scored in &row.scores {
            let reward = scored.score.reward.map_or_else(|| "unparsed".to_owned(), number::score);
            writeln!(out, "| {} | {reward} |", scored.name).ok();
        }
        out.push('\n');
    }
    let mut made: Vec<String> = Vec::new();
    made.extend(constitution.map(|constitution| format!("constitution “{}”", constitution.name)));
    made.extend(trial.rubric.as_deref().map(|rubric| format!("rubric “{}”", rubric.name)));
    made.push(format!("seed {}", trial.seed));
    if trial.variant.is_experiment() {
        made.push(trial.label().to_lowercase());
    }
    made.extend(trial.recorded.as_ref().map(|recorded| format!("run {}", recorded.run)));
    writeln!(out, "Made with {}.", made.join(", ")).ok();
    Some(out)
}

fn quoted(text: &str) -> String {
    text.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n")
}

/// Every message sent and every reply; `None` where no call is there.
fn raw(trial: &Trial) -> Option<String> {
    let mut out = String::new();
    for live in &trial.calls {
        let (call, reply) = match &live.state {
            CallState::Done { call, reply, .. } => (Some(call), Some(reply.text.as_str())),
            CallState::Failed { call, .. } => (call.as_ref(), None),
            CallState::Running | CallState::Retrying(_) => (None, None),
        };
        let Some(call) = call else { continue };
        for message in &call.messages {
            writeln!(out, "[{}]\n{}\n", message.role, message.content).ok();
        }
        writeln!(out, "[reply]\n{}\n", reply.unwrap_or("(failed)")).ok();
    }
    (!out.is_empty()).then_some(out)
}
