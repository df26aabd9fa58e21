//! Home, settings, recovery and logs.

use crate::app::command::HomeCommand;
use crate::app::effects::Effect;
use crate::app::effects::home::HomeEvent;
use crate::app::state::{AppState, Moment};

pub(super) fn carry_out(_state: &mut AppState, command: HomeCommand, _at: Moment) -> Vec<Effect> {
    match command {}
}

pub(super) fn take_in(_state: &mut AppState, event: HomeEvent, _at: Moment) -> Vec<Effect> {
    match event {}
}
