//! The buttons below an item, each with its key.

use egui::{Response, Ui, vec2};

use crate::app::command::{JudgesCommand, LabelCommand};
use crate::app::menu_command::MenuCommand;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::judges::{Book, Page, Practice, Session, Shown};
use crate::app::theme::{self, size, space, text};
use crate::app::widgets::layout::fit;
use crate::app::widgets::{Button, Field, NoticeKind, notice};
use crate::domain::{Certainty, LabelTask};

/// What the buttons remember for themselves.
#[derive(Default)]
pub(super) struct KeysView {
    /// Whether the comment had its field in the frame before.
    was_commenting: bool,
}

/// Gives a control the focus where nothing has it, so that Enter does what the screen is for.
pub(super) fn offer_focus(ui: &Ui, control: &Response) {
    if ui.memory(|memory| memory.focused().is_none()) {
        control.request_focus();
    }
}

impl KeysView {
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        session: &Session,
        book: &Book,
        outbox: &Outbox,
    ) {
        ui.spacing_mut().item_spacing.y = space::S;
        let Some((item, _)) = session.on_screen(book) else { return };
        if let Page::Practice(practice) = session.page
            && practice.said.is_some()
        {
            feedback(ui, session, book, practice, outbox);
            return;
        }
        match book.set.task {
            LabelTask::Pairwise => sides(ui, session, outbox),
            LabelTask::PassFail => pass(ui, session, outbox),
            LabelTask::Scores => {
                let names = item.aspect.as_ref().map_or(&[][..], |aspect| &aspect.levels);
                levels(ui, session, item.level_count(), names, outbox);
            }
        }
        ui.horizontal_wrapped(|ui| {
            if book.set.task == LabelTask::Pairwise {
                said(ui, session, outbox, Shown::BothBad, "Both bad", "X");
            }
            said(ui, session, outbox, Shown::Unsure, "Unsure", "U");
            said(ui, session, outbox, Shown::NotApplicable, "Does not apply", "N");
            if session.page == Page::Queue {
                ui.add_space(space::M);
                if book.set.task != LabelTask::Scores {
                    sure(ui, session, outbox);
                    ui.add_space(space::M);
                }
                comment_button(ui, session, outbox);
            }
        });
        self.comment(ui, session, outbox);
        foot(ui, state, session, book, outbox);
    }

    /// The remark, while it is typed.
    fn comment(&mut self, ui: &mut Ui, session: &Session, outbox: &Outbox) {
        if !session.is_commenting {
            self.was_commenting = false;
            return;
        }
        let mut words = session.comment.clone();
        let field = Field::new("Comment")
            .hide_label()
            .hint("What made you decide? Enter goes back to the keys")
            .id_salt("label comment");
        let response = field.show(ui, &mut words);
        if response.changed() {
            outbox.send(JudgesCommand::Label(LabelCommand::CommentText(words)));
        }
        if !self.was_commenting {
            self.was_commenting = true;
            response.request_focus();
        } else if response.lost_focus() {
            outbox.send(JudgesCommand::Label(LabelCommand::Comment(false)));
        }
    }
}

fn say(outbox: &Outbox, shown: Shown) {
    outbox.send(JudgesCommand::Label(LabelCommand::Say(shown)));
}

fn is_lit(session: &Session, shown: Shown) -> bool {
    session.flash.is_some_and(|flash| flash.shown == shown)
}

fn said(ui: &mut Ui, session: &Session, outbox: &Outbox, shown: Shown, words: &str, key: &str) {
    let button = Button::secondary(words).shortcut(key).lit(is_lit(session, shown));
    if button.show(ui).clicked() {
        say(outbox, shown);
    }
}

/// Left, tie, right: below what they speak of.
fn sides(ui: &mut Ui, session: &Session, outbox: &Outbox) {
    let gap = ui.spacing().item_spacing.x;
    let whole = ui.available_width();
    let middle = (whole * 0.2).clamp(90.0, 200.0);
    let side = (whole - middle - 2.0 * gap) / 2.0;
    ui.horizontal(|ui| {
        for (shown, words, keys, wide) in [
            (Shown::Left, "Left better", "A  ←", side),
            (Shown::Tie, "Tie", "T", middle),
            (Shown::Right, "Right better", "B  →", side),
        ] {
            big(ui, session, outbox, (shown, words, keys), wide);
        }
    });
}

fn pass(ui: &mut Ui, session: &Session, outbox: &Outbox) {
    let side = (ui.available_width() - ui.spacing().item_spacing.x) / 2.0;
    ui.horizontal(|ui| {
        for (shown, words, keys) in [(Shown::Pass, "Pass", "P"), (Shown::Fail, "Fail", "F")] {
            big(ui, session, outbox, (shown, words, keys), side);
        }
    });
}

fn big(ui: &mut Ui, session: &Session, outbox: &Outbox, what: (Shown, &str, &str), wide: f32) {
    let (shown, words, keys) = what;
    let button = Button::secondary(words).shortcut(keys).least_size(vec2(wide, 36.0));
    if button.lit(is_lit(session, shown)).show(ui).clicked() {
        say(outbox, shown);
    }
}

