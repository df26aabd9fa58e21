//! The bar at the top: menus, project, version, search, undo and redo, Run, the model.

use std::fmt::Write as _;

use egui::{Align, Frame, Layout, Margin, MenuBar, Panel, Role, Sense, Stroke, StrokeKind, Ui};
use egui::{Align2, WidgetInfo, pos2, vec2};
use strum::IntoEnumIterator as _;

use super::{command_button, host, keys_of, menus};
use crate::app::command::GoCommand;
use crate::app::menu_command::MenuCommand;
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, Area, EmbeddedState, KeySource, Sheet};
use crate::app::theme::{self, size, space, text};
use crate::app::widgets::{self, Button, number};
use crate::domain::{ModelEntry, ModelKind, ModelRole};

/// The widest that the search field gets, in points.
const SEARCH: f32 = 340.0;
/// The widest that the project's name gets.
const NAME: f32 = 180.0;

/// Draws it.
pub fn top(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let t = theme::tokens(ui);
    let frame = Frame::new().fill(t.surface).inner_margin(Margin::symmetric(8, 5));
    Panel::top("top").frame(frame).show(ui, |ui| {
        let style = std::sync::Arc::clone(ui.style());
        // The bar takes the whole width, so everything is in it.
        MenuBar::new().ui(ui, |ui| {
            menus::menus(ui, state, outbox);
            ui.set_style(style);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                right(ui, state, outbox);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    name(ui, state);
                    version(ui, state, outbox);
                    search(ui, outbox);
                });
            });
        });
    });
}

fn name(ui: &mut Ui, state: &AppState) {
    let Some(project) = &state.project else { return };
    ui.add_space(space::S);
    ui.scope(|ui| {
        ui.set_max_width(NAME.min(ui.available_width() * 0.35));
        let label = egui::Label::new(text::strong(&project.documents.setup.name));
        ui.add(label.truncate()).on_hover_text(project.root.display().to_string());
    });
    if project.read_only {
        let t = theme::tokens(ui);
        let tip = "Another window has this project open; nothing can be changed here";
        widgets::chip::badge(ui, "read-only", t.warning, tip);
    }
}

/// The version of the document shown: `v3 · 2 changes`.
fn version(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let Some(shown) = &state.library.shown else { return };
    let changes = shown.counts.total() as u64;
    let words = match (shown.number, changes) {
        (None, _) => "No version yet".to_owned(),
        (Some(version), 0) => format!("v{version}"),
        (Some(version), n) => format!("v{version} · {}", number::counted(n, "change", "changes")),
    };
    let (name, tip) = match shown.number {
        None => (
            "Versions: none yet".to_owned(),
            "Ctrl+S keeps this document as a version to compare with and come back to".to_owned(),
        ),
        Some(version) => (
            format!("Versions: v{version}, {} since", shown.counts.words()),
            format!("Since v{version}: {}", shown.counts.words()),
        ),
    };
    let button = Button::quiet(&words).name(&name).tip(&tip).compact();
    if button.show(ui).clicked() {
        outbox.send(GoCommand::Open(Sheet::Versions));
    }
}

/// A button that looks like the field that it opens.
fn search(ui: &mut Ui, outbox: &Outbox) {
    let t = theme::tokens(ui);
    let free = ui.available_width() - space::M - space::S;
    if free < 48.0 {
        return;
    }
    let width = free.min(SEARCH);
    // Never against the name beside it.
    ui.add_space(((free - width) / 2.0).max(space::S));
    let (rect, response) = ui.allocate_exact_size(vec2(width, size::CONTROL), Sense::click());
    let name = "Search everything";
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    let keys = keys_of(ui, MenuCommand::Palette).unwrap_or_default();
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_keyboard_shortcut(keys.clone()));
    if ui.is_rect_visible(rect) {
        let fill = if response.hovered() { t.raised } else { t.bg };
        let edge = Stroke::new(1.0, t.border);
        ui.painter().rect(rect, size::RADIUS, fill, edge, StrokeKind::Inside);
        let font = egui::TextStyle::Small.resolve(ui.style());
        let keys_at = pos2(rect.right() - 10.0, rect.center().y);
        let painter = ui.painter_at(rect);
        let keys = painter.layout_no_wrap(keys, font, t.weak);
        let body = egui::TextStyle::Body.resolve(ui.style());
        let words = painter.layout_no_wrap(name.to_owned(), body.clone(), t.weak);
        let room = rect.width() - 28.0 - keys.size().x;
        let words = if words.size().x <= room { name } else { "Search" };
        let at = pos2(rect.left() + 10.0, rect.center().y);
        painter.text(at, Align2::LEFT_CENTER, words, body, t.weak);
        if rect.width() > 130.0 {
            painter.galley(keys_at - vec2(keys.size().x, keys.size().y / 2.0), keys, t.weak);
        }
        if response.has_focus() {
            widgets::list::focus_ring(ui, rect, size::RADIUS);
        }
    }
    let tip = MenuCommand::Palette.title_and_tip().1;
    if response.on_hover_text(tip).clicked() {
        outbox.send(GoCommand::Open(Sheet::Palette));
    }
}

