//! The editor of one principle.

use std::sync::Arc;

use egui::Ui;
use unicode_segmentation::UnicodeSegmentation as _;

use super::ConstitutionView;
use crate::app::command::{CompareCommand, ConstitutionCommand, GoCommand, PrincipleChange};
use crate::app::menu_command::{MenuCommand, editable};
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, PrincipleField, Target};
use crate::app::theme::{self, space, text};
use crate::app::views::checked::Found;
use crate::app::views::item_action::item_action;
use crate::app::views::move_to::move_to;
use crate::app::widgets::{self, Button, Field, WeightSlider, chip, section};
use crate::domain::{Constitution, Principle};

/// Why nothing can be changed.
pub(super) const LOCKED: &str = "Nothing can be changed in this window";

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
        let problems = self.checked.problems(constitution, Constitution::problems);
        ui.spacing_mut().item_spacing.y = space::M;
        ui.push_id(("principle", principle.id.as_str()), |ui| {
            head(ui, &edit, constitution);
            other_problems(ui, &edit, &problems);
            self.text_fields(ui, &edit, &problems);
            self.tags(ui, &edit, constitution);
            self.numbers(ui, &edit, &problems);
            self.requests.show(ui, &edit, &mut self.attention);
            self.notes(ui, &edit);
            without(ui, &edit, constitution);
            ui.add_space(space::XL);
        });
    }

    fn notes(&mut self, ui: &mut Ui, edit: &Editing<'_>) {
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

    fn text_fields(&mut self, ui: &mut Ui, edit: &Editing<'_>, problems: &Found) {
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
        let words = edit.principle.text.unicode_words().count();
        let help = widgets::number::counted(words as u64, "word", "words");
        let problem = problems.of_field(salt, "text");
        let mut body = edit.principle.text.clone();
        let response = Field::new("Text")
            .rows(3)
            .reading()
            .hint("What a good response does or avoids, one idea")
            .help(&help)
            .warning(problem.as_deref())
            .id_salt(salt)
            .enabled(edit.enabled)
            .show(ui, &mut body);
        self.marks(ui, edit, PrincipleField::Text, &response);
        if response.changed() {
            edit.send(PrincipleChange::Text(body));
        }
    }

    fn tags(&mut self, ui: &mut Ui, edit: &Editing<'_>, constitution: &Arc<Constitution>) {
        let known = self.tags.known(constitution);
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let locked = (!edit.enabled).then_some(LOCKED);
        let salt = edit.principle.id.as_str();
        let (changed, response) = widgets::tag_row(ui, salt, &edit.principle.tags, &known, locked);
        self.marks(ui, edit, PrincipleField::Tags, &response);
        if let Some(tags) = changed {
            edit.send(PrincipleChange::Tags(tags));
        }
    }

    fn numbers(&mut self, ui: &mut Ui, edit: &Editing<'_>, problems: &Found) {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            let tip = "How often it is drawn, relative to the others; 0 never";
            let slider = WeightSlider::new(edit.principle.weight, tip).enabled(edit.enabled);
            let (changed, response) = ui
                .scope(|ui| {
                    ui.set_max_width(300.0);
                    ui.horizontal(|ui| slider.show(ui)).inner
                })
                .inner;
            self.marks(ui, edit, PrincipleField::Weight, &response);
            if let Some(weight) = changed {
                edit.send(PrincipleChange::Weight(weight));
            }
            widgets::layout::fit(ui, 220.0);
            ui.horizontal(|ui| {
                ui.label(text::label("Priority"));
                ui.push_id("priority", |ui| self.priority(ui, edit));
            });
        });
        let id = edit.principle.id.as_str();
        for field in ["weight", "priority"] {
            if let Some(problem) = problems.of_field(id, field) {
                ui.label(text::label(problem).color(theme::tokens(ui).worse));
            }
        }
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
            let locked = (!edit.enabled).then_some(LOCKED);
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

