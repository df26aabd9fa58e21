//! What can be done with several principles at once.

use egui::Ui;

use crate::app::command::{ConstitutionCommand, CopyAs, ListsCommand};
use crate::app::menu_command::{MenuCommand, editable};
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::theme::{space, text};
use crate::app::widgets::{Button, Field, layout};
use crate::domain::Constitution;

pub(super) fn show(ui: &mut Ui, state: &AppState, constitution: &Constitution, outbox: &Outbox) {
    let ids = state.chosen_principles();
    let locked = editable(state).err();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
        ui.label(text::label(format!("{} picked", ids.len())));
        for (words, name, on) in [
            ("Enable", "Enable the picked ones", true),
            ("Disable", "Disable the picked ones", false),
        ] {
            layout::fit(ui, 70.0);
            let button = Button::quiet(words).name(name).compact().disabled_because(locked);
            if button.show(ui).clicked() {
                outbox.send(ConstitutionCommand::EnablePrinciples(ids.clone(), on));
            }
        }
        layout::fit(ui, 52.0);
        tag(ui, &ids, constitution, locked, outbox);
        layout::fit(ui, 60.0);
        let copy = ui.menu_button("Copy", |ui| {
            for form in [CopyAs::Markdown, CopyAs::Json, CopyAs::Csv] {
                if Button::quiet(&format!("Copy as {form}")).show(ui).clicked() {
                    outbox.send(ListsCommand::Copy(form));
                    ui.close();
                }
            }
        });
        copy.response.accessible_name("Copy the picked ones");
        layout::fit(ui, 66.0);
        let resolved = MenuCommand::Delete.resolve(state);
        let delete = Button::quiet("Delete")
            .name("Delete the picked ones")
            .compact()
            .disabled_because(resolved.as_ref().err().copied());
        if delete.show(ui).clicked()
            && let Ok(command) = resolved
        {
            outbox.send(command);
        }
    });
}

fn tag(
    ui: &mut Ui,
    ids: &[crate::domain::PrincipleId],
    constitution: &Constitution,
    locked: Option<&'static str>,
    outbox: &Outbox,
) {
    if locked.is_some() {
        return;
    }
    let config = egui::containers::menu::MenuConfig::new()
        .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside);
    let button = egui::containers::menu::MenuButton::new("Tag").config(config);
    let (response, _) = button.ui(ui, |ui| {
        ui.set_width(220.0);
        let key = ui.scope_id().with("tag for the picked");
        let mut typed = ui.data(|data| data.get_temp::<String>(key)).unwrap_or_default();
        let response = Field::new("New tag").hint("honesty").show(ui, &mut typed);
        let entered =
            response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        let empty = typed.trim().is_empty().then_some("Type a tag first");
        let add = Button::secondary("Add tag").compact().disabled_because(empty).show(ui);
        if (add.clicked() || entered) && empty.is_none() {
            let tag = std::mem::take(&mut typed);
            outbox.send(ConstitutionCommand::TagPrinciples { ids: ids.to_vec(), tag, on: true });
            ui.close();
        }
        ui.data_mut(|data| data.insert_temp(key, typed));
        let mut known: Vec<&str> = constitution
            .principles
            .iter()
            .flat_map(|principle| principle.tags.iter().map(String::as_str))
            .collect();
        known.sort_unstable();
        known.dedup();
        egui::ScrollArea::vertical().max_height(240.0).show(ui, |ui| {
            for tag in known {
                let has = |id| {
                    constitution
                        .principle(id)
                        .is_some_and(|one| one.tags.iter().any(|own| own == tag))
                };
                let all = ids.iter().all(has);
                let words = if all { format!("Take {tag} off") } else { format!("Add {tag}") };
                if Button::quiet(&words).show(ui).clicked() {
                    let (ids, tag) = (ids.to_vec(), tag.to_owned());
                    outbox.send(ConstitutionCommand::TagPrinciples { ids, tag, on: !all });
                    ui.close();
                }
            }
        });
    });
    response.accessible_name("Tag the picked ones");
}
