//! Tags as chips: click one to make it the first, × takes it off, a field adds another.

use egui::{Key, Response, Ui};

use super::{Button, Field};
use crate::app::theme::{self, space, text};

/// Draws the chips of `tags`; `known` are those in use elsewhere, to choose from. Gives the new
/// tags, and the field.
pub fn tag_row(
    ui: &mut Ui,
    salt: &str,
    tags: &[String],
    known: &[&str],
    locked: Option<&str>,
) -> (Option<Vec<String>>, Response) {
    let mut changed = None;
    let inner = ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        ui.horizontal(|ui| {
            ui.label(text::label("Tags"));
            ui.label(text::weak_label("the first one is its group"));
        });
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
            for (place, tag) in tags.iter().enumerate() {
                if let Some(new) = chip(ui, tags, place, tag, locked) {
                    changed = Some(new);
                }
            }
            let field = add_field(ui, salt, tags, locked, &mut changed);
            choose(ui, tags, known, locked, &mut changed);
            field
        })
        .inner
    });
    (changed, inner.inner)
}

fn chip(
    ui: &mut Ui,
    tags: &[String],
    place: usize,
    tag: &str,
    locked: Option<&str>,
) -> Option<Vec<String>> {
    let t = theme::tokens(ui);
    let mut changed = None;
    let frame = egui::Frame::new()
        .fill(t.raised)
        .stroke(egui::Stroke::new(1.0, if place == 0 { t.border } else { t.line }))
        .corner_radius(theme::size::RADIUS)
        .inner_margin(egui::Margin { left: 2, right: 0, top: 0, bottom: 0 });
    frame.show(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.spacing_mut().button_padding.x = 5.0;
        // What is long is cut: the whole tag is the chip's name and tip.
        let shown: String = if tag.chars().count() > 24 {
            tag.chars().take(23).chain(['…']).collect()
        } else {
            tag.to_owned()
        };
        let (name, tip) = if place == 0 {
            (format!("Group {tag}"), format!("{tag}: the group"))
        } else {
            (format!("Make {tag} the group"), format!("{tag}: click to make it the group"))
        };
        if place == 0 {
            ui.add_space(space::S);
            let label = ui.label(text::strong(&shown)).on_hover_text(&tip);
            label.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &name));
        } else if Button::quiet(&shown)
            .name(&name)
            .tip(&tip)
            .compact()
            .disabled_because(locked)
            .show(ui)
            .clicked()
        {
            let mut new = tags.to_vec();
            let first = new.remove(place);
            new.insert(0, first);
            changed = Some(new);
        }
        let name = format!("Remove tag {tag}");
        let remove = Button::quiet("×").name(&name).compact().disabled_because(locked);
        if remove.show(ui).clicked() {
            let mut new = tags.to_vec();
            new.remove(place);
            changed = Some(new);
        }
    });
    changed
}

fn add_field(
    ui: &mut Ui,
    salt: &str,
    tags: &[String],
    locked: Option<&str>,
    changed: &mut Option<Vec<String>>,
) -> Response {
    let key = ui.scope_id().with(("tag as typed", salt));
    let mut typed = ui.data(|data| data.get_temp::<String>(key)).unwrap_or_default();
    let field = Field::new("Add a tag").hint("Add a tag").hide_label().width(110.0).id_salt(salt);
    let response = field.enabled(locked.is_none()).show(ui, &mut typed);
    let is_entered = response.lost_focus() && !ui.input(|input| input.key_pressed(Key::Escape));
    if is_entered || typed.contains(',') {
        let mut new = tags.to_vec();
        for tag in typed.split(',').map(str::trim).filter(|tag| !tag.is_empty()) {
            if !new.iter().any(|known| known == tag) {
                new.push(tag.to_owned());
            }
        }
        if new.len() != tags.len() {
            *changed = Some(new);
        }
        let by_enter = is_entered && ui.input(|input| input.key_pressed(Key::Enter));
        if by_enter && !typed.trim().is_empty() {
            response.request_focus();
        }
        typed.clear();
    }
    ui.data_mut(|data| data.insert_temp(key, typed));
    response
}

/// The tags in use elsewhere.
fn choose(
    ui: &mut Ui,
    tags: &[String],
    known: &[&str],
    locked: Option<&str>,
    changed: &mut Option<Vec<String>>,
) {
    let others: Vec<&&str> =
        known.iter().filter(|tag| !tags.iter().any(|own| own == **tag)).collect();
    if others.is_empty() || locked.is_some() {
        return;
    }
    ui.menu_button("Choose…", |ui| {
        egui::ScrollArea::vertical().max_height(280.0).show(ui, |ui| {
            for tag in others {
                if Button::quiet(tag).show(ui).clicked() {
                    let mut new = tags.to_vec();
                    new.push((*tag).to_owned());
                    *changed = Some(new);
                    ui.close();
                }
            }
        });
    })
    .response
    .accessible_name("Choose a tag in use");
}
