//! Runs of many rows: the list, the one that is on, those that wait.

mod copy;
pub mod draft;
mod left;
mod told;

use std::sync::Arc;

use super::edit;
use crate::app::command::RunsCommand;
use crate::app::effects::Effect;
use crate::app::effects::runs::{Ending, Progress, ResumeWishes, RunWork, RunsEffect, RunsEvent};
use crate::app::message::Failure;
use crate::app::state::data::{DataFilter, Show};
use crate::app::state::runs::{
    ActiveRun, Adjusting, ConfigurationDiff, Hold, PilotState, RunList, RunSettings, RunsState,
    SAMPLE, Trends, WaitingRun, WhyStopped, name_of,
};
use crate::app::state::{AppState, Area, Moment, NoticeKind, RunLimit, Target};
use crate::app::widgets::number::counted;
use crate::domain::RunId;
use crate::engine::Limits;
use crate::store::journal::RunOverview;

pub(super) fn carry_out(state: &mut AppState, command: RunsCommand, at: Moment) -> Vec<Effect> {
    let mut effects = carry_out_one(state, command, at);
    effects.extend(left::keep(state));
    effects
}

fn carry_out_one(state: &mut AppState, command: RunsCommand, at: Moment) -> Vec<Effect> {
    match command {
        RunsCommand::Refresh => {
            let mut effects = read(state);
            effects.extend(super::data::refresh(state));
            return effects;
        }
        RunsCommand::Select(run) => return select(state, run),
        RunsCommand::Kinds(kinds) => {
            state.runs.kinds = kinds;
            sift(&mut state.runs);
        }
        RunsCommand::Filter(filter) => {
            state.runs.filter = filter;
            sift(&mut state.runs);
        }
        RunsCommand::BeginNew => {
            draft::begin(state);
            return draft::count(state);
        }
        RunsCommand::Choose(settings) => {
            draft::choose(state, *settings);
            return draft::count(state);
        }
        RunsCommand::Pilot => return draft::start(state, true, at),
        RunsCommand::Start => return draft::start(state, false, at),
        RunsCommand::Pause => return hold(state, Hold::Paused),
        RunsCommand::GoOn => return hold(state, Hold::Going),
        RunsCommand::Stop => return hold(state, Hold::Stopping),
        RunsCommand::Resume { run, wishes } => return resume(state, run, wishes, at),
        RunsCommand::Raise(run) => return raise(state, run),
        RunsCommand::Wish(run, wishes) => state.runs.wishes = Some((run, wishes)),
        RunsCommand::Adjust(what) => adjust(state, what),
        RunsCommand::Limits(limits) => return limit(state, limits),
        RunsCommand::BeginLeft(place) => return left::begin(state, place, at),
        RunsCommand::ForgetLeft(place) => left::forget(state, place),
        RunsCommand::LetBe(run) => left::let_be(state, run),
        RunsCommand::HideLeft => {
            state.runs.left.is_hidden = true;
            state.announce("Runs has them");
        }
        RunsCommand::TakeOut(number) => {
            state.runs.waiting.retain(|waiting| waiting.number != number);
            forget_pilot(&mut state.runs, number);
        }
        RunsCommand::Against(other) => return against(state, other),
        RunsCommand::ShowRows(run) => {
            state.area = Area::Data;
            state.announce(Area::Data.to_string());
            return super::data::show_run(state, run);
        }
        RunsCommand::ShowFailed(run) => {
            state.area = Area::Data;
            state.announce("Failed rows");
            let mut effects = super::data::show_run(state, run);
            let filter = DataFilter { show: Show::Failed, ..DataFilter::default() };
            effects.extend(super::data::sift_by(state, filter));
            return effects;
        }
        RunsCommand::CopyText => return copy::text(state),
        RunsCommand::CopyCommandLine => return copy::command_line(state),
    }
    Vec::new()
}

