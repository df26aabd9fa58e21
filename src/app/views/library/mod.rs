//! Palette, find everywhere, history, versions, notices, keys and glossary: sheets over any area.

mod chooser;
mod find;
mod glossary;
mod history;
mod keys;
mod notices;
mod palette;
mod save_version;
mod versions;

use egui::{Context, vec2};

use super::sheets::large_sheet;
use crate::app::command::{Command, CopyAs, DataCommand, LibraryCommand};
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, Area, Document, Sheet};
use crate::app::theme;
use crate::app::widgets::copy_menu;
use crate::formats::markdown;

/// The sheets' own state.
#[derive(Debug, Default)]
pub struct LibraryView {
    palette: palette::PaletteView,
    find: find::FindView,
    versions: versions::VersionsView,
    save_version: save_version::SaveVersionView,
    glossary: glossary::GlossaryView,
    /// Whether one of these was open in the frame before: a sheet that opens begins anew.
    open: Option<std::mem::Discriminant<Sheet>>,
}

impl LibraryView {
    /// Draws the sheet on top, if it is one of these.
    pub fn sheet(&mut self, ctx: &Context, state: &AppState, outbox: &Outbox) {
        let now = state.sheet.as_ref().map(std::mem::discriminant);
        let opens = now != self.open;
        self.open = now;
        match &state.sheet {
            Some(Sheet::Palette) => self.palette.show(ctx, state, opens, outbox),
            Some(Sheet::FindEverywhere) => {
                large_sheet(ctx, "Find everywhere", vec2(860.0, 640.0), outbox, |ui| {
                    self.find.show(ui, state, opens, outbox);
                });
            }
            Some(Sheet::History) => {
                let rows = (state.history.len() + 1).clamp(9, 18) as f32;
                let size = vec2(640.0, 40.0 + rows * theme::size::ROW);
                large_sheet(ctx, "History", size, outbox, |ui| {
                    history::show(ui, state, opens, outbox);
                });
            }
            Some(Sheet::Versions) => {
                large_sheet(ctx, "Versions", vec2(1080.0, 680.0), outbox, |ui| {
                    self.versions.show(ui, state, opens, outbox);
                });
            }
            Some(Sheet::SaveVersion) => {
                self.save_version.show(ctx, state, opens, outbox);
            }
            Some(Sheet::Notices) => {
                large_sheet(ctx, "Notices", vec2(640.0, 480.0), outbox, |ui| {
                    notices::show(ui, state, outbox);
                });
            }
            Some(Sheet::Keys) => {
                large_sheet(ctx, "Keys", vec2(900.0, 640.0), outbox, |ui| keys::show(ui, state));
            }
            Some(Sheet::Glossary(name)) => {
                let name = name.clone();
                large_sheet(ctx, "Guide and glossary", vec2(820.0, 560.0), outbox, |ui| {
                    self.glossary.show(ui, &name, opens, outbox);
                });
            }
            Some(_) | None => {}
        }
    }

    /// Where no view offered a menu of ways to copy, the document shown is copied as Markdown.
    pub fn copy_fallback(ctx: &Context, state: &AppState, outbox: &Outbox) {
        if !copy_menu::take_request(ctx) {
            return;
        }
        if state.area == Area::Data && state.data.shown().is_some() {
            outbox.send(DataCommand::Copy(CopyAs::Markdown));
            return;
        }
        let shown = state.document_shown().zip(state.documents());
        let text = shown.and_then(|(id, documents)| match documents.get(&id) {
            Document::Constitution(Some(constitution)) => {
                Some(markdown::constitution(&constitution))
            }
            Document::Rubric(Some(rubric)) => Some(markdown::rubric(&rubric)),
            _ => None,
        });
        match text {
            Some(text) => outbox.send(Command::Copy(text)),
            None => outbox.send(LibraryCommand::NothingToCopy),
        }
    }
}
