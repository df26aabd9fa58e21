//! Chooses the next token from logits, and turns tokens into a stream of text.
//!
//! The invariant: a choice depends on the logits, the parameters and the call's own seed only,
//! never on what else is computed in the same step.

use candle_core::{Device, Tensor};
use candle_nn::ops::softmax_last_dim;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

use super::error::EmbeddedError;

/// How the next token is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// Divides the logits; 0 takes the likeliest token.
    pub temperature: f32,
    /// Draws from the likeliest tokens that together reach this probability (Holtzman et al. 2020,
    /// section 3.1); 1 draws from all.
    pub top_p: f32,
    /// Taken off a token's logit for each time that the answer has it already; 0 is off.
    pub frequency_penalty: f32,
    /// Taken off a token's logit if the answer has it already; 0 is off.
    pub presence_penalty: f32,
    /// Seeds the call's own generator.
    pub seed: u64,
}

impl Default for Sampling {
    /// Greedy, without penalties.
    fn default() -> Self {
        Self {
            temperature: 0.0,
            top_p: 1.0,
            frequency_penalty: 0.0,
            presence_penalty: 0.0,
            seed: 0,
        }
    }
}

impl Sampling {
    /// Says what is wrong with the parameters, if anything.
    pub(super) fn fault(&self) -> Option<&'static str> {
        let penalties = [self.frequency_penalty, self.presence_penalty];
        if !(0.0..=100.0).contains(&self.temperature) {
            Some("the temperature must lie between 0 and 100")
        } else if !(self.top_p > 0.0 && self.top_p <= 1.0) {
            Some("top_p must lie above 0 and at most at 1")
        } else if !penalties.iter().all(|penalty| (-10.0..=10.0).contains(penalty)) {
            Some("penalties must lie between -10 and 10")
        } else {
            None
        }
    }
}

/// Draws the tokens of one answer.
#[derive(Debug)]
pub(super) struct Sampler {
    sampling: Sampling,
    random: ChaCha8Rng,
    /// How often each token has been drawn.
    counts: BTreeMap<u32, u32>,
}

impl Sampler {
    /// Starts with the seed of the call.
    pub(super) fn new(sampling: Sampling) -> Self {
        let random = ChaCha8Rng::seed_from_u64(sampling.seed);
        Self { sampling, random, counts: BTreeMap::new() }
    }

    /// Draws the next token. Length of `logits`: the vocabulary.
    pub(super) fn draw(&mut self, logits: &[f32]) -> Result<u32, EmbeddedError> {
        let Sampling { temperature, top_p, frequency_penalty, presence_penalty, .. } =
            self.sampling;
        let mut logits = logits.to_vec();
        for (&id, &count) in &self.counts {
            if let Some(logit) = logits.get_mut(id as usize) {
                *logit -= presence_penalty + frequency_penalty * count as f32;
            }
        }
        let id = if temperature <= 0.0 {
            argmax(&logits)?
        } else {
            let n = logits.len();
            let tensor = Tensor::from_vec(logits, (1, n), &Device::Cpu)?;
            let scaled = (tensor / f64::from(temperature))?;
            let probabilities = softmax_last_dim(&scaled)?.flatten_all()?.to_vec1::<f32>()?;
            let likeliest = argmax(&probabilities)?;
            let dart = self.random.random::<f64>();
            pick(&probabilities, top_p, dart).unwrap_or(likeliest)
        };
        *self.counts.entry(id).or_default() += 1;
        Ok(id)
    }
}

/// Gives the index of the largest number, the first of equals.
pub(super) fn argmax(values: &[f32]) -> Result<u32, EmbeddedError> {
    let mut best = (f32::NEG_INFINITY, None);
    for (index, &value) in values.iter().enumerate() {
        if value > best.0 {
            best = (value, Some(index as u32));
        }
    }
    // No number is larger than minus infinity only if none is a number.
    best.1.ok_or_else(|| EmbeddedError::Compute {
        reason: "the model gave no finite number; its weights are damaged".to_owned(),
    })
}

