//! What a judge goes by besides what it should.

use super::Statistic;
use super::fields::Fields;
use super::items::Items;
use super::report::{Report, ends, number_of};
use crate::stats::bias::{BothOrders, LengthRow, OwnPair, length_bias, position, self_preference};

/// Lines of `{"item", "p_ab", "p_ba"}`, each the probability of the response shown first.
#[derive(Debug, Default)]
pub(super) struct Position {
    items: Items,
    pairs: Vec<BothOrders>,
}

impl Statistic for Position {
    fn line(&mut self, fields: &mut Fields) -> Result<(), String> {
        self.items.take(fields)?;
        let (first_a, first_b) = (fields.probability("p_ab")?, fields.probability("p_ba")?);
        // With B first, the response shown first is B; the statistic asks for A's probability.
        self.pairs.push(BothOrders { p_ab: first_a, p_ba: 1.0 - first_b });
        Ok(())
    }

    fn report(&self, seed: u64) -> Result<Report, String> {
        let clusters = self.items.clusters();
        let found = position(&self.pairs, &clusters, seed).map_err(|why| why.to_string())?;
        Ok(Report::of("position_bias", &found.first, self.pairs.len())
            .part("items", clusters.len())
            .part("pairs", self.pairs.len())
            .measure("consistency", &found.consistency)
            .part("primacy", found.primacy)
            .part("recency", found.recency)
            .measure("gap", &found.gap)
            .measure("wide_gap", &found.wide)
            .part("flag", found.flag))
    }
}

/// Lines of `{"item", "judge_b", "human_b", "len_a", "len_b"}`.
#[derive(Debug, Default)]
pub(super) struct Length {
    items: Items,
    rows: Vec<LengthRow>,
}

impl Statistic for Length {
    fn line(&mut self, fields: &mut Fields) -> Result<(), String> {
        self.items.take(fields)?;
        self.rows.push(LengthRow {
            judge_b: fields.share("judge_b")?,
            human_b: fields.maybe_share("human_b")?,
            len_a: fields.length("len_a")?,
            len_b: fields.length("len_b")?,
        });
        Ok(())
    }

    fn report(&self, seed: u64) -> Result<Report, String> {
        let clusters = self.items.clusters();
        let found = length_bias(&self.rows, &clusters, seed).map_err(|why| why.to_string())?;
        let labelled = self.rows.iter().filter(|row| row.human_b.is_some()).count();
        let same = self.rows.iter().filter(|row| (row.len_a - row.len_b).abs() <= 0.0).count();
        Ok(Report::of("length_bias", &found.bias, self.rows.len())
            .part("items", clusters.len())
            .part("pairs", self.rows.len())
            .part("labelled", labelled)
            .part("same_length", same)
            .measure("judge_prefers_longer", &found.judge)
            .measure("people_prefer_longer", &found.people)
            .measure("excess", &found.excess)
            .part("win_rate", found.raw)
            .part("length_controlled_win_rate", found.controlled.map(|one| one.rate))
            .part("length_controlled_ci", ends(found.controlled.and_then(|one| one.interval)))
            .part("phi", found.controlled.map(|one| one.phi))
            .part("flag", found.flag))
    }
}

/// Lines of `{"item", "judge_own", "human_own", "own"}`.
#[derive(Debug, Default)]
pub(super) struct SelfPreference {
    items: Items,
    /// Lines with an answer of the judge's own that both decided, and their places among all.
    pairs: Vec<(usize, OwnPair)>,
    ties: u64,
    not_own: u64,
}

impl Statistic for SelfPreference {
    fn line(&mut self, fields: &mut Fields) -> Result<(), String> {
        self.items.take(fields)?;
        let (judge, human) = (fields.share("judge_own")?, fields.share("human_own")?);
        let is_own = fields.maybe_truth("own")?.unwrap_or(true);
        let is_tie = |share: f64| (share - 0.5).abs() < 1e-9;
        if !is_own {
            self.not_own += 1;
        } else if is_tie(judge) || is_tie(human) {
            self.ties += 1;
        } else {
            let pair = OwnPair { judge_own: judge > 0.5, human_own: human > 0.5 };
            self.pairs.push((self.items.lines() - 1, pair));
        }
        Ok(())
    }

    fn report(&self, seed: u64) -> Result<Report, String> {
        let places: Vec<usize> = self.pairs.iter().map(|(place, _)| *place).collect();
        let pairs: Vec<OwnPair> = self.pairs.iter().map(|(_, pair)| *pair).collect();
        let clusters = self.items.clusters().only(&places);
        let found = self_preference(&pairs, &clusters, seed).map_err(|why| why.to_string())?;
        Ok(Report::of("self_preference", &found.difference, pairs.len())
            .part("items", clusters.len())
            .part("picks_own_where_people_do", number_of(&found.own))
            .part("picks_other_where_people_do", number_of(&found.others))
            .part("ties_left_out", self.ties)
            .part("without_own_left_out", self.not_own)
            .part("flag", found.flag))
    }
}
