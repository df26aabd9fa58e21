//! Price sheets and limits in the whole window, by accessible names.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use super::Desk;
use crate::app::state::Area;
use crate::domain::{ModelEntry, Spending};

impl Desk {
    fn click(&mut self, name: &str) {
        // Whether or not it is scrolled into sight.
        self.harness.get_by_label(name).click_accesskit();
        self.harness.run_steps(3);
    }

    fn fill(&mut self, nth: usize, label: &str, text: &str) {
        let fields: Vec<_> =
            self.harness.query_all_by_role_and_label(Role::TextInput, label).collect();
        fields[nth].focus();
        self.harness.run_steps(2);
        let fields: Vec<_> =
            self.harness.query_all_by_role_and_label(Role::TextInput, label).collect();
        fields[nth].type_text(text);
        self.harness.run_steps(3);
    }

    fn spending(&self) -> Spending {
        self.harness.state().state.documents().unwrap().setup.spending.clone()
    }

    fn draft(&self) -> ModelEntry {
        self.harness.state().state.models.draft.clone().unwrap().1
    }
}

#[test]
fn a_price_sheet_is_filled_in_and_half_a_price_is_refused() {
    let mut desk = Desk::new();
    desk.go(Area::Settings);
    desk.click("Add model…");
    desk.fill(0, "Name", "paid");
    desk.fill(0, "Model", "big-1");
    desk.fill(0, "Read", "3");
    assert!(!desk.draft().is_priced());
    desk.click("Keep model");
    assert!(desk.harness.state().state.models.draft.is_some(), "the other price is missing");
    desk.fill(0, "Written", "15");
    desk.fill(0, "Read, cached", "0,3");
    desk.click("Add prices for long prompts");
    desk.fill(0, "Prompts above, tokens", "200000");
    desk.fill(1, "Read", "6");
    desk.fill(1, "Written", "22.5");
    desk.fill(0, "As of", "2026-11-22");
    desk.click("Keep model");
    let state = &desk.harness.state().state;
    let entry = state.documents().unwrap().setup.models[0].clone();
    assert_eq!((entry.price_in, entry.price_out), (Some(3.0), Some(15.0)));
    assert_eq!((entry.prices.cached, entry.prices.as_of.as_str()), (Some(0.3), "2026-11-22"));
    let tier = &entry.prices.tiers[0];
    assert_eq!((tier.above, tier.input, tier.output), (200_000, 6.0, 22.5));
    desk.click("Edit model");
    desk.click("Costs nothing (a server of your own)");
    desk.click("Keep model");
    let state = &desk.harness.state().state;
    assert!(state.documents().unwrap().setup.models[0].is_free());
}

#[test]
fn limits_are_set_and_taken_back() {
    let mut desk = Desk::new();
    desk.go(Area::Settings);
    assert_eq!(desk.spending(), Spending::default());
    desk.click("Spend per day at most");
    desk.click("Spend per run at most");
    assert_eq!((desk.spending().per_day, desk.spending().per_run), (Some(20.0), Some(60.0)));
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!((desk.spending().per_day, desk.spending().per_run), (Some(20.0), None));
    desk.click("Spend per day at most");
    assert_eq!(desk.spending(), Spending::default());
}