/// Picks by a dart in 0.0..1.0 among the likeliest that reach `top_p` together.
fn pick(probabilities: &[f32], top_p: f32, dart: f64) -> Option<u32> {
    let walk = |ids: &mut dyn Iterator<Item = u32>, mass: f64| {
        let (mut left, mut last) = (dart * mass, None);
        for id in ids {
            left -= f64::from(*probabilities.get(id as usize)?);
            last = Some(id);
            if left < 0.0 {
                break;
            }
        }
        last
    };
    if top_p >= 1.0 {
        let mass = probabilities.iter().map(|&p| f64::from(p)).sum();
        return walk(&mut (0..probabilities.len() as u32), mass);
    }
    // Tokens below this have less than 1 − top_p together, so none of them is needed.
    let least = (1.0 - top_p) / probabilities.len() as f32;
    let all = 0..probabilities.len() as u32;
    let mut ids: Vec<u32> = all.clone().filter(|id| probabilities[*id as usize] >= least).collect();
    let by_mass = |a: &u32, b: &u32| {
        probabilities[*b as usize].total_cmp(&probabilities[*a as usize]).then(a.cmp(b))
    };
    // A full sort of the vocabulary would cost more than the draw; few tokens hold the mass.
    let mut n = 64;
    loop {
        n = ids.len().min(n);
        if n < ids.len() {
            ids.select_nth_unstable_by(n, by_mass);
        }
        let head = ids.get_mut(..n)?;
        head.sort_unstable_by(by_mass);
        let mut mass = 0.0;
        for (index, &id) in head.iter().enumerate() {
            mass += f64::from(probabilities[id as usize]);
            if mass >= f64::from(top_p) || (index + 1 == n && n == probabilities.len()) {
                return walk(&mut head[..=index].iter().copied(), mass);
            }
        }
        if n == ids.len() && n < probabilities.len() {
            // Rounding kept the sum of the likely ones short of it.
            ids = all.clone().collect();
        }
        n *= 8;
    }
}

/// Natural logarithms of the probabilities of tokens, from one row of logits.
#[derive(Debug)]
pub(super) struct LogProbabilities<'a> {
    logits: &'a [f32],
    log_sum: f64,
}

impl<'a> LogProbabilities<'a> {
    /// Takes a row of logits. Length: the vocabulary.
    pub(super) fn of(logits: &'a [f32]) -> Result<Self, EmbeddedError> {
        let likeliest = argmax(logits)? as usize;
        let tensor = Tensor::from_slice(logits, (1, logits.len()), &Device::Cpu)?;
        let probabilities = softmax_last_dim(&tensor)?.flatten_all()?.to_vec1::<f32>()?;
        let (Some(&logit), Some(&share)) = (logits.get(likeliest), probabilities.get(likeliest))
        else {
            return Err(EmbeddedError::Compute { reason: "no logits were computed".to_owned() });
        };
        Ok(Self { logits, log_sum: f64::from(logit) - f64::from(share).ln() })
    }

    /// Gives the logarithm of one token's probability, at most 0.
    pub(super) fn get(&self, id: u32) -> f64 {
        let logit = self.logits.get(id as usize).copied().unwrap_or(f32::NEG_INFINITY);
        (f64::from(logit) - self.log_sum).min(0.0)
    }

    /// Gives the `n` likeliest tokens, likeliest first.
    pub(super) fn top(&self, n: usize) -> Vec<(u32, f64)> {
        let mut ids: Vec<u32> = (0..self.logits.len() as u32).collect();
        let order = |a: &u32, b: &u32| {
            self.logits[*b as usize].total_cmp(&self.logits[*a as usize]).then(a.cmp(b))
        };
        if n < ids.len() {
            ids.select_nth_unstable_by(n, order);
            ids.truncate(n);
        }
        ids.sort_unstable_by(order);
        ids.into_iter().map(|id| (id, self.get(id))).collect()
    }
}

/// Turns the bytes of tokens into text: whole characters only, cut at the first stop string.
#[derive(Debug, Default)]
pub(super) struct TextStream {
    stops: Vec<String>,
    /// Bytes of a character that is not complete yet.
    partial: Vec<u8>,
    text: String,
    /// Bytes of `text` handed out.
    told: usize,
}