pub(super) fn take_in(state: &mut AppState, event: RunsEvent, at: Moment) -> Vec<Effect> {
    let mut effects = take_in_one(state, event, at);
    effects.extend(left::keep(state));
    effects
}

fn take_in_one(state: &mut AppState, event: RunsEvent, at: Moment) -> Vec<Effect> {
    match event {
        RunsEvent::Listed(Ok(all)) => return listed(state, all),
        RunsEvent::Listed(Err(failure)) => state.runs.list = RunList::Failed(failure),
        RunsEvent::Seen(run, result) => match result {
            Ok(detail) if state.runs.selected.as_ref() == Some(&run) => {
                let is_over = !state.runs.is_active(&run);
                let rows = detail.counts.rows;
                state.runs.detail = Some(Arc::from(detail));
                // Rows that were read once are read anew only where there are others.
                let is_read = state.runs.trends.as_ref().is_some_and(|(of, _)| of == &run);
                if is_over && rows > 0 && !is_read {
                    return vec![Effect::Runs(RunsEffect::Trends(run))];
                }
            }
            Ok(_) => {}
            Err(failure) => state.fail(failure.message, failure.hint, at),
        },
        RunsEvent::Compared { run, other, result } => {
            if let Some(diff) = &mut state.runs.diff
                && diff.run == run
                && diff.other == other
            {
                diff.spans = Some(result.map(Arc::new));
            }
        }
        RunsEvent::Trended(run, result) => match result {
            Ok(trends) if state.runs.selected.as_ref() == Some(&run) => {
                state.runs.trends = Some((run, Arc::from(trends)));
            }
            Ok(_) => {}
            Err(failure) => state.fail(failure.message, failure.hint, at),
        },
        RunsEvent::Counted { number, result } => draft::counted(state, number, result),
        RunsEvent::Left(waiting) => left::found(state, *waiting),
        RunsEvent::Untold => return vec![Effect::AskAttention],
        RunsEvent::Progress { number, news } => return progress(state, number, *news, at),
        RunsEvent::Ended { number, result } => {
            return ended(state, number, &result, at);
        }
    }
    Vec::new()
}

/// Another project is there, or the same anew: what is on in the other one stops.
pub(super) fn project_opened(state: &mut AppState) -> Vec<Effect> {
    let active = state.runs.active.take().map(|active| active.number);
    state.runs = RunsState::default();
    let mut effects = enter(state);
    effects.extend(left::look(state));
    effects.extend(active.map(|number| Effect::Runs(RunsEffect::Stop(number))));
    effects
}

/// The area is shown: what it lists is read anew.
pub(super) fn enter(state: &mut AppState) -> Vec<Effect> {
    if state.area == Area::Runs {
        state.runs.ended = None;
    }
    if matches!(state.area, Area::Runs | Area::Data) { read(state) } else { Vec::new() }
}

fn read(state: &mut AppState) -> Vec<Effect> {
    if state.project.is_none() {
        return Vec::new();
    }
    if state.runs.list == RunList::Unknown {
        state.runs.list = RunList::Reading;
    }
    vec![Effect::Runs(RunsEffect::List)]
}

fn listed(state: &mut AppState, all: Vec<RunOverview>) -> Vec<Effect> {
    let runs = &mut state.runs;
    runs.list = RunList::There(Arc::new(all));
    sift(runs);
    let is_there = runs.selected().is_some();
    if !is_there {
        let first = runs.shown.first().and_then(|place| runs.all().get(*place));
        let first = first.map(|run| run.record.id.clone());
        runs.selected.clone_from(&first);
        runs.detail = None;
    }
    let mut effects = super::data::runs_listed(state);
    // Elsewhere nobody sees it, and its rows are many.
    let is_seen = matches!(state.area, Area::Runs | Area::Data);
    if let Some(run) = state.runs.selected.clone().filter(|_| is_seen) {
        effects.push(Effect::Runs(RunsEffect::Look(run)));
    }
    effects
}

