//! What all prompts of a set would take, as a pilot of a few tells it.

use serde_json::{Value, json};

use super::failure::Failure;
use super::progress;
use crate::engine::estimate::SEED;
use crate::engine::{Estimate, LabelCounts, Pace, RunSummary, from_pilot, people_cost, pilot_rows};
use crate::store::{Journal, Project};

/// What a pilot tells of all prompts.
pub(super) struct Forecast {
    /// All prompts, the pilot's included.
    all: u64,
    /// The pilot's rows.
    done: u64,
    /// US dollars that the pilot's rows cost, by whichever run.
    spent: f64,
    /// Seconds that the pilot took.
    seconds: f64,
    /// Of the rows to come; `None`: too few rows to say.
    rest: Option<Estimate>,
    /// What people would be paid for all rows, lowest and highest.
    people: (f64, f64),
    labels: LabelCounts,
}

impl Forecast {
    /// Reads a pilot's rows.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub(super) async fn read(
        journal: &Journal,
        ended: &RunSummary,
        project: &Project,
        all: u64,
        pace: Pace,
    ) -> Result<Self, Failure> {
        let rows = pilot_rows(journal, &ended.run, ended.progress.rows_done as usize).await?;
        let done = rows.len() as u64;
        let rest = from_pilot(&rows, all.saturating_sub(done), pace, SEED);
        let so_far: LabelCounts = rows.iter().map(|row| row.labels).sum();
        let labels: LabelCounts =
            [so_far, rest.map_or_else(LabelCounts::default, |rest| rest.labels)].into_iter().sum();
        let people = people_cost(labels, project.file.spending.people);
        let spent = rows.iter().map(|row| row.cost).sum();
        Ok(Self { all, done, spent, seconds: pace.seconds, rest, people, labels })
    }

    /// As a JSON value: `cost_usd` and `seconds` are those of all prompts at the pilot's mean, the
    /// ranges those of the rows to come.
    pub(super) fn json(&self) -> Value {
        let times = self.all as f64 / self.done.max(1) as f64;
        json!({
            "rows": self.all,
            "cost_usd": self.spent * times,
            "seconds": self.seconds * times,
            "rest": self.rest,
            "labels": self.labels,
            "people_usd": [self.people.0, self.people.1],
        })
    }

    /// As lines.
    pub(super) fn text(&self, is_price_unknown: bool) -> String {
        let mut lines = Vec::new();
        if let Some(rest) = &self.rest
            && rest.rows > 0
        {
            let mut words = vec![format!(
                "rest      {} rows: {:.0}–{:.0} calls",
                rest.rows, rest.calls.low, rest.calls.high
            )];
            let is_free = rest.cost.high <= 0.0;
            words.push(match (is_free, is_price_unknown) {
                (true, unknown) => progress::cost(0.0, unknown),
                (false, unknown) => {
                    let more = if unknown { " and models of unknown price" } else { "" };
                    format!("{}–{} USD{more}", usd(rest.cost.low), usd(rest.cost.high))
                }
            });
            if let Some(seconds) = rest.seconds {
                let (low, high) = (progress::span(seconds.low), progress::span(seconds.high));
                words.push(if low == high { low } else { format!("{low} to {high}") });
            }
            lines.push(format!("{} (8 times in 10)", words.join(", ")));
            if let Some(kept) = rest.cost_per_kept.filter(|_| !is_free) {
                lines.push(format!(
                    "a kept row {}–{} USD; {:.0} % of the pilot’s rows are kept",
                    usd(kept.low),
                    usd(kept.high),
                    rest.kept * 100.0
                ));
            }
        }
        lines.push(format!(
            "people    {}–{} USD for the same labels on all {} rows",
            usd(self.people.0),
            usd(self.people.1),
            self.all
        ));
        lines.join("\n")
    }
}

/// US dollars with the digits that say something: cents from 1 dollar on, else three digits.
pub(super) fn usd(amount: f64) -> String {
    if amount >= 1.0 || amount <= 0.0 {
        return format!("{amount:.2}");
    }
    let digits = (2.0 - amount.log10().floor()).clamp(2.0, 12.0) as usize;
    format!("{amount:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_amounts_keep_their_digits() {
        assert_eq!(usd(0.0), "0.00");
        assert_eq!(usd(0.004_216), "0.00422");
        assert_eq!(usd(0.5), "0.500");
        assert_eq!(usd(38.204), "38.20");
    }
}
