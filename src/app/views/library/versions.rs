//! Versions: what a document was, what changed between two of them, and one of them again.

use std::sync::Arc;

use egui::{Align, CentralPanel, Frame, Layout, Margin, Panel, ScrollArea, Ui};

use super::save_version::names;
use crate::app::command::{Command, GoCommand, LibraryCommand};
use crate::app::menu_command::editable;
use crate::app::outbox::Outbox;
use crate::app::state::library::KeptVersion;
use crate::app::state::{AppState, Document, DocumentId, Sheet};
use crate::app::theme::{self, Hue, size, space, text};
use crate::app::update::library::changes_between;
use crate::app::views::chrome::local_day;
use crate::app::widgets::{Button, EmptyState, List, badge, card, chip, choice, diff_view};
use crate::methods::changes::{Change, ChangeKind, Counts, markdown};

/// Changes drawn at most; the others are counted.
const DRAWN: usize = 150;

/// One side of a comparison: the document now, or a version by its place, the newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Now,
    Version(usize),
}

/// Its own state.
#[derive(Debug, Default)]
pub(super) struct VersionsView {
    document: Option<DocumentId>,
    /// The row chosen: 0 is the document now.
    row: usize,
    /// What it is compared with, where the user said so.
    other: Option<Side>,
    /// What was worked out last.
    worked_out: Option<WorkedOut>,
}

/// Changes, worked out when something was chosen or came, not every frame.
#[derive(Debug)]
struct WorkedOut {
    document: DocumentId,
    now: Document,
    versions: usize,
    sides: (Side, Side),
    changes: Vec<Change>,
    counts: Counts,
    /// Of each version: what it changed against the one before.
    steps: Vec<Counts>,
}

impl VersionsView {
    /// Draws it; `opens` in the first frame.
    pub(super) fn show(&mut self, ui: &mut Ui, state: &AppState, opens: bool, outbox: &Outbox) {
        let Some(documents) = state.documents() else { return };
        let names = names(documents);
        if opens {
            self.document = state.document_shown().or_else(|| names.keys().next().cloned());
            self.row = 0;
            self.other = None;
        }
        let Some(id) = self.document.clone().filter(|id| names.contains_key(id)) else {
            self.document = names.keys().next().cloned();
            return;
        };
        let none = Vec::new();
        let versions = state.library.versions.get(&id).unwrap_or(&none);
        self.bar(ui, state, &names.into_iter().collect::<Vec<_>>(), &id, outbox);
        if versions.is_empty() {
            let chosen = EmptyState {
                title: "No version yet",
                text: "Everything is saved to disk by itself. A version is a point that you name: \
                       to compare with, to tell reviewers about, to come back to.",
                action: editable(state).is_ok().then_some("Save a named version…"),
                shortcut: Some("Ctrl+S"),
            }
            .show(ui);
            if chosen {
                outbox.send(GoCommand::Open(Sheet::SaveVersion));
            }
            return;
        }
        self.row = self.row.min(versions.len());
        let sides = self.sides(versions.len());
        self.work_out(&id, documents.get(&id), versions, sides);
        let width = (ui.available_width() * 0.36).clamp(240.0, 360.0);
        let inner = Frame::new().inner_margin(Margin { right: 12, ..Margin::ZERO });
        Panel::left("versions").exact_size(width).resizable(false).frame(inner).show(ui, |ui| {
            self.list(ui, versions, opens);
        });
        let inner = Frame::new().inner_margin(Margin { left: 12, ..Margin::ZERO });
        CentralPanel::default().frame(inner).show(ui, |ui| {
            self.compare(ui, state, &id, versions, sides, outbox);
        });
    }

