//! How the report's numbers are got from its items.

use std::collections::BTreeMap;

use super::super::MIN_ITEMS;
use super::super::agreement::cohen::share_of;
use super::super::agreement::{
    Among, Correlation, EPSILON, Group, Ratings, Repeats, Scale, TwoRaters, alt_test, among,
    by_group, correlation, judge_agreement, mean_absolute_error, repeats,
};
use super::super::bias::{
    Asked, FormatFailures, Panel, PanelRow, Robustness, SelfPreference, Side, TrueFailure,
    false_passes, format_failures, panel, robustness,
};
use super::super::bootstrap::Clusters;
use super::super::estimate::{Measured, Unknown, enough};
use super::item::{Unit, value_of};
use super::{Counts, ItemJudged, JudgeReport, People, ReportItem, Said, ScoreAgreement};
use super::{calibrated, compared, disagreement, more};
use crate::domain::{LabelAnswer, LabelTask, PromptId, Split};

/// What is known of a judge from items with people's labels and its verdicts.
///
/// All intervals draw the same prompts by the same seed. Under [`MIN_ITEMS`] prompts each number
/// is “too few”. Which items are given decides what is reported on: those of one split, or all;
/// maps are fitted to development items only.
pub fn judge_report(items: &[ReportItem], seed: u64) -> JudgeReport {
    let used: Vec<&ReportItem> = items.iter().filter(|item| !item.is_example).collect();
    let task = task_of(&used);
    let unit = unit_of(&used);
    let report = Reported { used: &used, task, unit, seed };
    let (fresh, stale) = report.both_say();
    let ratings = report.ratings();
    let several = ratings.as_ref().filter(|ratings| ratings.raters() > 1);
    let among = several.map(|ratings| among(ratings, report.scale(), seed));
    let agreement = judge_agreement(&report.raters(&fresh), among.as_ref(), report.scale(), seed);
    let stale = (!stale.is_empty())
        .then(|| judge_agreement(&report.raters(&stale), None, report.scale(), seed));
    JudgeReport {
        task,
        counts: report.counts(items),
        right: report.right(),
        scores: (task == LabelTask::Scores).then(|| report.scores()),
        by_principle: report.by_principle(&fresh),
        by_tag: report.grouped(&fresh, |item| item.tags.clone()),
        by_split: report.by_split(&fresh),
        stale,
        panel: (task == LabelTask::Pairwise).then(|| report.panel()),
        false_passes: (task == LabelTask::PassFail).then(|| report.false_passes()),
        format: report.format(),
        robustness: report.robustness(),
        calibration: calibrated::calibration(&used, task, seed),
        corrected: calibrated::corrected(&used, task),
        independence: compared::models_together(&used, seed),
        canaries: None,
        people: report.people(among.as_ref(), several),
        more_labels: more::more_labels(&agreement.kappa),
        disagreements: disagreement::disagreements(&used, unit),
        agreement,
    }
}

fn task_of(items: &[&ReportItem]) -> LabelTask {
    let of_answer = |answer: LabelAnswer| match answer {
        LabelAnswer::Level(_) => Some(LabelTask::Scores),
        LabelAnswer::Pass | LabelAnswer::Fail => Some(LabelTask::PassFail),
        LabelAnswer::A | LabelAnswer::B | LabelAnswer::Tie | LabelAnswer::BothBad => {
            Some(LabelTask::Pairwise)
        }
        LabelAnswer::Unsure | LabelAnswer::NotApplicable => None,
    };
    let by_people = items
        .iter()
        .flat_map(|item| item.people.iter())
        .find_map(|(_, answer, _)| of_answer(*answer));
    let by_judge = || {
        let judged = items.iter().find_map(|item| item.judge.as_ref())?;
        Some(match judged.said {
            Said::Pair { .. } | Said::Apart { .. } => LabelTask::Pairwise,
            Said::Pass { .. } => LabelTask::PassFail,
            Said::Level { .. } => LabelTask::Scores,
        })
    };
    by_people.or_else(by_judge).unwrap_or_default()
}

