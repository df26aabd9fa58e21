//! What a judge said beside what people said: the newest verdicts of its runs, joined with the
//! labels.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::super::compare::{Kinship, all_rows, kinship};
use super::super::plan_error::PlanError;
use super::asked::{self, Asked};
use super::{About, book_of, judge_of, writer};
use crate::domain::{
    Certainty, JudgeProtocol, JudgeSetup, JudgedBy, Label, LabelAnswer, LabelItem, LabelTask,
    ModelEntry, PairVerdict, Recalibration, Row, RunId, Score, ScoredResponse, Split,
};
use crate::methods::perturb::Perturbation;
use crate::methods::{canary, labelling};
use crate::stats::bias::{Side, Style};
use crate::stats::calibration::Kind;
use crate::stats::judge_report::{
    AskedAgain, ItemJudged, JudgeReport, ReportItem, Said, SaidTwice, canaries, judge_report,
};
use crate::stats::{Measured, Unknown};
use crate::store::journal::RunKind;
use crate::store::labels::{self, LabelBook, Look};
use crate::store::{Journal, Project, StoreError};

/// A run in which a judge judged items of a label set.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgingRun {
    /// Which.
    pub run: RunId,
    /// What is told of it.
    pub about: About,
    /// The models that it asked.
    models: Vec<ModelEntry>,
}

/// A judge's verdicts on a label set, with the report.
#[derive(Debug, Clone, PartialEq)]
pub struct Judging {
    /// The newest run that verdicts come from; `None` where the judge was not asked yet.
    pub about: Option<About>,
    /// All runs that verdicts come from, the newest first.
    pub runs: Vec<RunId>,
    /// Items with labels and verdicts, in the set's order: those of the split that was asked for.
    pub items: Vec<ReportItem>,
    /// What is known of the judge.
    pub report: JudgeReport,
    /// US dollars that these runs cost for each row that was judged; `None` where none was.
    pub cost_per_row: Option<f64>,
    /// How often gold was looked at for this judge, before now.
    pub looks: u64,
}

impl Judging {
    /// The map that may be kept with the judge: of a kind, fitted to development items; `day` is
    /// when that is, as `2026-11-22`.
    ///
    /// # Errors
    ///
    /// Why it could not be fitted; scores are no probabilities.
    pub fn recalibration(&self, kind: Kind, day: &str) -> Measured<Recalibration> {
        let calibration = self.report.calibration.as_ref().ok_or(Unknown::NoFit)?;
        let repair = calibration.repairs.iter().find(|repair| repair.kind == kind);
        match &repair.ok_or(Unknown::NoFit)?.fitted {
            Ok(fitted) => Ok(Recalibration { day: day.to_owned(), ..fitted.recalibration.clone() }),
            Err(unknown) => Err(*unknown),
        }
    }
}

/// The runs of a judge as it is now over a label set, the newest first. A run of other settings or
/// models is another judge's, and not among them.
///
/// # Errors
///
/// The journal can't be read.
pub async fn judgings(
    journal: &Journal,
    set: &str,
    setup: &JudgeSetup,
) -> Result<Vec<JudgingRun>, StoreError> {
    // What people call a judge is none of how it judges.
    let is_same = |about: &About| {
        let named = JudgeSetup { name: about.name.clone(), ..setup.clone() };
        about.hash == About::hash_of(&named)
    };
    let mut records = journal.runs().await?;
    records.retain(|record| record.kind == RunKind::Judge);
    records.sort_by_key(|record| std::cmp::Reverse((record.started_ms, record.id.clone())));
    let mut found: Vec<JudgingRun> = Vec::new();
    for record in records {
        let Some(mut frozen) = journal.frozen(&record.id).await? else { continue };
        let about = frozen.get_mut("judging").map(serde_json::Value::take).unwrap_or_default();
        let Ok(about) = serde_json::from_value::<About>(about) else { continue };
        let is_other = found.first().is_some_and(|newest| {
            let new = &newest.about;
            // Runs of before did not say how their judge was asked.
            let is_asked_otherwise =
                new.asked != about.asked && !new.asked.is_empty() && !about.asked.is_empty();
            (&new.identities, new.protocol) != (&about.identities, about.protocol)
                || is_asked_otherwise
        });
        if about.set != set || !is_same(&about) || is_other {
            continue;
        }
        let entry = |model: &serde_json::Value| {
            serde_json::from_value(model.pointer("/0/entry")?.clone()).ok()
        };
        let models = frozen.pointer("/panel/models").and_then(serde_json::Value::as_array);
        let models = models.map(|all| all.iter().filter_map(entry).collect());
        found.push(JudgingRun { run: record.id, about, models: models.unwrap_or_default() });
    }
    Ok(found)
}