/// Works out which runs are shown.
fn sift(runs: &mut RunsState) {
    let wanted = runs.filter.trim().to_lowercase();
    let fits = |run: &RunOverview| {
        let record = &run.record;
        runs.kinds.has(record.kind)
            && (wanted.is_empty()
                || record.id.as_str().to_lowercase().contains(&wanted)
                || name_of(record).to_lowercase().contains(&wanted)
                || record.state.to_string().contains(&wanted)
                || record.message.to_lowercase().contains(&wanted))
    };
    let shown: Vec<usize> = runs
        .all()
        .iter()
        .enumerate()
        .filter(|(_, run)| fits(run))
        .map(|(place, _)| place)
        .collect();
    runs.shown = shown.into();
}

fn select(state: &mut AppState, run: RunId) -> Vec<Effect> {
    if state.runs.selected.as_ref() != Some(&run) {
        state.runs.selected = Some(run.clone());
        state.runs.detail = None;
        state.runs.diff = None;
        state.runs.trends = None;
    }
    vec![Effect::Runs(RunsEffect::Look(run))]
}

/// Selects the next or previous run of those shown.
pub(super) fn step(state: &mut AppState, by: i32) -> Vec<Effect> {
    let ids: Vec<RunId> = state
        .runs
        .shown
        .iter()
        .filter_map(|place| state.runs.all().get(*place))
        .map(|run| run.record.id.clone())
        .collect();
    match super::go::neighbour(&ids, state.runs.selected.as_ref(), by) {
        Some(run) => select(state, run),
        None => Vec::new(),
    }
}

fn hold(state: &mut AppState, hold: Hold) -> Vec<Effect> {
    let Some(active) = &mut state.runs.active else { return Vec::new() };
    // What stops stays so.
    if active.hold == Hold::Stopping || active.hold == hold {
        return Vec::new();
    }
    active.hold = hold;
    let number = active.number;
    let kept = active.kept();
    let (said, effect) = match hold {
        Hold::Paused => {
            ("Paused; calls in flight still land".to_owned(), RunsEffect::Pause(number))
        }
        Hold::Going => ("Goes on".to_owned(), RunsEffect::GoOn(number)),
        Hold::Stopping => {
            (format!("Stopping; {} kept", counted(kept, "row", "rows")), RunsEffect::Stop(number))
        }
    };
    state.announce(said);
    vec![Effect::Runs(effect)]
}

fn adjust(state: &mut AppState, what: Option<Adjusting>) {
    let is_on = state.runs.active.as_ref().is_some_and(|active| active.limits.is_some());
    let now = state.runs.adjusting;
    state.runs.adjusting = what.filter(|what| is_on && now != Some(*what));
    if state.runs.adjusting.is_some() {
        // The fields are beside the run that is on.
        state.area = Area::Runs;
        if let Some(run) = state.runs.active.as_ref().and_then(|active| active.run.clone()) {
            state.runs.selected = Some(run);
        }
    }
}

/// Leads to the field of the limit that stopped a run.
fn raise(state: &mut AppState, run: RunId) -> Vec<Effect> {
    let known = state.runs.all().iter().find(|one| one.record.id == run);
    let limit = match known.and_then(WhyStopped::of) {
        Some(WhyStopped::Cap) => Some(RunLimit::Cap),
        Some(WhyStopped::DayCap) => Some(RunLimit::CapPerDay),
        Some(WhyStopped::Failures) => Some(RunLimit::Failures),
        Some(WhyStopped::Refusals) => Some(RunLimit::Refusals),
        Some(
            WhyStopped::User
            | WhyStopped::Interrupted
            | WhyStopped::Key
            | WhyStopped::Refusal
            | WhyStopped::Price
            | WhyStopped::Other,
        )
        | None => None,
    };
    state.area = Area::Runs;
    if let Some(limit) = limit {
        state.request_focus(Target::RunLimit(limit));
    }
    select(state, run)
}

