//! Theme, sizes, motion and single-letter keys; each change is seen at once.

use egui::{Checkbox, Ui};
use strum::IntoEnumIterator as _;

use crate::app::command::{HomeCommand, LookCommand};
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, ThemeChoice};
use crate::app::theme::{space, text};
use crate::app::widgets::{Button, card, section};

pub(super) fn show(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let settings = &state.settings;
    section(ui, "Theme");
    card(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            for theme in ThemeChoice::iter() {
                let (words, tip) = theme_words(theme);
                let button = Button::secondary(words).tip(tip).selected(settings.theme == theme);
                if button.show(ui).clicked() {
                    outbox.send(LookCommand::Theme(theme));
                }
            }
        });
    });
    section(ui, "Size");
    card(ui, |ui| {
        let zoom = format!("{:.0} %", settings.zoom * 100.0);
        let (least, most) = (settings.zoom < 0.55, settings.zoom > 2.95);
        let end = End { least, most };
        steps(ui, "Everything", &zoom, end, |step| {
            outbox.send(LookCommand::Zoom(step));
        });
        let reading = format!("{:.0} points", settings.reading_size);
        let (least, most) = (settings.reading_size <= 13.0, settings.reading_size >= 20.0);
        steps(ui, "Prompts and replies", &reading, End { least, most }, |step| {
            outbox.send(LookCommand::Reading(step));
        });
        ui.add_space(space::XS);
        let sample = "The moon has no weather: it has no air to make any. A careful answer says \
                      what is known, and how.";
        ui.add(egui::Label::new(text::reading(sample)).wrap());
    });
    section(ui, "Motion and keys");
    card(ui, |ui| {
        let mut reduced = settings.reduced_motion;
        let words = "Reduce motion: nothing fades or glides";
        if ui.add(Checkbox::new(&mut reduced, words)).changed() {
            outbox.send(LookCommand::ReducedMotion(reduced));
        }
        let mut single = settings.single_keys;
        let words = "Single letters are shortcuts while no text is being typed (J, K, N, …)";
        if ui.add(Checkbox::new(&mut single, words)).changed() {
            outbox.send(LookCommand::SingleKeys(single));
        }
    });
    section(ui, "While you look at another window");
    card(ui, |ui| {
        let mut tells = settings.tell_when_away;
        let words = "Tell me by the desktop’s notifications when a run ends or stops";
        if ui.add(Checkbox::new(&mut tells, words)).changed() {
            outbox.send(HomeCommand::TellWhenAway(tells));
        }
        ui.label(text::weak_label("With the run's name and counts, never a prompt or an answer"));
    });
    section(ui, "Window");
    card(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            let reset = Button::secondary("Reset window layout");
            if reset.tip("Size, panels and zoom as at first").show(ui).clicked() {
                outbox.send(HomeCommand::ResetWindow);
            }
            let first = Button::secondary("Show the first steps again");
            if first.tip("The four cards over the sample project").show(ui).clicked() {
                outbox.send(HomeCommand::ShowCards);
            }
        });
    });
}

fn theme_words(theme: ThemeChoice) -> (&'static str, &'static str) {
    match theme {
        ThemeChoice::System => ("System", "Light or dark as the system says"),
        ThemeChoice::Light => ("Light", "Dark text on light"),
        ThemeChoice::Dark => ("Dark", "Light text on dark"),
        ThemeChoice::HighContrast => {
            ("High contrast", "White on black, thick edges, patterns beside colours")
        }
        ThemeChoice::HighContrastLight => {
            ("High contrast, light", "Black on white, thick edges, patterns beside colours")
        }
    }
}

/// Whether a value can go no further, down and up.
#[derive(Clone, Copy)]
struct End {
    least: bool,
    most: bool,
}

/// A value with buttons for less and more.
fn steps(ui: &mut Ui, label: &str, value: &str, end: End, step: impl Fn(i32)) {
    ui.horizontal(|ui| {
        ui.allocate_ui(egui::vec2(160.0, 28.0), |ui| {
            ui.set_min_width(160.0);
            ui.label(label);
        });
        let name = format!("{label}: smaller");
        let least = end.least.then_some("This is the least");
        let button = Button::secondary("−").name(&name).compact().disabled_because(least);
        if button.show(ui).clicked() {
            step(-1);
        }
        ui.allocate_ui(egui::vec2(72.0, 28.0), |ui| {
            ui.set_min_width(72.0);
            ui.label(value);
        });
        let name = format!("{label}: larger");
        let most = end.most.then_some("This is the most");
        let button = Button::secondary("+").name(&name).compact().disabled_because(most);
        if button.show(ui).clicked() {
            step(1);
        }
    });
}
