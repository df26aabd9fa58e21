//! What a model costs, as its provider's price list says, and what a project may spend.
//!
//! All prices are US dollars per million tokens. A price that nobody gave is unknown, never 0; a
//! model that costs nothing says so with prices of 0.

use serde::{Deserialize, Serialize};

use super::model::{ModelEntry, ModelKind};
use super::problem::Problem;

/// What a price list says beyond the price of tokens read and written.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PriceDetails {
    /// Of tokens read that the provider had cached; `None`: as any other token read, and at
    /// Anthropic's own address 0.1 of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached: Option<f64>,
    /// Of tokens read that the provider put into its cache; `None`: as any other token read, and
    /// in Anthropic's dialect 1.25 of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<f64>,
    /// Of tokens written as reasoning; `None`: as any other token written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<f64>,
    /// Other prices for requests with long prompts, in any order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<PriceTier>,
    /// When and where they were looked up: `2026-11-22, example.com/pricing`; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub as_of: String,
}

/// The prices of requests whose prompt is longer than so many tokens, for all of the request's
/// tokens.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceTier {
    /// Tokens of the prompt, cached ones included, above which these prices count.
    pub above: u64,
    /// Of tokens read.
    pub input: f64,
    /// Of tokens written.
    pub output: f64,
    /// Of tokens read that the provider had cached; `None`: that part of `input` that
    /// [`PriceDetails::cached`] would be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached: Option<f64>,
    /// Of tokens read that the provider put into its cache; `None`: likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<f64>,
    /// Of tokens written as reasoning; `None`: as any other of this tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<f64>,
}

impl PriceDetails {
    /// Whether there is nothing in it.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    fn prices(&self) -> impl Iterator<Item = f64> + '_ {
        let tiers = self.tiers.iter().flat_map(|tier| {
            [Some(tier.input), Some(tier.output), tier.cached, tier.cache_write, tier.reasoning]
        });
        [self.cached, self.cache_write, self.reasoning].into_iter().chain(tiers).flatten()
    }
}

impl ModelEntry {
    /// Whether it is known what a call costs: the embedded model costs nothing, of others the
    /// prices of tokens read and of tokens written are both needed.
    pub fn is_priced(&self) -> bool {
        self.kind == ModelKind::Embedded || (self.price_in.is_some() && self.price_out.is_some())
    }

    /// Whether it is known to cost nothing.
    pub fn is_free(&self) -> bool {
        let is_zero = |usd: f64| usd <= 0.0;
        self.kind == ModelKind::Embedded
            || (self.price_in.is_some_and(is_zero)
                && self.price_out.is_some_and(is_zero)
                && self.prices.prices().all(is_zero))
    }

    /// Marks it as costing nothing, as a server of one's own.
    pub fn set_free(&mut self) {
        self.price_in = Some(0.0);
        self.price_out = Some(0.0);
        *self.prices = PriceDetails::default();
    }

    /// What is wrong with its prices.
    pub fn price_problems(&self) -> Vec<Problem> {
        let place = |field: &str| format!("models.{}.{field}", self.name);
        let is_price = |price: f64| price.is_finite() && price >= 0.0;
        let mut found = Vec::new();
        let mut check = |field: String, price: Option<f64>| {
            if price.is_some_and(|price| !is_price(price)) {
                found.push(Problem::error(
                    field,
                    "the price is not a number of 0 or more",
                    "give US dollars per million tokens, or leave it out",
                ));
            }
        };
        check(place("price_in"), self.price_in);
        check(place("price_out"), self.price_out);
        check(place("prices.cached"), self.prices.cached);
        check(place("prices.cache_write"), self.prices.cache_write);
        check(place("prices.reasoning"), self.prices.reasoning);
        for (nth, tier) in self.prices.tiers.iter().enumerate() {
            let all = [Some(tier.input), Some(tier.output), tier.cached, tier.cache_write];
            let wrong = all.into_iter().chain([tier.reasoning]).flatten().find(|p| !is_price(*p));
            check(place(&format!("prices.tiers.{}", nth + 1)), wrong);
        }
        if self.price_in.is_some() != self.price_out.is_some() {
            found.push(Problem::warning(
                place("price_in"),
                "only one of the two prices is given, so what it costs counts as unknown",
                "give price_in and price_out",
            ));
        }
        let mut above: Vec<u64> = self.prices.tiers.iter().map(|tier| tier.above).collect();
        above.sort_unstable();
        if above.windows(2).any(|pair| pair[0] == pair[1]) {
            found.push(Problem::error(
                place("prices.tiers"),
                "two tiers begin at the same number of tokens",
                "keep one of them",
            ));
        }
        found
    }
}

