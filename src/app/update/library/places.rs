//! Back and forward through the places looked at.

use crate::app::effects::Effect;
use crate::app::state::library::Place;
use crate::app::state::{AppState, Moment};

/// Places remembered.
const KEPT: usize = 100;
/// Steps through a list that follow each other this closely are one place.
const QUICK_MILLIS: u64 = 1_500;

/// Where the user is.
fn here(state: &AppState) -> Place {
    Place { area: state.area, selection: state.selection.clone() }
}

/// The place that a command may leave.
pub(in super::super) fn leave(state: &AppState) -> Option<Place> {
    state.project.as_ref().map(|_| here(state))
}

/// Remembers the place that a command left.
pub(in super::super) fn left(state: &mut AppState, before: Option<Place>, at: Moment) {
    let Some(before) = before else { return };
    if before.area == state.area && before.selection == state.selection {
        return;
    }
    let in_passing = before.area == state.area
        && at.millis_since(state.library.places.left_at) <= QUICK_MILLIS
        && state.library.places.back.last().is_some_and(|last| last.area == before.area);
    let places = &mut state.library.places;
    places.left_at = at;
    places.forward.clear();
    if in_passing {
        return;
    }
    places.back.push(before);
    if places.back.len() > KEPT {
        places.back.remove(0);
    }
}

pub(super) fn back(state: &mut AppState) -> Vec<Effect> {
    let now = here(state);
    while let Some(place) = state.library.places.back.pop() {
        show(state, place);
        // A place may be gone meanwhile; then what is shown in its stead may be this one.
        if here(state) != now {
            state.library.places.forward.push(now);
            return Vec::new();
        }
    }
    state.announce("No place before this one");
    Vec::new()
}

pub(super) fn forward(state: &mut AppState) -> Vec<Effect> {
    let now = here(state);
    while let Some(place) = state.library.places.forward.pop() {
        show(state, place);
        if here(state) != now {
            state.library.places.back.push(now);
            return Vec::new();
        }
    }
    state.announce("No place after this one");
    Vec::new()
}

fn show(state: &mut AppState, place: Place) {
    state.history.seal();
    state.area = place.area;
    state.selection = place.selection;
    super::super::go::mend_selection(state);
    state.announce(state.area.to_string());
}
