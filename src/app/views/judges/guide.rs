//! The guide, as labellers read it before they begin.

use egui::{CentralPanel, Frame, Id, Key, Margin, Modifiers, Panel, ScrollArea, Ui};

use super::{item, keys};
use crate::app::command::{JudgesCommand, LabelCommand};
use crate::app::outbox::Outbox;
use crate::app::state::judges::{Book, Session, Shown, task_words};
use crate::app::theme::{self, size, space, text};
use crate::app::widgets::number::counted;
use crate::app::widgets::prose::quote;
use crate::app::widgets::{Button, badge, card, prose, section};
use crate::domain::{FirstShown, WorkedExample};

/// The page.
pub(super) fn page(ui: &mut Ui, session: &Session, book: &Book, outbox: &Outbox) {
    let t = theme::tokens(ui);
    let is_free = !egui::Popup::is_any_open(ui.ctx());
    if is_free && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        outbox.send(JudgesCommand::Label(LabelCommand::Pause));
    }
    let bar = Frame::new().fill(t.surface).inner_margin(Margin::symmetric(16, 10));
    Panel::bottom("guide keys").frame(bar).show(ui, |ui| buttons(ui, session, book, outbox));
    CentralPanel::default().frame(theme::area_frame(t)).show(ui, |ui| {
        ScrollArea::vertical().id_salt("guide page").auto_shrink([false, false]).show(ui, |ui| {
            column(ui, |ui| text_of(ui, session, book));
        });
    });
}

/// A column as wide as can be read well, in the middle.
pub(super) fn column(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    let room = ui.available_rect_before_wrap();
    let wide = room.width().min(size::READING_WIDTH);
    let left = room.left() + (room.width() - wide) / 2.0;
    let inner =
        egui::Rect::from_min_size(egui::pos2(left, room.top()), egui::vec2(wide, room.height()));
    ui.scope_builder(egui::UiBuilder::new().max_rect(inner), contents);
}

fn buttons(ui: &mut Ui, session: &Session, book: &Book, outbox: &Outbox) {
    ui.horizontal_wrapped(|ui| {
        let begun = session.place > 0 || session.before > 0;
        let words = if begun { "Go on labelling" } else { "Begin labelling" };
        let start = Button::primary(words).shortcut("Enter").show(ui);
        keys::offer_focus(ui, &start);
        if start.clicked() {
            outbox.send(JudgesCommand::Label(LabelCommand::Start));
        }
        let practice = book.set.guide.practice.len() as u64;
        if practice > 0 {
            let words = format!("Practise {practice} first");
            let tip = "The right answer is told after each; nothing is kept";
            if Button::secondary(&words).tip(tip).show(ui).clicked() {
                outbox.send(JudgesCommand::Label(LabelCommand::Practise));
            }
        }
        let leave = Button::quiet("Not now").shortcut("Esc");
        if leave.show(ui).clicked() {
            outbox.send(JudgesCommand::Label(LabelCommand::Pause));
        }
        ui.label(text::weak_label(
            "One key a label. Sides are drawn at random, and no judge is in sight.",
        ));
    });
}

fn text_of(ui: &mut Ui, session: &Session, book: &Book) {
    let guide = &book.set.guide;
    ui.spacing_mut().item_spacing.y = space::S;
    ui.add_space(space::S);
    ui.label(text::title(&book.set.name));
    let left = session.turns.len().saturating_sub(session.place) as u64;
    ui.label(text::weak_label(format!(
        "You say {} · {} to label · guide version {}",
        task_words(book.set.task),
        counted(left, "item", "items"),
        guide.version
    )));
    ui.add_space(space::S);
    if guide.text.trim().is_empty() {
        let words = "This set has no guide yet. Decide as somebody would who reads the answer and \
                     has to live with it. Who writes down how to decide, on the set’s page, gets \
                     labels that agree.";
        ui.add(egui::Label::new(egui::RichText::new(words).weak()).wrap());
    } else {
        prose(ui, "guide text", guide.text.trim());
    }
    if !guide.examples.is_empty() {
        section(ui, "Worked examples");
        for (place, one) in guide.examples.iter().enumerate() {
            card(ui, |ui| example(ui, place, one));
        }
    }
    ui.add_space(space::XL);
}

/// A worked example: prompt, answers, what is right and why.
pub(super) fn example(ui: &mut Ui, place: usize, one: &WorkedExample) {
    /// Points of each answer.
    const HEIGHT: f32 = 180.0;
    let t = theme::tokens(ui);
    ui.spacing_mut().item_spacing.y = space::S;
    let salt = Id::unique(("worked example", place, &one.item.id));
    let right = Shown::of(one.answer, FirstShown::Left).words();
    ui.horizontal_wrapped(|ui| {
        ui.label(text::strong(format!("Example {}", place + 1)));
        badge(ui, &right, t.better, "The right answer");
        if let Some(aspect) = &one.item.aspect {
            ui.label(text::weak_label(format!("under {}: {}", aspect.id, aspect.text)));
        }
    });
    item::prompt(ui, salt, &one.item.prompt, 90.0);
    item::answers(ui, salt, &item::sides(&one.item, FirstShown::Left), HEIGHT, 0.0);
    if !one.why.trim().is_empty() {
        quote(ui, (salt, "why"), one.why.trim(), t.better);
    }
}
