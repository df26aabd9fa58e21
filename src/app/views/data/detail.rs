//! All of one row: its prompt, its texts, what was judged, and what a person wrote over it.

use egui::{Align, Label, Layout, ScrollArea, Ui};
use strum::IntoEnumIterator as _;

use crate::app::command::{CopyAs, DataCommand};
use crate::app::menu_command::editable;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::data::{Flags, RowDetail};
use crate::app::theme::{self, space, text};
use crate::app::views::try_view::{named_principles, speaker};
use crate::app::widgets::button::segments;
use crate::app::widgets::layout::fit;
use crate::app::widgets::notice::capitalised;
use crate::app::widgets::number::{counted, difference, score};
use crate::app::widgets::prose::folded_quote;
use crate::app::widgets::{Button, Field, NoticeKind, badge, diff_view, notice, prose, section};
use crate::domain::{Part, Row, RowFailure, Speaker};

/// How a chain is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Mode {
    #[default]
    Texts,
    Diff,
}

/// The pane's own state.
#[derive(Debug, Default)]
pub(super) struct RowPane {
    mode: Mode,
    /// The text being rewritten, with the row and part that it is of.
    buffer: Option<(u64, Part, String)>,
}

impl RowPane {
    pub(super) fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let Some(facts) = state.data.selected_facts() else { return };
        let detail = state.data.shown();
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let is_kept = !facts.flags.has(Flags::DROPPED);
                let words = if is_kept { "Drop" } else { "Keep" };
                let keep = Button::secondary(words).shortcut("Space").compact();
                let keep = keep.tip("Whether exports take this row");
                if keep.disabled_because(editable(state).err()).show(ui).clicked() {
                    outbox.send(DataCommand::Keep { position: facts.position, is_kept: !is_kept });
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.label(text::heading(format!("Row {}", facts.position + 1)));
                    ui.add(Label::new(text::mono(facts.id.as_str())).truncate());
                });
            });
        });
        let Some(detail) = detail else {
            ui.label(text::weak_label("Reading the row…"));
            return;
        };
        ui.horizontal_wrapped(|ui| {
            marks(ui, state);
            fit(ui, 140.0);
            if Button::quiet("Open prompt").shortcut("O").compact().show(ui).clicked() {
                outbox.send(DataCommand::OpenPrompt);
            }
            for form in CopyAs::iter() {
                let words = form.to_string();
                let words = if form == CopyAs::Markdown { format!("Copy {words}") } else { words };
                let name = format!("Copy row as {form}");
                let tip = format!("Copies the row as {form}");
                fit(ui, if form == CopyAs::Markdown { 130.0 } else { 60.0 });
                if Button::quiet(&words).name(&name).tip(&tip).compact().show(ui).clicked() {
                    outbox.send(DataCommand::Copy(form));
                }
            }
        });
        ScrollArea::vertical()
            .id_salt(("row", facts.position, facts.id.as_str()))
            .auto_shrink([false, false])
            .show(ui, |ui| {
                prompt(ui, &detail.row);
                if let Some(failure) = &detail.row.failure {
                    let title = format!("Failed at {}: {}", failure.at, failure.failure.message);
                    let hint = capitalised(&failure.failure.hint);
                    notice(ui, NoticeKind::Failure, &title, &hint, |_| {});
                }
                self.texts(ui, state, detail, outbox);
                judged(ui, &detail.row);
                ui.add_space(space::L);
            });
    }

    fn texts(&mut self, ui: &mut Ui, state: &AppState, detail: &RowDetail, outbox: &Outbox) {
        let mut is_diff = false;
        if let Some(diff) = &detail.diff {
            ui.add_space(space::XS);
            let modes = [
                (Mode::Texts, "Texts", "Draft and last answer, each whole"),
                (Mode::Diff, "Diff", "What changed from the draft to the last answer"),
            ];
            if let Some(mode) = segments(ui, self.mode, &modes) {
                self.mode = mode;
            }
            let is_editing = state.data.editing.is_some_and(|(row, _)| row == detail.position);
            if self.mode == Mode::Diff && !is_editing {
                diff_view(ui, ("row diff", detail.position), diff);
                is_diff = true;
            }
        }
        let parts = detail.row.parts();
        if parts.is_empty() && detail.row.failure.is_none() {
            ui.label(text::weak_label("The row has no answer"));
        }
        // The better one first.
        let first = detail.first_part();
        for is_first in [true, false] {
            for (part, name, words) in &parts {
                // The diff stands for the chain's texts.
                if is_diff && matches!(part, Part::Answer | Part::Draft) {
                    continue;
                }
                if (Some(*part) == first) == is_first {
                    self.part(ui, state, detail, (*part, name, words), outbox);
                }
            }
        }
    }

    fn part(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        detail: &RowDetail,
        (part, name, words): (Part, &str, &str),
        outbox: &Outbox,
    ) {
        let t = theme::tokens(ui);
        let is_edited = detail.hand.edits.contains_key(&part);
        let is_editing = state.data.editing == Some((detail.position, part));
        ui.add_space(space::S);
        ui.horizontal_wrapped(|ui| {
            ui.label(text::strong(capitalised(name)));
            let n = words.split_whitespace().count() as u64;
            ui.label(text::weak_label(counted(n, "word", "words")));
            if let Some(role) = role_of(&detail.row, part) {
                let (word, colour) = role;
                ui.label(text::label(word).color(if colour { t.after } else { t.before }));
            }
            if is_edited {
                fit(ui, 100.0);
                badge(ui, "edited by hand", t.accent, "Your text is exported in its place");
            }
            if is_editing {
                return;
            }
            let label = format!("Edit {name}");
            fit(ui, 60.0);
            let edit = Button::quiet("Edit").name(&label).compact();
            if edit.disabled_because(editable(state).err()).show(ui).clicked() {
                outbox.send(DataCommand::BeginEdit(part));
            }
            if is_edited {
                let label = format!("Take back your {name}");
                fit(ui, 90.0);
                let back = Button::quiet("Take back").name(&label).compact();
                let back = back.tip("Exports the model's text again; yours stays in the journal");
                if back.disabled_because(editable(state).err()).show(ui).clicked() {
                    let position = detail.position;
                    outbox.send(DataCommand::Edit { position, part, text: None });
                }
            }
        });
        if is_editing {
            self.editor(ui, detail, part, name, words, outbox);
        } else {
            prose(ui, ("part", detail.position, part), words);
        }
        if is_edited
            && let Some((_, _, original)) =
                detail.original.parts().into_iter().find(|(other, _, _)| *other == part)
        {
            ui.label(text::weak_label("The model wrote"));
            let salt = ("original", detail.position, part);
            folded_quote(ui, salt, "what the model wrote", original, t.border);
        }
    }

    fn editor(
        &mut self,
        ui: &mut Ui,
        detail: &RowDetail,
        part: Part,
        name: &str,
        words: &str,
        outbox: &Outbox,
    ) {
        let position = detail.position;
        let is_new =
            self.buffer.as_ref().is_none_or(|(row, of, _)| (*row, *of) != (position, part));
        if is_new {
            self.buffer = Some((position, part, words.to_owned()));
        }
        let Some((_, _, typed)) = &mut self.buffer else { return };
        let salt = format!("{position} {part}");
        let label = format!("Your text of {name}");
        let field = Field::new(&label).hide_label().rows(6).reading().id_salt(&salt);
        let field = field.help("Kept when you leave the field; the model's text is never lost");
        let response = field.show(ui, typed);
        if is_new {
            response.request_focus();
            response.scroll_to_me(Some(Align::Center));
        }
        let done = Button::secondary("Done").name("Done editing").compact().show(ui).clicked();
        if !response.lost_focus() && !done {
            return;
        }
        let typed = std::mem::take(typed);
        self.buffer = None;
        let parts = detail.original.parts();
        let original = parts.iter().find(|(other, _, _)| *other == part).map(|(_, _, text)| *text);
        if typed == words {
            outbox.send(DataCommand::EndEdit);
        } else {
            // The model's own words again are no edit.
            let text = (original != Some(typed.as_str())).then_some(typed);
            outbox.send(DataCommand::Edit { position, part, text });
        }
    }
}