/// A judge's newest verdicts on a label set, joined with people's labels, and the report on them.
///
/// Verdicts on other words than the item has now, or under another text of its principle, are
/// left out; so are items whose prompt the judge was shown as an example, which are counted.
/// Whoever shows a report with gold items says so to [`look`].
///
/// # Errors
///
/// There is no such judge or set, or journal or labels can't be read.
pub async fn report(
    project: &Project,
    journal: &Journal,
    (judge, set): (&str, &str),
    split: Option<Split>,
) -> Result<Judging, PlanError> {
    let (stem, setup) = judge_of(project, judge)?;
    let book = book_of(project, set)?;
    let runs = judgings(journal, &book.stem, &setup).await?;
    let index = Index::of(&book);
    let mut verdicts = Verdicts::default();
    let mut used = Vec::new();
    let (mut cost, mut rows_judged) = (0.0, 0);
    for judging in &runs {
        let rows = all_rows(journal, &judging.run).await?;
        let taken = rows.iter().filter(|entry| verdicts.take(&index, &entry.row)).count();
        cost += journal.cost(&judging.run).await?;
        rows_judged += taken;
        if taken > 0 {
            used.push(judging.run.clone());
        }
    }
    let models = runs.first().map(|newest| newest.models.as_slice()).unwrap_or_default();
    let mut items = joined(&index, &setup, (models, &project.file.models), &verdicts);
    items.retain(|item| split.is_none_or(|split| item.split == split));
    let mut report = judge_report(&items, book.set.seed);
    let about = runs.into_iter().next().map(|newest| newest.about);
    if verdicts.canaries.all() > 0 {
        let meter = &verdicts.canaries;
        report.canaries = Some(canaries(meter.right + meter.wrong, meter.wrong));
    }
    if let Some(about) = &about {
        sign(&mut report, about, verdicts.protocol);
    }
    Ok(Judging {
        about,
        runs: used,
        items,
        report,
        cost_per_row: (rows_judged > 0).then(|| cost / rows_judged as f64),
        looks: book.looks.iter().filter(|look| look.judge == stem).count() as u64,
    })
}

/// A set's items with labels and verdicts; `judges` are the models that judged, `known` those of
/// the project.
fn joined(
    index: &Index<'_>,
    setup: &JudgeSetup,
    (judges, known): (&[ModelEntry], &[ModelEntry]),
    verdicts: &Verdicts,
) -> Vec<ReportItem> {
    let shown = Shown::of(index, setup);
    let of = |item: &LabelItem| ReportItem {
        judge: verdicts.of(item),
        own: own_of(known, judges, item),
        is_example: shown.has(item),
        ..labelled(index, item)
    };
    index.book.items.iter().map(of).collect()
}

/// Counts a look at gold; nothing where the report has no gold item that is labelled.
///
/// # Errors
///
/// It can't be written down.
pub fn look(
    dir: &Path,
    set: &str,
    judge: &str,
    judging: &Judging,
    at: &str,
) -> Result<bool, StoreError> {
    let is_seen = |item: &&ReportItem| item.split == Split::Gold && item.people_value().is_some();
    let items = judging.items.iter().filter(is_seen).count() as u64;
    if items == 0 {
        return Ok(false);
    }
    labels::count_look(dir, set, &Look { judge: judge.to_owned(), at: at.to_owned(), items })?;
    Ok(true)
}

