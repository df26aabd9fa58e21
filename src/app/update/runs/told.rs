//! What is told when a run is over: in the window, and to who looks at another one.

use crate::app::effects::Effect;
use crate::app::effects::runs::Ending;
use crate::app::menu_command::MenuCommand;
use crate::app::message::Failure;
use crate::app::state::runs::ActiveRun;
use crate::app::state::{AppState, Area, Moment, NoticeKind};
use crate::app::widgets::number::{count, counted};

/// Tells how a run ended, in the window.
pub(super) fn end(
    state: &mut AppState,
    active: &ActiveRun,
    result: &Result<Ending, Failure>,
    at: Moment,
) {
    let title = match result {
        Ok(ending) => format!("{} {}", ending.run, active.name),
        Err(_) => active.title(),
    };
    if state.area != Area::Runs {
        let words = match result {
            Ok(Ending { stopped: None, sums, .. }) if sums.rows_failed == 0 => "is done",
            Ok(Ending { stopped: None, .. }) => "is done, with failed rows",
            Ok(_) => "stopped",
            Err(_) => "did not run",
        };
        state.runs.ended = Some(format!("{title} {words}"));
    }
    match result {
        Err(failure) => {
            let text = format!("{title} did not run: {}", failure.message);
            state.fail(text, failure.hint.clone(), at);
        }
        Ok(Ending { stopped: Some(_), by_user: true, sums, .. }) => {
            let kept = counted(active.kept_of(sums), "row", "rows");
            let text = format!("{title} is stopped; {kept} kept. Resume it when you like");
            state.notify(NoticeKind::Done, text, at);
        }
        Ok(Ending { stopped: Some(failure), sums, .. }) => {
            let kept = counted(active.kept_of(sums), "row", "rows");
            let text = format!("{title} stopped with {kept} kept: {}", failure.message);
            state.fail(text, failure.hint.clone(), at);
        }
        Ok(Ending { sums, .. }) if sums.rows_failed > 0 => {
            let text = format!(
                "{title} is done: {} of {} rows, {} failed. Runs says why",
                count(sums.rows_done - sums.rows_failed),
                count(sums.rows_total),
                count(sums.rows_failed)
            );
            state.notify_with(NoticeKind::Warning, text, MenuCommand::ShowRuns, at);
        }
        Ok(Ending { sums, .. }) => {
            let text = format!("{title} is done: {}", counted(sums.rows_done, "row", "rows"));
            state.notify(NoticeKind::Done, text, at);
        }
    }
}

/// Tells how a run ended to who looks at another window: names and counts, no prompt's text.
pub(super) fn away(
    state: &AppState,
    active: &ActiveRun,
    result: &Result<Ending, Failure>,
) -> Effect {
    let run = match result {
        Ok(ending) => ending.run.to_string(),
        Err(_) => active.run.as_ref().map_or_else(|| "A run".to_owned(), ToString::to_string),
    };
    let name = &active.name;
    let (title, body) = match result {
        Err(failure) => (format!("{run} did not run"), format!("{name}: {}", failure.message)),
        Ok(Ending { stopped: Some(failure), by_user, sums, .. }) => {
            let kept = format!("{} kept", counted(active.kept_of(sums), "row", "rows"));
            let why = if *by_user { "stopped by you" } else { failure.message.as_str() };
            (format!("{run} stopped"), format!("{name}: {kept}; {why}"))
        }
        Ok(Ending { sums, .. }) => {
            let good = sums.rows_done.saturating_sub(sums.rows_failed);
            let mut body = format!("{name}: {} of {} done", count(good), count(sums.rows_total));
            if sums.rows_failed > 0 {
                body = format!("{body}, {} failed", count(sums.rows_failed));
            }
            (format!("{run} is done"), body)
        }
    };
    Effect::TellAway { title, body, by_desktop: state.settings.tell_when_away }
}
