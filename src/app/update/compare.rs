//! Comparisons of two sides on the same prompts.

use crate::app::command::CompareCommand;
use crate::app::effects::Effect;
use crate::app::effects::compare::CompareEvent;
use crate::app::state::{AppState, Moment};

pub(super) fn carry_out(
    _state: &mut AppState,
    command: CompareCommand,
    _at: Moment,
) -> Vec<Effect> {
    match command {}
}

pub(super) fn take_in(_state: &mut AppState, event: CompareEvent, _at: Moment) -> Vec<Effect> {
    match event {}
}