/// Says of each map whose it is.
fn sign(report: &mut JudgeReport, about: &About, protocol: Option<JudgeProtocol>) {
    let Some(calibration) = &mut report.calibration else { return };
    for repair in &mut calibration.repairs {
        if let Ok(fitted) = &mut repair.fitted {
            fitted.recalibration.judged_by = JudgedBy {
                models: about.identities.clone(),
                protocol: protocol.unwrap_or(about.protocol),
                asked: about.asked.clone(),
            };
            fitted.recalibration.set.clone_from(&about.set);
        }
    }
}

/// A set with its items and labels by item, each label but the repeats once.
struct Index<'a> {
    book: &'a LabelBook,
    items: BTreeMap<&'a str, &'a LabelItem>,
    labels: BTreeMap<&'a str, Vec<&'a Label>>,
}

impl<'a> Index<'a> {
    fn of(book: &'a LabelBook) -> Self {
        let mut labels: BTreeMap<&str, Vec<&Label>> = BTreeMap::new();
        for label in &book.labels {
            labels.entry(&label.item).or_default().push(label);
        }
        let items = book.items.iter().map(|item| (item.id.as_str(), item)).collect();
        Self { book, items, labels }
    }
}

/// The newest verdict on each item, and what was said when it was asked about once more.
#[derive(Debug, Default)]
struct Verdicts {
    first: BTreeMap<String, ItemJudged>,
    again: BTreeMap<(String, Perturbation), Said>,
    /// How pairs were judged.
    protocol: Option<JudgeProtocol>,
    /// Those beside the verdicts of first askings.
    canaries: canary::Meter,
}

impl Verdicts {
    /// Takes a row of a run, the newest run first; says whether it was of use.
    fn take(&mut self, index: &Index<'_>, row: &Row) -> bool {
        let Some(asked) = Asked::of(&row.prompt) else { return false };
        let Some(item) = index.items.get(asked.item.as_str()) else { return false };
        let set = &index.book.set;
        let judged = judged(row, set.task);
        if let Some(change) = asked.again {
            let key = (asked.item.clone(), change);
            let is_new = !self.again.contains_key(&key)
                && judged.failed.is_none()
                && asked == asked::asked(item, Some(change), set.seed);
            if is_new {
                self.again.insert(key, judged.said);
            }
            return is_new;
        }
        if !asked.is_now(item) {
            return false;
        }
        // A verdict of before is better than none now.
        let has_one = self.first.get(&asked.item).is_some_and(|kept| kept.failed.is_none());
        let is_better =
            !has_one && (judged.failed.is_none() || !self.first.contains_key(&asked.item));
        if is_better {
            let protocol = row.pair.as_ref().map(|pair| pair.verdict.protocol);
            self.protocol = self.protocol.or(protocol);
            self.first.insert(asked.item, judged);
            if let Some(canary) = &row.canary {
                self.canaries.count(canary);
            }
        }
        is_better
    }

    fn of(&self, item: &LabelItem) -> Option<ItemJudged> {
        let mut judged = self.first.get(&item.id)?.clone();
        let of_item = self.again.iter().filter(|((id, _), _)| *id == item.id);
        judged.again = of_item
            .map(|((_, change), said)| AskedAgain { perturbation: change.name(), said: *said })
            .collect();
        Some(judged)
    }
}

/// What a row says of its item.
fn judged(row: &Row, task: LabelTask) -> ItemJudged {
    let failed = row.failure.as_ref().map(|failure| {
        format!("{}: {} ({})", failure.at, failure.failure.message, failure.failure.kind)
    });
    let mut judged = match task {
        LabelTask::Pairwise => match &row.pair {
            Some(pair) => of_pair(&pair.verdict),
            None => ItemJudged::of(Said::in_orders(None, None)),
        },
        LabelTask::PassFail | LabelTask::Scores => of_scores(&row.scores, task),
    };
    judged.failed = failed;
    judged
}