/// What the numbers of these items are.
pub(super) fn unit_of(items: &[&ReportItem]) -> Unit {
    match task_of(items) {
        LabelTask::Pairwise | LabelTask::PassFail => Unit::Probability,
        LabelTask::Scores => Unit::Levels(levels_of(items)),
    }
}

/// The highest level that is on the scale or was given; 2 at least, so that it is a scale.
fn levels_of(items: &[&ReportItem]) -> usize {
    let given = items.iter().flat_map(|item| {
        let labels = item.people.iter().filter_map(|(_, answer, _)| match answer {
            LabelAnswer::Level(level) => Some(*level),
            _ => None,
        });
        labels.chain([item.levels])
    });
    given.max().unwrap_or(0).max(2) as usize
}

/// The items of a report, with what all parts share.
struct Reported<'a> {
    used: &'a [&'a ReportItem],
    task: LabelTask,
    unit: Unit,
    seed: u64,
}

/// An item on which judge and people both take a side.
#[derive(Debug, Clone, Copy)]
struct BothSay<'a> {
    item: &'a ReportItem,
    judge: usize,
    people: usize,
}

impl<'a> Reported<'a> {
    fn scale(&self) -> Scale {
        match self.task {
            LabelTask::Pairwise | LabelTask::PassFail => Scale::Nominal,
            LabelTask::Scores => Scale::Ordinal,
        }
    }

    /// Items on which both take a side: with labels of now, and with stale ones.
    fn both_say(&self) -> (Vec<BothSay<'a>>, Vec<BothSay<'a>>) {
        self.used
            .iter()
            .filter_map(|item| {
                Some(BothSay {
                    item,
                    judge: self.unit.category(item.judge_value()?)?,
                    people: self.unit.category(item.people_value()?)?,
                })
            })
            .partition(|row| !row.item.stale)
    }

