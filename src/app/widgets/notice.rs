//! Notices, toasts, lists of problems, and announcements for screen readers.

use egui::{Align2, Area, Color32, Frame, Id, Margin, Order, Response, Role, Ui, WidgetInfo, vec2};

use super::Button;
use crate::app::theme::{self, Tokens, size, space, text};
use crate::domain::problem::{Problem, Severity};

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// Good to know.
    Info,
    /// It worked.
    Done,
    /// Needs a look.
    Warning,
    /// It failed.
    Failure,
}

impl NoticeKind {
    /// The colour of its mark.
    pub fn colour(self, t: &Tokens) -> Color32 {
        match self {
            Self::Info => t.accent,
            Self::Done => t.better,
            Self::Warning => t.warning,
            Self::Failure => t.worse,
        }
    }

    /// The mark that says the same as the colour.
    pub fn glyph(self) -> &'static str {
        match self {
            Self::Info => "i",
            Self::Done => "✓",
            Self::Warning => "!",
            Self::Failure => "×",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Info => "Note",
            Self::Done => "Done",
            Self::Warning => "Warning",
            Self::Failure => "Failed",
        }
    }
}

/// A strip across what it is about: what happened, how to mend it, and what can be done at once.
pub fn notice(
    ui: &mut Ui,
    kind: NoticeKind,
    title: &str,
    detail: &str,
    actions: impl FnOnce(&mut Ui),
) -> Response {
    let t = theme::tokens(ui);
    let frame = Frame::new()
        .fill(t.surface)
        .stroke(t.hairline())
        .corner_radius(size::RADIUS)
        .inner_margin(Margin { left: 14, right: 10, top: 8, bottom: 8 });
    let inner = frame.show(ui, |ui| {
        ui.take_available_width();
        ui.horizontal_top(|ui| {
            mark(ui, kind);
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = space::XS;
                if !title.is_empty() {
                    ui.add(egui::Label::new(text::strong(title)).wrap());
                }
                if !detail.is_empty() {
                    ui.add(egui::Label::new(detail).wrap());
                }
                // No row where there is nothing to do: its buttons have heights of their own.
                ui.spacing_mut().interact_size.y = 0.0;
                ui.horizontal_wrapped(actions);
            });
        });
    });
    let rect = inner.response.rect;
    let stripe = egui::Rect::from_min_size(rect.min, vec2(4.0, rect.height()));
    let corner = egui::CornerRadius { nw: size::RADIUS, sw: size::RADIUS, ne: 0, se: 0 };
    ui.painter().rect_filled(stripe, corner, kind.colour(t));
    let said = format!("{}: {title} {detail}", kind.word());
    inner.response.widget_info(|| WidgetInfo::labeled(Role::Note, true, said.trim()));
    inner.response
}

/// The kind's mark in a column of its own, so that what follows is aligned.
fn mark(ui: &mut Ui, kind: NoticeKind) {
    let glyph = text::strong(kind.glyph()).color(kind.colour(theme::tokens(ui)));
    ui.add_sized([16.0, size::LINE], egui::Label::new(glyph).selectable(false));
}

/// What was done with a toast.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ToastResponse {
    /// Its action was chosen.
    pub acted: bool,
    /// It was closed.
    pub closed: bool,
    /// Its height in points, for what lies above it.
    pub height: f32,
}

/// A short message at the bottom right, above everything but sheets; the caller says how long.
///
/// `place` counts from the bottom, 0 first; `lift` is what lies below it, in points.
pub fn toast(
    ctx: &egui::Context,
    place: usize,
    lift: f32,
    kind: NoticeKind,
    words: &str,
    action: Option<&str>,
) -> ToastResponse {
    let mut happened = ToastResponse::default();
    let t = theme::tokens_of(ctx);
    let area = Area::new(Id::unique(("toast", place)))
        .order(Order::Foreground)
        .anchor(Align2::RIGHT_BOTTOM, vec2(-16.0, -lift))
        .show(ctx, |ui| {
            Frame::popup(ui.style()).inner_margin(Margin::symmetric(12, 8)).show(ui, |ui| {
                ui.set_max_width(420.0);
                ui.horizontal(|ui| {
                    ui.label(text::strong(kind.glyph()).color(kind.colour(t)));
                    ui.add(egui::Label::new(words).wrap());
                    if let Some(action) = action {
                        happened.acted = Button::secondary(action).compact().show(ui).clicked();
                    }
                    let close = Button::quiet("×").name("Close message").compact();
                    happened.closed = close.show(ui).clicked();
                });
            });
            announce(ui, words);
        });
    happened.height = area.response.rect.height();
    happened
}

/// What is wrong with a document, worst first; gives the one that was clicked.
pub fn problem_list(ui: &mut Ui, problems: &[Problem]) -> Option<usize> {
    let t = theme::tokens(ui);
    let mut clicked = None;
    for (index, problem) in problems.iter().enumerate() {
        let (kind, word) = match problem.severity {
            Severity::Error => (NoticeKind::Failure, "Error"),
            Severity::Warning => (NoticeKind::Warning, "Warning"),
        };
        let at = problem.position.map_or_else(
            || problem.place.clone(),
            |(line, column)| format!("{}, {line}:{column}", problem.place),
        );
        let what = capitalised(&problem.what);
        let name = format!("{word} in {at}: {what}. {}", capitalised(&problem.hint));
        let response = ui
            .scope(|ui| {
                ui.horizontal_top(|ui| {
                    mark(ui, kind);
                    ui.vertical(|ui| {
                        ui.spacing_mut().item_spacing.y = 2.0;
                        ui.spacing_mut().interact_size.y = size::LINE;
                        ui.horizontal_wrapped(|ui| {
                            ui.label(text::mono(&at).color(t.weak));
                            ui.add(egui::Label::new(what).wrap());
                        });
                        if !problem.hint.is_empty() {
                            ui.label(text::weak_label(capitalised(&problem.hint)));
                        }
                    });
                });
            })
            .response;
        let row = ui.interact(
            response.rect,
            ui.scope_id().with(("problem", index)),
            egui::Sense::click(),
        );
        row.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        if row.has_focus() {
            super::list::focus_ring(ui, row.rect.expand(2.0), size::RADIUS);
        }
        if row.clicked() {
            clicked = Some(index);
        }
    }
    clicked
}

/// The text with its first letter in upper case: messages are kept in lower case.
pub fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Says something to a screen reader without moving the focus: `Saved`, `3 of 40`.
///
/// Call it in every frame with the newest words; only a change is read out.
pub fn announce(ui: &Ui, words: &str) {
    let id = ui.scope_id().with("announcement");
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_role(egui::accesskit::Role::Status);
        node.set_live(egui::accesskit::Live::Polite);
        node.set_label(words);
    });
}