/// Whether a part is the better or the worse one: the words, and whether it is the better.
fn role_of(row: &Row, part: Part) -> Option<(&'static str, bool)> {
    match part {
        Part::Answer | Part::Draft if row.pair.is_some() => None,
        Part::Answer => row.parts().len().gt(&1).then_some(("chosen", true)),
        Part::Draft => Some(("rejected", false)),
        Part::Preference => None,
        Part::A | Part::B => {
            let p = row.pair.as_ref()?.verdict.p_a?;
            let is_better = (p >= 0.5) == (part == Part::A);
            Some(if is_better { ("chosen", true) } else { ("rejected", false) })
        }
    }
}

fn marks(ui: &mut Ui, state: &AppState) {
    let t = theme::tokens(ui);
    let Some(facts) = state.data.selected_facts() else { return };
    if facts.flags.has(Flags::DROPPED) {
        badge(ui, "dropped", t.warning, "Exports leave it out");
    }
    for (_, word) in Flags::NAMED.into_iter().filter(|(flag, _)| facts.flags.has(*flag)) {
        badge(ui, word, if word == "failed" { t.worse } else { t.warning }, "");
    }
    for tag in &facts.tags {
        fit(ui, 60.0);
        badge(ui, tag, t.weak, "Tag");
    }
}

