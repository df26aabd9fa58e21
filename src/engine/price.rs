//! Money in whole numbers, and what a call costs by a model's price list.
//!
//! Amounts are counted in millionths of a millionth of a US dollar (10⁻¹² USD), so that adding up
//! a night's calls loses nothing: a price of 0.000001 USD per million tokens is one such unit a
//! token. The journal keeps each call's cost as a binary fraction, which gives back the very same
//! number of units for any call below about 4,000 USD.

use crate::domain::{ModelEntry, ModelKind, PriceTier, Usage};
use crate::providers::{BaseUrl, anthropic};

/// Units of 1 USD.
const UNITS: f64 = 1e12;

/// An amount of money, 0 or more, exact to 10⁻¹² USD.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(u128);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// More than anybody has.
    pub const MOST: Self = Self(u128::MAX);

    /// The nearest amount to so many US dollars; what is no amount (negative, NaN) is 0.
    pub fn from_usd(usd: f64) -> Self {
        // A cast from a float stops at either end of the whole numbers.
        Self((usd * UNITS).round() as u128)
    }

    /// In US dollars.
    pub fn usd(self) -> f64 {
        self.0 as f64 / UNITS
    }

    /// The sum, at most [`Money::MOST`].
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, at least 0.
    pub fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl std::ops::AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = self.plus(other);
    }
}

impl std::iter::Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Self::plus)
    }
}

/// A model's price list, per token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    base: Rates,
    /// By the number of prompt tokens above which they count, ascending.
    tiers: Vec<(u64, Rates)>,
}

/// Units of [`Money`] per token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Rates {
    input: u128,
    cached: u128,
    cache_write: u128,
    output: u128,
    reasoning: u128,
}

impl Price {
    /// The price list of an entry; `None` where it is unknown. The embedded model is free.
    pub fn of(entry: &ModelEntry) -> Option<Self> {
        if entry.kind == ModelKind::Embedded {
            return Some(Self::free());
        }
        let (input, output) = (entry.price_in?, entry.price_out?);
        let more = &entry.prices;
        let (cached, cache_write) = usual_cache_shares(entry);
        let rates = |tier: &PriceTier| Rates {
            input: per_token(tier.input),
            cached: per_token(tier.cached.unwrap_or(tier.input * cached)),
            cache_write: per_token(tier.cache_write.unwrap_or(tier.input * cache_write)),
            output: per_token(tier.output),
            reasoning: per_token(tier.reasoning.unwrap_or(tier.output)),
        };
        let base = PriceTier {
            above: 0,
            input,
            output,
            cached: more.cached,
            cache_write: more.cache_write,
            reasoning: more.reasoning,
        };
        let mut tiers: Vec<(u64, Rates)> =
            more.tiers.iter().map(|tier| (tier.above, rates(tier))).collect();
        tiers.sort_by_key(|(above, _)| *above);
        Some(Self { base: rates(&base), tiers })
    }

    /// The price list of what costs nothing.
    pub fn free() -> Self {
        Self { base: Rates::default(), tiers: Vec::new() }
    }

    /// Whether nothing costs anything.
    pub fn is_free(&self) -> bool {
        self.base == Rates::default() && self.tiers.iter().all(|(_, r)| *r == Rates::default())
    }

    /// What a call cost that took these tokens.
    pub fn cost(&self, usage: Usage) -> Money {
        let rates = self.at(usage.prompt_tokens);
        let Usage { cached_tokens, cache_write_tokens, reasoning_tokens, .. } = usage;
        let plain = usage.prompt_tokens.saturating_sub(cached_tokens + cache_write_tokens);
        let written = usage.completion_tokens.saturating_sub(reasoning_tokens);
        let parts = [
            (plain, rates.input),
            (cached_tokens, rates.cached),
            (cache_write_tokens, rates.cache_write),
            (written, rates.output),
            (reasoning_tokens, rates.reasoning),
        ];
        parts.into_iter().map(|(tokens, rate)| times(tokens, rate)).sum()
    }

    /// What a call can cost at most that reads and writes at most so many tokens, whatever of them
    /// is cached or reasoning, and whichever tier it falls into.
    pub fn most(&self, read: u64, written: u64) -> Money {
        let reached = self.tiers.iter().filter(|(above, _)| *above < read).map(|(_, rates)| rates);
        let all = std::iter::once(&self.base).chain(reached);
        let cost = |rates: &Rates| {
            let input = rates.input.max(rates.cached).max(rates.cache_write);
            times(read, input).plus(times(written, rates.output.max(rates.reasoning)))
        };
        all.map(cost).max().unwrap_or_default()
    }