fn limit(state: &mut AppState, limits: Limits) -> Vec<Effect> {
    let Some(active) = &mut state.runs.active else { return Vec::new() };
    if active.limits.is_none_or(|now| now == limits) {
        return Vec::new();
    }
    active.limits = Some(limits);
    let number = active.number;
    vec![Effect::Runs(RunsEffect::Change { number, limits })]
}

fn resume(state: &mut AppState, run: RunId, wishes: ResumeWishes, at: Moment) -> Vec<Effect> {
    let Some(known) = state.runs.all().iter().find(|one| one.record.id == run) else {
        return Vec::new();
    };
    if state.runs.resumable(known).is_none() {
        return Vec::new();
    }
    let name = name_of(&known.record);
    let is_waiting = state.runs.waiting.iter().any(
        |waiting| matches!(&waiting.work, RunWork::Resume { run: other, .. } if *other == run),
    );
    if is_waiting {
        return Vec::new();
    }
    // Whichever button or key it was: what was chosen beside the run holds.
    let chosen = state.runs.wishes.take_if(|(of, _)| *of == run).map(|(_, chosen)| chosen);
    let wishes = if wishes == ResumeWishes::default() { chosen.unwrap_or(wishes) } else { wishes };
    enqueue(state, name, RunWork::Resume { run, wishes }, None, at).1
}

/// Begins a job, or has it wait for the one that is on. Gives its number.
fn enqueue(
    state: &mut AppState,
    name: String,
    work: RunWork,
    choices: Option<RunSettings>,
    at: Moment,
) -> (u64, Vec<Effect>) {
    let number = state.number();
    let waiting = WaitingRun { number, name, work, choices };
    if state.runs.active.is_some() {
        let text = format!("{} waits until the run before it is over", waiting.name);
        state.runs.waiting.push(waiting);
        state.notify(NoticeKind::Done, text, at);
        return (number, Vec::new());
    }
    (number, begin(state, waiting, at))
}

fn begin(state: &mut AppState, next: WaitingRun, at: Moment) -> Vec<Effect> {
    let WaitingRun { number, name, work, .. } = next;
    let (run, is_pilot) = match &work {
        RunWork::New(plan) => (None, plan.is_pilot),
        RunWork::Resume { run, .. } => (Some(run.clone()), false),
    };
    let known =
        run.as_ref().and_then(|run| state.runs.all().iter().find(|one| &one.record.id == run));
    let kept_before = known.map_or(0, |known| known.rows - known.rows_failed);
    let known_cost = known.map_or(0.0, |known| known.cost);
    state.runs.ended = None;
    state.announce(format!("Running {name}"));
    state.runs.active = Some(ActiveRun {
        number,
        run,
        name,
        is_pilot,
        kept_before,
        progress: crate::engine::RunProgress::default(),
        added_up: known_cost,
        pace: crate::app::state::runs::Pace::default(),
        hold: Hold::Going,
        retries: std::collections::BTreeMap::new(),
        failures: Vec::new(),
        sample: std::collections::VecDeque::new(),
        limits: None,
        trends: Trends::default(),
        every: 1,
        wait: None,
        pulse: None,
        slept: None,
        begun: at,
    });
    state.runs.adjusting = None;
    state.runs.trends = None;
    // Whoever reads the journal later must find the documents as they were on disk, too.
    let mut effects = edit::save_unsaved(state);
    effects.push(Effect::Runs(RunsEffect::Begin { number, work }));
    effects
}