    /// Which document, and saving another version.
    fn bar(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        names: &[(DocumentId, String)],
        id: &DocumentId,
        outbox: &Outbox,
    ) {
        ui.horizontal(|ui| {
            let chosen = names.iter().position(|(one, _)| one == id);
            let labels: Vec<&str> = names.iter().map(|(_, name)| name.as_str()).collect();
            if let Some(picked) = choice(ui, "Document", chosen, &labels, 280.0) {
                self.document = Some(names[picked].0.clone());
                self.row = 0;
                self.other = None;
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let locked = editable(state).err();
                let save = Button::secondary("Save a version…")
                    .shortcut("Ctrl+S")
                    .disabled_because(locked);
                if save.show(ui).clicked() {
                    outbox.send(GoCommand::Open(Sheet::SaveVersion));
                }
            });
        });
    }

    /// The older and the newer side.
    fn sides(&self, n: usize) -> (Side, Side) {
        let chosen = if self.row == 0 { Side::Now } else { Side::Version(self.row - 1) };
        let usual = match chosen {
            Side::Now => Side::Version(0),
            Side::Version(place) if place + 1 < n => Side::Version(place + 1),
            // The first has none before it.
            Side::Version(_) => Side::Now,
        };
        let other = match self.other {
            Some(Side::Version(place)) if place >= n => usual,
            Some(other) if other != chosen => other,
            _ => usual,
        };
        let age = |side: Side| match side {
            Side::Now => 0,
            Side::Version(place) => place + 1,
        };
        if age(other) > age(chosen) { (other, chosen) } else { (chosen, other) }
    }

    fn work_out(
        &mut self,
        id: &DocumentId,
        now: Document,
        versions: &[KeptVersion],
        sides: (Side, Side),
    ) {
        let known = self.worked_out.as_ref().is_some_and(|known| {
            known.document == *id
                && known.versions == versions.len()
                && known.sides == sides
                && is_same(&known.now, &now)
        });
        if known {
            return;
        }
        let value = |side: Side| match side {
            Side::Now => Some(now.clone()),
            Side::Version(place) => versions.get(place)?.document.clone(),
        };
        let changes = match (value(sides.0), value(sides.1)) {
            (Some(before), Some(after)) => changes_between(&before, &after),
            _ => Vec::new(),
        };
        let steps = (0..versions.len())
            .map(|place| match (value(Side::Version(place + 1)), value(Side::Version(place))) {
                (Some(before), Some(after)) => Counts::of(&changes_between(&before, &after)),
                _ => Counts::default(),
            })
            .collect();
        let counts = Counts::of(&changes);
        let versions = versions.len();
        let document = id.clone();
        self.worked_out =
            Some(WorkedOut { document, now, versions, sides, changes, counts, steps });
    }

    fn list(&mut self, ui: &mut Ui, versions: &[KeptVersion], opens: bool) {
        let list = "Versions, the newest first";
        if opens {
            let id = List::focus_id(ui, list);
            ui.memory_mut(|memory| memory.request_focus(id));
        }
        let steps = self.worked_out.as_ref().map(|known| known.steps.clone()).unwrap_or_default();
        let told = |place: usize| -> String {
            let version = &versions[place];
            match (&version.document, place + 1 < versions.len()) {
                (None, _) => "can't be read".to_owned(),
                (Some(document), false) => size_of(document),
                (Some(_), true) => steps.get(place).copied().unwrap_or_default().words(),
            }
        };
        let name_of = |row: usize| match row.checked_sub(1) {
            None => "Now".to_owned(),
            Some(place) => {
                let version = &versions[place];
                format!("{}, {}, {}", version.title(), local_day(version.at), told(place))
            }
        };
        let happened = List::new(list, versions.len() + 1)
            .row_height(size::ROW_TWO_LINES)
            .selected(Some(self.row))
            .show(ui, name_of, |ui, row| match row.index.checked_sub(1) {
                None => two_lines(ui, "Now", "", "The document as it is in this window"),
                Some(place) => {
                    let version = &versions[place];
                    let at = local_day(version.at);
                    let note = version.note.lines().next().unwrap_or_default();
                    let told = told(place);
                    let below = if note.is_empty() { told } else { format!("{told} · {note}") };
                    two_lines(ui, &version.title(), &at, &below);
                }
            });
        if let Some(row) = happened.selected {
            self.row = row;
            self.other = None;
        }
    }

    fn compare(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        id: &DocumentId,
        versions: &[KeptVersion],
        sides: (Side, Side),
        outbox: &Outbox,
    ) {
        let title = |side: Side| match side {
            Side::Now => "now".to_owned(),
            Side::Version(place) => versions[place].title(),
        };
        let chosen = if self.row == 0 { Side::Now } else { Side::Version(self.row - 1) };
        let other = if sides.0 == chosen { sides.1 } else { sides.0 };
        let others: Vec<Side> = std::iter::once(Side::Now)
            .chain((0..versions.len()).map(Side::Version))
            .filter(|side| *side != chosen)
            .collect();
        let words: Vec<String> = others.iter().map(|side| title(*side)).collect();
        let labels: Vec<&str> = words.iter().map(String::as_str).collect();
        let at = others.iter().position(|side| *side == other);
        if let Some(picked) = choice(ui, "Compared with", at, &labels, 240.0) {
            self.other = Some(others[picked]);
        }
        let Some(known) = &self.worked_out else { return };
        let t = theme::tokens(ui);
        ui.horizontal_wrapped(|ui| {
            ui.label(text::strong(title(sides.0)).color(t.before));
            ui.label("→");
            ui.label(text::strong(title(sides.1)).color(t.after));
            ui.label(text::weak_label(known.counts.words()));
        });
        if let Side::Version(place) = chosen
            && !versions[place].note.is_empty()
        {
            ui.add(egui::Label::new(&versions[place].note).wrap());
        }
        ui.horizontal_wrapped(|ui| {
            let name = names_of(state, id);
            let note = Button::secondary("Copy change note")
                .tip("What changed between the two, as Markdown for reviewers")
                .compact()
                .show(ui);
            if note.clicked() {
                let heading = format!("{name}: {} → {}", title(sides.0), title(sides.1));
                outbox.send(Command::Copy(markdown(&heading, &known.changes)));
            }
            if let Side::Version(place) = chosen {
                let version = &versions[place];
                let locked = editable(state).err();
                let unreadable = version.document.is_none().then_some("It can't be read");
                let label = format!("Restore v{}", version.number);
                let button = Button::secondary(&label)
                    .tip("Puts this version in the document's place; Undo brings back what was")
                    .disabled_because(locked.or(unreadable))
                    .compact();
                if button.show(ui).clicked() {
                    outbox.send(LibraryCommand::RestoreVersion {
                        document: id.clone(),
                        hash: version.hash.clone(),
                    });
                }
            }
        });
        ui.separator();
        ScrollArea::vertical().id_salt("changes").auto_shrink([false, false]).show(ui, |ui| {
            if known.changes.is_empty() {
                ui.label(text::weak_label("The two are the same"));
            }
            for (place, change) in known.changes.iter().take(DRAWN).enumerate() {
                ui.push_id(place, |ui| draw(ui, change));
            }
            if known.changes.len() > DRAWN {
                let more = known.changes.len() - DRAWN;
                ui.label(text::weak_label(format!("{more} more; the change note has them all")));
            }
        });
    }
}

