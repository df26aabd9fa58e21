//! The editor of one principle.

use std::sync::Arc;

use egui::{Slider, Ui};

use super::ConstitutionView;
use crate::app::command::{ConstitutionCommand, PrincipleChange};
use crate::app::menu_command::{MenuCommand, editable};
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, PrincipleField, Target};
use crate::app::theme::{self, space, text};
use crate::app::views::chrome::keys_of;
use crate::app::widgets::{self, Button, Field, chip, section};
use crate::domain::{Constitution, Principle, Problem};

/// From this width on, cases and notes stand beside the text instead of below it.
const TWO_COLUMNS: f32 = 900.0;

/// What editing one principle takes.
pub(super) struct Editing<'a> {
    pub(super) state: &'a AppState,
    pub(super) outbox: &'a Outbox,
    pub(super) principle: &'a Principle,
    pub(super) enabled: bool,
}

impl Editing<'_> {
    pub(super) fn send(&self, change: PrincipleChange) {
        let id = self.principle.id.clone();
        self.outbox.send(ConstitutionCommand::Principle { id, change });
    }

    pub(super) fn target(&self, field: PrincipleField) -> Target {
        Target::Principle {
            stem: self.state.selection.constitution.clone(),
            id: self.principle.id.clone(),
            field: Some(field),
        }
    }
}

impl ConstitutionView {
    pub(super) fn editor(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        constitution: &Arc<Constitution>,
        principle: &Principle,
        outbox: &Outbox,
    ) {
        let edit = Editing { state, outbox, principle, enabled: editable(state).is_ok() };
        ui.spacing_mut().item_spacing.y = space::M;
        ui.push_id(("principle", principle.id.as_str()), |ui| {
            head(ui, &edit, constitution);
            self.problems(ui, &edit, constitution);
            if ui.available_width() >= TWO_COLUMNS {
                ui.scope(|ui| {
                    ui.spacing_mut().item_spacing.x = space::XL;
                    ui.columns_const(|[left, right]| {
                        for column in [&mut *left, &mut *right] {
                            column.spacing_mut().item_spacing.x = space::S;
                        }
                        // A column of its own stretches the words of what it holds.
                        left.vertical(|ui| self.main(ui, &edit));
                        right.vertical(|ui| self.aside(ui, &edit));
                    });
                });
            } else {
                self.main(ui, &edit);
                self.aside(ui, &edit);
            }
            ui.add_space(space::XL);
        });
    }

    fn problems(&mut self, ui: &mut Ui, edit: &Editing<'_>, constitution: &Arc<Constitution>) {
        let id = edit.principle.id.as_str();
        let own: Vec<Problem> = self
            .checked
            .problems(constitution)
            .iter()
            .filter(|problem| problem.place.split('.').next() == Some(id))
            .cloned()
            .collect();
        if own.is_empty() {
            return;
        }
        if let Some(index) = widgets::problem_list(ui, &own) {
            let field =
                own[index].place.split_once('.').map_or(PrincipleField::Text, |(_, f)| match f {
                    "weight" => PrincipleField::Weight,
                    "priority" => PrincipleField::Priority,
                    _ => PrincipleField::Text,
                });
            edit.outbox.send(crate::app::command::GoCommand::To(edit.target(field)));
        }
    }

    fn main(&mut self, ui: &mut Ui, edit: &Editing<'_>) {
        self.text_fields(ui, edit);
        self.numbers(ui, edit);
        self.requests.show(ui, edit, &mut self.attention);
    }

    fn aside(&mut self, ui: &mut Ui, edit: &Editing<'_>) {
        super::cases::show(ui, edit, &mut self.attention);
        let mut notes = edit.principle.notes.clone();
        let response = Field::new("Notes")
            .rows(3)
            .hint("For reviewers")
            .help("Never shown to a model")
            .id_salt(edit.principle.id.as_str())
            .enabled(edit.enabled)
            .show(ui, &mut notes);
        self.marks(ui, edit, PrincipleField::Notes, &response);
        if response.changed() {
            edit.send(PrincipleChange::Notes(notes));
        }
    }

    fn text_fields(&mut self, ui: &mut Ui, edit: &Editing<'_>) {
        let salt = edit.principle.id.as_str();
        let mut title = edit.principle.title.clone();
        let response = Field::new("Title")
            .hint("A few words that name it in lists")
            .id_salt(salt)
            .enabled(edit.enabled)
            .show(ui, &mut title);
        self.marks(ui, edit, PrincipleField::Title, &response);
        if response.changed() {
            edit.send(PrincipleChange::Title(title));
        }
        let words = edit.principle.text.split_whitespace().count();
        let help = widgets::number::counted(words as u64, "word", "words");
        let mut body = edit.principle.text.clone();
        let response = Field::new("Text")
            .rows(3)
            .reading()
            .hint("What a good response does or avoids, one idea")
            .help(&help)
            .id_salt(salt)
            .enabled(edit.enabled)
            .show(ui, &mut body);
        self.marks(ui, edit, PrincipleField::Text, &response);
        if response.changed() {
            edit.send(PrincipleChange::Text(body));
        }
        self.tags(ui, edit);
    }

