//! What is always there: menus, project name, undo and redo, Run, the rail, the status bar.

use egui::{Align, Frame, Layout, Margin, MenuBar, Panel, RichText, Ui, vec2};
use strum::IntoEnumIterator as _;

use crate::app::command::{GoCommand, LookCommand};
use crate::app::menu_command::{Menu, MenuCommand};
use crate::app::outbox::Outbox;
use crate::app::state::{
    AppState, Area, CallState, EmbeddedState, KeySource, Moment, NoticeKind, SaveState, Sheet,
    ThemeChoice, TrialStatus,
};
use crate::app::theme::{self, space, text};
use crate::app::widgets::{self, Button};
use crate::domain::{ModelEntry, ModelRole, Purpose};

/// Width of the rail, in points: the longest word and some room.
const RAIL: f32 = 128.0;

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

fn menu_item(ui: &mut Ui, state: &AppState, command: MenuCommand, outbox: &Outbox) {
    let (title, tip) = command.title_and_tip();
    let title = match command {
        MenuCommand::Undo => {
            state.history.undo_label().map_or(title.to_owned(), |label| format!("Undo: {label}"))
        }
        MenuCommand::Redo => {
            state.history.redo_label().map_or(title.to_owned(), |label| format!("Redo: {label}"))
        }
        _ => title.to_owned(),
    };
    let resolved = command.resolve(state);
    let is_chosen = match command {
        MenuCommand::ThemeSystem => state.settings.theme == ThemeChoice::System,
        MenuCommand::ThemeLight => state.settings.theme == ThemeChoice::Light,
        MenuCommand::ThemeDark => state.settings.theme == ThemeChoice::Dark,
        MenuCommand::ThemeHighContrast => state.settings.theme == ThemeChoice::HighContrast,
        MenuCommand::ThemeHighContrastLight => {
            state.settings.theme == ThemeChoice::HighContrastLight
        }
        MenuCommand::ReducedMotion => state.settings.reduced_motion,
        MenuCommand::SingleKeys => state.settings.single_keys,
        _ => false,
    };
    let mut button = egui::Button::new(title).min_size(vec2(220.0, 0.0)).selected(is_chosen);
    if let Some(keys) = keys_of(ui, command) {
        button = button.shortcut_text(keys);
    }
    let response = ui.add_enabled(resolved.is_ok(), button);
    match resolved {
        Ok(resolved) => {
            if response.on_hover_text(tip).clicked() {
                outbox.send(resolved);
                ui.close();
            }
        }
        Err(reason) => {
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(reason));
            response.on_disabled_hover_text(reason);
        }
    }
}

/// Menus, project name, undo and redo, Run, the model.
pub fn top(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let t = theme::tokens(ui);
    let frame = Frame::new().fill(t.surface).inner_margin(Margin::symmetric(8, 5));
    Panel::top("top").frame(frame).show(ui, |ui| {
        let style = std::sync::Arc::clone(ui.style());
        // The bar takes the whole width, so everything is in it.
        MenuBar::new().ui(ui, |ui| {
            menus(ui, state, outbox);
            ui.set_style(style);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                right(ui, state, outbox);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| name(ui, state));
            });
        });
    });
}

fn menus(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    for menu in Menu::iter() {
        ui.menu_button(menu.to_string(), |ui| {
            for command in MenuCommand::all().filter(|one| one.menu() == menu) {
                if command.begins_group() {
                    ui.separator();
                }
                menu_item(ui, state, command, outbox);
            }
        });
    }
}

fn name(ui: &mut Ui, state: &AppState) {
    let Some(project) = &state.project else { return };
    ui.add_space(space::M);
    let label = egui::Label::new(text::strong(&project.documents.setup.name));
    ui.add(label.truncate()).on_hover_text(project.root.display().to_string());
    if project.read_only {
        let t = theme::tokens(ui);
        let tip = "Another window has this project open; nothing can be changed here";
        widgets::chip::badge(ui, "read-only", t.warning, tip);
    }
}

fn right(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    model_chip(ui, state, outbox);
    // Try has these beside its prompt; elsewhere the bar runs the prompt last shown there.
    // In Constitution the pinned cases have the key and the button.
    if state.area != Area::Constitution && (state.area != Area::Try || state.prompt().is_none()) {
        if state.trial.running.is_some() {
            command_button(ui, state, MenuCommand::Stop, Button::secondary("Stop"), outbox);
        } else {
            command_button(ui, state, MenuCommand::Run, Button::primary("Run"), outbox);
        }
    }
    ui.add_space(space::S);
    command_button(ui, state, MenuCommand::Redo, Button::quiet("Redo"), outbox);
    command_button(ui, state, MenuCommand::Undo, Button::quiet("Undo"), outbox);
}