    /// The rates for a prompt of so many tokens.
    fn at(&self, prompt_tokens: u64) -> Rates {
        let reached = self.tiers.iter().rev().find(|(above, _)| *above < prompt_tokens);
        reached.map_or(self.base, |(_, rates)| *rates)
    }
}

/// What tokens read from the cache and put into it cost where the price list does not say, as
/// shares of the price of any other token read.
///
/// Of Anthropic's own list, 0.1 and 1.25 (a mark that lives for 5 minutes). Who else speaks the
/// dialect may charge as much for what is put in; that it takes less for what is read, only its
/// price list can say.
pub fn usual_cache_shares(entry: &ModelEntry) -> (f64, f64) {
    match entry.kind {
        ModelKind::Anthropic if is_anthropic(entry) => (0.1, 1.25),
        ModelKind::Anthropic => (1.0, 1.25),
        ModelKind::OpenAi | ModelKind::Embedded => (1.0, 1.0),
    }
}

fn is_anthropic(entry: &ModelEntry) -> bool {
    let home = BaseUrl::parse(anthropic::BASE_URL);
    let host = |url: &BaseUrl| url.host().to_owned();
    entry.base_url.trim().is_empty()
        || home.is_ok_and(|home| {
            BaseUrl::parse(&entry.base_url).is_ok_and(|base| host(&base) == host(&home))
        })
}

/// Whether a cache mark pays where two requests share it.
///
/// It does where putting the tokens in and reading them once costs less than reading them twice.
/// Where no price is known it does at Anthropic's own address, and nobody can say elsewhere.
pub fn pays_to_mark(entry: &ModelEntry) -> bool {
    match Price::of(entry) {
        Some(price) => {
            let Rates { input, cached, cache_write, .. } = price.base;
            cached.saturating_add(cache_write) < input.saturating_mul(2)
        }
        None => is_anthropic(entry),
    }
}

/// US dollars per million tokens as units per token.
fn per_token(usd_per_million: f64) -> u128 {
    Money::from_usd(usd_per_million / 1e6).0
}

