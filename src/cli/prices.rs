//! A model's price list on the command line.

use crate::domain::{ModelEntry, PriceDetails, PriceTier};

/// What a model costs, in US dollars per million tokens.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Prices {
    /// US dollars per million tokens read
    #[arg(long, value_name = "USD", value_parser = price)]
    price_in: Option<f64>,
    /// US dollars per million tokens written
    #[arg(long, value_name = "USD", value_parser = price)]
    price_out: Option<f64>,
    /// Of tokens read that the provider had cached, where that differs; at api.anthropic.com a
    /// tenth of --price-in unless said otherwise
    #[arg(long, value_name = "USD", value_parser = price)]
    price_cached: Option<f64>,
    /// Of tokens read that the provider puts into its cache, where that differs; in Anthropic's
    /// dialect 1.25 times --price-in unless said otherwise
    #[arg(long, value_name = "USD", value_parser = price)]
    price_cache_write: Option<f64>,
    /// Of tokens written as reasoning, where that differs
    #[arg(long, value_name = "USD", value_parser = price)]
    price_reasoning: Option<f64>,
    /// Other prices for prompts of more than N tokens: N:IN:OUT[:CACHED[:CACHE_WRITE]]; may be
    /// repeated
    #[arg(long, value_name = "N:IN:OUT", value_parser = tier)]
    price_tier: Vec<PriceTier>,
    /// When and where the prices were looked up
    #[arg(long, value_name = "NOTE", default_value = "")]
    price_as_of: String,
    /// It costs nothing, as a server of your own
    #[arg(long, conflicts_with_all = [
        "price_in", "price_out", "price_cached", "price_cache_write", "price_reasoning",
        "price_tier",
    ])]
    free: bool,
}

impl Prices {
    /// Puts them into an entry; those of `before` stay where none is given.
    pub(super) fn put(&self, entry: &mut ModelEntry, before: Option<&ModelEntry>) {
        let details = PriceDetails {
            cached: self.price_cached,
            cache_write: self.price_cache_write,
            reasoning: self.price_reasoning,
            tiers: self.price_tier.clone(),
            as_of: self.price_as_of.clone(),
        };
        if self.free {
            entry.set_free();
            entry.prices.as_of.clone_from(&self.price_as_of);
        } else if self.price_in.is_none() && self.price_out.is_none() && details.is_plain() {
            if let Some(before) = before {
                entry.price_in = before.price_in;
                entry.price_out = before.price_out;
                entry.prices.clone_from(&before.prices);
            }
        } else {
            entry.price_in = self.price_in;
            entry.price_out = self.price_out;
            *entry.prices = details;
        }
    }
}

/// An entry's prices in a few words: `3 / 15 USD`, `free`, `price unknown`.
pub(super) fn in_words(entry: &ModelEntry) -> String {
    match (entry.price_in, entry.price_out) {
        _ if entry.is_free() => "free".to_owned(),
        (Some(read), Some(written)) => {
            let more = if entry.prices.is_plain() { "" } else { ", with details" };
            format!("{read} / {written} USD{more}")
        }
        _ => "price unknown".to_owned(),
    }
}

fn price(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(price) if price.is_finite() && price >= 0.0 => Ok(price),
        _ => Err("give US dollars per million tokens, such as 0.15".to_owned()),
    }
}

fn tier(text: &str) -> Result<PriceTier, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let [above, input, output, rest @ ..] = &parts[..] else {
        return Err("give N:IN:OUT, such as 200000:6:22.5".to_owned());
    };
    if rest.len() > 2 {
        return Err("give at most N:IN:OUT:CACHED:CACHE_WRITE".to_owned());
    }
    let above = above.trim().parse().map_err(|_not_whole| {
        format!("“{above}” is no number of tokens; give one such as 200000")
    })?;
    let more = |at: usize| rest.get(at).map(|text| price(text)).transpose();
    Ok(PriceTier {
        above,
        input: price(input)?,
        output: price(output)?,
        cached: more(0)?,
        cache_write: more(1)?,
        reasoning: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_are_read_and_refused() {
        let read = tier("200000:6:22.5:0.6").unwrap();
        assert_eq!((read.above, read.input, read.output), (200_000, 6.0, 22.5));
        assert_eq!((read.cached, read.cache_write), (Some(0.6), None));
        for wrong in ["", "6:22", "x:1:2", "10:-1:2", "10:1:2:3:4:5", "10:1:NaN"] {
            assert!(tier(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn prices_in_words() {
        let mut entry =
            ModelEntry { kind: crate::domain::ModelKind::OpenAi, ..ModelEntry::embedded() };
        assert_eq!(in_words(&entry), "price unknown");
        entry.price_in = Some(0.15);
        entry.price_out = Some(0.6);
        assert_eq!(in_words(&entry), "0.15 / 0.6 USD");
        entry.prices.cached = Some(0.1);
        assert_eq!(in_words(&entry), "0.15 / 0.6 USD, with details");
        entry.set_free();
        assert_eq!(in_words(&entry), "free");
    }
}
