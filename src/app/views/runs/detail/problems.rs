//! What failed, by what it says, each with what mends it.

use egui::{Label, Ui};

use crate::app::command::{HomeCommand, RunsCommand};
use crate::app::effects::runs::ResumeWishes;
use crate::app::menu_command::editable;
use crate::app::outbox::Outbox;
use crate::app::state::runs::{ActiveRun, Adjusting, FailureGroup, RunDetail};
use crate::app::state::{AppState, SettingsPage};
use crate::app::theme::{space, text};
use crate::app::widgets::number::counted;
use crate::app::widgets::{Button, NoticeKind, notice, section};
use crate::domain::RunId;
use crate::store::journal::RunOverview;

/// The most frequent ones say enough.
const MOST: usize = 8;

/// Draws them; nothing where nothing failed.
pub(super) fn show(
    ui: &mut Ui,
    state: &AppState,
    run: &RunOverview,
    active: Option<&ActiveRun>,
    detail: Option<&RunDetail>,
    outbox: &Outbox,
) {
    let groups: &[FailureGroup] = match (active, detail) {
        (Some(active), _) => &active.failures,
        (None, Some(detail)) => &detail.failures,
        (None, None) => return,
    };
    let retries = active.map(|active| &active.retries).filter(|retries| !retries.is_empty());
    if groups.is_empty() && retries.is_none() {
        return;
    }
    ui.add_space(space::S);
    section(ui, "Errors");
    for (message, times) in retries.into_iter().flatten().take(MOST) {
        let words = format!("{}, tried again: {message}", counted(*times, "attempt", "attempts"));
        ui.add(Label::new(text::weak_label(words)).wrap());
    }
    for group in groups.iter().take(MOST) {
        let title = format!("{}: {}", counted(group.rows, "row", "rows"), group.message);
        let mut words = crate::app::widgets::notice::capitalised(&group.hint);
        if !words.is_empty() {
            words.push_str(". ");
        }
        words.push_str("Prompts ");
        words.push_str(&group.prompts.join(", "));
        if group.rows > group.prompts.len() as u64 {
            words.push_str(", …");
        }
        notice(ui, NoticeKind::Failure, &title, &words, |ui| {
            actions(ui, state, run, active.is_some(), group, outbox);
        });
    }
    if groups.len() > MOST {
        let more = groups.len() - MOST;
        ui.label(text::weak_label(format!("and {more} more kinds of failure")));
    }
}

/// What mends a group of failures, and its rows.
fn actions(
    ui: &mut Ui,
    state: &AppState,
    run: &RunOverview,
    is_on: bool,
    group: &FailureGroup,
    outbox: &Outbox,
) {
    let id: &RunId = &run.record.id;
    let named = |words: &str| format!("{words}: {}", group.message);
    let compact = |ui: &mut Ui, words: &str| {
        Button::secondary(words).name(&named(words)).compact().show(ui).clicked()
    };
    match group.kind.as_str() {
        "auth" if compact(ui, "Fix key") => {
            outbox.send(HomeCommand::Page(SettingsPage::Models));
        }
        "unreachable" | "rejected" | "server_error" | "garbled" | "model"
            if compact(ui, "Open models") =>
        {
            outbox.send(HomeCommand::Page(SettingsPage::Models));
        }
        "rate_limited" | "timeout"
            if is_on
                && compact(ui, "Lower the rate")
                && state.runs.adjusting != Some(Adjusting::Rate) =>
        {
            outbox.send(RunsCommand::Adjust(Some(Adjusting::Rate)));
        }
        _ => {}
    }
    if !is_on && state.runs.resumable(run).is_some() && editable(state).is_ok() {
        let tip = "All failed rows of the run are tried again; the others stay as they are";
        let name = named("Retry failed rows");
        let retry = Button::secondary("Retry failed rows").name(&name);
        if retry.tip(tip).compact().show(ui).clicked() {
            let wishes = ResumeWishes::default();
            outbox.send(RunsCommand::Resume { run: id.clone(), wishes });
        }
    }
    let name = named("Show rows");
    let rows = Button::quiet("Show rows").name(&name).compact();
    if rows.show(ui).clicked() {
        outbox.send(RunsCommand::ShowFailed(id.clone()));
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::FailureKind;

    #[test]
    fn the_kinds_that_have_a_remedy_are_called_so() {
        for (kind, name) in [
            (FailureKind::Auth, "auth"),
            (FailureKind::Unreachable, "unreachable"),
            (FailureKind::Rejected, "rejected"),
            (FailureKind::ServerError, "server_error"),
            (FailureKind::Garbled, "garbled"),
            (FailureKind::Model, "model"),
            (FailureKind::RateLimited, "rate_limited"),
            (FailureKind::Timeout, "timeout"),
        ] {
            assert_eq!(kind.to_string(), name);
        }
    }
}
