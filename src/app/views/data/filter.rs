//! What is let through: search, state, tag, range.

use std::sync::Arc;

use egui::{Checkbox, DragValue, Ui};
use strum::IntoEnumIterator as _;

use crate::app::command::DataCommand;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::data::{DataFilter, SearchState, Show};
use crate::app::theme::{self, text};
use crate::app::widgets::number::{count, counted};
use crate::app::widgets::{Button, Field, choice};

/// The bar's own state.
#[derive(Debug, Default)]
pub(super) struct FilterBar {
    wants_focus: bool,
}

impl FilterBar {
    /// Has the search field take the focus in the next frame.
    pub(super) fn focus(&mut self) {
        self.wants_focus = true;
    }

    pub(super) fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let data = &state.data;
        let mut filter = data.filter.clone();
        ui.horizontal_wrapped(|ui| {
            let bad = data.found.as_ref().and_then(|found| match &found.state {
                SearchState::Bad(why) => Some(why.as_str()),
                SearchState::On | SearchState::Done => None,
            });
            let search = Field::new("Search all texts").hide_label().width(230.0).error(bad);
            let response = search.hint("Search all texts  Ctrl+F").show(ui, &mut filter.search);
            if std::mem::take(&mut self.wants_focus) {
                response.request_focus();
            }
            ui.add(Checkbox::new(&mut filter.is_regex, "Regular expression"));
            let shows: Vec<Show> = Show::iter().collect();
            let names: Vec<String> = shows.iter().map(ToString::to_string).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let chosen = shows.iter().position(|show| *show == filter.show);
            if let Some(place) = choice(ui, "Show", chosen, &names, 104.0) {
                filter.show = shows[place];
            }
            tags(ui, state, &mut filter);
            if data.shape.has_values {
                range(ui, data.shape.is_judged, &mut filter);
            }
            if filter.is_on() && Button::quiet("Clear").compact().show(ui).clicked() {
                filter = DataFilter::default();
            }
            shown(ui, state);
        });
        if filter != data.filter {
            outbox.send(DataCommand::Filter(Box::new(filter)));
        }
    }
}

fn tags(ui: &mut Ui, state: &AppState, filter: &mut DataFilter) {
    if state.data.tags.is_empty() {
        return;
    }
    let tags: Vec<&Arc<str>> = state.data.tags.iter().collect();
    let mut names = vec!["All tags"];
    names.extend(tags.iter().map(|tag| &***tag));
    let chosen = filter.tag.as_ref().and_then(|tag| tags.iter().position(|one| *one == tag));
    if let Some(place) = choice(ui, "Tag", Some(chosen.map_or(0, |place| place + 1)), &names, 110.0)
    {
        filter.tag = place.checked_sub(1).map(|place| Arc::clone(tags[place]));
    }
}

fn range(ui: &mut Ui, is_judged: bool, filter: &mut DataFilter) {
    let (word, least) = if is_judged { ("p", 0.5) } else { ("Reward", 0.0) };
    let mut is_on = filter.range.is_some();
    let tip = "Rows without one (unparsed, edited by hand) are left out";
    let label = format!("{word} from");
    if ui.add(Checkbox::new(&mut is_on, label)).on_hover_text(tip).changed() {
        filter.range = is_on.then_some((least, 1.0));
    }
    if let Some((from, to)) = &mut filter.range {
        let named = |name: String| {
            move || egui::WidgetInfo::labeled(egui::Role::SpinButton, true, name.clone())
        };
        let field = |value| DragValue::new(value).speed(0.01).max_decimals(2);
        ui.add(field(from)).widget_info(named(format!("Least {word}")));
        ui.label(text::weak_label("to"));
        ui.add(field(to)).widget_info(named(format!("Greatest {word}")));
    }
}

/// How many rows are let through, and how often what is searched for is in them.
fn shown(ui: &mut Ui, state: &AppState) {
    let data = &state.data;
    let t = theme::tokens(ui);
    let (view, all) = (data.view.len() as u64, data.facts.len() as u64);
    let mut words = match view == all {
        true => counted(all, "row", "rows"),
        false => format!("{} of {}", count(view), counted(all, "row", "rows")),
    };
    if let Some(found) = &data.found {
        match &found.state {
            SearchState::On => words.push_str(" · searching…"),
            SearchState::Done => {
                words.push_str(" · found ");
                words.push_str(&counted(found.hits, "time", "times"));
            }
            SearchState::Bad(_) => words.push_str(" · not a pattern, so nothing is left out"),
        }
    }
    ui.label(text::label(words).color(t.weak));
}
