//! What is always there: menus, project name, search, undo and redo, Run, the rail, the status
//! bar, and notices that lie over it all.

mod menus;
mod rail;
mod status;
mod toasts;
mod top;

use egui::Ui;

use crate::app::menu_command::MenuCommand;
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, Moment, Notice, NoticeKind};
use crate::app::widgets::{self, Button};
use crate::domain::{ModelEntry, Purpose};

pub use rail::rail;
pub use status::status;
pub use toasts::toasts;
pub use top::top;

/// A key's name as printed on buttons.
pub fn keys_of(ui: &Ui, command: MenuCommand) -> Option<String> {
    command.shortcuts().first().map(|keys| key_words(ui, *keys))
}

/// A key's name as people print it: `Ctrl+.`, not `Ctrl+Period`.
pub fn key_words(ui: &Ui, keys: egui::KeyboardShortcut) -> String {
    let words = ui.ctx().format_shortcut(&keys);
    let symbol = keys.logical_key.symbol_or_name();
    words
        .strip_suffix(keys.logical_key.name())
        .map_or(words.clone(), |rest| format!("{rest}{symbol}"))
}

/// A button for a command of the table, with its tip and reason; sends it when clicked.
fn command_button(
    ui: &mut Ui,
    state: &AppState,
    command: MenuCommand,
    button: Button<'_>,
    outbox: &Outbox,
) {
    let (_, tip) = command.title_and_tip();
    let resolved = command.resolve(state);
    let keys = keys_of(ui, command).unwrap_or_default();
    let tip = match command {
        MenuCommand::Undo => state.history.undo_label().map(|label| format!("{label} ({keys})")),
        MenuCommand::Redo => state.history.redo_label().map(|label| format!("{label} ({keys})")),
        _ => None,
    }
    .unwrap_or_else(|| tip.to_owned());
    let button = button.tip(&tip).disabled_because(resolved.as_ref().err().copied());
    if button.show(ui).clicked()
        && let Ok(resolved) = resolved
    {
        outbox.send(resolved);
    }
}

/// Where a model's requests go, as a host.
pub fn host(model: &ModelEntry) -> String {
    let address = match (model.base_url.trim(), model.kind) {
        ("", crate::domain::ModelKind::Anthropic) => "api.anthropic.com",
        ("", _) => "api.openai.com",
        (address, _) => address,
    };
    let without_scheme = address.split_once("://").map_or(address, |(_, rest)| rest);
    without_scheme.split('/').next().unwrap_or_default().to_owned()
}

/// What a call is for, in a few words.
pub fn purpose(purpose: &Purpose) -> String {
    match purpose {
        Purpose::Draft { .. } => "writing the draft".to_owned(),
        Purpose::Critique { round, principle } => format!("critique {round} by {principle}"),
        Purpose::Revision { round, principle } => format!("revision {round} by {principle}"),
        Purpose::Reason { about, response } => format!("reason on {about} for {response}"),
        Purpose::Comparison { principle, .. } => format!("comparing by {principle}"),
        Purpose::Criterion { criterion, response } => format!("scoring {response} on {criterion}"),
        Purpose::Suggestion { .. } => "writing principles".to_owned(),
        Purpose::Votes { .. } => "asking for the principles’ votes".to_owned(),
        Purpose::Probe => "finding out what the model can do".to_owned(),
    }
}

/// The user's time of day: `14:02:11`.
pub fn local_time(at: Moment) -> String {
    local(at, "%H:%M:%S")
}

/// The user's day and time: `22 Nov 14:02`.
pub fn local_day(at: Moment) -> String {
    local(at, "%-d %b %H:%M")
}

fn local(at: Moment, form: &str) -> String {
    let utc = chrono::DateTime::from_timestamp_millis(i64::try_from(at.0).unwrap_or_default());
    utc.unwrap_or_default().with_timezone(&chrono::Local).format(form).to_string()
}

/// Whether the window is so small that messages must not lie over it.
fn is_small(ctx: &egui::Context) -> bool {
    let size = ctx.content_rect().size();
    size.x < 1_160.0 || size.y < 700.0
}

/// A notice's mark.
pub fn mark_of(kind: NoticeKind) -> widgets::NoticeKind {
    match kind {
        NoticeKind::Done => widgets::NoticeKind::Done,
        NoticeKind::Warning => widgets::NoticeKind::Warning,
        NoticeKind::Error => widgets::NoticeKind::Failure,
    }
}

/// A message as it is shown: it may begin with a file's name, which keeps its letters.
pub fn sentence(text: &str) -> String {
    match text.split_whitespace().next() {
        Some(first) if first.contains(['.', '/']) => text.to_owned(),
        _ => widgets::notice::capitalised(text),
    }
}

/// What can be done about a notice now: undo only as long as its edit is the newest.
pub fn action_of(state: &AppState, notice: &Notice) -> Option<MenuCommand> {
    let command = notice.action?;
    let newest = state.history.current().map(|entry| entry.number);
    let stale = command == MenuCommand::Undo && (newest.is_none() || notice.edit != newest);
    (!stale && command.resolve(state).is_ok()).then_some(command)
}

/// The words on the button of an action.
pub fn action_words(command: MenuCommand) -> &'static str {
    match command {
        MenuCommand::ShowSettings => "Open settings",
        other => other.title_and_tip().0.trim_end_matches('…'),
    }
}