    fn tags(&mut self, ui: &mut Ui, edit: &Editing<'_>) {
        // What is typed is kept as typed while the field has focus: “a, ” would lose its comma.
        let joined = edit.principle.tags.join(", ");
        let key = ui.scope_id().with("tags as typed");
        let typed = ui.data(|data| data.get_temp::<String>(key));
        let mut tags = match typed {
            Some(typed) if split(&typed) == edit.principle.tags => typed,
            _ => joined,
        };
        let response = Field::new("Tags")
            .hint("honesty, tone")
            .help("Separated by commas; the first one is its group")
            .id_salt(edit.principle.id.as_str())
            .enabled(edit.enabled)
            .show(ui, &mut tags);
        self.marks(ui, edit, PrincipleField::Tags, &response);
        if response.changed() {
            let change = PrincipleChange::Tags(split(&tags));
            ui.data_mut(|data| data.insert_temp(key, tags));
            edit.send(change);
        } else if response.lost_focus() {
            ui.data_mut(|data| data.remove::<String>(key));
        }
    }

    fn numbers(&mut self, ui: &mut Ui, edit: &Editing<'_>) {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            let label = ui.label(text::label("Weight"));
            let mut weight = edit.principle.weight;
            let top = edit.principle.weight.max(5.0);
            let slider = Slider::new(&mut weight, 0.0..=top).max_decimals(2).step_by(0.1);
            let response = ui
                .add_enabled(edit.enabled, slider)
                .labelled_by(label.id)
                .on_hover_text("How often it is drawn, relative to the others; 0 never");
            self.marks(ui, edit, PrincipleField::Weight, &response);
            if response.changed() {
                edit.send(PrincipleChange::Weight(weight));
            }
            ui.add_space(space::L);
            ui.label(text::label("Priority"));
            ui.push_id("priority", |ui| {
                self.priority(ui, edit);
            });
        });
    }

    fn priority(&mut self, ui: &mut Ui, edit: &Editing<'_>) {
        const TIPS: [(u8, &str, &str); 5] = [
            (1, "1", "Wins over all others in a conflict"),
            (2, "2", "Wins over most"),
            (3, "3", "The usual"),
            (4, "4", "Yields to most"),
            (5, "5", "Yields to all others in a conflict"),
        ];
        ui.spacing_mut().item_spacing.x = 2.0;
        for (value, label, tip) in TIPS {
            let name = format!("Priority {label}");
            let locked = (!edit.enabled).then_some("Nothing can be changed in this window");
            let button = Button::quiet(label)
                .name(&name)
                .tip(tip)
                .selected(edit.principle.priority == value)
                .disabled_because(locked)
                .compact();
            let response = button.show(ui);
            if edit.principle.priority == value {
                self.marks(ui, edit, PrincipleField::Priority, &response);
            }
            if response.clicked() && edit.principle.priority != value {
                edit.send(PrincipleChange::Priority(value));
            }
        }
    }

    /// Focuses and flashes a field on request.
    pub(super) fn marks(
        &mut self,
        ui: &Ui,
        edit: &Editing<'_>,
        field: PrincipleField,
        response: &egui::Response,
    ) {
        mark(ui, edit, &mut self.attention, field, response);
    }
}

/// Focuses and flashes a field on request.
pub(super) fn mark(
    ui: &Ui,
    edit: &Editing<'_>,
    attention: &mut crate::app::views::attention::Attention,
    field: PrincipleField,
    response: &egui::Response,
) {
    let target = edit.target(field);
    attention.focus(edit.state, &target, response);
    if attention.flash(ui, edit.state, &target, response.rect) {
        response.scroll_to_me(None);
    }
}

/// The tags in a comma-separated text.
fn split(text: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in text.split(',').map(str::trim).filter(|tag| !tag.is_empty()) {
        if !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

fn head(ui: &mut Ui, edit: &Editing<'_>, constitution: &Constitution) {
    ui.horizontal(|ui| {
        let id = edit.principle.id.as_str();
        chip(ui, id, &edit.principle.label(), super::hue_of(constitution, edit.principle));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            for (command, label) in [
                (MenuCommand::Delete, "Delete"),
                (MenuCommand::Duplicate, "Duplicate"),
                (MenuCommand::MoveDown, "Down"),
                (MenuCommand::MoveUp, "Up"),
            ] {
                action(ui, edit, command, label);
            }
            let mut enabled = edit.principle.enabled;
            let check = egui::Checkbox::new(&mut enabled, "Enabled");
            let response = ui.add_enabled(edit.enabled, check).on_hover_text("Whether runs use it");
            if response.changed() {
                edit.send(PrincipleChange::Enabled(enabled));
            }
            // A few letters of a title that stands right below would only be noise.
            if ui.available_width() > 160.0 {
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    let title = text::heading(edit.principle.label());
                    ui.add(egui::Label::new(title).truncate());
                });
            }
        });
    });
    if !edit.principle.enabled {
        let t = theme::tokens(ui);
        ui.label(text::label("Disabled: runs leave it out").color(t.warning));
    }
}

fn action(ui: &mut Ui, edit: &Editing<'_>, command: MenuCommand, label: &str) {
    let resolved = command.resolve(edit.state);
    let keys = keys_of(ui, command).unwrap_or_default();
    let tip = format!("{} ({keys})", command.title_and_tip().1);
    let name = format!("{} {}", command.title_and_tip().0, edit.principle.id);
    let button = Button::quiet(label)
        .name(&name)
        .tip(&tip)
        .disabled_because(resolved.as_ref().err().copied())
        .compact();
    if button.show(ui).clicked()
        && let Ok(resolved) = resolved
    {
        edit.outbox.send(resolved);
    }
}

/// A section's name with room above.
pub(super) fn part(ui: &mut Ui, name: &str) {
    section(ui, name);
}
