//! The label sets, at the left.

use egui::{Align, Label, Layout, Ui, vec2};

use crate::app::command::JudgesCommand;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::judges::{Book, Selected};
use crate::app::theme::{self, size, space, text};
use crate::app::update::judges::may_label;
use crate::app::widgets::number::{count, counted};
use crate::app::widgets::{Button, List, pane};

/// Draws them.
pub(super) fn show(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    pane::mark(ui, pane::Pane::List);
    ui.label(text::heading("Judges"));
    ui.add_space(space::XS);
    sets(ui, state, outbox);
}

fn sets(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    ui.horizontal(|ui| {
        ui.label(text::weak_label("Label sets"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let new = Button::quiet("New…").name("New label set…").compact();
            let new = new.tip("From the answers of a run or comparison");
            if new.disabled_because(may_label(state).err()).show(ui).clicked() {
                outbox.send(JudgesCommand::BeginSet(None));
            }
        });
    });
    let all: Vec<(&String, &Book)> = state.judges.all().collect();
    let selected = all
        .iter()
        .position(|(stem, _)| matches!(&state.judges.selected, Selected::Set(one) if one == *stem));
    let happened = List::new("Label sets", all.len())
        .row_height(size::ROW_TWO_LINES)
        .selected(selected)
        .max_height(ui.available_height())
        .show(
            ui,
            |row| {
                let (_, book) = all[row];
                format!("{}, {}", book.set.name, in_words(book))
            },
            |ui, row| line(ui, all[row.index].1),
        );
    if let Some(row) = happened.selected.or(happened.activated) {
        outbox.send(JudgesCommand::Select(Selected::Set(all[row].0.clone())));
    }
    if let Some(row) = happened.activated {
        let stem = all[row].0.clone();
        outbox.send(JudgesCommand::Label(crate::app::command::LabelCommand::Begin(stem)));
    }
}

/// How far a set is labelled.
fn in_words(book: &Book) -> String {
    let sums = &book.sums;
    let all = book.items.len() as u64;
    let stale = match sums.stale {
        0 => String::new(),
        n => format!(", {} stale", count(n)),
    };
    format!("{} of {} labelled{stale}", count(sums.labels), counted(all, "item", "items"))
}

fn line(ui: &mut Ui, book: &Book) {
    let t = theme::tokens(ui);
    let sums = &book.sums;
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.add(Label::new(&book.set.name).truncate().selectable(false));
        ui.horizontal(|ui| {
            let all = book.items.len() as u64;
            let words = format!("{} of {}", count(sums.labels), count(all));
            ui.add(Label::new(text::weak_label(words)).selectable(false));
            if sums.stale > 0 {
                let stale = format!("^{}", count(sums.stale));
                let tip = "Labels made under an older guide or another text";
                let label = Label::new(text::label(stale).color(t.warning)).selectable(false);
                ui.add(label).on_hover_text(tip);
            }
            let part = if all == 0 { 0.0 } else { sums.labels as f32 / all as f32 };
            let room = vec2((ui.available_width() - space::S).max(0.0), 6.0);
            let (rect, _) = ui.allocate_exact_size(room, egui::Sense::hover());
            ui.painter().rect_filled(rect, 3, t.raised);
            let done = egui::Rect::from_min_size(rect.min, vec2(rect.width() * part, 6.0));
            ui.painter().rect_filled(done, 3, t.accent);
        });
    });
}
