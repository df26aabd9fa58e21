//! Runs of many rows.

use crate::app::command::RunsCommand;
use crate::app::effects::Effect;
use crate::app::effects::runs::RunsEvent;
use crate::app::state::{AppState, Moment};

pub(super) fn carry_out(_state: &mut AppState, command: RunsCommand, _at: Moment) -> Vec<Effect> {
    match command {}
}

pub(super) fn take_in(_state: &mut AppState, event: RunsEvent, _at: Moment) -> Vec<Effect> {
    match event {}
}
