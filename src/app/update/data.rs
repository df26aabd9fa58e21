//! Rows of a run as a dataset.

use crate::app::command::DataCommand;
use crate::app::effects::Effect;
use crate::app::effects::data::DataEvent;
use crate::app::state::{AppState, Moment};

pub(super) fn carry_out(_state: &mut AppState, command: DataCommand, _at: Moment) -> Vec<Effect> {
    match command {}
}

pub(super) fn take_in(_state: &mut AppState, event: DataEvent, _at: Moment) -> Vec<Effect> {
    match event {}
}