fn right(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let narrow = ui.ctx().content_rect().width() < 1_160.0;
    model_chip(ui, state, narrow, outbox);
    // Try, Compare and Judges have these on their screens, in Constitution the pinned cases have them;
    // elsewhere the bar runs the prompt last shown in Try.
    let has_own = match state.area {
        Area::Compare | Area::Constitution | Area::Judges => true,
        Area::Try => state.prompt().is_some(),
        Area::Home | Area::Rubric | Area::Runs | Area::Data | Area::Settings => false,
    };
    if !has_own {
        let (command, button) = if state.trial.running.is_some() {
            (MenuCommand::Stop, Button::secondary("Stop"))
        } else {
            (MenuCommand::Run, Button::primary("Run"))
        };
        let keys = keys_of(ui, command).unwrap_or_default();
        let button = if narrow || keys.is_empty() { button } else { button.shortcut(&keys) };
        command_button(ui, state, command, button, outbox);
    }
    ui.add_space(space::S);
    command_button(ui, state, MenuCommand::Redo, Button::quiet("Redo"), outbox);
    command_button(ui, state, MenuCommand::Undo, Button::quiet("Undo"), outbox);
}

/// Who writes, and where that is.
fn model_chip(ui: &mut Ui, state: &AppState, narrow: bool, outbox: &Outbox) {
    let Some(documents) = state.documents() else { return };
    let setup = &documents.setup;
    let models = setup.all_models();
    let writer = setup.model_of(ModelRole::Writer);
    let place = place_of(state, &models, writer);
    // Everywhere else in words it is the starter model; its name in files is another.
    let shown = |name: &str| {
        if name == ModelEntry::EMBEDDED { "Starter model".to_owned() } else { name.to_owned() }
    };
    let mut tip = String::new();
    for role in ModelRole::iter() {
        let name = setup.model_of(role);
        let place = place_of(state, &models, name);
        writeln!(tip, "{role}: {}, {place}", shown(name)).ok();
    }
    tip.push_str(&where_it_goes(state, &models, setup.roles.values().map(String::as_str)));
    let accessible = format!("Models: {} · {place}", shown(writer));
    let label = if narrow { shown(writer) } else { format!("{} · {place}", shown(writer)) };
    let button = Button::quiet(&label).name(&accessible).tip(&tip);
    if button.show(ui).clicked() {
        outbox.send(GoCommand::Area(Area::Settings));
    }
}

fn place_of(state: &AppState, models: &[ModelEntry], name: &str) -> String {
    let Some(model) = models.iter().find(|model| model.name == name) else {
        return "not in the list of models".to_owned();
    };
    if model.kind == ModelKind::Embedded {
        return match &state.models.embedded {
            EmbeddedState::Missing { .. } => "not fetched yet".to_owned(),
            EmbeddedState::Fetching { .. } => "being fetched".to_owned(),
            EmbeddedState::Failed { .. } => "not there".to_owned(),
            EmbeddedState::Unknown | EmbeddedState::Ready { .. } => "this computer".to_owned(),
        };
    }
    let host = host(model);
    if is_here(&host) {
        return "this computer".to_owned();
    }
    match state.models.keys.get(name) {
        Some(KeySource::Missing) => format!("{host}, no key"),
        _ => host,
    }
}

/// Whether a host is this computer.
fn is_here(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "localhost" | "127.0.0.1" | "[::1]" | "::1")
}

/// One sentence: what leaves this computer.
fn where_it_goes<'a>(
    state: &AppState,
    models: &[ModelEntry],
    named: impl Iterator<Item = &'a str>,
) -> String {
    if let EmbeddedState::Missing { bytes } = &state.models.embedded {
        let size = number::bytes(*bytes);
        return format!(
            "The starter model runs inside the program; {size} are fetched on first use"
        );
    }
    let mut hosts: Vec<String> = named
        .filter_map(|name| models.iter().find(|model| model.name == name))
        .filter(|model| model.kind != ModelKind::Embedded)
        .map(host)
        .filter(|host| !is_here(host))
        .collect();
    hosts.sort();
    hosts.dedup();
    if hosts.is_empty() {
        "Works offline: nothing leaves this computer".to_owned()
    } else {
        format!("Prompts and answers are sent to {}", hosts.join(", "))
    }
}
