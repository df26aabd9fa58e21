//! A prompt and its answers, as they are read.

use egui::{Frame, Id, Margin, ScrollArea, Ui, vec2};

use crate::app::theme::{self, size, space, text};
use crate::app::views::try_view::speaker;
use crate::app::widgets::prose;
use crate::domain::{FirstShown, LabelItem, Prompt};

/// Below this width answers stand one below the other, in points.
const BESIDE: f32 = 640.0;

/// An answer with its name: `Left`, `A`, `Answer`.
pub(super) struct Answer<'a> {
    /// What it is called on screen.
    pub name: &'a str,
    /// What it says.
    pub text: &'a str,
}

/// The answers of an item by where they are shown, left first.
pub(super) fn sides(item: &LabelItem, first: FirstShown) -> Vec<Answer<'_>> {
    let Some(b) = &item.b else {
        return vec![Answer { name: "Answer", text: &item.a }];
    };
    let (left, right) = match first {
        FirstShown::Left => (item.a.as_str(), b.as_str()),
        FirstShown::Right => (b.as_str(), item.a.as_str()),
    };
    vec![Answer { name: "Left", text: left }, Answer { name: "Right", text: right }]
}

/// The prompt in a card that scrolls by itself, at most so high.
pub(super) fn prompt(ui: &mut Ui, salt: Id, prompt: &Prompt, height: f32) {
    let t = theme::tokens(ui);
    let frame = Frame::new()
        .fill(t.raised)
        .corner_radius(size::RADIUS_CARD)
        .inner_margin(Margin::symmetric(12, 8));
    frame.show(ui, |ui| {
        ui.take_available_width();
        ui.spacing_mut().item_spacing.y = space::XS;
        ScrollArea::vertical()
            .id_salt((salt, "prompt"))
            .auto_shrink([false, true])
            .max_height(height)
            .show(ui, |ui| {
                let is_talk = prompt.messages.len() > 1;
                for (place, message) in prompt.messages.iter().enumerate() {
                    let name = if is_talk { speaker(message.role) } else { "Prompt" };
                    ui.label(text::weak_label(name));
                    prose(ui, (salt, "prompt", place), &message.content);
                }
            });
    });
}

/// The answers in cards that scroll by themselves and fill `height`; `by` scrolls all of them, in
/// points.
pub(super) fn answers(ui: &mut Ui, salt: Id, all: &[Answer<'_>], height: f32, by: f32) {
    let beside = ui.available_width() >= BESIDE || all.len() == 1;
    let gap = ui.spacing().item_spacing.y;
    let each = if beside { height } else { (height - gap) / all.len() as f32 };
    if beside && all.len() > 1 {
        ui.columns(all.len(), |columns| {
            for (column, one) in columns.iter_mut().zip(all) {
                answer(column, salt, one, each, by);
            }
        });
        return;
    }
    for one in all {
        answer(ui, salt, one, each, by);
    }
}

fn answer(ui: &mut Ui, salt: Id, answer: &Answer<'_>, height: f32, by: f32) {
    /// Margins and the name above the text.
    const AROUND: f32 = 24.0 + 22.0;
    let t = theme::tokens(ui);
    let frame = Frame::new()
        .fill(t.surface)
        .stroke(t.hairline())
        .corner_radius(size::RADIUS_CARD)
        .inner_margin(Margin::same(12));
    let inner = frame.show(ui, |ui| {
        ui.take_available_width();
        ui.spacing_mut().item_spacing.y = space::XS;
        let room = (height - AROUND).max(40.0);
        ui.label(text::weak_label(answer.name));
        ScrollArea::vertical()
            .id_salt((salt, answer.name))
            .auto_shrink([false, false])
            .max_height(room)
            // Inside of a page that scrolls, too.
            .min_scrolled_height(room)
            .show(ui, |ui| {
                if by != 0.0 {
                    ui.scroll_with_delta(vec2(0.0, -by));
                }
                if answer.text.trim().is_empty() {
                    ui.label(text::weak_label("The answer is empty"));
                } else {
                    prose(ui, (salt, answer.name, "text"), answer.text);
                }
            });
    });
    let name = answer.name;
    inner.response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Group, true, format!("{name} answer"))
    });
}
