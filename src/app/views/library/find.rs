//! Find everywhere: every text of the project.

use std::time::Duration;

use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Layout, Ui};
use strum::IntoEnumIterator as _;

use super::chooser::{Asked, Chooser};
use crate::app::command::LibraryCommand;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::library::{Found, FoundKind, Wanted};
use crate::app::theme::{self, space, text};
use crate::app::widgets::{Button, EmptyState, Field, number};

/// Height of a row: title and snippet.
const ROW: f32 = 54.0;
/// Typing pauses this long before a search begins, in seconds.
const PAUSE: f64 = 0.15;

/// Its own state.
#[derive(Debug, Default)]
pub(super) struct FindView {
    wanted: Wanted,
    only: Option<FoundKind>,
    chooser: Chooser,
    /// When the text was changed last, where no search was begun since.
    changed_at: Option<f64>,
    /// The search that rows were drawn of.
    number: u64,
    /// Places in the list of finds of those shown, and how many there were: found again only
    /// when more came.
    shown: Vec<usize>,
    shown_of: (u64, usize, Option<FoundKind>),
}

impl FindView {
    /// Draws it; `opens` in the first frame.
    pub(super) fn show(&mut self, ui: &mut Ui, state: &AppState, opens: bool, outbox: &Outbox) {
        let find = &state.library.find;
        if opens {
            self.wanted.clone_from(&find.wanted);
            self.chooser.reset();
        }
        if self.number != find.number {
            self.number = find.number;
            self.chooser.reset();
        }
        self.choose_shown(state);
        let asked = self.chooser.keys(ui, self.shown.len());
        let field = self.head(ui, state, opens, outbox);
        self.kinds(ui, state);
        ui.separator();
        if self.shown.is_empty() {
            empty(ui, state);
            return;
        }
        let name_of = |row: usize| {
            let Some(found) = self.shown.get(row).and_then(|at| find.found.get(*at)) else {
                return String::new();
            };
            format!("{}: {}{}{}", found.title, found.before, found.hit, found.after)
        };
        let count = self.shown.len();
        let shown = &self.shown;
        let clicked = self.chooser.rows(ui, "Finds", count, ROW, &field, name_of, |ui, row| {
            if let Some(found) = shown.get(row).and_then(|at| find.found.get(*at)) {
                draw(ui, found);
            }
        });
        let taken = if asked == Asked::Take { Some(self.chooser.selected) } else { clicked };
        if let Some(found) = taken.and_then(|row| find.found.get(*self.shown.get(row)?)) {
            outbox.send(LibraryCommand::OpenFound(Box::new(found.clone())));
        }
    }

    fn choose_shown(&mut self, state: &AppState) {
        let found = &state.library.find.found;
        let now = (state.library.find.number, found.len(), self.only);
        if self.shown_of == now {
            return;
        }
        self.shown_of = now;
        let fits = |one: &Found| self.only.is_none_or(|only| one.kind == only);
        self.shown =
            found.iter().enumerate().filter(|(_, one)| fits(one)).map(|(at, _)| at).collect();
    }

    fn head(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        opens: bool,
        outbox: &Outbox,
    ) -> egui::Response {
        let find = &state.library.find;
        let error = (!find.error.is_empty()).then_some(find.error.as_str());
        let field = Field::new("Text to find")
            .hint("A word, a sentence or an expression")
            .hide_label()
            .error(error)
            .show(ui, &mut self.wanted.text);
        if opens {
            field.request_focus();
        }
        if field.changed() {
            self.changed_at = Some(ui.input(|input| input.time));
        }
        let mut send = false;
        ui.horizontal(|ui| {
            send |= ui.checkbox(&mut self.wanted.match_case, "Match capitals").changed();
            send |= ui.checkbox(&mut self.wanted.is_regex, "Regular expression").changed();
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if find.job.is_some() && Button::quiet("Stop").compact().show(ui).clicked() {
                    outbox.send(LibraryCommand::StopFind);
                }
                if !find.wanted.text.trim().is_empty() && find.error.is_empty() {
                    ui.label(text::weak_label(find.words()));
                }
            });
        });
        if let Some(changed) = self.changed_at {
            let waited = ui.input(|input| input.time) - changed;
            send |= waited >= PAUSE;
            ui.ctx().request_repaint_after(Duration::from_secs_f64((PAUSE - waited).max(0.01)));
        }
        if send {
            self.changed_at = None;
            outbox.send(LibraryCommand::Find(self.wanted.clone()));
        }
        field
    }

    /// How many of each kind; a click shows only those.
    fn kinds(&mut self, ui: &mut Ui, state: &AppState) {
        let counts = &state.library.find.counts;
        let all: u64 = counts.values().sum();
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            let words = format!("All {}", number::count(all));
            let button = Button::quiet(&words).selected(self.only.is_none()).compact();
            if button.show(ui).clicked() {
                self.only = None;
                self.chooser.reset();
            }
            for kind in FoundKind::iter() {
                let n = counts.get(&kind).copied().unwrap_or_default();
                let listed = state.library.find.found.iter().filter(|one| one.kind == kind).count();
                let words = format!("{kind} {}", number::count(n));
                let tip = if n > listed as u64 {
                    format!("The first {listed} are listed")
                } else {
                    String::new()
                };
                let chosen = self.only == Some(kind);
                let button = Button::quiet(&words).selected(chosen).tip(&tip).compact();
                if button.show(ui).clicked() {
                    self.only = if chosen { None } else { Some(kind) };
                    self.chooser.reset();
                }
            }
        });
        let listed = state.library.find.found.len() as u64;
        if all > listed {
            let words =
                format!("{} of {} texts are listed", number::count(listed), number::count(all));
            ui.label(text::weak_label(words));
        }
    }
}

fn draw(ui: &mut Ui, found: &Found) {
    let t = theme::tokens(ui);
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            ui.spacing_mut().interact_size.y = 16.0;
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if found.times > 1 {
                    ui.label(text::weak_label(format!("{} times", found.times)));
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(egui::Label::new(text::weak_label(&found.title)).truncate());
                });
            });
        });
        let body = egui::TextStyle::Body.resolve(ui.style());
        let plain = TextFormat::simple(body.clone(), t.text);
        let hit = TextFormat {
            background: t.evidence_bg,
            color: t.evidence_text,
            ..TextFormat::simple(body, t.text)
        };
        let mut job = LayoutJob::default();
        job.append(&found.before, 0.0, plain.clone());
        job.append(&found.hit, 0.0, hit);
        job.append(&found.after, 0.0, plain);
        ui.add(egui::Label::new(job).truncate());
    });
}

fn empty(ui: &mut Ui, state: &AppState) {
    let find = &state.library.find;
    let (title, words) = if find.wanted.text.trim().is_empty() {
        (
            "Every text of the project",
            "Principles, criteria and prompts as they are in this window, and all answers and \
             critiques that runs have brought.",
        )
    } else if !find.error.is_empty() {
        ("Nothing to look for", "Mend the expression, or look for plain text.")
    } else if find.job.is_some() {
        ("Looking…", "What is found is listed at once.")
    } else if !find.failed.is_empty() {
        ("Not everything could be read", find.failed.as_str())
    } else {
        ("Nothing found", "Try fewer letters, or an expression such as doc(tor|ument).")
    };
    EmptyState { title, text: words, action: None, shortcut: None }.show(ui);
}
