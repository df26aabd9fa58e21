//! Palette, find everywhere, history, versions and glossary.

use crate::app::command::LibraryCommand;
use crate::app::effects::Effect;
use crate::app::effects::library::LibraryEvent;
use crate::app::state::{AppState, Moment};

pub(super) fn carry_out(
    _state: &mut AppState,
    command: LibraryCommand,
    _at: Moment,
) -> Vec<Effect> {
    match command {}
}

pub(super) fn take_in(_state: &mut AppState, event: LibraryEvent, _at: Moment) -> Vec<Effect> {
    match event {}
}