fn progress(state: &mut AppState, number: u64, news: Progress, at: Moment) -> Vec<Effect> {
    let runs = &mut state.runs;
    let Some(active) = runs.active.as_mut().filter(|active| active.number == number) else {
        return Vec::new();
    };
    let is_named_now = active.run.is_none() && news.run.is_some();
    let has_begun = active.progress.rows_total == 0 && news.sums.rows_total > 0;
    active.run = news.run.or(active.run.take());
    active.kept_before = active.kept_before.max(news.sums.rows_kept);
    if news.slept != active.slept {
        // Nothing was done meanwhile, which says nothing of how fast it goes.
        active.pace.note(at.0, news.sums.rows_done, news.sums.cost, false);
        active.slept = news.slept;
    }
    // Before that it is being prepared: what an earlier sitting left is no pace of this one.
    let is_going = active.hold == Hold::Going && news.sums.rows_total > 0;
    active.pace.note(at.0, news.sums.rows_done, news.sums.cost, is_going);
    active.progress = news.sums;
    active.limits = news.limits.or(active.limits);
    active.trends = news.trends;
    active.every = news.every;
    active.wait = news.wait;
    active.pulse = news.pulse;
    active.retries = news.retries;
    active.failures = news.failures;
    for row in news.rows {
        active.sample.push_front(row);
    }
    active.sample.truncate(SAMPLE);
    let name = active.run.clone();
    let is_pilot = active.is_pilot;
    if is_named_now && !is_pilot {
        // The new run is the one to look at.
        runs.selected = name;
        runs.detail = None;
        runs.diff = None;
    }
    if is_named_now || has_begun { read(state) } else { Vec::new() }
}

fn ended(
    state: &mut AppState,
    number: u64,
    result: &Result<Ending, Failure>,
    at: Moment,
) -> Vec<Effect> {
    let Some(active) = state.runs.active.take_if(|active| active.number == number) else {
        return Vec::new();
    };
    // The sheet tells of its pilot itself.
    let is_told = active.is_pilot && state.sheet == Some(crate::app::state::Sheet::NewRun);
    if is_told {
        state.announce("The pilot is over");
    } else {
        told::end(state, &active, result, at);
    }
    state.runs.adjusting = None;
    if active.is_pilot
        && let Some(draft) = &mut state.runs.draft
        && let Some(pilot) = draft.pilot.as_mut().filter(|pilot| pilot.number == number)
    {
        pilot.state = match result {
            Ok(Ending { pilot: Some(facts), .. }) => PilotState::Done(facts.clone()),
            Ok(Ending { stopped: Some(failure), .. }) | Err(failure) => {
                PilotState::Failed(failure.clone())
            }
            Ok(_) => PilotState::Failed(Failure::new("the pilot came to no end", "run it again")),
        };
    }
    let piloted = if active.is_pilot { draft::piloted(state) } else { Vec::new() };
    // Its rows can be exported now.
    state.export.runs = None;
    let over = result.as_ref().ok().map(|ending| ending.run.clone()).or_else(|| active.run.clone());
    let mut effects = read(state);
    effects.extend(piloted);
    effects.extend(over.into_iter().flat_map(|run| super::data::run_ended(state, &run)));
    effects.push(told::away(state, &active, result));
    if state.sheet == Some(crate::app::state::Sheet::Export) {
        effects.push(Effect::ListRuns);
    }
    if !state.runs.waiting.is_empty() {
        let next = state.runs.waiting.remove(0);
        effects.extend(begin(state, next, at));
    }
    effects
}

fn forget_pilot(runs: &mut RunsState, number: u64) {
    if let Some(draft) = &mut runs.draft {
        draft.pilot.take_if(|pilot| pilot.number == number);
    }
}

fn against(state: &mut AppState, other: Option<RunId>) -> Vec<Effect> {
    let (Some(run), Some(other)) = (state.runs.selected.clone(), other) else {
        state.runs.diff = None;
        return Vec::new();
    };
    state.runs.diff =
        Some(ConfigurationDiff { run: run.clone(), other: other.clone(), spans: None });
    vec![Effect::Runs(RunsEffect::Compare { run, other })]
}

#[cfg(test)]
mod tests;