fn prompt(ui: &mut Ui, row: &Row) {
    section(ui, "Prompt");
    let is_alone = matches!(row.prompt.messages.as_slice(), [only] if only.role == Speaker::User);
    for (index, message) in row.prompt.messages.iter().enumerate() {
        if !is_alone {
            ui.label(text::weak_label(speaker(message.role)));
        }
        prose(ui, ("row prompt", row.prompt.id.as_str(), index), &message.content);
    }
    named_principles(ui, &row.prompt);
}

/// Rewards and verdicts, as far as there are any.
fn judged(ui: &mut Ui, row: &Row) {
    let is_edited = !row.by_hand.edited.is_empty();
    if !row.scores.is_empty() {
        section(ui, "Rewards");
        for scored in &row.scores {
            let reward = match scored.score.reward {
                Some(reward) => score(reward),
                None => format!("unparsed ({})", scored.score.unparsed.len()),
            };
            ui.label(format!("{} {reward}", scored.name));
            for judge in &scored.judges {
                let reward = judge.score.as_ref().and_then(|score| score.reward);
                by_one(ui, &judge.model, reward.map(score), judge.failure.as_ref());
            }
        }
        if is_edited {
            ui.label(text::weak_label("They are of the model's texts, not of yours"));
        }
    }
    if let Some(pair) = &row.pair {
        section(ui, "Judge");
        let verdict = &pair.verdict;
        let words = match (verdict.p_a.map(which), verdict.order_gap()) {
            (Some(which), Some(gap)) => format!("{which} · order gap {}", difference(gap)),
            (Some(which), None) => which,
            (None, _) => "The verdict could not be read".to_owned(),
        };
        ui.add(Label::new(words).wrap());
        for judge in &verdict.judges {
            by_one(ui, &judge.model, judge.verdict.p_a.map(which), judge.failure.as_ref());
        }
        if !pair.a_model.is_empty() {
            let words = format!("A is by {}, B by {}", pair.a_model, pair.b_model);
            ui.add(Label::new(text::weak_label(words)).wrap());
        }
        if is_edited {
            ui.label(text::weak_label("It judged the model's texts, not yours"));
        }
    }
}

/// What one of several judges said, or why it is not counted.
fn by_one(ui: &mut Ui, model: &str, said: Option<String>, failure: Option<&RowFailure>) {
    let words = match (failure, said) {
        (Some(failure), _) => {
            format!("{model}: not counted, failed at {} ({})", failure.at, failure.failure.kind)
        }
        (None, Some(said)) => format!("{model}: {said}"),
        (None, None) => format!("{model}: could not be read"),
    };
    ui.add(Label::new(text::weak_label(words)).wrap());
}

/// Which of the pair is better, as far as two decimals tell.
fn which(p_a: f64) -> String {
    let p = score(p_a.max(1.0 - p_a));
    if p == score(0.5) {
        return format!("Neither is better, p {p}");
    }
    let side = if p_a >= 0.5 { "A" } else { "B" };
    format!("{side} is better with p {p}")
}
