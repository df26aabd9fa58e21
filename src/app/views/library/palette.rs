//! The palette: everything by a few letters.

use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Align2, Context, Id, Layout, Modal, TextEdit, Ui, vec2};

use super::chooser::{Asked, Chooser};
use crate::app::command::{GoCommand, LibraryCommand};
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::library::{PaletteHit, PaletteItem};
use crate::app::theme::{self, space, text};
use crate::app::views::chrome;
use crate::app::widgets::number;

/// Width of the column of kinds.
const KIND: f32 = 84.0;
/// Height of a line.
const ROW: f32 = 30.0;

/// Its own state.
#[derive(Debug, Default)]
pub(super) struct PaletteView {
    typed: String,
    chooser: Chooser,
    number: u64,
}

/// A line: its group and its place there.
type Line = (usize, usize);

impl PaletteView {
    /// Draws it; `opens` in the first frame.
    pub(super) fn show(&mut self, ctx: &Context, state: &AppState, opens: bool, outbox: &Outbox) {
        let palette = &state.library.palette;
        if opens {
            self.typed.clone_from(&palette.typed);
        }
        if opens || self.number != palette.number {
            self.number = palette.number;
            self.chooser.reset();
        }
        let lines: Vec<Line> = palette
            .groups
            .iter()
            .enumerate()
            .flat_map(|(group, one)| (0..one.hits.len()).map(move |hit| (group, hit)))
            .collect();
        let screen = ctx.content_rect();
        let id = Id::unique("palette");
        let top = (screen.height() * 0.12).min(96.0);
        let area = Modal::default_area(id).anchor(Align2::CENTER_TOP, vec2(0.0, top));
        let frame = egui::Frame::popup(&ctx.global_style()).inner_margin(10);
        let response = Modal::new(id).area(area).frame(frame).show(ctx, |ui| {
            ui.set_width(760.0_f32.min(screen.width() - 64.0));
            let asked = self.chooser.keys(ui, lines.len());
            let field = self.field(ui, opens, outbox);
            ui.add_space(2.0);
            let height = (screen.height() - top - 150.0).clamp(120.0, 14.0 * ROW);
            let wanted = (lines.len().max(1) as f32 * ROW).min(height);
            let mut chosen = None;
            if lines.is_empty() {
                nothing(ui, state);
            } else {
                ui.allocate_ui(vec2(ui.available_width(), wanted), |ui| {
                    chosen = self.lines(ui, state, &lines, &field);
                });
            }
            foot(ui, state, lines.len());
            if asked == Asked::Take {
                chosen = lines.get(self.chooser.selected).copied();
            }
            chosen
        });
        if let Some(hit) = response.inner.and_then(|line| hit_of(state, line)) {
            outbox.send(LibraryCommand::Choose(hit.item.clone()));
        } else if response.should_close() {
            outbox.send(GoCommand::CloseSheet);
        }
    }

    fn field(&mut self, ui: &mut Ui, opens: bool, outbox: &Outbox) -> egui::Response {
        let edit = TextEdit::singleline(&mut self.typed)
            .hint_text("Search commands, principles, prompts, runs, help; > for commands only")
            .font(text::reading_style())
            .margin(egui::Margin::symmetric(10, 7))
            .desired_width(f32::INFINITY);
        let response = ui.add(edit).accessible_name("Search everything");
        if opens {
            response.request_focus();
        }
        if response.changed() {
            outbox.send(LibraryCommand::Typed(self.typed.clone()));
        }
        response
    }

    fn lines(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        lines: &[Line],
        field: &egui::Response,
    ) -> Option<Line> {
        let name_of = |row: usize| {
            let line = lines[row];
            let Some(hit) = hit_of(state, line) else { return String::new() };
            let group = state.library.palette.groups.get(line.0).map_or("", |group| group.name);
            match why_not(state, hit) {
                Some(reason) => format!("{group}: {}, {reason}", hit.title),
                None => format!("{group}: {}", hit.title),
            }
        };
        let clicked =
            self.chooser.rows(ui, "Results", lines.len(), ROW, field, name_of, |ui, row| {
                draw(ui, state, lines[row]);
            });
        clicked.map(|row| lines[row])
    }
}

