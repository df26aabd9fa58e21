//! Pinned prompts of a principle, with what is expected of the answer.

use egui::Ui;

use super::editor::{Editing, mark};
use crate::app::command::{GoCommand, PrincipleChange};
use crate::app::state::PrincipleField;
use crate::app::theme::{space, text};
use crate::app::views::attention::Attention;
use crate::app::widgets::{Button, Field, card, section};
use crate::domain::Case;

pub(super) fn show(ui: &mut Ui, edit: &Editing<'_>, attention: &mut Attention) {
    let cases = &edit.principle.cases;
    let locked = (!edit.enabled).then_some("Nothing can be changed in this window");
    section(ui, &format!("Cases ({})", cases.len()));
    if cases.is_empty() {
        ui.add(
            egui::Label::new(text::weak_label(
                "Prompts on which this principle matters, with what a good answer does",
            ))
            .wrap(),
        );
    }
    let mut changed: Option<Vec<Case>> = None;
    for (index, case) in cases.iter().enumerate() {
        card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::S;
            let salt = format!("{} case {index}", edit.principle.id);
            let mut new = case.clone();
            let prompt = Field::new("Prompt")
                .rows(2)
                .id_salt(&salt)
                .enabled(edit.enabled)
                .show(ui, &mut new.prompt);
            let expect = Field::new("A good answer")
                .rows(2)
                .id_salt(&salt)
                .enabled(edit.enabled)
                .show(ui, &mut new.expect);
            if index + 1 == cases.len() {
                mark(ui, edit, attention, PrincipleField::Cases, &prompt);
            }
            if prompt.changed() || expect.changed() {
                let mut all = cases.clone();
                all[index] = new;
                changed = Some(all);
            }
            let name = format!("Delete case {}", index + 1);
            let delete = Button::quiet("Delete").name(&name).disabled_because(locked).compact();
            if ui.horizontal(|ui| delete.show(ui).clicked()).inner {
                let mut all = cases.clone();
                all.remove(index);
                changed = Some(all);
            }
        });
    }
    let add = Button::secondary("Add case").disabled_because(locked).compact();
    if ui.horizontal(|ui| add.show(ui).clicked()).inner {
        let mut all = cases.clone();
        all.push(Case::default());
        edit.send(PrincipleChange::Cases(all));
        // After the change, so that the new case is there to be focused.
        edit.outbox.send(GoCommand::To(edit.target(PrincipleField::Cases)));
    }
    if let Some(cases) = changed {
        edit.send(PrincipleChange::Cases(cases));
    }
}