fn said(p_a: Option<f64>, orders: (Option<f64>, Option<f64>), protocol: JudgeProtocol) -> Said {
    match protocol {
        JudgeProtocol::Auto | JudgeProtocol::Pairwise => {
            Said::Pair { p_a, p_ab: orders.0, p_ba: orders.1 }
        }
        JudgeProtocol::PointwiseYesNo | JudgeProtocol::PointwiseScale => Said::Apart { p_a },
    }
}

fn of_pair(verdict: &PairVerdict) -> ItemJudged {
    let whole = |verdict: &PairVerdict| {
        // In an order that could not be read there is no verdict, whatever the other one says.
        let orders = (verdict.p_ab, verdict.p_ba);
        said(orders.0.and(orders.1).and(verdict.p_a), orders, verdict.protocol)
    };
    // Of several models each has its own.
    let by_principle: Vec<_> = match verdict.judges.as_slice() {
        [] => verdict.principles.iter().collect(),
        judges => judges.iter().flat_map(|one| &one.verdict.principles).collect(),
    };
    let principles = match verdict.judges.is_empty() {
        true => by_principle
            .iter()
            .map(|one| {
                let orders = (one.p_ab, one.p_ba);
                (one.principle.0.clone(), said(one.p_a(), orders, verdict.protocol))
            })
            .collect(),
        false => Vec::new(),
    };
    let masses = by_principle.iter().filter_map(|one| one.mass);
    let reasons: Vec<&str> = by_principle
        .iter()
        .map(|one| one.reason.as_str())
        .filter(|text| !text.is_empty())
        .collect();
    let models = verdict.judges.iter().filter(|one| one.failure.is_none());
    ItemJudged {
        principles,
        models: models.map(|one| (one.model.clone(), whole(&one.verdict))).collect(),
        mass: masses.reduce(f64::min),
        unparsed: by_principle.iter().flat_map(|one| one.unparsed.iter().cloned()).collect(),
        reason: reasons.join("\n\n"),
        ..ItemJudged::of(whole(verdict))
    }
}

fn of_scores<'s>(scores: &'s [ScoredResponse], task: LabelTask) -> ItemJudged {
    let name = |one: &'s ScoredResponse| {
        one.name.strip_prefix(super::row::BY).unwrap_or(one.name.as_str())
    };
    let said = |score: &Score| {
        let value = score.criteria.first().and_then(|verdict| verdict.reading.value());
        match task {
            LabelTask::Scores => Said::Level { value },
            LabelTask::Pairwise | LabelTask::PassFail => Said::Pass { p: value },
        }
    };
    let Some((first, models)) = scores.split_first() else {
        return ItemJudged::of(match task {
            LabelTask::Scores => Said::Level { value: None },
            LabelTask::Pairwise | LabelTask::PassFail => Said::Pass { p: None },
        });
    };
    // Each model's own, where there are several: kept with the answer, in old rows beside it.
    let kept = first.judges.iter().filter(|one| one.failure.is_none());
    let each: Vec<(&str, &Score)> = match models {
        [] => kept.filter_map(|one| Some((one.model.as_str(), one.score.as_ref()?))).collect(),
        old => old.iter().map(|one| (name(one), &one.score)).collect(),
    };
    let all = match each.as_slice() {
        [] => vec![&first.score],
        each => each.iter().map(|(_, score)| *score).collect(),
    };
    let verdicts = || all.iter().flat_map(|score| &score.criteria);
    let unparsed = verdicts().filter_map(|verdict| match &verdict.reading {
        crate::domain::Reading::Unparsed { text } => Some(text.clone()),
        _ => None,
    });
    let reasons: Vec<&str> =
        verdicts().map(|verdict| verdict.reason.as_str()).filter(|text| !text.is_empty()).collect();
    ItemJudged {
        models: each.iter().map(|(name, score)| ((*name).to_owned(), said(score))).collect(),
        mass: verdicts().filter_map(|verdict| verdict.reading.mass()).reduce(f64::min),
        unparsed: unparsed.collect(),
        reason: reasons.join("\n\n"),
        ..ItemJudged::of(said(&first.score))
    }
}

