//! One file a screen. A view gets `&AppState`, what is its own, and an
//! [`Outbox`]; it changes nothing and writes no file.

pub mod attention;
pub mod checked;
pub mod chrome;
pub mod compare;
pub mod constitution;
pub mod data;
pub mod document_bar;
pub mod document_page;
pub mod export_sheet;
pub mod focus_keeper;
pub mod home;
pub mod item_action;
pub mod judges;
pub mod library;
pub mod models;
mod move_to;
pub mod panes;
pub mod rubric;
pub mod runs;
pub mod settings;
pub mod sheets;
pub mod try_view;

use egui::{CentralPanel, Frame, Margin, Ui};

use super::outbox::Outbox;
use super::state::{AppState, Area, Sheet};
use super::theme;
use super::widgets::{self, EmptyState};

/// What each screen remembers for itself.
#[derive(Default)]
pub struct Views {
    trial: try_view::TryView,
    constitution: constitution::ConstitutionView,
    rubric: rubric::RubricView,
    home: home::HomeView,
    compare: compare::CompareView,
    judges: judges::JudgesView,
    runs: runs::RunsView,
    data: data::DataView,
    library: library::LibraryView,
    settings: settings::SettingsView,
    export: export_sheet::ExportSheet,
    sheets: sheets::SheetsView,
    panes: panes::Panes,
    keeper: focus_keeper::FocusKeeper,
}

/// Draws the whole window.
pub fn show(ui: &mut Ui, state: &AppState, views: &mut Views, outbox: &Outbox) {
    let ctx = ui.ctx().clone();
    views.keeper.begin(&ctx, state);
    widgets::pane::begin(&ctx);
    widgets::copy_menu::begin(&ctx, state.library.copy);
    chrome::top(ui, state, outbox);
    chrome::status(ui, state, outbox);
    // Who labels has the whole screen.
    if !judges::is_focused(state) {
        chrome::rail(ui, state, outbox);
        views.home.strips(ui, state, outbox);
        views.runs.strip(ui, state, outbox);
    }
    let t = theme::tokens(ui);
    let frame = Frame::new().fill(t.bg).inner_margin(Margin::ZERO);
    let drawn = CentralPanel::default().frame(frame).show(ui, |ui| {
        if state.project.is_none() && !matches!(state.area, Area::Home | Area::Settings) {
            no_project(ui, state, outbox);
            return;
        }
        match state.area {
            Area::Try => views.trial.show(ui, state, outbox),
            Area::Constitution => views.constitution.show(ui, state, outbox),
            Area::Rubric => views.rubric.show(ui, state, outbox),
            Area::Home => views.home.show(ui, state, outbox),
            Area::Compare => views.compare.show(ui, state, outbox),
            Area::Judges => views.judges.show(ui, state, outbox),
            Area::Runs => views.runs.show(ui, state, outbox),
            Area::Data => views.data.show(ui, state, outbox),
            Area::Settings => views.settings.show(ui, state, outbox),
        }
    });
    if state.sheet.is_none() {
        views.panes.follow(&ctx, state, drawn.response.rect);
        library::LibraryView::copy_fallback(&ctx, state, outbox);
    }
    views.sheets.show(ui, state, outbox);
    views.constitution.sheet(ui, state, outbox);
    if state.sheet == Some(Sheet::Export) {
        views.export.show(&ctx, state, outbox);
    }
    views.library.sheet(&ctx, state, outbox);
    views.judges.sheet(ui, state, outbox);
    views.runs.sheet(&ctx, state, outbox);
    views.home.sheet(&ctx, state, outbox);
    views.trial.sheet(ui, state, outbox);
    chrome::toasts(ui, state, outbox);
    views.keeper.end(&ctx, state);
}

fn no_project(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    if let Some(folder) = &state.opening {
        EmptyState {
            title: "Opening",
            text: &folder.display().to_string(),
            action: None,
            shortcut: None,
        }
        .show(ui);
        return;
    }
    let chosen = EmptyState {
        title: "No project is open",
        text: "A project is a folder with constitutions, rubrics and prompts. The sample has \
               some of each; the File menu opens or makes another.",
        action: Some("Open the sample project"),
        shortcut: None,
    }
    .show(ui);
    if chosen {
        outbox.send(super::command::ProjectCommand::OpenSample);
    }
}
