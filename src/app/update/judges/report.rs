//! How judges do against people: reading reports, running a judge, and what comes of each
//! disagreement.

mod copy;
mod running;

pub use running::can_run;

use super::{may_label, refuse};
use crate::app::command::{GoCommand, ReportCommand};
use crate::app::effects::Effect;
use crate::app::effects::judges::{JudgesEffect, JudgesEvent};
use crate::app::state::judges::{JudgePage, NewJudge, Part, ReportState, RowsOf, Selected, Wanted};
use crate::app::state::{AppState, CriterionField, Moment, PrincipleField, Sheet, Target};
use crate::domain::{JudgeExample, JudgeSetup, LabelAnswer, Split};
use crate::engine::judging::weighed;
use crate::stats::calibration::Kind;
use crate::stats::ensemble::Weighing;
use crate::stats::judge_report::ReportItem;
use crate::store::causes::{Cause, CauseLine};

pub(super) fn carry_out(state: &mut AppState, command: ReportCommand, at: Moment) -> Vec<Effect> {
    let report = &mut state.judges.report;
    match command {
        ReportCommand::Page(page) => return turn_to(state, page),
        ReportCommand::Beside(judge) => {
            report.beside = judge;
            if report.part == Part::Dev {
                return read(state);
            }
            // What is new on gold is a look of its own.
            report.shown = None;
        }
        ReportCommand::KeepMap(kind) => return keep_map(state, kind, at),
        ReportCommand::Weigh => return weigh(state, at),
        ReportCommand::Against(set) => {
            let mut effects = hold_against(state, set);
            effects.extend(read(state));
            return effects;
        }
        ReportCommand::Part(part) => {
            report.part = part;
            forget_rows(report);
            // Gold waits until somebody says so.
            if part == Part::Dev {
                return read(state);
            }
        }
        ReportCommand::LookAtGold => return read(state),
        ReportCommand::Rows(rows) => {
            // The first of them is shown at once: a number leads to its rows.
            let shown = report.shown.as_ref();
            let first = shown.and_then(|shown| Some(shown.listed(&rows).first()?.item.clone()));
            report.item = first;
            report.rows = rows;
        }
        ReportCommand::Item(id) => report.item = Some(id),
        ReportCommand::Cause(cause) => return say_why(state, cause, at),
        ReportCommand::ToExample => return to_example(state, at),
        ReportCommand::EditPrinciple => return edit_principle(state, at),
        ReportCommand::BeginRun(split) => return running::begin(state, split, at),
        ReportCommand::Draft(draft) => return running::draft(state, *draft),
        ReportCommand::Run => return running::run(state, at),
        ReportCommand::Stop => {
            if let Some(running) = &mut report.running {
                running.is_stopping = true;
                let number = running.number;
                state.announce("Stopping; what is there is kept");
                return vec![Effect::Judges(JudgesEffect::Stop(number))];
            }
        }
        ReportCommand::BeginJudge => {
            if let Err(reason) = may_label(state) {
                return refuse(state, reason, at);
            }
            state.judges.report.new = NewJudge::default();
            state.sheet = Some(Sheet::NewJudge);
        }
        ReportCommand::NewJudge(new) => report.new = *new,
        ReportCommand::MakeJudge => return make_judge(state, at),
        ReportCommand::CopyCurve => return copy::curve(state),
        ReportCommand::CopySummary => return copy::summary(state),
    }
    Vec::new()
}

fn forget_rows(report: &mut ReportState) {
    report.rows = RowsOf::default();
    report.item = None;
}