/// One button a level, with its name where it has one.
fn levels(ui: &mut Ui, session: &Session, levels: u32, names: &[String], outbox: &Outbox) {
    /// Letters of a level's name on its button.
    const LETTERS: usize = 42;
    ui.horizontal_wrapped(|ui| {
        for level in 1..=levels {
            let name = names.get(level as usize - 1).map_or("", String::as_str);
            let mut short: String = name.chars().take(LETTERS).collect();
            if name.chars().count() > LETTERS {
                short.push('…');
            }
            let words = if short.is_empty() { format!("Level {level}") } else { short };
            let key = level.to_string();
            let full = format!("Level {level}: {name}");
            let shown = Shown::Level(level);
            let button = Button::secondary(&words).shortcut(&key).name(full.trim_end_matches(": "));
            let button = button.least_size(vec2(96.0, 32.0)).lit(is_lit(session, shown));
            let button = if name.is_empty() { button } else { button.tip(name) };
            if button.show(ui).clicked() {
                say(outbox, shown);
            }
        }
    });
}

/// How sure: for the label to come, left out by who does not care.
fn sure(ui: &mut Ui, session: &Session, outbox: &Outbox) {
    fit(ui, 320.0);
    ui.label(text::weak_label("How sure?"))
        .on_hover_text("Press it before the label; leave it out where you don’t care to say");
    for (certainty, words, key) in [
        (Certainty::Guess, "Guess", "1"),
        (Certainty::Fairly, "Fairly", "2"),
        (Certainty::Certain, "Certain", "3"),
    ] {
        let name = format!("How sure: {certainty}");
        let button = Button::quiet(words).shortcut(key).name(&name);
        if button.selected(session.sure == Some(certainty)).show(ui).clicked() {
            outbox.send(JudgesCommand::Label(LabelCommand::Sure(certainty)));
        }
    }
}

fn comment_button(ui: &mut Ui, session: &Session, outbox: &Outbox) {
    let words = if session.comment.is_empty() { "Comment" } else { "Comment ✓" };
    let button = Button::quiet(words).shortcut("C").name("Comment on this item");
    let button = button.tip(MenuCommand::LabelComment.title_and_tip().1);
    if button.selected(session.is_commenting).show(ui).clicked() {
        outbox.send(JudgesCommand::Label(LabelCommand::Comment(!session.is_commenting)));
    }
}

/// What the last key did, and the way to what is missing.
fn foot(ui: &mut Ui, state: &AppState, session: &Session, book: &Book, outbox: &Outbox) {
    ui.horizontal(|ui| {
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if session.page == Page::Queue {
                let add = Button::quiet("Nothing fits? Add a criterion").shortcut("M").compact();
                let add = add.name("Add a criterion while labelling");
                if add.tip(MenuCommand::LabelAddCriterion.title_and_tip().1).show(ui).clicked() {
                    outbox.send(JudgesCommand::Label(LabelCommand::AddCriterion));
                }
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                ui.add(
                    egui::Label::new(text::weak_label(last(state, session, book.set.task)))
                        .truncate(),
                );
            });
        });
    });
}

fn last(state: &AppState, session: &Session, task: LabelTask) -> String {
    if !state.settings.single_keys {
        return "Single keys are switched off in Settings; the buttons do the same".to_owned();
    }
    if matches!(session.page, Page::Practice(_)) {
        return "Practice: nothing is kept, and the right answer follows".to_owned();
    }
    let Some(given) = session.given.last() else {
        let words = match task {
            LabelTask::Scores => "One key labels and goes on",
            LabelTask::Pairwise | LabelTask::PassFail => {
                "One key labels and goes on. How sure comes before the label, or not at all"
            }
        };
        return words.to_owned();
    };
    let answer = given.label.answer.map(|answer| match given.label.first {
        Some(first) => Shown::of(answer, first).words(),
        None => crate::app::state::judges::words_of(answer),
    });
    let sure = given.label.sure.map_or_else(String::new, |sure| format!(", {sure}"));
    let remark = if given.label.comment.is_empty() { "" } else { ", with a comment" };
    format!("Before: {}{sure}{remark}. Z takes it back", answer.unwrap_or_default())
}

/// Whether the answer to a practice item was right, and why.
fn feedback(ui: &mut Ui, session: &Session, book: &Book, practice: Practice, outbox: &Outbox) {
    let t = theme::tokens(ui);
    let Some(example) = Session::example(book, practice.place) else { return };
    let Some((_, first)) = session.on_screen(book) else { return };
    let said = practice.said.map(Shown::words).unwrap_or_default();
    let right = Shown::of(example.answer, first).words();
    let is_right = practice.said.is_some_and(|said| said.answer(first) == example.answer);
    let (kind, title) = if is_right {
        (NoticeKind::Done, format!("Right: {right}"))
    } else {
        (NoticeKind::Info, format!("You said {said}; the guide says {right}"))
    };
    notice(ui, kind, &title, &example.why, |_| {});
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = size::CONTROL;
        let next = Button::primary("Next").name("Next practice item").shortcut("Enter").show(ui);
        offer_focus(ui, &next);
        if next.clicked() {
            outbox.send(JudgesCommand::Label(LabelCommand::NextPractice));
        }
        let skip = Button::quiet("Begin labelling").show(ui);
        if skip.clicked() {
            outbox.send(JudgesCommand::Label(LabelCommand::Start));
        }
        ui.label(text::label("Practice does not count").color(t.weak));
    });
}
