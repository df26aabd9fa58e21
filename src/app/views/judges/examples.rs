//! An example that a judge is shown before its questions.

use egui::{Id, Ui};

use crate::app::state::judges::words_of;
use crate::app::theme::{self, text};
use crate::app::widgets::prose::folded_quote;
use crate::domain::JudgeExample;

/// Its line: `1 · Is this mole anything to worry about? · A is better`.
pub(super) fn title(place: usize, example: &JudgeExample) -> String {
    /// Letters of the prompt.
    const LETTERS: usize = 60;
    let words = example.prompt.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = words.chars().take(LETTERS).collect();
    if words.chars().count() > LETTERS {
        short.push('…');
    }
    format!("{} · {short} · {}", place + 1, words_of(example.answer))
}

/// What it says.
pub(super) fn show(ui: &mut Ui, place: (&str, usize), example: &JudgeExample) {
    let t = theme::tokens(ui);
    if !example.principle.is_empty() {
        ui.label(text::weak_label(format!("Under: {}", example.principle)));
    }
    let parts = [
        ("prompt", &example.prompt),
        ("A", &example.a),
        ("B", &example.b),
        ("why", &example.reason),
    ];
    for (name, words) in parts {
        if words.trim().is_empty() {
            continue;
        }
        ui.label(text::weak_label(super::capital(name)));
        let called = format!("{name} of example {}", place.1 + 1);
        let id = Id::unique(("example of a judge", place, name));
        folded_quote(ui, id, &called, words.trim(), t.border);
    }
    if !example.from.is_empty() {
        let words = format!("From {}; its prompt is left out of reports", example.from);
        ui.label(text::weak_label(words));
    }
}
