//! The bar above a list: which document is shown, and what can be done with it.

use egui::{Align, ComboBox, Layout, Ui};

use crate::app::theme::size;
use crate::app::widgets::Button;

/// A document to choose.
#[derive(Debug, Clone, Copy)]
pub struct Choice<'a> {
    /// Its stem.
    pub stem: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Whether it is the project's default.
    pub is_default: bool,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Show that one, by stem.
    Show(String),
    /// Show the document's own page.
    Page,
    /// Make a new one.
    New,
    /// Copy the one shown.
    Duplicate,
    /// Delete the one shown.
    Delete,
    /// Use the one shown by default.
    MakeDefault,
}

/// Draws it; `kind` is “constitution” or “rubric”, `locked` why nothing can be changed.
pub fn show(
    ui: &mut Ui,
    kind: &str,
    shown: &str,
    choices: &[Choice<'_>],
    locked: Option<&str>,
) -> Option<Asked> {
    let mut asked = None;
    let current = choices.iter().find(|choice| choice.stem == shown);
    let row = egui::vec2(ui.available_width(), size::CONTROL);
    ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
        let menu = ui.menu_button("More", |ui| {
            more(ui, kind, current, locked, &mut asked);
        });
        menu.response.accessible_name(format!("More on this {kind}"));
        let name = current.map_or("None", |choice| choice.name);
        let combo = ComboBox::from_id_salt(("shown", kind))
            .width(ui.available_width())
            .truncate()
            .icon(crate::app::widgets::choice::chevron)
            .selected_text(name)
            .show_ui(ui, |ui| {
                for choice in choices {
                    let text = if choice.is_default {
                        format!("{} (default)", choice.name)
                    } else {
                        choice.name.to_owned()
                    };
                    if ui.selectable_label(choice.stem == shown, text).clicked() {
                        asked = Some(Asked::Show(choice.stem.to_owned()));
                    }
                }
            });
        combo.response.accessible_name(format!("Shown {kind}"));
    });
    asked
}

fn more(
    ui: &mut Ui,
    kind: &str,
    current: Option<&Choice<'_>>,
    locked: Option<&str>,
    asked: &mut Option<Asked>,
) {
    let none = current.is_none().then_some("There is none");
    let is_default = current.is_some_and(|choice| choice.is_default);
    let default_reason = if is_default { Some("It is the default already") } else { None };
    let items = [
        ("Name and description".to_owned(), Asked::Page, none),
        (format!("New {kind}"), Asked::New, locked),
        ("Duplicate".to_owned(), Asked::Duplicate, locked.or(none)),
        ("Use by default".to_owned(), Asked::MakeDefault, locked.or(none).or(default_reason)),
        (format!("Delete this {kind}"), Asked::Delete, locked.or(none)),
    ];
    for (text, what, reason) in items {
        let button = Button::quiet(&text).disabled_because(reason);
        if button.show(ui).clicked() {
            *asked = Some(what);
            ui.close();
        }
    }
}
