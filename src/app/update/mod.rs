//! The only code that changes the state.
//!
//! No I/O, no egui, no clock: what comes out depends on state and message alone, and what is to
//! be done outside is returned as effects. One file a topic.
#![warn(clippy::wildcard_enum_match_arm)]

use super::command::Command;
use super::effects::Effect;
use super::message::{Body, Event, Message};
use super::state::AppState;

/// Changes the state by a message and says what is to be done outside.
#[must_use]
pub fn update(_state: &mut AppState, _message: Message) -> Vec<Effect> {
    Vec::new()
}
