//! Settings: who answers, how it looks, what leaves this machine, what is kept where.

mod appearance;
mod keys;
mod logs;
mod privacy;
mod storage;

use egui::{CentralPanel, Panel, ScrollArea, Ui};
use strum::IntoEnumIterator as _;

use crate::app::command::HomeCommand;
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, SettingsPage};
use crate::app::theme::{self, space, text};
use crate::app::views::models::ModelsView;
use crate::app::widgets::List;

/// Width of the list of pages, in points.
const PAGES: f32 = 148.0;
/// The widest that a page is drawn.
const WIDEST: f32 = 760.0;

/// The screen's own state.
#[derive(Default)]
pub struct SettingsView {
    models: ModelsView,
    keys: keys::KeysPage,
    logs: logs::LogsPage,
}

impl SettingsView {
    /// Draws the area.
    pub fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let t = theme::tokens(ui);
        let frame = theme::panel_frame(t);
        let side = Panel::left("settings pages").exact_size(PAGES).resizable(false).frame(frame);
        side.show(ui, |ui| {
            let pages: Vec<SettingsPage> = SettingsPage::iter().collect();
            let chosen = pages.iter().position(|page| *page == state.home.page);
            let happened = List::new("Settings pages", pages.len()).selected(chosen).show(
                ui,
                |row| pages[row].to_string(),
                |ui, row| {
                    ui.label(pages[row.index].to_string());
                },
            );
            if let Some(page) = happened.selected.and_then(|row| pages.get(row)) {
                outbox.send(HomeCommand::Page(*page));
            }
        });
        match state.home.page {
            SettingsPage::Models => self.models.show(ui, state, outbox),
            SettingsPage::Appearance => page(ui, "Appearance", |ui| {
                appearance::show(ui, state, outbox);
            }),
            SettingsPage::Privacy => page(ui, "Privacy", |ui| privacy::show(ui, state, outbox)),
            SettingsPage::Keys => page(ui, "Keys", |ui| self.keys.show(ui, state, outbox)),
            SettingsPage::Storage => page(ui, "Storage", |ui| storage::show(ui, state, outbox)),
            SettingsPage::Logs => self.logs.show(ui, state, outbox),
        }
    }
}

/// A page that scrolls.
fn page(ui: &mut Ui, title: &str, contents: impl FnOnce(&mut Ui)) {
    let frame = theme::area_frame(theme::tokens(ui));
    CentralPanel::default().frame(frame).show(ui, |ui| {
        ui.label(text::title(title));
        ui.add_space(space::XS);
        ScrollArea::vertical().id_salt(title).auto_shrink([false, false]).show(ui, |ui| {
            ui.set_max_width(ui.available_width().min(WIDEST));
            contents(ui);
            ui.add_space(space::XL);
        });
    });
}
