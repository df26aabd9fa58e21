//! A button that says where an item stands in its list, and moves it elsewhere by number.

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{DragValue, Key, PopupCloseBehavior, Ui};

use crate::app::theme::text;
use crate::app::widgets::Button;

/// Draws it; `at` is the place from 0 and how many there are. Gives the position from 1 to move to.
pub(super) fn move_to(
    ui: &mut Ui,
    id: &str,
    (place, count): (usize, usize),
    locked: Option<&str>,
) -> Option<usize> {
    let words = format!("{} of {count}", place + 1);
    let name = format!("Move {id} to…");
    if locked.is_some() {
        Button::quiet(&words).name(&name).disabled_because(locked).compact().show(ui);
        return None;
    }
    let mut asked = None;
    let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let (response, _) = MenuButton::new(words).config(config).ui(ui, |ui| {
        ui.set_width(180.0);
        let key = ui.scope_id().with(("position", id));
        let mut to = ui.data(|data| data.get_temp::<usize>(key)).unwrap_or(place + 1);
        ui.horizontal(|ui| {
            let label = ui.label(text::label("Move to position"));
            let number = DragValue::new(&mut to).speed(0.1).range(1..=count);
            ui.add(number).labelled_by(label.id);
        });
        ui.data_mut(|data| data.insert_temp(key, to));
        let same = (to == place + 1).then_some("It is there already");
        let button = Button::secondary("Move").compact().disabled_because(same).show(ui);
        let by_enter = same.is_none() && ui.input(|input| input.key_pressed(Key::Enter));
        if button.clicked() || by_enter {
            asked = Some(to);
            ui.data_mut(|data| data.remove::<usize>(key));
            ui.close();
        }
    });
    response.accessible_name(name).on_hover_text("Move it to a position in the list");
    asked
}
