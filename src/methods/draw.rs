//! Every random choice that a method makes: which principle is next, and each call's seed.
//!
//! All of it is a function of (run seed, prompt id, what it is for), so the same task makes the
//! same choices on every machine and in any order. Principles are drawn by a race of exponential
//! clocks, so editing, adding or disabling one principle never reshuffles the others.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use crate::domain::{Constitution, Message, Principle, PromptId};

/// The largest sampling seed: 2³¹ − 1, which every server takes (some read it as a 32-bit number).
pub const MAX_SEED: u64 = 0x7FFF_FFFF;

/// A generator for one purpose of one prompt of one run.
///
/// `parts` say what it is for; their lengths are hashed with them, so `["ab", "c"]` and
/// `["a", "bc"]` give different streams.
pub fn generator(run_seed: u64, prompt: &PromptId, parts: &[&str]) -> ChaCha8Rng {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"preamble-draw-1");
    hasher.update(&run_seed.to_le_bytes());
    for part in std::iter::once(prompt.as_str()).chain(parts.iter().copied()) {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    ChaCha8Rng::from_seed(*hasher.finalize().as_bytes())
}

/// The sampling seed of one call, 0..=[`MAX_SEED`].
pub fn call_seed(run_seed: u64, prompt: &PromptId, parts: &[&str]) -> u64 {
    generator(run_seed, prompt, parts).next_u64() & MAX_SEED
}

/// The sampling seed of a judge's vote, 0..=[`MAX_SEED`]: from the question itself and the vote's
/// number, so that equal questions are one call to the journal, whatever run asks them.
pub fn vote_seed(messages: &[Message], sample: u32) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"preamble-vote-1");
    hasher.update(&sample.to_le_bytes());
    for message in messages {
        hasher.update(message.role.to_string().as_bytes());
        hasher.update(&(message.content.len() as u64).to_le_bytes());
        hasher.update(message.content.as_bytes());
    }
    let mut head = [0; 8];
    head.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(head) & MAX_SEED
}

/// The principles of the first `n` rounds, drawn by weight without replacement until all eligible
/// ones are used up, then again from all; empty where none is eligible.
///
/// Each cycle is a race: principle i gets the time −ln(u)/w with u uniform on 0..1 from its own
/// generator, and the earliest comes first. That is sampling without replacement with probability
/// proportional to weight (Efraimidis and Spirakis 2006, algorithm A-ES, in its exponential
/// form). Bai et al. 2022, section 3.1, draw one of 16 independently at each step; drawing
/// without replacement spends no round on a principle already applied (judgement).
pub fn principles_for<'a>(
    constitution: &'a Constitution,
    prompt: &PromptId,
    seed: u64,
    n: u32,
) -> Vec<&'a Principle> {
    let eligible: Vec<&Principle> =
        constitution.eligible().into_iter().filter(|p| p.weight.is_finite()).collect();
    if eligible.is_empty() {
        return Vec::new();
    }
    let n = n as usize;
    let mut drawn = Vec::with_capacity(n.min(4 * eligible.len()));
    let mut cycle: u64 = 0;
    while drawn.len() < n {
        drawn.extend(race(&eligible, prompt, seed, cycle).into_iter().take(n - drawn.len()));
        cycle += 1;
    }
    drawn
}

/// The same as [`principles_for`] where drawing one twice would only ask the same question again:
/// at most all eligible ones, each once.
pub fn distinct_principles_for<'a>(
    constitution: &'a Constitution,
    prompt: &PromptId,
    seed: u64,
    n: u32,
) -> Vec<&'a Principle> {
    let most = u32::try_from(constitution.eligible().len()).unwrap_or(u32::MAX);
    principles_for(constitution, prompt, seed, n.min(most))
}

fn race<'a>(
    eligible: &[&'a Principle],
    prompt: &PromptId,
    seed: u64,
    cycle: u64,
) -> Vec<&'a Principle> {
    let cycle = cycle.to_string();
    let mut times: Vec<(f64, &Principle)> = eligible
        .iter()
        .map(|principle| {
            let mut rng = generator(seed, prompt, &["principle", &cycle, principle.id.as_str()]);
            (-open_unit(&mut rng).ln() / principle.weight, *principle)
        })
        .collect();
    times.sort_by(|(a, p), (b, q)| a.total_cmp(b).then_with(|| p.id.cmp(&q.id)));
    times.into_iter().map(|(_, principle)| principle).collect()
}

