//! Keep the documents as a named version.

use std::collections::BTreeMap;

use egui::{Context, Key, Modifiers, Ui, vec2};

use crate::app::command::LibraryCommand;
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, DocumentId, Documents};
use crate::app::theme::{space, text};
use crate::app::update::library::changes_between;
use crate::app::views::sheets::large_sheet;
use crate::app::widgets::{Button, Field, section};
use crate::methods::changes::Counts;

/// Its own state.
#[derive(Debug, Default)]
pub(super) struct SaveVersionView {
    name: String,
    note: String,
    /// Each document with what changed since its newest version, and whether it is kept.
    documents: Vec<Line>,
}

#[derive(Debug, Clone)]
struct Line {
    id: DocumentId,
    name: String,
    since: String,
    chosen: bool,
}

impl SaveVersionView {
    /// Draws it; `opens` in the first frame.
    pub(super) fn show(&mut self, ctx: &Context, state: &AppState, opens: bool, outbox: &Outbox) {
        if opens {
            self.name.clear();
            self.note.clear();
            self.documents = lines(state);
        }
        let rows = self.documents.len().min(6) as f32;
        let size = vec2(520.0, 250.0 + 28.0 * rows);
        large_sheet(ctx, "Save a named version", size, outbox, |ui| {
            self.contents(ui, opens, outbox);
        });
    }

    fn contents(&mut self, ui: &mut Ui, opens: bool, outbox: &Outbox) {
        let entered = ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
        let name =
            Field::new("Name (optional)").hint("softer medical rule").show(ui, &mut self.name);
        if opens {
            name.request_focus();
        }
        let entered =
            entered || name.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        Field::new("Note for reviewers (optional)").rows(2).show(ui, &mut self.note);
        section(ui, "Documents");
        let height = (ui.available_height() - 44.0).max(56.0);
        egui::ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::XS;
            for line in &mut self.documents {
                ui.horizontal(|ui| {
                    ui.checkbox(&mut line.chosen, &line.name);
                    ui.label(text::weak_label(&line.since));
                });
            }
        });
        let chosen: Vec<DocumentId> =
            self.documents.iter().filter(|line| line.chosen).map(|line| line.id.clone()).collect();
        let reason = chosen.is_empty().then_some("Choose at least one document");
        ui.add_space(space::XS);
        let save = Button::primary("Save version").shortcut("Enter").disabled_because(reason);
        if (save.show(ui).clicked() || entered) && reason.is_none() {
            outbox.send(LibraryCommand::SaveVersion {
                documents: chosen,
                name: self.name.clone(),
                note: self.note.clone(),
            });
        }
    }
}

/// The document shown and those with changes are chosen.
fn lines(state: &AppState) -> Vec<Line> {
    let Some(documents) = state.documents() else { return Vec::new() };
    let shown = state.document_shown();
    let mut lines: Vec<Line> = names(documents)
        .into_iter()
        .map(|(id, name)| {
            let newest = state.library.versions.get(&id).and_then(|all| all.first());
            let counts = newest.and_then(|version| {
                let now = documents.get(&id);
                Some(Counts::of(&changes_between(version.document.as_ref()?, &now)))
            });
            let since = match (newest, counts) {
                (None, _) => "no version yet".to_owned(),
                (Some(version), Some(counts)) => {
                    format!("{} since v{}", counts.words(), version.number)
                }
                (Some(version), None) => format!("v{} can't be read", version.number),
            };
            let changed = counts.is_some_and(|counts| counts.total() > 0);
            let chosen = changed || shown.as_ref() == Some(&id);
            Line { id, name, since, chosen }
        })
        .collect();
    if !lines.iter().any(|line| line.chosen) {
        for line in &mut lines {
            line.chosen = true;
        }
    }
    // What is about to be kept is in sight.
    lines.sort_by_key(|line| !line.chosen);
    lines
}

/// The documents that have versions, with their names.
pub(super) fn names(documents: &Documents) -> BTreeMap<DocumentId, String> {
    let constitutions = documents.constitutions.iter().map(|(stem, constitution)| {
        (DocumentId::Constitution(stem.clone()), format!("{} (constitution)", constitution.name))
    });
    let rubrics = documents.rubrics.iter().map(|(stem, rubric)| {
        (DocumentId::Rubric(stem.clone()), format!("{} (rubric)", rubric.name))
    });
    constitutions.chain(rubrics).collect()
}