/// A button for a command of the table, with its keys, tip and reason; sends it when clicked.
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
    let mut button = button.tip(&tip).disabled_because(resolved.as_ref().err().copied());
    let show_keys = matches!(command, MenuCommand::Run | MenuCommand::Stop);
    if show_keys && !keys.is_empty() {
        button = button.shortcut(&keys);
    }
    if button.show(ui).clicked()
        && let Ok(resolved) = resolved
    {
        outbox.send(resolved);
    }
}

fn model_chip(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let Some(documents) = state.documents() else { return };
    let setup = &documents.setup;
    let name = setup.model_of(ModelRole::Writer);
    let (place, tip) = match setup.all_models().iter().find(|model| model.name == name) {
        Some(model) if model.kind == crate::domain::ModelKind::Embedded => {
            let tip = match &state.models.embedded {
                EmbeddedState::Missing { bytes } => format!(
                    "The starter model runs inside the program; {} MB are fetched on first use",
                    bytes / 1_000_000
                ),
                EmbeddedState::Fetching { .. } => "The starter model is being fetched".to_owned(),
                EmbeddedState::Failed { message, .. } => message.clone(),
                EmbeddedState::Unknown | EmbeddedState::Ready { .. } => {
                    "Runs inside the program; nothing leaves this computer".to_owned()
                }
            };
            ("this computer", tip)
        }
        Some(model) => {
            let missing = state.models.keys.get(&model.name) == Some(&KeySource::Missing);
            let tip = if missing {
                "It has no key yet".to_owned()
            } else {
                format!("Prompts are sent to {}", host(model))
            };
            ("remote", tip)
        }
        None => ("missing", format!("There is no model called {name}")),
    };
    // Everywhere else in words it is the starter model; its name in files is another.
    let shown = if name == ModelEntry::EMBEDDED { "Starter model" } else { name };
    let label = format!("{shown} · {place}");
    let accessible = format!("Models: {label}");
    let button = Button::quiet(&label).name(&accessible).tip(&tip);
    if button.show(ui).clicked() {
        outbox.send(GoCommand::Area(Area::Settings));
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

/// The areas.
pub fn rail(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let t = theme::tokens(ui);
    let frame = Frame::new().fill(t.surface).inner_margin(Margin::symmetric(8, 10));
    Panel::left("rail").exact_size(RAIL).resizable(false).frame(frame).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for area in Area::iter() {
            let command = match area {
                Area::Home => MenuCommand::ShowHome,
                Area::Constitution => MenuCommand::ShowConstitution,
                Area::Rubric => MenuCommand::ShowRubric,
                Area::Try => MenuCommand::ShowTry,
                Area::Compare => MenuCommand::ShowCompare,
                Area::Runs => MenuCommand::ShowRuns,
                Area::Data => MenuCommand::ShowData,
                Area::Settings => MenuCommand::ShowSettings,
            };
            let keys = keys_of(ui, command).unwrap_or_default();
            rail_item(ui, area, state.area == area, &keys, outbox);
        }
    });
}

fn rail_item(ui: &mut Ui, area: Area, selected: bool, keys: &str, outbox: &Outbox) {
    let t = theme::tokens(ui);
    let wanted = vec2(ui.available_width(), 32.0);
    let (rect, response) = ui.allocate_exact_size(wanted, egui::Sense::click());
    let name = area.to_string();
    response
        .widget_info(|| egui::WidgetInfo::selected(egui::Role::Tab, true, selected, name.clone()));
    if ui.is_rect_visible(rect) {
        let fill = if selected {
            t.raised
        } else if response.hovered() {
            t.hovered
        } else {
            t.surface
        };
        ui.painter().rect_filled(rect, 6, fill);
        if selected {
            let bar = egui::Rect::from_min_max(
                rect.min + vec2(0.0, 6.0),
                egui::pos2(rect.left() + 3.0, rect.bottom() - 6.0),
            );
            ui.painter().rect_filled(bar, 2, t.accent);
        }
        let style = if selected { text::strong_style() } else { egui::TextStyle::Body };
        let font = style.resolve(ui.style());
        let at = egui::pos2(rect.left() + 12.0, rect.center().y);
        ui.painter().text(at, egui::Align2::LEFT_CENTER, &name, font, t.text);
        if response.has_focus() {
            widgets::list::focus_ring(ui, rect, 6);
        }
    }
    let tip = format!("{} ({keys})", area.question());
    if response.on_hover_text(tip).clicked() {
        outbox.send(GoCommand::Area(area));
    }
}