pub(super) fn take_in(state: &mut AppState, event: JudgesEvent, at: Moment) -> Vec<Effect> {
    let report = &mut state.judges.report;
    match event {
        JudgesEvent::Line { set, judge, result } => {
            if report.against == set {
                report.lines.insert(judge, result);
            }
        }
        JudgesEvent::Report { wanted, result } => {
            if report.reading.as_ref() != Some(&wanted) {
                return Vec::new();
            }
            report.reading = None;
            match result {
                Ok(shown) => {
                    report.failure = None;
                    let is_gone = report.item.as_ref().is_some_and(|id| shown.item(id).is_none());
                    if is_gone {
                        report.item = None;
                    }
                    report.shown = Some(*shown);
                    if wanted.part == Part::Gold {
                        state.announce("Gold was looked at; that is counted");
                    }
                }
                Err(failure) => report.failure = Some(failure),
            }
        }
        JudgesEvent::Counted { number, result } => {
            if let Some(draft) = report.draft.as_mut().filter(|draft| draft.number == number) {
                draft.takes = Some(result);
            }
        }
        JudgesEvent::Progress { number, progress } => {
            if let Some(running) = report.running.as_mut().filter(|one| one.number == number) {
                running.progress = *progress;
            }
        }
        JudgesEvent::Ended { number, result } => return running::ended(state, number, result, at),
        JudgesEvent::Calls { number, result } => super::editing::counted(state, number, result),
        JudgesEvent::Read(_)
        | JudgesEvent::Made(_)
        | JudgesEvent::PairLabelled(_)
        | JudgesEvent::SetSaved { .. }
        | JudgesEvent::NotKept { .. } => {}
    }
    Vec::new()
}

/// Label sets and judges are there: judges are held against the set with most labels.
pub(super) fn all_read(state: &mut AppState) -> Vec<Effect> {
    let judges = &mut state.judges;
    let is_there = judges.book(&judges.report.against).is_some();
    if !is_there {
        let most = judges.all().max_by_key(|(_, book)| book.sums.labels);
        judges.report.against = most.map(|(stem, _)| stem.clone()).unwrap_or_default();
    }
    let mut effects = lines(state);
    effects.extend(enter(state));
    effects
}

/// A set was labelled: what is said of judges by it is worked out anew.
pub(super) fn labelled(state: &mut AppState, stem: &str) -> Vec<Effect> {
    if state.judges.report.against == stem { lines(state) } else { Vec::new() }
}

/// Holds judges against a set.
pub(super) fn hold_against(state: &mut AppState, stem: String) -> Vec<Effect> {
    let report = &mut state.judges.report;
    if report.against == stem {
        return Vec::new();
    }
    report.against = stem;
    report.part = Part::Dev;
    forget_rows(report);
    report.lines.clear();
    lines(state)
}

/// The screen is shown: labels may have come since the report was read.
pub(super) fn enter(state: &mut AppState) -> Vec<Effect> {
    if state.judges.report.part == Part::Gold {
        state.judges.report.part = Part::Dev;
        forget_rows(&mut state.judges.report);
    }
    read(state)
}

fn lines(state: &AppState) -> Vec<Effect> {
    let report = &state.judges.report;
    let all = state.all_judges().map(|(stem, _)| stem.clone()).collect();
    lines_of(state, report.against.clone(), all)
}

/// Reads the lines of some judges, as they are in the window.
pub(super) fn lines_of(state: &AppState, set: String, of: Vec<String>) -> Vec<Effect> {
    let Some(documents) = state.documents() else { return Vec::new() };
    if set.is_empty() || of.is_empty() {
        return Vec::new();
    }
    let judges = documents.judges.clone();
    vec![Effect::Judges(JudgesEffect::Lines { set, of, judges })]
}

/// Reads the report of the judge selected.
fn read(state: &mut AppState) -> Vec<Effect> {
    let Selected::Judge(judge) = state.judges.selected.clone() else { return Vec::new() };
    let Some(judges) = state.documents().map(|documents| documents.judges.clone()) else {
        return Vec::new();
    };
    let report = &mut state.judges.report;
    if report.against.is_empty() || report.page == JudgePage::Settings {
        return Vec::new();
    }
    let is_there = |one: &String| *one != judge && judges.contains_key(one);
    let beside = report.beside.clone().filter(is_there);
    let set = report.against.clone();
    let wanted = Wanted { judge, set, part: report.part, beside };
    let is_other = report.shown.as_ref().is_some_and(|shown| shown.wanted.judge != wanted.judge);
    if is_other {
        forget_rows(report);
    }
    report.failure = None;
    report.reading = Some(wanted.clone());
    vec![Effect::Judges(JudgesEffect::Report { wanted, judges })]
}

/// The next (1) or previous (-1) of the items listed.
pub(super) fn step(report: &mut ReportState, by: i32) {
    let Some(shown) = &report.shown else { return };
    let ids: Vec<String> =
        shown.listed(&report.rows).into_iter().map(|item| item.item.clone()).collect();
    report.item = super::super::go::neighbour(&ids, report.item.as_ref(), by);
}