fn times(tokens: u64, rate: u128) -> Money {
    Money(u128::from(tokens).saturating_mul(rate))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PriceDetails;

    fn entry() -> ModelEntry {
        ModelEntry {
            kind: ModelKind::OpenAi,
            price_in: Some(3.0),
            price_out: Some(15.0),
            prices: Box::new(PriceDetails {
                cached: Some(0.3),
                cache_write: Some(3.75),
                reasoning: None,
                tiers: vec![PriceTier {
                    above: 200_000,
                    input: 6.0,
                    output: 22.5,
                    cached: Some(0.6),
                    ..PriceTier::default()
                }],
                as_of: String::new(),
            }),
            ..ModelEntry::embedded()
        }
    }

    #[test]
    fn where_the_list_is_silent_the_dialect_says_what_a_cache_costs() {
        let plain = |kind, base_url: &str| ModelEntry {
            kind,
            base_url: base_url.to_owned(),
            price_in: Some(3.0),
            price_out: Some(15.0),
            ..ModelEntry::embedded()
        };
        let cost = |entry: &ModelEntry| {
            let price = Price::of(entry).unwrap();
            let usd = |used| price.cost(used).usd() * 1e6;
            (usd(usage(1, 1, 0, 0, 0)), usd(usage(1, 0, 1, 0, 0)))
        };
        let home = plain(ModelKind::Anthropic, "");
        assert_eq!(cost(&home), (0.3, 3.75));
        let same = plain(ModelKind::Anthropic, "https://api.anthropic.com/v1/");
        assert_eq!((cost(&same), pays_to_mark(&same)), (cost(&home), true));
        // Elsewhere nothing is known to be cheaper, and what may be dearer counts as dearer.
        let mut other = plain(ModelKind::Anthropic, "https://proxy.example/anthropic");
        assert_eq!((cost(&other), pays_to_mark(&other)), ((3.0, 3.75), false));
        other.prices.cached = Some(0.3);
        assert!(pays_to_mark(&other));
        other.prices.cache_write = Some(5.8);
        assert!(!pays_to_mark(&other), "5.8 and 0.3 are more than twice 3");
        assert_eq!(cost(&plain(ModelKind::OpenAi, "https://h.example")), (3.0, 3.0));
        // The worst case holds what is put into the cache, in every tier.
        let mut tiers = home.clone();
        let tier = PriceTier { above: 100, input: 6.0, output: 15.0, ..PriceTier::default() };
        tiers.prices.tiers = vec![tier];
        let price = Price::of(&tiers).unwrap();
        assert_eq!(price.most(50, 0), Money::from_usd(50.0 * 3.75e-6));
        assert_eq!(price.most(200, 0), Money::from_usd(200.0 * 7.5e-6));
        // Where nothing has a price, or all are 0.
        let unknown = |url| ModelEntry { price_in: None, ..plain(ModelKind::Anthropic, url) };
        assert!(pays_to_mark(&unknown("")) && !pays_to_mark(&unknown("http://localhost:1")));
        let mut free = home;
        free.set_free();
        assert!(!pays_to_mark(&free));
    }

    fn usage(prompt: u64, cached: u64, write: u64, completion: u64, reasoning: u64) -> Usage {
        Usage {
            prompt_tokens: prompt,
            cached_tokens: cached,
            cache_write_tokens: write,
            completion_tokens: completion,
            reasoning_tokens: reasoning,
        }
    }

    #[test]
    fn every_kind_of_token_has_its_price() {
        let price = Price::of(&entry()).unwrap();
        let cost = |usage| price.cost(usage).usd();
        let about = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        about(cost(usage(1_000_000, 0, 0, 0, 0)), 6.0);
        about(cost(usage(200_000, 0, 0, 0, 0)), 0.6);
        about(cost(usage(1_000, 400, 100, 0, 0)), (500.0 * 3.0 + 400.0 * 0.3 + 375.0) / 1e6);
        about(cost(usage(0, 0, 0, 1_000, 700)), 0.015);
        about(cost(usage(200_001, 100_000, 0, 10, 0)), (100_001.0 * 6.0 + 60_000.0 + 225.0) / 1e6);
        let mut apart = entry();
        apart.prices.reasoning = Some(2.0);
        let price = Price::of(&apart).unwrap();
        about(price.cost(usage(0, 0, 0, 1_000, 700)).usd(), (300.0 * 15.0 + 700.0 * 2.0) / 1e6);
        // A server that counts its cache apart from the prompt.
        about(cost(usage(100, 400, 0, 0, 0)), 400.0 * 0.3 / 1e6);
    }

    #[test]
    fn the_most_is_at_least_what_any_usage_within_it_costs() {
        let mut odd = entry();
        // A discount for long prompts, and reasoning that is dearer than answers.
        odd.prices.tiers.push(PriceTier {
            above: 50,
            input: 1.0,
            output: 2.0,
            ..PriceTier::default()
        });
        odd.prices.reasoning = Some(20.0);
        for entry in [entry(), odd] {
            let price = Price::of(&entry).unwrap();
            for read in [0, 10, 50, 51, 300, 200_000, 200_001, 400_000] {
                for part in [0, 1, 2, 3] {
                    let prompt = read - read * part / 4;
                    for cached in [0, prompt / 2, prompt] {
                        for reasoning in [0, 32, 64] {
                            let used = usage(prompt, cached, prompt - cached, 64, reasoning);
                            assert!(price.cost(used) <= price.most(read, 64), "{read} {used:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn unknown_is_unknown_and_free_is_free() {
        let mut some = entry();
        some.price_out = None;
        assert_eq!(Price::of(&some), None);
        assert!(Price::of(&ModelEntry::embedded()).unwrap().is_free());
        some.set_free();
        assert!(Price::of(&some).unwrap().is_free());
        assert!(!Price::of(&entry()).unwrap().is_free());
    }

    #[test]
    fn nothing_drifts_and_the_journals_number_comes_back() {
        let price = Price::of(&entry()).unwrap();
        let each = price.cost(usage(1_234, 17, 3, 321, 0));
        let mut sum = Money::ZERO;
        for _ in 0..100_000 {
            sum += each;
            assert_eq!(Money::from_usd(each.usd()), each);
        }
        assert_eq!(sum.0, each.0 * 100_000);
        for usd in [0.000_000_3, 0.1, 59.999_999_999_999, 3_999.123_456_789_012] {
            let money = Money::from_usd(usd);
            assert_eq!(Money::from_usd(money.usd()), money);
        }
        assert_eq!(Money::from_usd(f64::NAN), Money::ZERO);
        assert_eq!(Money::from_usd(-1.0), Money::ZERO);
        assert_eq!(Money::from_usd(f64::INFINITY), Money::MOST);
        assert_eq!(Money::MOST.plus(Money::from_usd(1.0)), Money::MOST);
    }
}