/// A number in 0..=1 without 0 itself, in steps of 2⁻⁵³. Written out so that no library's change
/// of its own mapping changes what an old run drew.
fn open_unit(rng: &mut ChaCha8Rng) -> f64 {
    ((rng.next_u64() >> 11) + 1) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::PrincipleId;

    fn constitution(weights: &[f64]) -> Constitution {
        let mut c = Constitution::named("test");
        for (i, &weight) in weights.iter().enumerate() {
            c.principles.push(Principle {
                id: PrincipleId(format!("P{}", i + 1)),
                text: format!("text {i}"),
                weight,
                ..Principle::default()
            });
        }
        c
    }

    fn ids(c: &Constitution, prompt: &str, seed: u64, n: u32) -> Vec<String> {
        principles_for(c, &PromptId::new(prompt), seed, n).iter().map(|p| p.id.0.clone()).collect()
    }

    #[test]
    fn first_draw_follows_the_weights() {
        let c = constitution(&[1.0, 2.0, 5.0, 0.0]);
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        let n = 4_000;
        for i in 0..n {
            *counts.entry(ids(&c, &format!("x{i}"), 7, 1)[0].clone()).or_default() += 1;
        }
        assert_eq!(counts.get("P4"), None, "a weight of 0 is never drawn");
        for (id, expected) in [("P1", 1.0 / 8.0), ("P2", 2.0 / 8.0), ("P3", 5.0 / 8.0)] {
            let share = f64::from(counts[id]) / f64::from(n);
            assert!((share - expected).abs() < 0.025, "{id}: {share}, expected {expected}");
        }
    }

    #[test]
    fn second_draw_follows_the_weights_of_those_left() {
        let c = constitution(&[1.0, 1.0, 2.0]);
        let (mut p1_second, mut n) = (0, 0);
        for i in 0..4_000 {
            let drawn = ids(&c, &format!("x{i}"), 3, 2);
            if drawn[0] == "P3" {
                n += 1;
                p1_second += i32::from(drawn[1] == "P1");
            }
        }
        assert!(n > 1_500);
        assert!((f64::from(p1_second) / f64::from(n) - 0.5).abs() < 0.035);
    }

    #[test]
    fn nothing_to_draw_from_gives_nothing() {
        assert!(ids(&constitution(&[0.0]), "x", 1, 3).is_empty());
        assert!(ids(&constitution(&[f64::NAN, f64::INFINITY]), "x", 1, 3).is_empty());
    }

    #[test]
    fn part_boundaries_matter() {
        let id = PromptId::new("x");
        assert_ne!(call_seed(1, &id, &["ab", "c"]), call_seed(1, &id, &["a", "bc"]));
        assert_ne!(call_seed(1, &id, &["draft"]), call_seed(2, &id, &["draft"]));
    }

    #[test]
    fn votes_of_one_question_differ_by_number_only() {
        let question = [Message::user("Which?")];
        assert_eq!(vote_seed(&question, 0), vote_seed(&question, 0));
        assert_ne!(vote_seed(&question, 0), vote_seed(&question, 1));
        assert_ne!(vote_seed(&question, 0), vote_seed(&[Message::user("What?")], 0));
    }

    /// Pins what was drawn, so that a run of last year can be resumed.
    #[test]
    fn draws_never_change() {
        let c = constitution(&[1.0, 1.0, 1.0, 1.0]);
        assert_eq!(ids(&c, "prompt-1", 42, 6), PINNED);
        assert_eq!(call_seed(42, &PromptId::new("prompt-1"), &["draft", "0"]), PINNED_SEED);
    }
    const PINNED: [&str; 6] = ["P2", "P4", "P3", "P1", "P3", "P1"];
    const PINNED_SEED: u64 = 351_877_553;

    proptest! {
        #[test]
        fn every_cycle_uses_each_once(
            weights in prop::collection::vec(0.01_f64..100.0, 1..12), seed: u64, prompt in ".{0,12}"
        ) {
            let c = constitution(&weights);
            let n = weights.len();
            let drawn = ids(&c, &prompt, seed, 2 * n as u32);
            prop_assert_eq!(drawn.len(), 2 * n);
            for cycle in drawn.chunks(n) {
                let mut sorted = cycle.to_vec();
                sorted.sort();
                sorted.dedup();
                prop_assert_eq!(sorted.len(), n);
            }
            prop_assert_eq!(&ids(&c, &prompt, seed, 1)[..], &drawn[..1], "a prefix stays a prefix");
        }

        #[test]
        fn disabling_one_keeps_the_others_order(
            weights in prop::collection::vec(0.1_f64..10.0, 2..10), seed: u64, which: prop::sample::Index
        ) {
            let mut c = constitution(&weights);
            let n = weights.len() as u32;
            let mut before = ids(&c, "x", seed, n);
            let i = which.index(weights.len());
            c.principles[i].enabled = false;
            before.retain(|id| id != c.principles[i].id.as_str());
            prop_assert_eq!(ids(&c, "x", seed, n - 1), before);
        }

        #[test]
        fn seeds_are_in_range(seed: u64, prompt in ".{0,12}", what in ".{0,12}") {
            prop_assert!(call_seed(seed, &PromptId::new(prompt), &[&what]) <= MAX_SEED);
        }
    }
}