impl TextStream {
    /// Starts an empty stream; empty stop strings are ignored.
    pub(super) fn new(mut stops: Vec<String>) -> Self {
        stops.retain(|stop| !stop.is_empty());
        Self { stops, ..Self::default() }
    }

    /// Adds bytes; gives the text that may be handed out now and whether a stop string was met.
    pub(super) fn push(&mut self, bytes: &[u8]) -> (&str, bool) {
        self.partial.extend_from_slice(bytes);
        let searched = self.told;
        loop {
            let (valid, skip) = match std::str::from_utf8(&self.partial) {
                Ok(text) => (text.len(), 0),
                Err(error) => (error.valid_up_to(), error.error_len().unwrap_or(0)),
            };
            self.text.push_str(&String::from_utf8_lossy(&self.partial[..valid]));
            self.partial.drain(..valid + skip);
            if skip == 0 {
                break;
            }
            self.text.push(char::REPLACEMENT_CHARACTER);
        }
        let met =
            self.stops.iter().filter_map(|stop| self.text[searched..].find(stop.as_str())).min();
        let end = match met {
            Some(at) => {
                self.text.truncate(searched + at);
                self.partial.clear();
                self.text.len()
            }
            None => self.text.len() - self.held_back(),
        };
        let start = std::mem::replace(&mut self.told, end);
        (&self.text[start..end], met.is_some())
    }

    /// Gives the length of the longest end of the text that may begin a stop string.
    fn held_back(&self) -> usize {
        let rest = &self.text[self.told..];
        rest.char_indices()
            .map(|(at, _)| &rest[at..])
            .find(|end| self.stops.iter().any(|stop| stop.starts_with(end)))
            .map_or(0, str::len)
    }

    /// Ends the stream; gives what was held back.
    pub(super) fn finish(&mut self) -> &str {
        if !self.partial.is_empty() {
            self.text.push(char::REPLACEMENT_CHARACTER);
            self.partial.clear();
        }
        let start = std::mem::replace(&mut self.told, self.text.len());
        &self.text[start..]
    }

    /// Gives all text so far.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng as _, SeedableRng as _};
    use rand_chacha::ChaCha8Rng;

    use super::pick;

    /// The same by sorting the whole vocabulary.
    fn sorted(probabilities: &[f32], top_p: f32, dart: f64) -> u32 {
        let mut ids: Vec<u32> = (0..probabilities.len() as u32).collect();
        let p = |id: &u32| probabilities[*id as usize];
        ids.sort_by(|a, b| p(b).total_cmp(&p(a)).then(a.cmp(b)));
        let mut mass = 0.0;
        let mut kept = Vec::new();
        for id in ids {
            mass += f64::from(p(&id));
            kept.push(id);
            if mass >= f64::from(top_p) {
                break;
            }
        }
        let mut left = dart * mass;
        for id in &kept {
            left -= f64::from(p(id));
            if left < 0.0 {
                return *id;
            }
        }
        *kept.last().unwrap()
    }

    #[test]
    fn unlikely_tokens_left_aside_change_no_draw() {
        let mut random = ChaCha8Rng::seed_from_u64(4);
        for (n, spread) in [(1, 1.0), (50, 0.0), (700, 0.1), (3_000, 3.0), (3_000, 12.0)] {
            for top_p in [0.05, 0.5, 0.9, 0.95, 0.999_999] {
                let weights: Vec<f64> =
                    (0..n).map(|_| (random.random::<f64>() * spread).exp()).collect();
                let sum: f64 = weights.iter().sum();
                let probabilities: Vec<f32> = weights.iter().map(|w| (w / sum) as f32).collect();
                for _ in 0..20 {
                    let dart = random.random::<f64>();
                    let expected = sorted(&probabilities, top_p, dart);
                    assert_eq!(pick(&probabilities, top_p, dart), Some(expected), "{n} {top_p}");
                }
            }
        }
        // Sums that rounding keeps below top_p take everything there is.
        let short = [0.4_f32, 0.3, 0.2];
        assert_eq!(pick(&short, 0.95, 0.999), Some(2));
    }
}