/// The item looked at, with the report that it is of.
fn looked_at(state: &AppState) -> Result<(&Wanted, &ReportItem), &'static str> {
    let Selected::Judge(_) = &state.judges.selected else {
        return Err("Look at a judge's report in Judges first");
    };
    let report = &state.judges.report;
    let shown = report.shown.as_ref().ok_or("Look at a judge's report in Judges first")?;
    let id = report.item.as_ref().ok_or("Choose an item of the list first")?;
    let item = shown.item(id).ok_or("Choose an item of the list first")?;
    Ok((&shown.wanted, item))
}

/// Whether a cause can be given to the item looked at.
///
/// # Errors
///
/// Why not, in words.
pub fn can_judge(state: &AppState) -> Result<(), &'static str> {
    may_label(state)?;
    if state.judges.labelling().is_some() {
        return Err("Finish or pause the labelling first");
    }
    let (_, item) = looked_at(state)?;
    let causes = &state.judges.report.shown.as_ref().ok_or("No report is on screen")?.causes;
    if !RowsOf::Disagreements.has(item, causes) {
        return Err("Judge and people don’t take different sides here");
    }
    Ok(())
}

fn say_why(state: &mut AppState, cause: Cause, at: Moment) -> Vec<Effect> {
    if let Err(reason) = can_judge(state) {
        return refuse(state, reason, at);
    }
    let Ok((wanted, item)) = looked_at(state) else { return Vec::new() };
    let (wanted, id) = (wanted.clone(), item.item.clone());
    let by = state.settings.labeller.clone();
    let report = &mut state.judges.report;
    let Some(shown) = &mut report.shown else { return Vec::new() };
    let now = if shown.causes.get(&id) == Some(&cause) {
        shown.causes.remove(&id);
        None
    } else {
        shown.causes.insert(id.clone(), cause);
        Some(cause)
    };
    let words = now.map_or_else(|| "No cause".to_owned(), |cause| cause.to_string());
    let line =
        CauseLine { set: wanted.set, item: id, cause: now, by, at: super::labelling::time_of(at) };
    // One key each: on to the next one, unless it was taken back.
    if now.is_some() {
        step(report, 1);
    }
    state.announce(words);
    vec![Effect::Judges(JudgesEffect::KeepCause { judge: wanted.judge, line })]
}

/// The item looked at as an example for the judge.
///
/// # Errors
///
/// Why it can't be one, in words.
pub fn example_of(state: &AppState) -> Result<JudgeExample, &'static str> {
    may_label(state)?;
    if state.judges.labelling().is_some() {
        return Err("Finish or pause the labelling first");
    }
    let (wanted, item) = looked_at(state)?;
    if item.split == Split::Gold {
        return Err("Gold items are locked: examples come from the dev part");
    }
    let Some(b) = &item.b else {
        return Err("Examples are pairs; this set asks about one answer at a time");
    };
    let answer = item
        .people_answer()
        .filter(|answer| matches!(answer, LabelAnswer::A | LabelAnswer::B))
        .ok_or("People are split on it, so it shows the judge nothing")?;
    let book = state.judges.book(&wanted.set);
    let whole = book.and_then(|book| book.items.get(book.place_of(&item.item)?));
    let principle = whole.and_then(|one| one.aspect.as_ref()).map(|aspect| aspect.text.clone());
    let from = format!("{}/{}", wanted.set, item.item);
    let setup = state.judge(&wanted.judge).ok_or("The judge is gone")?;
    if setup.examples.iter().any(|example| example.from == from) {
        return Err("The judge is shown it already");
    }
    Ok(JudgeExample {
        prompt: item.prompt_text.clone(),
        a: item.a.clone(),
        b: b.clone(),
        principle: principle.unwrap_or_default(),
        answer,
        reason: remark_of(state, wanted, item),
        from,
    })
}

/// What somebody remarked on it.
fn remark_of(state: &AppState, wanted: &Wanted, item: &ReportItem) -> String {
    let labels = state.judges.book(&wanted.set).map(|book| book.labels.as_slice());
    let of_it = labels.unwrap_or_default().iter().filter(|label| label.item == item.item);
    let remark = of_it.map(|label| label.comment.trim()).find(|comment| !comment.is_empty());
    remark.unwrap_or_default().to_owned()
}

