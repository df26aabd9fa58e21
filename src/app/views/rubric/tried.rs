//! Responses that a judge has scored already: what weights and aggregation are tried on.

use std::sync::Arc;

use crate::app::state::AppState;
use crate::app::widgets::WeightSlider;
use crate::domain::{Criterion, CriterionId, CriterionVerdict, Row, Rubric, ScoredResponse};
use crate::methods::aggregate::{self, Ranking, Turn};

/// A scored row and the rubric that it was scored by.
#[derive(Debug, Clone)]
pub(super) struct Tried {
    /// The prompt's text.
    pub(super) prompt: String,
    /// The row.
    pub(super) row: Arc<Row>,
    /// The rubric as it was then.
    pub(super) rubric: Option<Arc<Rubric>>,
    /// `Try`, or the run.
    pub(super) source: String,
}

impl Tried {
    pub(super) fn scores(&self) -> &[ScoredResponse] {
        &self.row.scores
    }

    /// The two responses that are set against each other: the first and the last.
    pub(super) fn pair(&self) -> Option<(usize, usize)> {
        let last = self.scores().len().checked_sub(1).filter(|last| *last > 0)?;
        Some((0, last))
    }

    /// The verdicts on a response that are about criteria of this rubric: the same id alone may
    /// be another question.
    pub(super) fn verdicts(&self, place: usize, rubric: &Rubric) -> Vec<CriterionVerdict> {
        let all = self.scores().get(place).map_or(&[][..], |scored| &scored.score.criteria);
        let Some(then) = &self.rubric else { return all.to_vec() };
        let is_same = |verdict: &&CriterionVerdict| {
            let (Some(then_one), Some(now)) =
                (then.criterion(&verdict.criterion), rubric.criterion(&verdict.criterion))
            else {
                return false;
            };
            let is_known = then.name == rubric.name || then_one.name == now.name;
            is_known && then_one.scale.range() == now.scale.range()
        };
        all.iter().filter(is_same).cloned().collect()
    }

    /// Whether any of its verdicts is about this rubric.
    pub(super) fn is_about(&self, rubric: &Rubric) -> bool {
        (0..self.scores().len()).any(|place| !self.verdicts(place, rubric).is_empty())
    }

    /// Why the judge's verdicts are not about the criteria as they are now; weights, gates and
    /// aggregation are not asked about, so they may differ.
    pub(super) fn asked_otherwise(&self, rubric: &Rubric) -> Option<&'static str> {
        let then = self.rubric.as_ref()?;
        if !self.is_about(rubric) {
            return Some("Scored by another rubric: run the prompt again in Try");
        }
        let is_same = rubric.criteria.iter().all(|now| {
            then.criterion(&now.id).is_some_and(|then| {
                let same_scale = match (then.scale.range(), now.scale.range()) {
                    // Points count at aggregation only, except for their sign.
                    (None, None) => true,
                    _ => then.scale == now.scale,
                };
                then.name == now.name && then.description == now.description && same_scale
            })
        });
        (!is_same).then_some("Criteria have changed since: run the prompt again to score by them")
    }
}

/// The tried rows, and what every aggregation makes of the one shown; made when something changes.
#[derive(Debug, Default)]
pub(super) struct TriedRows {
    rows: Arc<Vec<Tried>>,
    key: u64,
    /// The prompt chosen here; else the one shown in Try.
    pub(super) chosen: Option<String>,
    ranked_for: Option<(Arc<Rubric>, Arc<Row>)>,
    rankings: Arc<Vec<Ranking>>,
    /// In how many of how many tried prompts the aggregation decides who is first.
    decides: (usize, usize),
}

impl TriedRows {
    /// The rows, from Try first, then from runs of the journal.
    pub(super) fn rows(&mut self, state: &AppState) -> Arc<Vec<Tried>> {
        let live = state.trial.trials.values().filter_map(|trial| {
            let row = trial.row.as_ref().filter(|row| !row.scores.is_empty())?;
            Some((row, trial.rubric.as_ref()))
        });
        let key = egui::util::hash((
            live.clone().map(|(row, _)| Arc::as_ptr(row) as usize).collect::<Vec<_>>(),
            state.cases.scored.iter().map(|one| Arc::as_ptr(&one.row) as usize).collect::<Vec<_>>(),
        ));
        if key != self.key {
            let mut rows: Vec<Tried> = live
                .map(|(row, rubric)| Tried {
                    prompt: row.prompt.text().to_owned(),
                    row: Arc::clone(row),
                    rubric: rubric.cloned(),
                    source: "Try".to_owned(),
                })
                .collect();
            for past in &state.cases.scored {
                let prompt = past.row.prompt.text();
                if rows.iter().all(|known| known.prompt != prompt) {
                    rows.push(Tried {
                        prompt: prompt.to_owned(),
                        row: Arc::clone(&past.row),
                        rubric: past.rubric.clone(),
                        source: past.run.to_string(),
                    });
                }
            }
            self.rows = Arc::new(rows);
            self.key = key;
            self.ranked_for = None;
        }
        Arc::clone(&self.rows)
    }

    /// The row shown: of the prompt chosen here, else one scored by the rubric shown, the one in
    /// Try before others.
    pub(super) fn shown(&mut self, state: &AppState) -> Option<Tried> {
        let rows = self.rows(state);
        let of = |text: &str| rows.iter().find(|tried| tried.prompt == text);
        let chosen = self.chosen.as_deref().and_then(of);
        let in_try = state.prompt().and_then(|prompt| of(prompt.text()));
        let is_about = |tried: &&Tried| state.rubric().is_some_and(|rubric| tried.is_about(rubric));
        chosen
            .or(in_try.filter(is_about))
            .or_else(|| rows.iter().find(is_about))
            .or_else(|| rows.first())
            .cloned()
    }