/// An item with people's labels, and no verdict yet.
fn labelled(index: &Index<'_>, item: &LabelItem) -> ReportItem {
    let book = index.book;
    let none = Vec::new();
    let of_item = index.labels.get(item.id.as_str()).unwrap_or(&none);
    let first: Vec<&Label> = of_item.iter().copied().filter(|label| !label.again).collect();
    let (stale, fresh): (Vec<&Label>, Vec<&Label>) =
        first.into_iter().partition(|label| labelling::stale(&book.set, item, label));
    // Old labels count where there is no new one, and are then reported apart.
    let is_stale = fresh.is_empty() && !stale.is_empty();
    let held = if is_stale { stale } else { fresh };
    let people: Vec<(String, LabelAnswer, Option<Certainty>)> = held
        .iter()
        .filter_map(|label| Some((label.labeller.clone(), label.answer?, label.sure)))
        .collect();
    let twice = of_item.iter().filter(|label| label.again).filter_map(|again| {
        let first = held
            .iter()
            .find(|label| label.labeller == again.labeller && label.guide == again.guide)?;
        Some(SaidTwice {
            labeller: again.labeller.clone(),
            first: first.answer?,
            again: again.answer?,
        })
    });
    ReportItem {
        item: item.id.clone(),
        prompt: item.prompt.id.clone(),
        aspect: item.aspect.as_ref().map(|aspect| aspect.id.clone()),
        tags: item.prompt.tags.clone(),
        split: labelling::split(&book.set, &item.prompt.id),
        levels: match book.set.task {
            LabelTask::Scores => item.level_count(),
            LabelTask::Pairwise | LabelTask::PassFail => 0,
        },
        people,
        twice: twice.collect(),
        stale: is_stale,
        is_example: false,
        judge: None,
        styles: item.b.as_ref().map(|b| (Style::of(&item.a), Style::of(b))),
        own: None,
        writers: (item.a_model.clone(), item.b_model.clone()),
        prompt_text: item.prompt.text().to_owned(),
        a: item.a.clone(),
        b: item.b.clone(),
    }
}

/// Which answer is by the judge's own model or family, where exactly one is.
fn own_of(known: &[ModelEntry], judges: &[ModelEntry], item: &LabelItem) -> Option<Side> {
    let is_own = |name: &str| {
        writer(known, name).is_some_and(|writer| {
            judges.iter().any(|judge| kinship(judge, &[&writer]) != Kinship::None)
        })
    };
    match (is_own(&item.a_model), item.b.is_some() && is_own(&item.b_model)) {
        (true, false) => Some(Side::A),
        (false, true) => Some(Side::B),
        (true, true) | (false, false) => None,
    }
}

/// What the judge was shown as examples.
struct Shown {
    prompts: BTreeSet<String>,
    texts: BTreeSet<String>,
}

impl Shown {
    fn of(index: &Index<'_>, setup: &JudgeSetup) -> Self {
        let prefix = format!("{}/", index.book.stem);
        let named = setup.examples.iter().filter_map(|one| one.from.strip_prefix(&prefix));
        let prompts = named.filter_map(|item| Some(index.items.get(item)?.prompt.id.0.clone()));
        let texts = setup.examples.iter().map(|one| one.prompt.trim().to_owned());
        Self { prompts: prompts.collect(), texts: texts.filter(|text| !text.is_empty()).collect() }
    }

    /// Whether the judge saw the item's prompt with people's answer.
    fn has(&self, item: &LabelItem) -> bool {
        self.prompts.contains(item.prompt.id.as_str())
            || self.texts.contains(item.prompt.text().trim())
    }
}

#[cfg(test)]
mod planted_tests;
#[cfg(test)]
mod real_files_tests;
