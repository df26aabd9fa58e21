//! The item on screen: what is asked, the prompt, the answers, and the keys below.

use egui::{CentralPanel, Frame, Id, Key, Layout, Margin, Modifiers, Panel, Ui};

use super::{item, keys};
use crate::app::command::{JudgesCommand, LabelCommand};
use crate::app::menu_command::MenuCommand;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::judges::{Book, Page, Session};
use crate::app::theme::{self, space, text};
use crate::app::widgets::number::count;
use crate::app::widgets::{Button, NoticeKind, announce, chip, notice};
use crate::domain::{LabelItem, LabelTask};

/// Labels after which the time left is told.
const ENOUGH: usize = 5;

/// What the screen remembers for itself.
#[derive(Default)]
pub(super) struct QueueView {
    keys: keys::KeysView,
}

impl QueueView {
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        session: &Session,
        book: &Book,
        outbox: &Outbox,
    ) {
        let t = theme::tokens(ui);
        escape(ui, session, outbox);
        let bar = Frame::new().fill(t.surface).inner_margin(Margin::symmetric(16, 8));
        Panel::top("label head").frame(bar).show(ui, |ui| head(ui, session, book, outbox));
        if session.on_screen(book).is_some() {
            Panel::bottom("label keys").frame(bar).show(ui, |ui| {
                self.keys.show(ui, state, session, book, outbox);
            });
        }
        let frame = theme::area_frame(t);
        CentralPanel::default().frame(frame).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::S;
            notices(ui, session, outbox);
            let Some((item, first)) = session.on_screen(book) else {
                practice_over(ui, session, book, outbox);
                return;
            };
            let again = session.turn().is_some_and(|turn| turn.again);
            let salt = Id::unique(("label", &session.stem, &item.id, again, session.page_name()));
            question(ui, book, item);
            let most = (ui.available_height() * 0.28).clamp(48.0, 220.0);
            item::prompt(ui, salt, &item.prompt, most);
            let height = ui.available_height();
            item::answers(ui, salt, &item::sides(item, first), height, scrolled(ui, height));
        });
    }
}

/// How far the keys scroll the answers in this frame, in points.
fn scrolled(ui: &Ui, height: f32) -> f32 {
    /// Points of an arrow.
    const LINE: f32 = 60.0;
    if ui.ctx().text_edit_focused() || egui::Popup::is_any_open(ui.ctx()) {
        return 0.0;
    }
    let keys = [
        (Key::ArrowDown, LINE),
        (Key::ArrowUp, -LINE),
        (Key::PageDown, height * 0.8),
        (Key::PageUp, -height * 0.8),
    ];
    let mut by = 0.0;
    for (key, points) in keys {
        by +=
            points * ui.input_mut(|input| input.count_and_consume_key(Modifiers::NONE, key)) as f32;
    }
    by
}

/// Escape leaves the comment, else the screen.
fn escape(ui: &Ui, session: &Session, outbox: &Outbox) {
    if egui::Popup::is_any_open(ui.ctx()) {
        return;
    }
    if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        let command =
            if session.is_commenting { LabelCommand::Comment(false) } else { LabelCommand::Pause };
        outbox.send(JudgesCommand::Label(command));
    }
}

/// Which set, how far, and the ways out.
fn head(ui: &mut Ui, session: &Session, book: &Book, outbox: &Outbox) {
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
            let pause = Button::quiet("Pause").name("Pause labelling").shortcut("Esc");
            if pause.tip("Every label is kept").show(ui).clicked() {
                outbox.send(JudgesCommand::Label(LabelCommand::Pause));
            }
            let guide = Button::quiet("Guide").shortcut("G");
            if guide.tip(MenuCommand::LabelGuide.title_and_tip().1).show(ui).clicked() {
                outbox.send(JudgesCommand::Label(LabelCommand::Guide));
            }
            if session.page == Page::Queue {
                let none = session.given.is_empty() && session.before == 0;
                let back = Button::quiet("Take back").name("Take the last label back");
                let back = back.shortcut("Z").disabled_because(none.then_some("No label yet"));
                if back.tip(MenuCommand::LabelTakeBack.title_and_tip().1).show(ui).clicked() {
                    outbox.send(JudgesCommand::Label(LabelCommand::TakeBack));
                }
            }
            ui.add_space(space::M);
            ui.with_layout(Layout::left_to_right(egui::Align::Center), |ui| {
                far(ui, session, book);
            });
        });
    });
}