/// A comparison of the constitution with itself without this principle.
fn without(ui: &mut Ui, edit: &Editing<'_>, constitution: &Constitution) {
    let id = &edit.principle.id;
    let eligible = constitution.eligible();
    let reason = if !eligible.iter().any(|one| &one.id == id) {
        Some("Runs leave it out already: it is disabled, empty or of weight 0")
    } else if eligible.len() < 2 {
        Some("It is the only principle that runs use")
    } else {
        None
    };
    let words = format!("Compare with {id} switched off");
    let button = Button::secondary(&words)
        .tip("Set up a comparison of this constitution with itself without this principle")
        .disabled_because(editable(edit.state).err().or(reason))
        .compact();
    if ui.horizontal(|ui| button.show(ui).clicked()).inner {
        let stem = edit.state.selection.constitution.clone();
        edit.outbox.send(CompareCommand::Ablate { stem, principle: id.clone() });
    }
}

/// What is wrong with the principle and belongs to no field, with a jump to its text.
fn other_problems(ui: &mut Ui, edit: &Editing<'_>, problems: &Found) {
    let own = problems.beside(edit.principle.id.as_str(), &["text", "weight", "priority"]);
    if !own.is_empty() && widgets::problem_list(ui, &own).is_some() {
        edit.outbox.send(GoCommand::To(edit.target(PrincipleField::Text)));
    }
}

/// In less room than this, what can be done stands on a line below the title, in points.
const ONE_LINE: f32 = 640.0;

fn head(ui: &mut Ui, edit: &Editing<'_>, constitution: &Constitution) {
    let is_wide = ui.available_width() >= ONE_LINE;
    let hue = super::hue_of(constitution, edit.principle);
    ui.horizontal(|ui| {
        chip(ui, edit.principle.id.as_str(), &edit.principle.label(), hue);
        if is_wide {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                controls(ui, edit, constitution, true);
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    ui.add(egui::Label::new(text::heading(edit.principle.label())).truncate());
                });
            });
        } else {
            ui.add(egui::Label::new(text::heading(edit.principle.label())).truncate());
        }
    });
    if !is_wide {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
            controls(ui, edit, constitution, false);
        });
    }
    if !edit.principle.enabled {
        let t = theme::tokens(ui);
        ui.label(text::label("Disabled: runs leave it out").color(t.warning));
    }
}

/// What can be done with the principle; from the right, the last one is drawn first.
fn controls(ui: &mut Ui, edit: &Editing<'_>, constitution: &Constitution, from_right: bool) {
    let mut order = [0, 1, 2, 3, 4, 5];
    if from_right {
        order.reverse();
    }
    for control in order {
        if !from_right {
            let widths = [88.0, 42.0, 62.0, 78.0, 88.0, 66.0];
            widgets::layout::fit(ui, widths[control]);
        }
        match control {
            0 => enabled(ui, edit),
            1 => action(ui, edit, MenuCommand::MoveUp, "Up"),
            2 => action(ui, edit, MenuCommand::MoveDown, "Down"),
            3 => position(ui, edit, constitution),
            4 => action(ui, edit, MenuCommand::Duplicate, "Duplicate"),
            _ => action(ui, edit, MenuCommand::Delete, "Delete"),
        }
    }
}

fn enabled(ui: &mut Ui, edit: &Editing<'_>) {
    let mut enabled = edit.principle.enabled;
    let check = egui::Checkbox::new(&mut enabled, "Enabled");
    let response = ui.add_enabled(edit.enabled, check).on_hover_text("Whether runs use it");
    if response.changed() {
        edit.send(PrincipleChange::Enabled(enabled));
    }
}

/// Where it stands, and a way to say where it shall stand.
fn position(ui: &mut Ui, edit: &Editing<'_>, constitution: &Constitution) {
    let count = constitution.principles.len();
    let id = &edit.principle.id;
    let place = constitution.principles.iter().position(|one| &one.id == id).unwrap_or_default();
    let reason = editable(edit.state).err().or(edit.state.lists.principles.why_fixed());
    if let Some(to) = move_to(ui, id.as_str(), (place, count), reason) {
        edit.outbox.send(ConstitutionCommand::PrincipleTo(id.clone(), to));
    }
}

fn action(ui: &mut Ui, edit: &Editing<'_>, command: MenuCommand, label: &str) {
    item_action(ui, (edit.state, edit.outbox), command, label, edit.principle.id.as_str());
}

/// A section's name with room above.
pub(super) fn part(ui: &mut Ui, name: &str) {
    section(ui, name);
}
