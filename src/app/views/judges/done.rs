//! What came of a labelling.

use egui::{CentralPanel, Grid, Key, Modifiers, ScrollArea, Ui};

use super::guide::column;
use super::keys::offer_focus;
use crate::app::command::{JudgesCommand, LabelCommand, ReportCommand};
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::judges::{Book, Selected, Session, Sums};
use crate::app::theme::{self, space, text};
use crate::app::update::judges::{may_label, tally};
use crate::app::widgets::number::{count, counted};
use crate::app::widgets::{Button, NoticeKind, card, notice, section, term};

/// Below so many hidden repeats nobody's consistency is told as a share (as [`crate::stats`]).
const ENOUGH: u64 = 10;

/// The page.
pub(super) fn show(ui: &mut Ui, state: &AppState, session: &Session, book: &Book, outbox: &Outbox) {
    let t = theme::tokens(ui);
    let is_free = !egui::Popup::is_any_open(ui.ctx());
    if is_free && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        outbox.send(JudgesCommand::Label(LabelCommand::Finish));
    }
    CentralPanel::default().frame(theme::area_frame(t)).show(ui, |ui| {
        ScrollArea::vertical().id_salt("labelled").auto_shrink([false, false]).show(ui, |ui| {
            column(ui, |ui| told(ui, state, session, book, outbox));
        });
    });
}

fn told(ui: &mut Ui, state: &AppState, session: &Session, book: &Book, outbox: &Outbox) {
    ui.spacing_mut().item_spacing.y = space::S;
    ui.add_space(space::XL);
    let mine = book.labels.iter().filter(|one| one.labeller == session.labeller && !one.again);
    let n = mine.count() as u64;
    ui.label(text::title(format!("All labelled: {}", book.set.name)));
    ui.label(text::weak_label(format!(
        "{} by {}, {} of them in this sitting",
        counted(n, "label", "labels"),
        session.labeller,
        count(session.given.iter().filter(|one| !one.label.again).count() as u64)
    )));
    unkept(ui, session, outbox);
    ui.add_space(space::S);
    card(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label(text::heading(with_oneself(book, &session.labeller)));
            term(ui, "self-agreement");
        });
        let detail = "Some items came a second time, sides drawn anew. No judge can agree with \
                      somebody more than they agree with themselves.";
        ui.add(egui::Label::new(egui::RichText::new(detail).weak()).wrap());
    });
    section(ui, "What you said");
    Grid::new("answers given").num_columns(2).spacing([space::L, space::XS]).show(ui, |ui| {
        for (words, times) in tally(book, &session.labeller) {
            ui.label(words);
            ui.label(format!(
                "{} ({} %)",
                count(times),
                crate::stats::words::percent(times as f64 / n.max(1) as f64)
            ));
            ui.end_row();
        }
    });
    if let Some(seconds) = book.labellers.get(session.labeller.as_str()).and_then(Sums::median) {
        ui.label(text::weak_label(format!(
            "Half of them took less than {:.0} s each",
            seconds.ceil().max(1.0)
        )));
    }
    judges(ui, state, session, outbox);
    ui.add_space(space::M);
    ui.horizontal_wrapped(|ui| {
        let back = Button::primary("Back to the set").shortcut("Ctrl+Enter").show(ui);
        offer_focus(ui, &back);
        if back.clicked() {
            outbox.send(JudgesCommand::Label(LabelCommand::Finish));
        }
        let again = Button::quiet("Take the last label back").shortcut("Z");
        if again.show(ui).clicked() {
            outbox.send(JudgesCommand::Label(LabelCommand::TakeBack));
        }
    });
    ui.add_space(space::XL);
}

/// Now that everything is labelled: what judges say of the same items.
fn judges(ui: &mut Ui, state: &AppState, session: &Session, outbox: &Outbox) {
    section(ui, "Judges against you");
    let all: Vec<_> = state.all_judges().collect();
    ui.horizontal_wrapped(|ui| {
        for (stem, setup) in &all {
            let words = format!("Show {}", setup.name);
            let button = Button::secondary(&words).tip("Where it says something else than you");
            if button.show(ui).clicked() {
                let against = ReportCommand::Against(session.stem.clone());
                outbox.send(JudgesCommand::Label(LabelCommand::Finish));
                outbox.send(JudgesCommand::Report(against));
                outbox.send(JudgesCommand::Select(Selected::Judge((*stem).clone())));
            }
        }
        if all.is_empty() {
            let words = "No judge yet: a model and the way it is asked, held against your labels.";
            ui.label(text::weak_label(words));
            let new = Button::secondary("New judge…");
            if new.disabled_because(may_label(state).err()).show(ui).clicked() {
                outbox.send(JudgesCommand::Report(ReportCommand::BeginJudge));
            }
        }
    });
}

fn unkept(ui: &mut Ui, session: &Session, outbox: &Outbox) {
    if session.unkept.is_empty() {
        return;
    }
    let title = format!(
        "{} not on disk yet",
        counted(session.unkept.len() as u64, "label is", "labels are")
    );
    notice(ui, NoticeKind::Failure, &title, "They are kept here while the window is open.", |ui| {
        if Button::secondary("Write again").show(ui).clicked() {
            outbox.send(JudgesCommand::Label(LabelCommand::WriteAgain));
        }
    });
}

/// How far somebody agreed with themselves, in words.
pub(super) fn with_oneself(book: &Book, labeller: &str) -> String {
    let (same, both) = book.with_oneself(labeller);
    match both {
        0 => "No item came a second time".to_owned(),
        few if few < ENOUGH => {
            format!("You agreed with yourself on {same} of {both} repeats: too few to tell more")
        }
        _ => format!(
            "You agreed with yourself {} % ({same} of {both} repeats)",
            crate::stats::words::percent(same as f64 / both as f64)
        ),
    }
}