fn hit_of(state: &AppState, (group, hit): Line) -> Option<&PaletteHit> {
    state.library.palette.groups.get(group)?.hits.get(hit)
}

/// Why a command can't be carried out now.
fn why_not(state: &AppState, hit: &PaletteHit) -> Option<&'static str> {
    match &hit.item {
        PaletteItem::Command(command) => command.resolve(state).err(),
        _ => None,
    }
}

fn draw(ui: &mut Ui, state: &AppState, line: Line) {
    let t = theme::tokens(ui);
    let Some(hit) = hit_of(state, line) else { return };
    let group = &state.library.palette.groups[line.0];
    // A recent one says what it is; of a group only the first does.
    let kind = match (group.name, line.1) {
        ("Recent", _) => hit.item.kind(),
        (name, 0) => name,
        _ => "",
    };
    let (rect, _) = ui.allocate_exact_size(vec2(KIND, ROW), egui::Sense::hover());
    let font = egui::TextStyle::Small.resolve(ui.style());
    ui.painter().text(rect.left_center(), Align2::LEFT_CENTER, kind, font, t.weak);
    let reason = why_not(state, hit);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        match (&hit.item, reason) {
            (_, Some(reason)) => {
                ui.add(egui::Label::new(text::weak_label(reason)).truncate());
            }
            (PaletteItem::Command(command), None) => {
                if let Some(keys) = chrome::keys_of(ui, *command) {
                    ui.label(text::mono(keys).color(t.weak));
                }
            }
            _ => {}
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let colour = if reason.is_some() { t.weak } else { t.text };
            let job = lit(ui, &hit.title, &hit.places, colour);
            let wide = ui.painter().layout_job(job.clone()).size().x;
            let room = ui.available_width();
            // The title first; what is left is for the detail.
            let width = wide.min(room * if hit.detail.is_empty() { 1.0 } else { 0.72 });
            ui.scope(|ui| {
                ui.set_max_width(width + 1.0);
                ui.add(egui::Label::new(job).truncate());
            });
            if ui.available_width() > 60.0 && !hit.detail.is_empty() {
                ui.add(egui::Label::new(text::weak_label(&hit.detail)).truncate());
            }
        });
    });
}

/// A title with the letters that matched in the accent and semibold.
fn lit(ui: &Ui, title: &str, places: &[usize], colour: egui::Color32) -> LayoutJob {
    let t = theme::tokens(ui);
    let plain = TextFormat::simple(egui::TextStyle::Body.resolve(ui.style()), colour);
    let strong = TextFormat::simple(text::strong_style().resolve(ui.style()), t.accent);
    let mut job = LayoutJob::default();
    let mut stretch = String::new();
    let mut is_lit = false;
    let mut places = places.iter().copied().peekable();
    for (place, letter) in title.chars().enumerate() {
        let matches = places.next_if_eq(&place).is_some();
        if matches != is_lit && !stretch.is_empty() {
            job.append(&stretch, 0.0, if is_lit { strong.clone() } else { plain.clone() });
            stretch.clear();
        }
        is_lit = matches;
        stretch.push(letter);
    }
    job.append(&stretch, 0.0, if is_lit { strong } else { plain });
    job
}

fn nothing(ui: &mut Ui, state: &AppState) {
    let words = if state.library.palette.looking {
        "Looking through the prompts…"
    } else {
        "Nothing fits; Ctrl+Shift+F looks through answers and critiques, too"
    };
    ui.horizontal(|ui| {
        ui.add_space(space::M);
        ui.label(text::weak_label(words));
    });
    ui.add_space(space::S);
}

/// What the keys do, and what is not listed.
fn foot(ui: &mut Ui, state: &AppState, lines: usize) {
    ui.add_space(2.0);
    ui.separator();
    ui.horizontal(|ui| {
        ui.add_space(space::XS);
        ui.label(text::weak_label("↑ ↓ choose    Enter take    Esc close"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let palette = &state.library.palette;
            let total: usize = palette.groups.iter().map(|group| group.total).sum();
            let words = if palette.looking {
                "Looking through the prompts…".to_owned()
            } else if total > lines {
                format!("{lines} of {} shown", number::count(total as u64))
            } else {
                String::new()
            };
            ui.label(text::weak_label(words));
        });
    });
}
