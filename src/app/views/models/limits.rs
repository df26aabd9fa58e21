//! What the project may spend, and what people would cost for the same work.

use egui::{Checkbox, DragValue, Ui};

use crate::app::Outbox;
use crate::app::command::ModelsCommand;
use crate::app::menu_command::editable;
use crate::app::state::AppState;
use crate::app::theme::text;
use crate::app::widgets::{card, section};

/// A first limit per day and per run, in US dollars.
const FIRST: (f64, f64) = (20.0, 60.0);

/// The card below the models.
pub(super) fn limits(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let Some(documents) = state.documents() else { return };
    let before = &documents.setup.spending;
    let mut now = before.clone();
    section(ui, "Limits");
    ui.add_enabled_ui(editable(state).is_ok(), |ui| {
        card(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                limit(ui, "Spend per day at most", &mut now.per_day, FIRST.0);
                limit(ui, "Spend per run at most", &mut now.per_run, FIRST.1);
            });
            let words = "Before a call is sent, the most that it can cost is set aside, so neither \
                         limit is passed. The day’s counts all of this project’s runs, tries and \
                         comparisons, from midnight by this computer’s clock.";
            ui.add(egui::Label::new(text::weak_label(words)).wrap());
            ui.horizontal_wrapped(|ui| {
                ui.label(text::weak_label("People would be paid"));
                rates(ui, "a completion", &mut now.people.completion);
                rates(ui, "a preference or score", &mut now.people.preference);
            });
        });
    });
    if now != *before {
        outbox.send(ModelsCommand::Spending(now));
    }
}

fn limit(ui: &mut Ui, name: &str, limit: &mut Option<f64>, first: f64) {
    let mut is_set = limit.is_some();
    if ui.add(Checkbox::new(&mut is_set, name)).changed() {
        *limit = is_set.then_some(first);
    }
    if let Some(usd) = limit {
        dollars(ui, &format!("{name}, US dollars"), usd);
    }
}

fn rates(ui: &mut Ui, what: &str, (low, high): &mut (f64, f64)) {
    dollars(ui, &format!("Least for {what}, US dollars"), low);
    ui.label("–");
    dollars(ui, &format!("Most for {what}, US dollars"), high);
    ui.label(what);
    // Whichever was moved, they stay a range.
    *high = high.max(*low);
}

fn dollars(ui: &mut Ui, name: &str, usd: &mut f64) {
    let field = DragValue::new(usd).prefix("$").range(0.0..=1_000_000.0).fixed_decimals(2);
    ui.add(field.speed(0.1))
        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::SpinButton, true, name));
}