fn far(ui: &mut Ui, session: &Session, book: &Book) {
    /// The words behind the bar.
    const WORDS: f32 = 150.0;
    let (words, part) = match session.page {
        Page::Practice(practice) => {
            let all = book.set.guide.practice.len();
            let words = if practice.place < all {
                format!("Practice {} of {all}", practice.place + 1)
            } else {
                "Practice".to_owned()
            };
            (words, practice.place as f32 / all.max(1) as f32)
        }
        Page::Guide | Page::Queue | Page::Done => {
            let (done, total) = session.progress();
            let nth = (done + 1).min(total);
            let words = format!("{} of {}", count(nth as u64), count(total as u64));
            (words, done as f32 / total.max(1) as f32)
        }
    };
    let name = egui::Label::new(text::strong(&book.set.name)).truncate();
    let room = (ui.available_width() * 0.4).min(260.0);
    ui.scope(|ui| {
        ui.set_max_width(room);
        ui.add(name);
    });
    ui.label(&words);
    let left = left_in_words(session, book);
    let width = (ui.available_width() - WORDS).clamp(0.0, 280.0);
    if width > 60.0 {
        let t = theme::tokens(ui);
        let size = egui::vec2(width, 8.0);
        let (rect, response) = ui.allocate_exact_size(size, egui::Sense::hover());
        ui.painter().rect(rect, 3, t.raised, t.edge(), egui::StrokeKind::Inside);
        let done = egui::Rect::from_min_size(rect.min, egui::vec2(width * part, 8.0));
        ui.painter().rect_filled(done, 3, t.accent);
        let said = format!("Labelled: {words} {left}");
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::ProgressIndicator, true, said.clone())
        });
        announce(ui, &said);
    }
    ui.label(text::weak_label(left));
}

/// How long it takes yet, by how long each label took so far; empty while that is not known.
fn left_in_words(session: &Session, book: &Book) -> String {
    if session.page != Page::Queue {
        return String::new();
    }
    let sums = book.labellers.get(&session.labeller);
    let Some(sums) = sums.filter(|sums| sums.seconds.len() >= ENOUGH) else {
        return String::new();
    };
    let to_do = session.turns.len().saturating_sub(session.place) as f64;
    let minutes = sums.median().unwrap_or_default() * to_do / 60.0;
    if minutes < 1.0 { "under a minute left".to_owned() } else { format!("~{minutes:.0} min left") }
}

fn notices(ui: &mut Ui, session: &Session, outbox: &Outbox) {
    if !session.unkept.is_empty() {
        let n = session.unkept.len() as u64;
        let title = format!(
            "{} not on disk yet",
            crate::app::widgets::number::counted(n, "label is", "labels are")
        );
        let detail = "Make room or give the folder’s rights back, then write them again. They are \
                      kept here while the window is open.";
        notice(ui, NoticeKind::Failure, &title, detail, |ui| {
            if Button::secondary("Write again").show(ui).clicked() {
                outbox.send(JudgesCommand::Label(LabelCommand::WriteAgain));
            }
        });
    }
    if session.break_is_due() {
        let title = format!("{} labels in a row", session.given.len());
        let detail = "A short break keeps them honest: Esc pauses. Or just go on.";
        notice(ui, NoticeKind::Info, &title, detail, |_| {});
    }
}

/// What is asked about the item.
fn question(ui: &mut Ui, book: &Book, item: &LabelItem) {
    let t = theme::tokens(ui);
    let words = match (book.set.task, &item.aspect) {
        (LabelTask::Pairwise, None) => "Which answer is better, all in all?",
        (LabelTask::Pairwise, Some(_)) => "Which answer is better under",
        (LabelTask::PassFail, None) => "Is the answer good enough?",
        (LabelTask::PassFail, Some(_)) => "Does the answer do this?",
        (LabelTask::Scores, None) => "How good is the answer?",
        (LabelTask::Scores, Some(_)) => "Which level does the answer reach?",
    };
    ui.horizontal_wrapped(|ui| {
        ui.label(text::strong(words));
        if let Some(aspect) = &item.aspect {
            chip(ui, &aspect.id, &aspect.text, theme::Hue::nth(0));
            let words = egui::RichText::new(format!("“{}”", aspect.text)).color(t.text);
            ui.add(egui::Label::new(words).wrap());
        }
    });
}

/// After the last practice item.
fn practice_over(ui: &mut Ui, session: &Session, book: &Book, outbox: &Outbox) {
    let Page::Practice(practice) = session.page else { return };
    ui.vertical_centered(|ui| {
        ui.add_space(ui.available_height() * 0.25);
        ui.label(text::heading("Practice is over"));
        let all = book.set.guide.practice.len();
        ui.label(format!("You agreed with the guide on {} of {all}.", practice.right));
        ui.label(text::weak_label(
            "From now on labels count, nothing is told, and no judge is in sight.",
        ));
        ui.add_space(space::S);
        let start = Button::primary("Begin labelling").shortcut("Ctrl+Enter").show(ui);
        keys::offer_focus(ui, &start);
        if start.clicked() {
            outbox.send(JudgesCommand::Label(LabelCommand::Start));
        }
    });
}
