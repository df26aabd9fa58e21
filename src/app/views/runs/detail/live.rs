//! The run that is on: how far, how fast, what it costs, why it waits, and what holds it.

use egui::{Label, Ui};

use super::adjust::AdjustPane;
use crate::app::command::{HomeCommand, RunsCommand};
use crate::app::outbox::Outbox;
use crate::app::state::runs::{ActiveRun, Adjusting, Hold, Series, duration};
use crate::app::state::{AppState, SettingsPage};
use crate::app::theme::space;
use crate::app::views::chrome::local_time;
use crate::app::widgets::meter::progress;
use crate::app::widgets::number::{cached, count, counted, money, small_money};
use crate::app::widgets::{Button, NoticeKind, announce, notice};
use crate::store::journal::{CallSum, RunOverview, Unknown};

/// Draws it.
pub(super) fn show(
    ui: &mut Ui,
    state: &AppState,
    active: &ActiveRun,
    adjust: &mut AdjustPane,
    outbox: &Outbox,
) {
    ui.add_space(space::XS);
    bar(ui, active);
    ui.add(Label::new(how_fast(active).join(" · ")).wrap());
    ui.add(Label::new(sums(active).join(" · ")).wrap());
    waits(ui, active, outbox);
    ui.add_space(space::XS);
    ui.horizontal_wrapped(|ui| holds(ui, state, active, outbox));
    adjust.show(ui, state, active, outbox);
}

fn bar(ui: &mut Ui, active: &ActiveRun) {
    let sums = &active.progress;
    if sums.rows_total == 0 {
        let mut words = "Preparing: reading documents and finding the models".to_owned();
        if active.kept_before > 0 {
            let kept = counted(active.kept_before, "row is", "rows are");
            words = format!("Preparing to go on: {kept} there already");
        }
        progress(ui, "Run", None, &words);
        return;
    }
    let part = sums.rows_done as f32 / sums.rows_total as f32;
    let words = format!(
        "{} of {} · {} %",
        count(sums.rows_done),
        counted(sums.rows_total, "row", "rows"),
        active.percent()
    );
    progress(ui, "Run", Some(part), &words);
    announce(ui, &format!("{} per cent", active.percent() / 10 * 10));
}

/// How fast it goes, how long it takes, what it costs.
fn how_fast(active: &ActiveRun) -> Vec<String> {
    let sums = &active.progress;
    let mut parts = Vec::new();
    match (active.hold, active.estimate()) {
        (Hold::Paused, _) => {
            parts.push("Paused: calls in flight still land, no new one is sent".to_owned());
        }
        (Hold::Stopping, _) => parts.push("Stopping: waiting for calls in flight".to_owned()),
        (Hold::Going, Some(estimate)) => {
            parts.push(estimate.rate());
            parts.push(format!("{} left", estimate.in_words()));
        }
        (Hold::Going, None) => parts.push("Too early to say how long".to_owned()),
    }
    parts.push(spent(sums.cost, active.cap(), sums.price_unknown));
    if let Some(burn) = active.pace.burn().filter(|burn| *burn > 0.0 && active.hold == Hold::Going)
    {
        parts.push(format!("{} an hour", money(burn)));
    }
    if let Some(rows) = active.cost_per_row() {
        parts.push(per_row(rows));
    }
    parts
}

fn sums(active: &ActiveRun) -> Vec<String> {
    let sums = &active.progress;
    let mut parts = vec![format!("{} sent", counted(sums.calls, "call", "calls"))];
    if let Some(pulse) = &active.pulse {
        parts.push(format!("{} in flight", count(u64::from(pulse.in_flight))));
        if let Some(pace) = pulse.lanes.iter().find_map(|lane| lane.per_second) {
            parts.push(format!("paced to {pace:.1} calls/s"));
        }
    }
    parts.extend(cached(sums.usage));
    if sums.slow_downs > 0 {
        parts.push(format!("told to slow down {}", counted(sums.slow_downs, "time", "times")));
    }
    if sums.replayed > 0 {
        parts.push(format!("{} from the journal", count(sums.replayed)));
    }
    if sums.rows_kept > 0 {
        parts.push(format!("{} kept from before", counted(sums.rows_kept, "row", "rows")));
    }
    parts.push(failed(sums.rows_failed, sums.rows_done, active.trends.failed.as_ref()));
    if sums.refusals > 0 {
        let rows = counted(sums.refusals, "row", "rows");
        let lately = active.trends.refused.as_ref().filter(|trend| trend.before.is_some());
        parts.push(match lately {
            Some(trend) => format!("{rows} refused: lately {}", trend.share_in_words()),
            None => format!("{rows} refused"),
        });
    }
    if sums.unparsed > 0 {
        parts.push(format!("{} unparsed", counted(sums.unparsed, "verdict", "verdicts")));
    }
    parts
}

