//! What can be copied of a report: sentences, and the calibration curve as a table.

use std::fmt::Write as _;

use crate::app::effects::Effect;
use crate::app::state::AppState;
use crate::domain::RunId;
use crate::stats::estimate::Measured;
use crate::stats::words::{percent, two};

/// The calibration curve as a Markdown table.
pub(super) fn curve(state: &mut AppState) -> Vec<Effect> {
    let calibration = state
        .judges
        .report
        .shown
        .as_ref()
        .and_then(|shown| shown.judging.report.calibration.as_ref());
    let Some(Ok(bins)) = calibration.map(|calibration| &calibration.curve) else {
        return Vec::new();
    };
    let mut text = "| said | was | from | to | n |\n|---|---|---|---|---|\n".to_owned();
    for bin in bins {
        let (low, high) = bin
            .interval
            .map_or_else(|| ("—".to_owned(), "—".to_owned()), |one| (two(one.low), two(one.high)));
        writeln!(text, "| {} | {} | {low} | {high} | {} |", two(bin.said), two(bin.was), bin.n)
            .ok();
    }
    state.announce("Copied the calibration curve");
    vec![Effect::Copy(text)]
}

/// The report in sentences.
pub(super) fn summary(state: &mut AppState) -> Vec<Effect> {
    let Some(shown) = &state.judges.report.shown else { return Vec::new() };
    let name =
        |stem: &str| state.judge(stem).map_or_else(|| stem.to_owned(), |one| one.name.clone());
    let set = state.judges.book(&shown.wanted.set).map(|book| &book.set);
    let set_name = set.map_or(shown.wanted.set.as_str(), |set| set.name.as_str());
    let guide = set.map_or(0, |set| set.guide.version);
    let report = &shown.judging.report;
    let agreement = &report.agreement;
    let part = shown.wanted.part.split();
    let mut text = format!(
        "Judge {} against people on the {part} part of “{set_name}” (guide version {guide}): {} \
         with labels, {} judged. κ {}; raw agreement {}; always guessing the most frequent label \
         {}; people among themselves {}.",
        name(&shown.wanted.judge),
        report.counts.labelled,
        report.counts.judged,
        measured(&agreement.kappa),
        share(&agreement.raw),
        agreement
            .constant_guess
            .map_or_else(|why| why.to_string(), |v| format!("{} %", percent(v))),
        agreement.ceiling.as_ref().map_or_else(|| "one labeller only".to_owned(), measured),
    );
    let counts = &report.counts;
    if counts.unread + counts.failed + counts.stale > 0 {
        write!(
            text,
            " Left out: {} verdicts that could not be read, {} that failed, {} items with stale \
             labels.",
            counts.unread, counts.failed, counts.stale
        )
        .ok();
    }
    let runs: Vec<&str> = shown.judging.runs.iter().map(RunId::as_str).collect();
    if !runs.is_empty() {
        write!(text, " Runs {}.", runs.join(", ")).ok();
    }
    state.announce("Copied the report");
    vec![Effect::Copy(text)]
}

fn measured(value: &Measured) -> String {
    match value {
        Ok(one) => {
            let range = one.interval.map_or_else(String::new, |range| {
                format!(" (95 % interval {} to {})", two(range.low), two(range.high))
            });
            format!("{}{range}", two(one.value))
        }
        Err(why) => why.to_string(),
    }
}

fn share(value: &Measured) -> String {
    value.map_or_else(|why| why.to_string(), |one| format!("{} %", percent(one.value)))
}
