//! A criterion's scale: levels with an anchor each, or points; and its gate.

use egui::{DragValue, Ui};

use super::RubricView;
use super::editor::Editing;
use crate::app::command::CriterionChange;
use crate::app::state::CriterionField;
use crate::app::theme::{space, text};
use crate::app::widgets::{Button, Field, section};
use crate::domain::{Gate, Scale};

/// The fewest and the most levels of a scale.
const LEVELS: (usize, usize) = (2, 9);

impl RubricView {
    pub(super) fn scale(&mut self, ui: &mut Ui, edit: &Editing<'_>) {
        section(ui, "Scale");
        let is_levels = matches!(edit.criterion.scale, Scale::Levels { .. });
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let levels = Button::quiet("Levels")
                .name("Scale: levels")
                .tip("A level is chosen, each described by an anchor")
                .selected(is_levels)
                .disabled_because(edit.locked())
                .compact()
                .show(ui);
            let points = Button::quiet("Points")
                .name("Scale: points")
                .tip("Met or not met; points count when it is met, negative ones mark a fault")
                .selected(!is_levels)
                .disabled_because(edit.locked())
                .compact()
                .show(ui);
            self.marks(ui, edit, CriterionField::Scale, if is_levels { &levels } else { &points });
            if levels.clicked() && !is_levels {
                edit.send(CriterionChange::Scale(Scale::default()));
            }
            if points.clicked() && is_levels {
                edit.send(CriterionChange::Scale(Scale::Points(1.0)));
            }
        });
        match &edit.criterion.scale {
            Scale::Levels { lowest, anchors } => self.levels(ui, edit, *lowest, anchors),
            Scale::Points(points) => points_field(ui, edit, *points),
        }
    }

    fn levels(&mut self, ui: &mut Ui, edit: &Editing<'_>, lowest: u8, anchors: &[String]) {
        for (place, anchor) in anchors.iter().enumerate().rev() {
            let level = usize::from(lowest) + place;
            let label = match place {
                0 => format!("{level}, the worst"),
                last if last + 1 == anchors.len() => format!("{level}, the best"),
                _ => level.to_string(),
            };
            let name = format!("Level {label}");
            let mut words = anchor.clone();
            let response = Field::new(&name)
                .rows(2)
                .hint("What one would see in the response at this level")
                .id_salt(edit.criterion.id.as_str())
                .enabled(edit.enabled)
                .show(ui, &mut words);
            self.marks(ui, edit, CriterionField::Anchor(place), &response);
            if response.changed() {
                edit.send(CriterionChange::Anchor(place, words));
            }
        }
        ui.horizontal(|ui| {
            let highest = usize::from(lowest) + anchors.len();
            let full = if anchors.len() >= LEVELS.1 || highest > 9 {
                Some("A judge answers with one digit, so 9 is the highest level")
            } else {
                edit.locked()
            };
            let add = Button::secondary("Add a level on top").disabled_because(full).compact();
            if add.show(ui).clicked() {
                let mut anchors = anchors.to_vec();
                anchors.push(String::new());
                edit.send(CriterionChange::Scale(Scale::Levels { lowest, anchors }));
            }
            let few = if anchors.len() <= LEVELS.0 {
                Some("A scale has at least two levels")
            } else {
                edit.locked()
            };
            let remove = Button::quiet("Remove the top level")
                .tip("Undo brings its anchor back")
                .disabled_because(few)
                .compact();
            if remove.show(ui).clicked() {
                let mut anchors = anchors.to_vec();
                anchors.pop();
                edit.send(CriterionChange::Scale(Scale::Levels { lowest, anchors }));
            }
        });
    }

    pub(super) fn gate(&mut self, ui: &mut Ui, edit: &Editing<'_>) {
        section(ui, "Gate");
        let choices = gates(&edit.criterion.scale);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
            for (gate, label) in &choices {
                let name = format!("Gate: {label}");
                let selected = edit.criterion.gate == *gate;
                let button = Button::quiet(label)
                    .name(&name)
                    .selected(selected)
                    .disabled_because(edit.locked())
                    .compact()
                    .show(ui);
                if selected {
                    self.marks(ui, edit, CriterionField::Gate, &button);
                }
                if button.clicked() && !selected {
                    edit.send(CriterionChange::Gate(*gate));
                }
            }
        });
        ui.label(text::weak_label(gate_says(edit.criterion.gate, &edit.criterion.scale)));
    }
}

fn points_field(ui: &mut Ui, edit: &Editing<'_>, points: f64) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let label = ui.label(text::label("Points when it is met"));
        let mut value = points;
        let drag = DragValue::new(&mut value).speed(0.5).max_decimals(2).range(-100.0..=100.0);
        let response = ui.add_enabled(edit.enabled, drag).labelled_by(label.id);
        if response.changed() {
            edit.send(CriterionChange::Points(value));
        }
        let says = if points < 0.0 { "a fault: met is bad" } else { "a merit: met is good" };
        ui.label(text::weak_label(says));
    });
}

fn gates(scale: &Scale) -> Vec<(Gate, String)> {
    let mut all = vec![(Gate::Off, "None".to_owned())];
    if let Some((lowest, highest)) = scale.range() {
        for level in lowest.saturating_add(1)..=highest {
            all.push((Gate::AtLeast(level), format!("At least {level}")));
        }
    } else {
        let fault = matches!(scale, Scale::Points(points) if *points < 0.0);
        let label = if fault { "Must not be met" } else { "Must be met" };
        all.push((Gate::Met, label.to_owned()));
    }
    all
}

fn gate_says(gate: Gate, scale: &Scale) -> String {
    match (gate, scale) {
        (Gate::Off, _) => "A low score lowers the reward and never sets all of it to 0".to_owned(),
        (Gate::AtLeast(level), _) => format!("Below {level} the whole reward is 0"),
        (Gate::Met, Scale::Points(points)) if *points < 0.0 => {
            "When it is met, the whole reward is 0".to_owned()
        }
        (Gate::Met, _) => "When it is not met, the whole reward is 0".to_owned(),
    }
}