/// What a project may spend, and what people would cost for the same work.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Spending {
    /// US dollars that one run may cost unless told otherwise; `None`: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_run: Option<f64>,
    /// US dollars that all of the project's runs may cost on one day; `None`: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_day: Option<f64>,
    /// What people are paid.
    #[serde(skip_serializing_if = "LabelRates::is_usual")]
    pub people: LabelRates,
}

impl Spending {
    /// Whether there is nothing in it but what is usual.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// What is wrong with it.
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        for (field, usd) in [("per_run", self.per_run), ("per_day", self.per_day)] {
            if usd.is_some_and(|usd| !(usd.is_finite() && usd >= 0.0)) {
                found.push(Problem::error(
                    format!("spending.{field}"),
                    "the limit is not a number of 0 or more",
                    "give US dollars, or leave it out",
                ));
            }
        }
        let LabelRates { completion, preference } = self.people;
        for (field, (low, high)) in [("completion", completion), ("preference", preference)] {
            if !(low >= 0.0 && low <= high && high.is_finite()) {
                found.push(Problem::error(
                    format!("spending.people.{field}"),
                    "it is no range of US dollars",
                    "give the lowest and the highest price, such as (1.0, 10.0)",
                ));
            }
        }
        found
    }
}

/// What people are paid for a label, lowest and highest, in US dollars.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LabelRates {
    /// For an answer that a person writes.
    pub completion: (f64, f64),
    /// For a judgement: which of two answers is better, or how good one is.
    pub preference: (f64, f64),
}

impl Default for LabelRates {
    /// 5 to 50 dollars a completion and 1 to 10 a preference (methods.md 3.17).
    fn default() -> Self {
        Self { completion: (5.0, 50.0), preference: (1.0, 10.0) }
    }
}

impl LabelRates {
    /// Whether nobody changed it.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(price_in: Option<f64>, price_out: Option<f64>) -> ModelEntry {
        ModelEntry {
            name: "m".to_owned(),
            kind: ModelKind::OpenAi,
            price_in,
            price_out,
            ..ModelEntry::embedded()
        }
    }

    #[test]
    fn a_price_is_known_free_or_unknown() {
        assert!(ModelEntry::embedded().is_priced() && ModelEntry::embedded().is_free());
        assert!(!entry(None, None).is_priced() && !entry(None, None).is_free());
        assert!(!entry(Some(1.0), None).is_priced());
        let mut mine = entry(Some(1.0), Some(2.0));
        assert!(mine.is_priced() && !mine.is_free());
        mine.set_free();
        assert!(mine.is_priced() && mine.is_free());
        mine.prices.reasoning = Some(3.0);
        assert!(!mine.is_free());
    }

    #[test]
    fn what_is_wrong_with_prices_and_limits_is_named() {
        let mut mine = entry(Some(f64::NAN), None);
        let tier = PriceTier { above: 1_000, input: -1.0, ..PriceTier::default() };
        mine.prices.tiers = vec![tier.clone(), PriceTier { input: 1.0, ..tier }];
        let places: Vec<String> = mine.price_problems().into_iter().map(|p| p.place).collect();
        assert_eq!(
            places,
            [
                "models.m.price_in",
                "models.m.prices.tiers.1",
                "models.m.price_in",
                "models.m.prices.tiers"
            ]
        );
        assert!(entry(Some(1.0), Some(2.0)).price_problems().is_empty());
        let mut spending = Spending::default();
        assert!(spending.problems().is_empty());
        spending.per_day = Some(-1.0);
        spending.people.preference = (2.0, 1.0);
        assert_eq!(spending.problems().len(), 2);
    }
}