fn to_example(state: &mut AppState, at: Moment) -> Vec<Effect> {
    let example = match example_of(state) {
        Ok(example) => example,
        Err(reason) => return refuse(state, reason, at),
    };
    let Ok((wanted, _)) = looked_at(state) else { return Vec::new() };
    let stem = wanted.judge.clone();
    super::editing::show_example(state, &stem, example, at)
}

/// Where the text is that the item looked at was judged by.
///
/// # Errors
///
/// Why there is none, in words.
pub fn principle_of(state: &AppState) -> Result<Target, &'static str> {
    let (_, item) = looked_at(state)?;
    let id = item.aspect.as_deref().ok_or("It was judged all in all, by no principle")?;
    let documents = state.documents().ok_or("No project is open")?;
    let chosen = &state.selection;
    let mut constitutions: Vec<_> = documents.constitutions.iter().collect();
    constitutions.sort_by_key(|(stem, _)| **stem != chosen.constitution);
    for (stem, one) in constitutions {
        if one.principle(&id.into()).is_some() {
            let (stem, id, field) = (stem.clone(), id.into(), PrincipleField::Text);
            return Ok(Target::Principle { stem, id, field: Some(field) });
        }
    }
    let mut rubrics: Vec<_> = documents.rubrics.iter().collect();
    rubrics.sort_by_key(|(stem, _)| **stem != chosen.rubric);
    for (stem, one) in rubrics {
        if one.criterion(&id.into()).is_some() {
            let (stem, id, field) = (stem.clone(), id.into(), CriterionField::Description);
            return Ok(Target::Criterion { stem, id, field: Some(field) });
        }
    }
    Err("The project has no principle or criterion of that id any more")
}

fn edit_principle(state: &mut AppState, at: Moment) -> Vec<Effect> {
    match principle_of(state) {
        Ok(target) => super::super::go::carry_out(state, GoCommand::To(target)),
        Err(reason) => refuse(state, reason, at),
    }
}

fn make_judge(state: &mut AppState, at: Moment) -> Vec<Effect> {
    if let Err(reason) = may_label(state) {
        return refuse(state, reason, at);
    }
    let new = state.judges.report.new.clone();
    if new.name.trim().is_empty() {
        return refuse(state, "Name the judge first", at);
    }
    let setup = JudgeSetup {
        models: if new.model.is_empty() { Vec::new() } else { vec![new.model] },
        reason_first: new.reason_first,
        refine: new.refine,
        ties: new.ties,
        ..JudgeSetup::named(new.name.trim())
    };
    state.sheet = None;
    super::editing::add(state, setup, "New judge", at)
}

/// Shows a page of the judge selected; what was edited meanwhile may have other verdicts.
fn turn_to(state: &mut AppState, page: JudgePage) -> Vec<Effect> {
    if state.judges.report.page == page {
        return Vec::new();
    }
    state.history.seal();
    state.judges.report.page = page;
    match page {
        JudgePage::Report => enter(state),
        JudgePage::Settings => super::editing::count_calls(state),
    }
}

/// Weighs the models of the judge whose report is shown.
fn weigh(state: &mut AppState, at: Moment) -> Vec<Effect> {
    if let Err(reason) = may_label(state) {
        return refuse(state, reason, at);
    }
    let Some(shown) = &state.judges.report.shown else {
        return refuse(state, "Look at a judge's report in Judges first", at);
    };
    let stem = shown.wanted.judge.clone();
    let Some(setup) = state.judge(&stem) else { return Vec::new() };
    match weighed(setup, &shown.judging, Weighing::Kappa) {
        Ok((setup, _)) => super::editing::weigh(state, &stem, setup, at),
        Err(why) => refuse(state, &format!("{why}: {}", why.hint()), at),
    }
}

/// Keeps a map with the judge whose report is shown.
fn keep_map(state: &mut AppState, kind: Kind, at: Moment) -> Vec<Effect> {
    if let Err(reason) = may_label(state) {
        return refuse(state, reason, at);
    }
    let Some(shown) = &state.judges.report.shown else {
        return refuse(state, "Look at a judge's report in Judges first", at);
    };
    let stem = shown.wanted.judge.clone();
    let day = super::labelling::day_of(at);
    match shown.judging.recalibration(kind, &day) {
        Ok(map) => super::editing::keep_map(state, &stem, map, at),
        Err(why) => refuse(state, &format!("No map was fitted: {why}"), at),
    }
}
