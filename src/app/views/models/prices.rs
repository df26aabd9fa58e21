//! The price sheet of a model being added or changed.

use egui::{Checkbox, Ui};

use crate::app::theme::{space, text};
use crate::app::widgets::{Button, Field, section};
use crate::domain::{ModelEntry, PriceTier};
use crate::engine::price::usual_cache_shares;

/// The width of a price's field, in points.
const PRICE: f32 = 110.0;

/// What is wrong with a price that is no number.
const NO_PRICE: &str = "A price is a number such as 0.15";

/// Prices as typed, since half a number is not yet one.
#[derive(Debug, Default)]
pub(super) struct PriceSheet {
    read: String,
    written: String,
    cached: String,
    cache_write: String,
    reasoning: String,
    tiers: Vec<TierTyped>,
}

/// A tier as typed: tokens above which it counts, then prices.
#[derive(Debug, Default)]
struct TierTyped {
    above: String,
    read: String,
    written: String,
    cached: String,
    cache_write: String,
}

impl PriceSheet {
    /// The sheet of an entry.
    pub(super) fn of(entry: &ModelEntry) -> Self {
        let typed = |usd: Option<f64>| usd.map(|usd| usd.to_string()).unwrap_or_default();
        let prices = &entry.prices;
        let tiers = prices.tiers.iter().map(|tier| TierTyped {
            above: tier.above.to_string(),
            read: tier.input.to_string(),
            written: tier.output.to_string(),
            cached: typed(tier.cached),
            cache_write: typed(tier.cache_write),
        });
        Self {
            read: typed(entry.price_in),
            written: typed(entry.price_out),
            cached: typed(prices.cached),
            cache_write: typed(prices.cache_write),
            reasoning: typed(prices.reasoning),
            tiers: tiers.collect(),
        }
    }

    /// What keeps it from being kept.
    pub(super) fn problem(&self) -> Option<&'static str> {
        let plain = [&self.read, &self.written, &self.cached, &self.cache_write, &self.reasoning];
        if let Some(problem) = plain.into_iter().find_map(|typed| price_problem(typed)) {
            return Some(problem);
        }
        if self.read.trim().is_empty() != self.written.trim().is_empty() {
            return Some("Give both prices, read and written, or neither");
        }
        self.tiers.iter().find_map(|tier| match tier.read() {
            Some(_) => None,
            None => Some("A tier needs a number of tokens and the two prices above it"),
        })
    }

    /// Draws it and puts what was typed into the entry.
    pub(super) fn show(&mut self, ui: &mut Ui, entry: &mut ModelEntry) {
        section(ui, "Prices, in US dollars per million tokens");
        let was_free = entry.is_free();
        let mut is_free = was_free;
        let free = ui.add(Checkbox::new(&mut is_free, "Costs nothing (a server of your own)"));
        if free.changed() {
            if is_free {
                entry.set_free();
            } else {
                entry.price_in = None;
                entry.price_out = None;
            }
            *self = Self::of(entry);
        }
        if is_free {
            return;
        }
        let mut changed = false;
        let [as_cached, as_put] = usual_cache_prices(entry);
        ui.horizontal_wrapped(|ui| {
            changed |= price_field(ui, "Read", "unknown", "in", &mut self.read);
            changed |= price_field(ui, "Written", "unknown", "out", &mut self.written);
            changed |= price_field(ui, "Read, cached", &as_cached, "cached", &mut self.cached);
            let write = &mut self.cache_write;
            changed |= price_field(ui, "Put into the cache", &as_put, "cache write", write);
            changed |= price_field(ui, "Reasoning", "as written", "reasoning", &mut self.reasoning);
        });
        changed |= self.tiers(ui, entry);
        let field = Field::new("As of").hint("2026-11-22, example.com/pricing");
        field
            .help("When and where you looked them up; Preamble has no prices of its own")
            .show(ui, &mut entry.prices.as_of);
        if self.read.trim().is_empty() || self.written.trim().is_empty() {
            let words = "While the price is unknown, costs are shown as unknown and no spending \
                         limit can be kept.";
            ui.add(egui::Label::new(text::weak_label(words)).wrap());
        }
        if changed {
            self.put(entry);
        }
    }

    fn tiers(&mut self, ui: &mut Ui, entry: &ModelEntry) -> bool {
        let mut changed = false;
        let mut gone = None;
        let [as_cached, as_put] = usual_cache_prices(entry);
        for (nth, tier) in self.tiers.iter_mut().enumerate() {
            ui.horizontal_wrapped(|ui| {
                let salt = |name: &str| format!("tier {nth} {name}");
                let above = Field::new("Prompts above, tokens").hint("200000").width(PRICE * 1.4);
                let id = salt("above");
                changed |= above.id_salt(&id).show(ui, &mut tier.above).changed();
                changed |= price_field(ui, "Read", "price", &salt("in"), &mut tier.read);
                changed |= price_field(ui, "Written", "price", &salt("out"), &mut tier.written);
                changed |=
                    price_field(ui, "Read, cached", &as_cached, &salt("c"), &mut tier.cached);
                let write = &mut tier.cache_write;
                changed |= price_field(ui, "Put into the cache", &as_put, &salt("w"), write);
                let name = format!("Remove tier {}", nth + 1);
                if Button::quiet("Remove").name(&name).show(ui).clicked() {
                    gone = Some(nth);
                }
            });
        }
        if let Some(nth) = gone {
            self.tiers.remove(nth);
            changed = true;
        }
        ui.add_space(space::XS);
        let none = entry.price_in.is_none().then_some("Give the usual prices first");
        let add = Button::quiet("Add prices for long prompts").disabled_because(none);
        if add.show(ui).clicked() {
            self.tiers.push(TierTyped::default());
        }
        changed
    }

    /// What was typed, as far as it says something.
    fn put(&self, entry: &mut ModelEntry) {
        entry.price_in = price(&self.read);
        entry.price_out = price(&self.written);
        entry.prices.cached = price(&self.cached);
        entry.prices.cache_write = price(&self.cache_write);
        entry.prices.reasoning = price(&self.reasoning);
        entry.prices.tiers = self
            .tiers
            .iter()
            .filter_map(|typed| {
                let mut tier = typed.read()?;
                // What this sheet does not show stays as it was.
                let before = entry.prices.tiers.iter().find(|before| before.above == tier.above);
                tier.reasoning = before.and_then(|before| before.reasoning);
                Some(tier)
            })
            .collect();
    }
}

