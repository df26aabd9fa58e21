//! The export sheet.

use std::path::PathBuf;

use crate::app::command::ExportCommand;
use crate::app::effects::{Effect, ExportPlan};
use crate::app::message::Failure;
use crate::app::state::export::{ExportPreview, JudgeMap, RunLine};
use crate::app::state::{AppState, ExportOutcome, Moment};

/// The sheet was opened: its runs are read anew.
pub(super) fn begin(state: &mut AppState) -> Vec<Effect> {
    state.export.outcome = ExportOutcome::None;
    if let Some(source) = super::data::export_source(state) {
        state.export.source = Some(source);
    }
    state.export.runs = None;
    state.export.preview = None;
    vec![Effect::ListRuns]
}

pub(super) fn carry_out(state: &mut AppState, command: ExportCommand) -> Vec<Effect> {
    let export = &mut state.export;
    match command {
        ExportCommand::Source(source) => export.source = Some(source),
        ExportCommand::Format(format) => export.format = format,
        ExportCommand::Kind(kind) => export.kind = kind,
        ExportCommand::Labels(labels) => export.labels = labels,
        ExportCommand::Folder(folder) => export.folder = folder,
        ExportCommand::WithConfiguration(with) => export.with_configuration = with,
        ExportCommand::KeepCutOff(keep) => export.keep_cut_off = keep,
        ExportCommand::Recalibrate(judge) => export.recalibrate = judge,
        ExportCommand::Write => {
            if export.outcome == ExportOutcome::Writing {
                return Vec::new();
            }
            let Some(plan) = plan(state) else { return Vec::new() };
            state.export.outcome = ExportOutcome::Writing;
            return vec![Effect::WriteExport(Box::new(plan))];
        }
    }
    export.outcome = ExportOutcome::None;
    ask_preview(state)
}

fn plan(state: &AppState) -> Option<ExportPlan> {
    let export = &state.export;
    Some(ExportPlan {
        number: export.preview_number,
        source: export.source.clone()?,
        format: export.format.clone(),
        kind: export.kind,
        labels: export.labels,
        folder: export.folder.clone(),
        with_configuration: export.with_configuration,
        keep_cut_off: export.keep_cut_off,
        recalibrate: export.recalibrate.clone(),
        maps: maps(state),
    })
}

/// The maps that judges have, as they are in the window.
fn maps(state: &AppState) -> Vec<JudgeMap> {
    let with_map = state.all_judges().filter_map(|(stem, judge)| {
        let map = judge.recalibration.clone()?;
        let name = if judge.name.trim().is_empty() { stem } else { &judge.name };
        Some(JudgeMap { judge: stem.clone(), name: name.clone(), map })
    });
    with_map.collect()
}

fn ask_preview(state: &mut AppState) -> Vec<Effect> {
    state.export.preview_number = state.number();
    state.export.preview = None;
    match plan(state) {
        Some(plan) => vec![Effect::PreviewExport(Box::new(plan))],
        None => Vec::new(),
    }
}

pub(super) fn runs(
    state: &mut AppState,
    result: Result<Vec<RunLine>, Failure>,
    at: Moment,
) -> Vec<Effect> {
    let lines = match result {
        Ok(lines) => lines,
        Err(failure) => {
            state.fail(failure.message, failure.hint, at);
            state.export.runs = Some(Vec::new());
            return Vec::new();
        }
    };
    let still_there = state
        .export
        .source
        .as_ref()
        .is_some_and(|source| lines.iter().any(|line| &line.source == source));
    if !still_there {
        state.export.source = lines.first().map(|line| line.source.clone());
    }
    state.export.runs = Some(lines);
    ask_preview(state)
}

pub(super) fn preview(state: &mut AppState, number: u64, result: Result<ExportPreview, Failure>) {
    if state.export.preview_number == number {
        // A map that does not fit what is chosen now is not applied: its tick says so.
        let fits = |one: &String| {
            result.as_ref().ok().is_none_or(|preview| {
                preview.maps.iter().any(|map| map.judge == *one && map.why_not.is_none())
            })
        };
        state.export.recalibrate = state.export.recalibrate.take().filter(fits);
        state.export.preview = Some(result.map_err(|failure| {
            if failure.hint.is_empty() {
                failure.message
            } else {
                format!("{} ({})", failure.message, failure.hint)
            }
        }));
    }
}

pub(super) fn exported(state: &mut AppState, result: Result<(Vec<PathBuf>, u64), Failure>) {
    state.export.outcome = match result {
        Ok((files, records)) => {
            state.announce(format!("Exported {records} records"));
            ExportOutcome::Written { files, records }
        }
        Err(failure) => {
            state.announce("The export failed");
            ExportOutcome::Failed { message: failure.message, hint: failure.hint }
        }
    };
}