/// Why nothing is sent just now, and what happened meanwhile.
fn waits(ui: &mut Ui, active: &ActiveRun, outbox: &Outbox) {
    if let Some(wait) = active.wait.as_ref().filter(|_| active.hold == Hold::Going) {
        let mut words = crate::app::widgets::notice::capitalised(&wait.why);
        if !words.is_empty() {
            words.push_str(". ");
        }
        if let Some(until) = wait.until {
            let title = format!("Told to slow down, until {}", local_time(until));
            words.push_str("It goes on by itself.");
            notice(ui, NoticeKind::Info, &title, &words, |_| {});
        } else {
            words.push_str(&crate::app::widgets::notice::capitalised(&wait.hint));
            notice(ui, NoticeKind::Failure, "The endpoint refuses", &words, |ui| {
                if Button::secondary("Fix key").compact().show(ui).clicked() {
                    outbox.send(HomeCommand::Page(SettingsPage::Models));
                }
            });
        }
    }
    if let Some(slept) = active.slept {
        let title = format!(
            "The computer slept for {} and woke at {}",
            duration(slept.millis),
            local_time(slept.woke)
        );
        let words = "The run went on by itself. Calls that the sleep cut off are sent again; one \
                     whose answer was lost may be paid for twice.";
        notice(ui, NoticeKind::Info, &title, words, |_| {});
    }
}

/// The buttons that hold it or change what it keeps to.
fn holds(ui: &mut Ui, state: &AppState, active: &ActiveRun, outbox: &Outbox) {
    let stopping = (active.hold == Hold::Stopping).then_some("It is stopping already");
    if active.hold == Hold::Paused {
        if Button::primary("Go on").shortcut("P").show(ui).clicked() {
            outbox.send(RunsCommand::GoOn);
        }
    } else {
        let pause = Button::secondary("Pause").shortcut("P");
        let pause = pause.tip("Sends no new call until you go on; calls in flight land");
        if pause.disabled_because(stopping).show(ui).clicked() {
            outbox.send(RunsCommand::Pause);
        }
    }
    let words = format!("Stop (keeps {} done)", count(active.kept()));
    let stop = Button::secondary(&words).shortcut("S");
    let stop = stop.tip("Sends no new call; it can be resumed where it stopped");
    if stop.disabled_because(stopping).show(ui).clicked() {
        outbox.send(RunsCommand::Stop);
    }
    let not_yet = active.limits.is_none().then_some("It is being prepared");
    for (what, words, key, tip) in [
        (Adjusting::Rate, "Rate…", "T", "How fast it goes: requests at once and a minute"),
        (Adjusting::Limits, "Cap…", "L", "What it may cost and when it stops, while it is on"),
    ] {
        let is_open = state.runs.adjusting == Some(what);
        let button = Button::secondary(words).shortcut(key).tip(tip).selected(is_open);
        if button.disabled_because(stopping.or(not_yet)).show(ui).clicked() {
            outbox.send(RunsCommand::Adjust(Some(what)));
        }
    }
    let none = (active.progress.rows_done == 0).then_some("It has no rows yet");
    let rows = Button::secondary("Show rows").shortcut("O").disabled_because(none);
    if rows.show(ui).clicked()
        && let Some(run) = &active.run
    {
        outbox.send(RunsCommand::ShowRows(run.clone()));
    }
}

/// How many rows failed, lately against before where that can be told.
pub(super) fn failed(failed: u64, done: u64, trend: Option<&Series>) -> String {
    if failed == 0 {
        return "none failed".to_owned();
    }
    let words = match trend.filter(|trend| trend.before.is_some()) {
        Some(trend) => format!("lately {}", trend.share_in_words()),
        None => format!("{:.1} %", failed as f64 * 100.0 / done.max(1) as f64),
    };
    format!("{} failed: {words}", counted(failed, "row", "rows"))
}

/// What was spent, of what limit; a price that is not known makes it too low, and says so.
pub(super) fn spent(cost: f64, cap: Option<f64>, is_price_unknown: bool) -> String {
    let mut words = match cap {
        Some(cap) => format!("{} of {} cap", money(cost), money(cap)),
        None => money(cost),
    };
    if is_price_unknown {
        words.push_str(" (a model has no price, so it is more)");
    }
    words
}

/// What a row costs, and one that did not fail where that is more.
pub(super) fn per_row((row, kept): (f64, f64)) -> String {
    let (row, kept) = (small_money(row), small_money(kept));
    if row == kept { format!("{row} a row") } else { format!("{row} a row, {kept} a kept one") }
}

/// What may have been paid without a reply to show for it, in words.
pub(super) fn unknown(unknown: &Unknown) -> Vec<String> {
    let said = |sum: CallSum, words: &str| {
        let most = match sum.worst_cost {
            known if known > 0.0 => format!(", at most {}", money(known)),
            _ => String::new(),
        };
        (sum.calls > 0).then(|| format!("{} {words}{most}", counted(sum.calls, "call", "calls")))
    };
    let all = [
        said(unknown.paid_twice, "may have been paid twice"),
        said(unknown.to_ask_again, "may have been paid and will be asked again on resume"),
        said(unknown.failed, "failed and may have been charged all the same"),
    ];
    all.into_iter().flatten().collect()
}

/// What a run's overview has of the same.
pub(super) fn per_row_of(run: &RunOverview) -> Option<String> {
    crate::app::state::runs::cost_per_row(run.cost, run.rows, run.rows_failed).map(per_row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_prices_keep_their_digits() {
        assert_eq!(per_row((0.002_34, 0.002_34)), "$0.00234 a row");
        assert_eq!(per_row((0.5, 1.25)), "$0.500 a row, $1.25 a kept one");
    }

    #[test]
    fn what_nobody_knows_is_said_with_what_it_can_cost() {
        assert!(unknown(&Unknown::default()).is_empty());
        let twice = CallSum { calls: 7, worst_cost: 0.04 };
        let all = Unknown { paid_twice: twice, ..Unknown::default() };
        assert_eq!(unknown(&all), ["7 calls may have been paid twice, at most $0.04"]);
    }
}