    fn raters(&self, rows: &[BothSay<'_>]) -> TwoRaters {
        let rows = rows.iter().map(|row| (&row.item.prompt, (row.judge, row.people)));
        TwoRaters::by_prompt(self.unit.categories(), rows)
    }

    fn counts(&self, items: &[ReportItem]) -> Counts {
        let mut counts = Counts {
            items: items.len() as u64,
            examples: (items.len() - self.used.len()) as u64,
            ..Counts::default()
        };
        for item in self.used {
            match item.split {
                Split::Gold => counts.gold += 1,
                Split::Dev => counts.dev += 1,
            }
            let people = item.people_value();
            counts.labelled += u64::from(people.is_some());
            counts.unsure += u64::from(people.is_none() && !item.people.is_empty());
            counts.stale += u64::from(people.is_some() && item.stale);
            let judge = item.judge_value();
            match &item.judge {
                None => counts.not_asked += 1,
                Some(judged) if judged.failed.is_some() => counts.failed += 1,
                Some(_) if judge.is_none() => counts.unread += 1,
                Some(_) => counts.judged += 1,
            }
            if let (Some(people), Some(judge), false) = (people, judge, item.stale) {
                match (self.unit.category(people), self.unit.category(judge)) {
                    (None, _) => counts.people_even += 1,
                    (Some(_), None) => counts.judge_even += 1,
                    (Some(_), Some(_)) => {}
                }
            }
        }
        counts
    }

    fn right(&self) -> Measured {
        let rows: Vec<(&ReportItem, f64)> = self
            .used
            .iter()
            .filter(|item| !item.stale)
            .filter_map(|item| {
                let people = self.unit.category(item.people_value()?)?;
                let judge = self.unit.category(item.judge_value()?);
                let right = judge.map_or(0.5, |judge| f64::from(u8::from(judge == people)));
                Some((*item, right))
            })
            .collect();
        let clusters = Clusters::by(rows.iter().map(|(item, _)| &item.prompt));
        enough(clusters.len(), MIN_ITEMS)?;
        let values: Vec<f64> = rows.iter().map(|(_, right)| *right).collect();
        Ok(share_of(&values, &clusters, self.seed))
    }

    fn scores(&self) -> ScoreAgreement {
        let rows: Vec<(&ReportItem, f64, f64)> = self
            .used
            .iter()
            .filter(|item| !item.stale)
            .filter_map(|item| Some((*item, item.judge_value()?, item.people_value()?)))
            .collect();
        let clusters = Clusters::by(rows.iter().map(|(item, ..)| &item.prompt));
        let judge: Vec<f64> = rows.iter().map(|(_, judge, _)| *judge).collect();
        let people: Vec<f64> = rows.iter().map(|(.., people)| *people).collect();
        let shown = |measured: &dyn Fn() -> Measured| {
            enough(clusters.len(), MIN_ITEMS).and_then(|()| measured())
        };
        ScoreAgreement {
            spearman: shown(&|| {
                correlation(&judge, &people, &clusters, Correlation::Spearman, self.seed)
            }),
            apart: shown(&|| mean_absolute_error(&judge, &people, &clusters, self.seed)),
        }
    }

    fn grouped(
        &self,
        rows: &[BothSay<'_>],
        names: impl Fn(&ReportItem) -> Vec<String>,
    ) -> Vec<Group> {
        let names: Vec<Vec<String>> = rows.iter().map(|row| names(row.item)).collect();
        by_group(&self.raters(rows), &names, self.scale(), self.seed).unwrap_or_default()
    }

    fn by_principle(&self, fresh: &[BothSay<'a>]) -> Vec<Group> {
        // One row for each principle that an item is judged by: its own, or each of the judge's.
        let (mut rows, mut names) = (Vec::new(), Vec::new());
        for item in self.used.iter().filter(|item| !item.stale) {
            if item.aspect.is_some() {
                continue;
            }
            let Some(people) = item.people_value().and_then(|value| self.unit.category(value))
            else {
                continue;
            };
            let judged = item.judge.iter().filter(|judged| judged.failed.is_none());
            for (name, said) in judged.flat_map(|judged| &judged.principles) {
                let judge = said.value().and_then(|value| self.unit.category(value));
                if let Some(judge) = judge {
                    rows.push(BothSay { item, judge, people });
                    names.push(vec![name.clone()]);
                }
            }
        }
        for row in fresh {
            if let Some(aspect) = &row.item.aspect {
                rows.push(*row);
                names.push(vec![aspect.clone()]);
            }
        }
        by_group(&self.raters(&rows), &names, self.scale(), self.seed).unwrap_or_default()
    }

    fn by_split(&self, fresh: &[BothSay<'_>]) -> Vec<Group> {
        let groups = self.grouped(fresh, |item| vec![item.split.to_string()]);
        if groups.len() > 1 { groups } else { Vec::new() }
    }

    fn panel(&self) -> Panel {
        let judged: Vec<&ReportItem> =
            self.used.iter().copied().filter(|item| item.panel_row().is_some()).collect();
        let rows: Vec<_> = judged
            .iter()
            .filter_map(|item| {
                let row = item.panel_row()?;
                // Labels of another guide are no measure of what people want now.
                Some(if item.stale { PanelRow { human_b: None, ..row } } else { row })
            })
            .collect();
        let mut measured = panel(&rows, self.seed);
        let has_order = judged.iter().any(|item| {
            item.judge.as_ref().is_some_and(|judged| matches!(judged.said, Said::Pair { .. }))
        });
        if !has_order && !rows.is_empty() {
            // Each answer was asked about by itself: there is no place to prefer.
            measured.position = Err(Unknown::TooFew { n: 0, least: MIN_ITEMS as u64 });
        }
        measured
    }

    fn false_passes(&self) -> Measured<SelfPreference> {
        let rows: Vec<(&ReportItem, TrueFailure)> = self
            .used
            .iter()
            .filter(|item| !item.stale)
            .filter_map(|item| {
                let people = self.unit.category(item.people_value()?)?;
                let met = self.unit.category(item.judge_value()?)? == 1;
                let own = item.own == Some(Side::A);
                (people == 0).then_some((*item, TrueFailure { own, met }))
            })
            .collect();
        let failures: Vec<TrueFailure> = rows.iter().map(|(_, failure)| *failure).collect();
        let clusters = Clusters::by(rows.iter().map(|(item, _)| &item.prompt));
        false_passes(&failures, &clusters, self.seed)
    }

    fn format(&self) -> FormatFailures {
        let judged: Vec<&ItemJudged> = self
            .used
            .iter()
            .filter_map(|item| item.judge.as_ref())
            .filter(|judged| judged.failed.is_none())
            .collect();
        let (mut asked, mut unread) = (0, 0);
        for judged in &judged {
            let (all, missing) = judged.said.asked_and_unread();
            asked += all;
            unread += missing;
        }
        let masses: Vec<f64> = judged.iter().filter_map(|judged| judged.mass).collect();
        format_failures(asked, unread, &masses)
    }

    fn robustness(&self) -> Robustness {
        let mut asked = Vec::new();
        for item in self.used {
            let Some(judged) = item.judge.as_ref().filter(|judged| judged.failed.is_none()) else {
                continue;
            };
            let before = judged.said.answer();
            for again in &judged.again {
                // What could not be read has no verdict that could have stayed.
                if let (Some(before), Some(after)) = (before, again.said.answer()) {
                    asked.push(Asked {
                        item: item.prompt.0.clone(),
                        perturbation: again.perturbation.clone(),
                        unchanged: before == after,
                    });
                }
            }
        }
        robustness(&asked, self.seed)
    }

    /// Items with labels of now.
    fn labelled(&self) -> Vec<&'a ReportItem> {
        let is_labelled = |item: &&ReportItem| !item.stale && item.people_value().is_some();
        self.used.iter().copied().filter(is_labelled).collect()
    }

    /// What each labeller said, one row an item; `None` where nobody did.
    fn ratings(&self) -> Option<Ratings> {
        let labellers = self.labellers();
        let rows = self.labelled();
        let labels = rows.iter().map(|item| {
            labellers
                .iter()
                .map(|(name, _)| {
                    let said = item.people.iter().find(|(labeller, ..)| labeller == name);
                    said.and_then(|(_, answer, _)| self.unit.side(*answer))
                })
                .collect()
        });
        let clusters = Clusters::by(rows.iter().map(|item| &item.prompt));
        let ratings = Ratings::of_categories(self.unit.categories(), labels.collect(), clusters);
        ratings.ok().filter(|_| !rows.is_empty())
    }

    fn labellers(&self) -> Vec<(String, u64)> {
        let mut labellers = BTreeMap::<String, u64>::new();
        for item in self.used {
            for (labeller, answer, _) in &item.people {
                *labellers.entry(labeller.clone()).or_default() +=
                    u64::from(value_of(*answer).is_some());
            }
        }
        labellers.into_iter().collect()
    }

    fn people(&self, among: Option<&Among>, several: Option<&Ratings>) -> People {
        let alt_test = several.map(|ratings| {
            let judge: Vec<Option<usize>> = self
                .labelled()
                .iter()
                .map(|item| self.unit.category(item.judge_value()?))
                .collect();
            alt_test(&judge, ratings, self.scale(), EPSILON)
        });
        let alpha = among.map(|among| among.alpha);
        People { labellers: self.labellers(), alpha, alt_test, repeats: self.repeats() }
    }

    fn repeats(&self) -> Option<Measured<Repeats>> {
        let twice: Vec<(&PromptId, (usize, usize))> = self
            .used
            .iter()
            .flat_map(|item| item.twice.iter().map(move |said| (&item.prompt, said)))
            .filter_map(|(prompt, said)| {
                let labels =
                    (self.unit.side_or_none(said.first)?, self.unit.side_or_none(said.again)?);
                Some((prompt, labels))
            })
            .collect();
        if twice.is_empty() {
            return None;
        }
        let raters = TwoRaters::by_prompt(self.unit.categories(), twice);
        Some(repeats(&raters, self.seed))
    }
}
