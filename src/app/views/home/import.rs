//! What is about to be imported: as what, how much of it, what is left out, and where it goes.

use egui::{Checkbox, Context, Ui};
use strum::IntoEnumIterator as _;

use super::{modal, nothing};
use crate::app::command::{GoCommand, HomeCommand};
use crate::app::menu_command::editable;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::import::{ImportItem, ImportKind, ImportTarget, Large, TAKES};
use crate::app::theme::{self, size, space, text};
use crate::app::widgets::button::segments;
use crate::app::widgets::notice::capitalised;
use crate::app::widgets::{Button, NoticeKind, card, choice, notice, number};
use crate::formats::import::Part;

/// Draws the sheet.
pub(super) fn show(ctx: &Context, state: &AppState, outbox: &Outbox) {
    let Some(review) = &state.home.import else {
        let words = "Drop a file, or paste a list where no text field is.";
        nothing(ctx, "Import nothing", words, outbox);
        return;
    };
    let summary = review.summary(number::counted);
    let is_large = review.refused.iter().any(|refused| refused.large.is_some());
    let title = match summary.is_empty() {
        // It is still to be said how much of it.
        true if is_large => "Import a part".to_owned(),
        true => "Import nothing".to_owned(),
        false => format!("Import {summary}"),
    };
    let several = review.items.len() > 1;
    modal(
        ctx,
        &title,
        720.0,
        outbox,
        |ui| {
            for (place, item) in review.items.iter().enumerate() {
                card(ui, |ui| {
                    ui.push_id(place, |ui| one(ui, state, place, item, several, outbox));
                });
            }
            for (place, refused) in review.refused.iter().enumerate() {
                let title = format!("{}: {}", refused.source, refused.why);
                notice(ui, NoticeKind::Warning, &title, &capitalised(&refused.hint), |ui| {
                    if let Some(large) = &refused.large {
                        ui.push_id(place, |ui| part(ui, place, large, outbox));
                    }
                });
            }
        },
        |ui| {
            let why_not =
                editable(state).err().or_else(|| summary.is_empty().then_some("Nothing is chosen"));
            let import = Button::primary("Import").disabled_because(why_not);
            if import.show(ui).clicked() {
                outbox.send(HomeCommand::Import);
            }
            if Button::secondary("Cancel").show(ui).clicked() {
                outbox.send(GoCommand::CloseSheet);
            }
            if let Some(why_not) = why_not {
                ui.label(text::weak_label(why_not));
            }
        },
    );
}

/// What of a file that is too large is taken.
fn part(ui: &mut Ui, place: usize, large: &Large, outbox: &Outbox) {
    let names = TAKES.map(|rows| number::count(rows as u64));
    let chosen = TAKES.iter().position(|rows| *rows == large.take);
    if let Some(picked) = choice(ui, "Rows", chosen, &names.each_ref().map(String::as_str), 110.0) {
        outbox.send(HomeCommand::ImportRows(place, TAKES[picked]));
    }
    let why_not = large.is_reading.then_some("They are being read");
    if Button::secondary("Take the first").disabled_because(why_not).show(ui).clicked() {
        outbox.send(HomeCommand::ImportPart(place, Part::First(large.take)));
    }
    if Button::secondary("Draw at random").disabled_because(why_not).show(ui).clicked() {
        let part = Part::Random { rows: large.take, seed: 0 };
        outbox.send(HomeCommand::ImportPart(place, part));
    }
    if let Some(why_not) = why_not {
        ui.label(text::weak_label(why_not));
    }
}

fn one(
    ui: &mut Ui,
    state: &AppState,
    place: usize,
    item: &ImportItem,
    several: bool,
    outbox: &Outbox,
) {
    let t = theme::tokens(ui);
    ui.horizontal_wrapped(|ui| {
        if several {
            let mut take = item.take;
            let name = text::strong(&item.source);
            if ui.add(Checkbox::new(&mut take, name)).changed() {
                outbox.send(HomeCommand::ImportTake(place, take));
            }
        } else {
            ui.label(text::strong(&item.source));
        }
        if let Some(reading) = item.reading() {
            let (one, many) = item.kind.nouns();
            ui.label(text::weak_label(number::counted(reading.count, one, many)));
        }
    });
    if !item.take {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.label(text::weak_label("Taken as"));
        let kinds: Vec<(ImportKind, String, String)> = ImportKind::iter()
            .filter(|kind| item.readings.contains_key(kind))
            .map(|kind| {
                let tip = format!("Take it for a {}", kind.document());
                (kind, kind.to_string(), tip)
            })
            .collect();
        let shown: Vec<(ImportKind, &str, &str)> =
            kinds.iter().map(|(kind, name, tip)| (*kind, name.as_str(), tip.as_str())).collect();
        if let Some(kind) = segments(ui, item.kind, &shown) {
            outbox.send(HomeCommand::ImportKind(place, kind));
        }
        ui.add_space(space::S);
        target(ui, state, place, item, outbox);
    });
    let Some(reading) = item.reading() else { return };
    ui.spacing_mut().interact_size.y = size::LINE;
    ui.spacing_mut().item_spacing.y = space::XS;
    for line in &reading.preview {
        ui.horizontal(|ui| {
            ui.colored_label(t.weak, "·");
            ui.add(egui::Label::new(line).truncate());
        });
    }
    let rest = reading.count.saturating_sub(reading.preview.len() as u64);
    if rest > 0 {
        ui.label(text::weak_label(format!("and {} more", number::count(rest))));
    }
    for note in &reading.notes {
        // What is lost is loud; how it was understood is not.
        let colour = if note.starts_with("left out") { t.warning } else { t.weak };
        ui.add(egui::Label::new(text::label(capitalised(note)).color(colour)).wrap());
    }
}

fn target(ui: &mut Ui, state: &AppState, place: usize, item: &ImportItem, outbox: &Outbox) {
    let Some(documents) = state.documents() else { return };
    let existing = match item.kind {
        ImportKind::Labels => {
            let sets = state.judges.all();
            sets.map(|(stem, book)| (stem.clone(), book.set.name.clone())).collect()
        }
        _ => item.kind.existing(documents),
    };
    let new = match item.reading() {
        Some(reading) => format!("A new {}: {}", item.kind.document(), reading.name),
        None => format!("A new {}", item.kind.document()),
    };
    let mut names = vec![new.as_str()];
    let adds: Vec<String> = existing.iter().map(|(_, name)| format!("Add to {name}")).collect();
    names.extend(adds.iter().map(String::as_str));
    let chosen = match &item.target {
        ImportTarget::New => Some(0),
        ImportTarget::Existing(stem) => {
            existing.iter().position(|(one, _)| one == stem).map(|place| place + 1)
        }
    };
    if let Some(picked) = choice(ui, "Goes into", chosen, &names, 240.0) {
        let target = match picked.checked_sub(1).and_then(|place| existing.get(place)) {
            Some((stem, _)) => ImportTarget::Existing(stem.clone()),
            None => ImportTarget::New,
        };
        outbox.send(HomeCommand::ImportTarget(place, target));
    }
}