impl TierTyped {
    /// The tier; `None` where something is missing or no number.
    fn read(&self) -> Option<PriceTier> {
        let above = self.above.trim().replace(['_', ' ', ',', '.'], "").parse().ok()?;
        let optional = |typed: &str| match typed.trim().is_empty() {
            true => Some(None),
            false => price(typed).map(Some),
        };
        Some(PriceTier {
            above,
            input: price(&self.read)?,
            output: price(&self.written)?,
            cached: optional(&self.cached)?,
            cache_write: optional(&self.cache_write)?,
            reasoning: None,
        })
    }
}

/// What tokens read from the cache and put into it cost where nothing is typed.
fn usual_cache_prices(entry: &ModelEntry) -> [String; 2] {
    let (cached, put) = usual_cache_shares(entry);
    [cached, put].map(|share| match (share - 1.0).abs() < f64::EPSILON {
        true => "as read".to_owned(),
        false => format!("{share} × read"),
    })
}

fn price_field(ui: &mut Ui, label: &str, hint: &str, salt: &str, typed: &mut String) -> bool {
    let wrong = price_problem(typed);
    let field = Field::new(label).hint(hint).error(wrong).width(PRICE).id_salt(salt);
    field.show(ui, typed).changed()
}

fn price(typed: &str) -> Option<f64> {
    let usd: f64 = typed.trim().replace(',', ".").parse().ok()?;
    (usd.is_finite() && usd >= 0.0).then_some(usd)
}

fn price_problem(typed: &str) -> Option<&'static str> {
    (!typed.trim().is_empty() && price(typed).is_none()).then_some(NO_PRICE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ModelKind;

    #[test]
    fn an_empty_field_says_what_counts_instead() {
        let entry = |kind| ModelEntry { kind, ..ModelEntry::embedded() };
        assert_eq!(usual_cache_prices(&entry(ModelKind::Anthropic)), ["0.1 × read", "1.25 × read"]);
        assert_eq!(usual_cache_prices(&entry(ModelKind::OpenAi)), ["as read", "as read"]);
    }

    #[test]
    fn prices_are_read_as_people_write_them() {
        assert_eq!(price("0.15"), Some(0.15));
        assert_eq!(price(" 0,6 "), Some(0.6));
        assert_eq!(price("-1"), None);
        assert!(price_problem("cheap").is_some());
        assert!(price_problem("").is_none());
    }

    #[test]
    fn a_sheet_puts_back_what_it_was_made_of_and_names_what_is_missing() {
        let mut entry = ModelEntry {
            kind: crate::domain::ModelKind::OpenAi,
            price_in: Some(3.0),
            price_out: Some(15.0),
            ..ModelEntry::embedded()
        };
        entry.prices.cached = Some(0.3);
        entry.prices.tiers = vec![PriceTier {
            above: 200_000,
            input: 6.0,
            output: 22.5,
            reasoning: Some(30.0),
            ..PriceTier::default()
        }];
        let before = entry.clone();
        let mut sheet = PriceSheet::of(&entry);
        sheet.put(&mut entry);
        assert_eq!(entry, before);
        assert_eq!(sheet.problem(), None);
        sheet.written.clear();
        assert!(sheet.problem().is_some());
        sheet.written = "15".to_owned();
        sheet.tiers.push(TierTyped { above: "400,000".to_owned(), ..TierTyped::default() });
        assert!(sheet.problem().is_some());
        sheet.put(&mut entry);
        assert_eq!(entry, before, "half a tier is not yet one");
    }
}