    /// What every aggregation makes of the row shown, and in how many of how many tried prompts
    /// they disagree on who is first.
    pub(super) fn rankings(
        &mut self,
        rubric: &Arc<Rubric>,
        tried: &Tried,
    ) -> (Arc<Vec<Ranking>>, (usize, usize)) {
        let is_known = self
            .ranked_for
            .as_ref()
            .is_some_and(|(of, row)| Arc::ptr_eq(of, rubric) && Arc::ptr_eq(row, &tried.row));
        if !is_known {
            self.rankings = Arc::new(rank(rubric, tried));
            let all: Vec<Option<bool>> = self
                .rows
                .iter()
                .filter(|tried| tried.asked_otherwise(rubric).is_none())
                .map(|tried| agree(&rank(rubric, tried)))
                .collect();
            let counted = all.iter().flatten().count();
            let disagree = all.iter().flatten().filter(|agree| !**agree).count();
            self.decides = (disagree, counted);
            self.ranked_for = Some((Arc::clone(rubric), Arc::clone(&tried.row)));
        }
        (Arc::clone(&self.rankings), self.decides)
    }
}

/// Where the ranking turns by one weight; found when something changes.
#[derive(Debug, Default)]
pub(super) struct Turns {
    of: Option<(Arc<Rubric>, CriterionId, Arc<Row>)>,
    turn: Option<Turn>,
}

impl Turns {
    /// The weight of a criterion at which the first and the last response of a tried row change
    /// places, as far as the slider goes.
    pub(super) fn of(
        &mut self,
        rubric: &Arc<Rubric>,
        criterion: &Criterion,
        tried: &Tried,
    ) -> Option<Turn> {
        let is_known = self.of.as_ref().is_some_and(|(of, id, row)| {
            Arc::ptr_eq(of, rubric) && id == &criterion.id && Arc::ptr_eq(row, &tried.row)
        });
        if !is_known {
            let top = WeightSlider::top(criterion.weight);
            self.turn = tried.pair().and_then(|(a, b)| {
                let (first, second) = (tried.verdicts(a, rubric), tried.verdicts(b, rubric));
                aggregate::turn(rubric, &criterion.id, &first, &second, top)
            });
            self.of = Some((Arc::clone(rubric), criterion.id.clone(), Arc::clone(&tried.row)));
        }
        self.turn
    }
}

fn rank(rubric: &Rubric, tried: &Tried) -> Vec<Ranking> {
    let verdicts: Vec<Vec<CriterionVerdict>> =
        (0..tried.scores().len()).map(|place| tried.verdicts(place, rubric)).collect();
    let verdicts: Vec<&[CriterionVerdict]> = verdicts.iter().map(Vec::as_slice).collect();
    aggregate::by_every_aggregation(rubric, &verdicts)
}

/// Whether all aggregations put the same response first; `None` where none can say.
fn agree(rankings: &[Ranking]) -> Option<bool> {
    let mut bests = rankings.iter().filter_map(Ranking::best);
    let first = bests.next()?;
    Some(bests.all(|best| best == first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::state::cases::Scored;
    use crate::domain::{Prompt, Reading, Score};

    fn row(prompt: &str, values: &[f64]) -> Arc<Row> {
        let mut row = Row::empty(&Prompt::of_text("p", prompt));
        for (n, value) in values.iter().enumerate() {
            row.scores.push(ScoredResponse {
                name: format!("revision {n}"),
                text: String::new(),
                score: Score {
                    reward: None,
                    criteria: vec![CriterionVerdict {
                        criterion: "C1".into(),
                        reading: Reading::Parsed { value: *value },
                        unit: None,
                        reason: String::new(),
                    }],
                    gates_failed: Vec::new(),
                    unparsed: Vec::new(),
                },
                cut_off: false,
                judges: Vec::new(),
            });
        }
        Arc::new(row)
    }

    #[test]
    fn past_rows_are_shown_until_there_is_one_of_try() {
        let mut state = AppState::default();
        let mut rubric = Rubric::named("r");
        rubric.criteria.push(Criterion { id: "C1".into(), ..Criterion::default() });
        let rubric = Arc::new(rubric);
        let mut rows = TriedRows::default();
        assert!(rows.shown(&state).is_none());
        for (n, prompt) in ["Why?", "How?"].iter().enumerate() {
            state.cases.scored.push(Scored {
                run: format!("R-{n}").as_str().into(),
                row: row(prompt, &[1.0, 4.0]),
                rubric: Some(Arc::clone(&rubric)),
            });
        }
        let shown = rows.shown(&state).unwrap();
        assert_eq!((shown.prompt.as_str(), shown.source.as_str()), ("Why?", "R-0"));
        assert_eq!(shown.pair(), Some((0, 1)));
        let (rankings, decides) = rows.rankings(&rubric, &shown);
        assert_eq!(rankings[0].best(), Some(1));
        assert_eq!(decides, (0, 2));
        rows.chosen = Some("How?".to_owned());
        assert_eq!(rows.shown(&state).unwrap().prompt, "How?");
        let mut other = Rubric::clone(&rubric);
        other.criteria[0].weight = 3.0;
        assert_eq!(shown.asked_otherwise(&other), None, "weights are not asked about");
        other.criteria[0].name = "Other".to_owned();
        assert!(shown.asked_otherwise(&other).is_some());
        other.name = "s".to_owned();
        assert!(shown.verdicts(0, &other).is_empty(), "another rubric's C1 is another question");
        assert!(!shown.is_about(&other));
    }
}