fn names_of(state: &AppState, id: &DocumentId) -> String {
    let documents = state.documents();
    let name = documents.and_then(|documents| match documents.get(id) {
        Document::Constitution(Some(constitution)) => Some(constitution.name.clone()),
        Document::Rubric(Some(rubric)) => Some(rubric.name.clone()),
        _ => None,
    });
    name.unwrap_or_default()
}

fn is_same(a: &Document, b: &Document) -> bool {
    match (a, b) {
        (Document::Constitution(Some(a)), Document::Constitution(Some(b))) => Arc::ptr_eq(a, b),
        (Document::Rubric(Some(a)), Document::Rubric(Some(b))) => Arc::ptr_eq(a, b),
        _ => false,
    }
}

fn size_of(document: &Document) -> String {
    match document {
        Document::Constitution(Some(constitution)) => {
            format!("{} principles", constitution.principles.len())
        }
        Document::Rubric(Some(rubric)) => format!("{} criteria", rubric.criteria.len()),
        _ => String::new(),
    }
}

fn two_lines(ui: &mut Ui, title: &str, right: &str, below: &str) {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.spacing_mut().interact_size.y = 18.0;
        ui.add_space(5.0);
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.label(text::weak_label(right));
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(egui::Label::new(text::strong(title)).truncate());
                });
            });
        });
        ui.add(egui::Label::new(text::weak_label(below)).truncate());
    });
}

fn draw(ui: &mut Ui, change: &Change) {
    let t = theme::tokens(ui);
    card(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            if !change.code.is_empty() {
                chip(ui, &change.code, &change.name, Hue::Grey);
            }
            ui.label(text::strong(&change.name));
            let (word, colour) = match &change.kind {
                ChangeKind::Added(_) => ("added".to_owned(), t.after),
                ChangeKind::Removed(_) => ("removed".to_owned(), t.before),
                ChangeKind::Changed(_) => ("changed".to_owned(), t.text),
                ChangeKind::Moved(from, to) => (format!("moved from {from} to {to}"), t.weak),
            };
            badge(ui, &word, colour, "");
        });
        match &change.kind {
            ChangeKind::Added(text) => one_sided(ui, text, crate::methods::DiffKind::Added),
            ChangeKind::Removed(text) => one_sided(ui, text, crate::methods::DiffKind::Removed),
            ChangeKind::Moved(..) => {}
            ChangeKind::Changed(fields) => {
                for field in fields {
                    if !change.code.is_empty() {
                        ui.label(text::weak_label(field.field));
                    }
                    diff_view(ui, field.field, &field.spans);
                    ui.add_space(space::XS);
                }
            }
        }
    });
}

/// A text that is only on one side.
fn one_sided(ui: &mut Ui, text: &str, kind: crate::methods::DiffKind) {
    if text.trim().is_empty() {
        return;
    }
    let spans = [crate::methods::DiffSpan { kind, text: text.to_owned() }];
    diff_view(ui, "text", &spans);
}