/// Jobs, saving, zoom.
pub fn status(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let t = theme::tokens(ui);
    let frame = Frame::new().fill(t.surface).inner_margin(Margin::symmetric(12, 3));
    Panel::bottom("status").frame(frame).show(ui, |ui| {
        ui.spacing_mut().interact_size.y = 22.0;
        ui.horizontal(|ui| {
            let jobs = jobs(state);
            ui.label(text::label(&jobs));
            widgets::announce(ui, &state.announcement.1);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let zoom = format!("{:.0} %", state.settings.zoom * 100.0);
                let name = format!("Zoom {zoom}, reset");
                let button = Button::quiet(&zoom).name(&name).tip("Back to 100 %").compact();
                if button.show(ui).clicked() {
                    outbox.send(LookCommand::ZoomReset);
                }
                save_state(ui, state, outbox);
                let kept = state.notices.iter().filter(|one| one.kind != NoticeKind::Done).count();
                if kept > 0 {
                    let words = format!("{kept} to look at");
                    ui.label(text::label(words).color(t.warning));
                }
            });
        });
    });
}

fn jobs(state: &AppState) -> String {
    if let EmbeddedState::Fetching { done, total, .. } = &state.models.embedded {
        return format!(
            "Fetching the starter model: {} of {} MB",
            done / 1_000_000,
            total / 1_000_000
        );
    }
    if let (Some(cases), None) = (&state.cases.running, &state.trial.running) {
        let done = cases.total - cases.left.len();
        return format!("Cases: {}, {done} of {} done", cases.doing.to_lowercase(), cases.total);
    }
    if let Some(words) = state.runs.in_words() {
        return words;
    }
    let Some((_, key)) = &state.trial.running else { return "No jobs".to_owned() };
    let Some(trial) = state.trial.trials.get(key) else { return "No jobs".to_owned() };
    let under_way = trial
        .calls
        .iter()
        .rev()
        .find(|call| matches!(call.state, CallState::Running | CallState::Retrying(_)));
    match (under_way, &trial.status) {
        (Some(call), _) => format!("Prompt {}: {}", key.1, purpose(&call.purpose)),
        (None, TrialStatus::Running(what)) => format!("Prompt {}: {what}", key.1),
        (None, _) => "No jobs".to_owned(),
    }
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
        Purpose::Probe => "finding out what the model can do".to_owned(),
    }
}

fn save_state(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let t = theme::tokens(ui);
    let (words, colour) = match &state.save {
        SaveState::Clean => ("No changes".to_owned(), t.weak),
        SaveState::Dirty { .. } | SaveState::Saving => ("Saving…".to_owned(), t.weak),
        SaveState::Saved { at } => (format!("Saved {}", local_time(*at)), t.text),
        SaveState::Failed { .. } => ("Not saved".to_owned(), t.worse),
    };
    if !state.conflicts.is_empty() {
        let button = Button::secondary("A file changed on disk: choose").compact();
        if button.show(ui).clicked() {
            outbox.send(GoCommand::Open(Sheet::Conflict));
        }
    } else if let SaveState::Failed { message, .. } = &state.save {
        let tip = message.clone();
        let button = Button::secondary("Save again").tip(&tip).compact();
        if button.show(ui).clicked() {
            outbox.send(crate::app::command::ProjectCommand::Save);
        }
    }
    let response = ui.label(RichText::new(words).small().color(colour));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_live(egui::accesskit::Live::Polite);
    });
}

/// The user's time of day: `14:02:11`.
fn local_time(at: Moment) -> String {
    let utc = chrono::DateTime::from_timestamp_millis(i64::try_from(at.0).unwrap_or_default());
    utc.unwrap_or_default().with_timezone(&chrono::Local).format("%H:%M:%S").to_string()
}

/// Messages to the user, newest at the bottom.
pub fn toasts(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    /// More than these would cover the screen; the older ones follow when those are closed.
    const MOST: usize = 3;
    // Above the status bar, and above what newcomers are shown.
    let mut lift = 44.0 + super::home::strip_height(state);
    for (place, one) in state.notices.iter().rev().take(MOST).enumerate() {
        let kind = match one.kind {
            NoticeKind::Done => widgets::NoticeKind::Done,
            NoticeKind::Warning => widgets::NoticeKind::Warning,
            NoticeKind::Error => widgets::NoticeKind::Failure,
        };
        // A message may begin with a file's name, which keeps its letters.
        let mut words = match one.text.split_whitespace().next() {
            Some(first) if first.contains(['.', '/']) => one.text.clone(),
            _ => widgets::notice::capitalised(&one.text),
        };
        if !one.hint.is_empty() {
            words.push('\n');
            words.push_str(&widgets::notice::capitalised(&one.hint));
        }
        let action = words.contains("Undo brings it back").then_some("Undo");
        let done = widgets::toast(ui.ctx(), place, lift, kind, &words, action);
        lift += done.height + space::S;
        if done.acted {
            outbox.send(crate::app::Command::Undo);
            outbox.send(GoCommand::Dismiss(one.number));
        }
        if done.closed {
            outbox.send(GoCommand::Dismiss(one.number));
        }
    }
}
