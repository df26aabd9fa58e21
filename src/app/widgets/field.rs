//! Labelled text fields.

use egui::{Margin, Response, TextEdit, TextStyle, Ui};

use crate::app::theme::{self, space, text};

/// A text field with its label above, tied to it for screen readers.
#[must_use = "call show"]
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    label: &'a str,
    hint: &'a str,
    help: &'a str,
    error: Option<&'a str>,
    warning: Option<&'a str>,
    rows: usize,
    style: FieldStyle,
    salt: Option<&'a str>,
    hide_label: bool,
    enabled: bool,
    width: Option<f32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FieldStyle {
    Body,
    Reading,
    Mono,
    Secret,
}

impl<'a> Field<'a> {
    /// One line.
    pub const fn new(label: &'a str) -> Self {
        Self {
            label,
            hint: "",
            help: "",
            error: None,
            warning: None,
            rows: 1,
            style: FieldStyle::Body,
            salt: None,
            hide_label: false,
            enabled: true,
            width: None,
        }
    }

    /// Several lines; grows with the text.
    pub const fn rows(mut self, rows: usize) -> Self {
        self.rows = rows;
        self
    }

    /// Shown while it is empty.
    pub const fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    /// A line below: what it is for.
    pub const fn help(mut self, help: &'a str) -> Self {
        self.help = help;
        self
    }

    /// What is wrong with the text; shown below instead of the help.
    pub const fn error(mut self, error: Option<&'a str>) -> Self {
        self.error = error;
        self
    }

    /// What may be meant otherwise; shown below instead of the help.
    pub const fn warning(mut self, warning: Option<&'a str>) -> Self {
        self.warning = warning;
        self
    }

    /// Text for reading: prompts, principles, replies.
    pub const fn reading(mut self) -> Self {
        self.style = FieldStyle::Reading;
        self
    }

    /// Ids, addresses, templates.
    pub const fn mono(mut self) -> Self {
        self.style = FieldStyle::Mono;
        self
    }

    /// A key: shown as dots.
    pub const fn secret(mut self) -> Self {
        self.style = FieldStyle::Secret;
        self
    }

    /// Tells apart fields of one label; use the item's id, so that undo history stays with it.
    pub const fn id_salt(mut self, salt: &'a str) -> Self {
        self.salt = Some(salt);
        self
    }

    /// The label only for screen readers, where the place says what it is.
    pub const fn hide_label(mut self) -> Self {
        self.hide_label = true;
        self
    }

    /// Whether it can be edited.
    pub const fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// Its width; the full width where not set.
    pub const fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }

    /// Draws it; the response is the field's.
    pub fn show(self, ui: &mut Ui, value: &mut String) -> Response {
        let t = theme::tokens(ui);
        let kept = if self.enabled { String::new() } else { value.clone() };
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = space::XS;
            let label = (!self.hide_label).then(|| ui.label(text::label(self.label)));
            // What can't be changed can still be read, selected and copied.
            let mut fixed: &str = &kept;
            let buffer: &mut dyn egui::TextBuffer =
                if self.enabled { &mut *value } else { &mut fixed };
            let mut edit = if self.rows > 1 {
                TextEdit::multiline(buffer).desired_rows(self.rows).margin(Margin::symmetric(8, 6))
            } else {
                TextEdit::singleline(buffer)
                    .margin(Margin::symmetric(8, 4))
                    .align(egui::Align2::LEFT_CENTER)
            };
            let style = match self.style {
                FieldStyle::Body | FieldStyle::Secret => TextStyle::Body,
                FieldStyle::Reading => text::reading_style(),
                FieldStyle::Mono => TextStyle::Monospace,
            };
            edit = edit
                .font(style)
                .hint_text(self.hint)
                .password(self.style == FieldStyle::Secret)
                .desired_width(self.width.unwrap_or(f32::INFINITY));
            if let Some(salt) = self.salt {
                edit = edit.id_salt((self.label, salt));
            }
            if self.error.is_some() {
                ui.visuals_mut().widgets.inactive.bg_stroke.color = t.worse;
            }
            if !self.enabled {
                edit = edit.background_color(t.bg).text_color(t.text);
            }
            let mut response = ui.add(edit);
            if !self.enabled {
                ui.ctx().accesskit_node_builder(response.id, egui::accesskit::Node::set_read_only);
            }
            response = match &label {
                Some(label) => response.labelled_by(label.id),
                None => response.accessible_name(self.label),
            };
            if response.has_focus() {
                let now = (response.id, value.clone());
                ui.data_mut(|data| data.insert_temp(focused_text_id(), now));
            }
            let (note, colour) = match (self.error, self.warning) {
                (Some(error), _) => (error, t.worse),
                (None, Some(warning)) => (warning, t.warning),
                (None, None) => (self.help, t.weak),
            };
            if !note.is_empty() {
                ui.label(text::label(note).color(colour));
                ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(note));
            }
            response
        })
        .inner
    }
}

fn focused_text_id() -> egui::Id {
    egui::Id::unique("text of the focused field")
}

/// The field that has focus with its text, as drawn last: what tells whether Ctrl+Z is the
/// field's or the document's.
pub fn focused_text(ctx: &egui::Context) -> Option<(egui::Id, String)> {
    let focused = ctx.memory(egui::Memory::focused)?;
    let (id, text) = ctx.data(|data| data.get_temp::<(egui::Id, String)>(focused_text_id()))?;
    (id == focused).then_some((id, text))
}
