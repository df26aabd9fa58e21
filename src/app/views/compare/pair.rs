//! One pair side by side: both answers in full, what only one of them has, and the verdict.

use std::sync::Arc;

use egui::{Key, Modifiers, ScrollArea, Ui};

use super::table::{Kind, verdict};
use crate::app::command::{CompareCommand, CompareRows, GoCommand};
use crate::app::menu_command::MenuCommand;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::compare::{Own, Record, Shown};
use crate::app::theme::{self, space, text};
use crate::app::views::chrome::keys_of;
use crate::app::widgets::diff::Side;
use crate::app::widgets::layout::fit;
use crate::app::widgets::prose::folded_quote;
use crate::app::widgets::{
    Button, NoticeKind, Prose, badge, card, notice, number, prose, section, side_view,
};
use crate::domain::PrincipleVerdict;
use crate::engine::compare::About;
use crate::methods::diff::{DiffKind, DiffSpan, word_diff};
use crate::stats::{Judgement, words};

/// Longer pairs are shown without marks: a diff of 200 kB by words takes seconds.
const LONGEST: usize = 60_000;
/// Below this width the answers stand one below the other, in points.
const BESIDE: f32 = 700.0;
/// Letters of a prompt shown before it is unfolded.
const PROMPT: usize = 320;

/// What the screen remembers for itself.
#[derive(Default)]
pub(super) struct PairView {
    /// The row whose diff this is, and the diff.
    diff: Option<(Arc<Record>, Vec<DiffSpan>)>,
    whole_prompt: bool,
}

impl PairView {
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        shown: &Shown,
        (nth, record): (usize, &Arc<Record>),
        outbox: &Outbox,
    ) {
        if self.diff.as_ref().is_none_or(|(known, _)| !Arc::ptr_eq(known, record)) {
            self.diff = Some((Arc::clone(record), difference(record)));
            self.whole_prompt = false;
        }
        escape(ui, outbox);
        bar(ui, state, shown, nth, outbox);
        ScrollArea::vertical()
            .id_salt(("pair", &shown.past.run.0, record.position))
            .auto_shrink([false, false])
            .show(ui, |ui| {
                self.prompt(ui, state, record);
                let spans = self.diff.as_ref().map_or(&[][..], |(_, spans)| spans.as_slice());
                answers(ui, state, shown, record, spans);
                own(ui, state, shown, record, outbox);
                judged(ui, state, shown, record, outbox);
                ui.add_space(space::XL);
            });
    }

    fn prompt(&mut self, ui: &mut Ui, state: &AppState, record: &Record) {
        let prompt = &record.row.prompt;
        let t = theme::tokens(ui);
        card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::XS;
            ui.horizontal_wrapped(|ui| {
                ui.label(text::weak_label("Prompt"));
                ui.label(text::mono(&prompt.id.0).color(t.weak));
                for tag in &prompt.tags {
                    badge(ui, tag, t.weak, "Tag");
                }
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    told(ui, state, record);
                });
            });
            let is_talk = prompt.messages.len() > 1;
            let mut left = if self.whole_prompt { usize::MAX } else { PROMPT };
            let mut is_cut = false;
            for (place, message) in prompt.messages.iter().enumerate() {
                if left == 0 {
                    is_cut = true;
                    break;
                }
                if is_talk {
                    ui.label(text::weak_label(message.role.to_string()));
                }
                let end = message.content.floor_char_boundary(left);
                let mut words = message.content[..end].to_owned();
                if end < message.content.len() {
                    is_cut = true;
                    words.push('…');
                }
                left = left.saturating_sub(end);
                prose(ui, ("pair prompt", record.position, place), &words);
            }
            if is_cut || self.whole_prompt {
                let words = if self.whole_prompt { "Show less" } else { "Show all" };
                let name = format!("{words} of the prompt");
                if Button::quiet(words).name(&name).compact().show(ui).clicked() {
                    self.whole_prompt = !self.whole_prompt;
                }
            }
        });
    }
}

fn difference(record: &Record) -> Vec<DiffSpan> {
    let (a, b) = (record.answer(false), record.answer(true));
    if a.len() + b.len() > LONGEST {
        return Vec::new();
    }
    word_diff(a, b)
}

/// Escape goes back, unless it is meant for something that has the focus or lies above.
fn escape(ui: &Ui, outbox: &Outbox) {
    let is_free =
        ui.memory(|memory| memory.focused().is_none()) && !egui::Popup::is_any_open(ui.ctx());
    if is_free && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        outbox.send(CompareCommand::Rows(CompareRows::Close));
    }
}

fn bar(ui: &mut Ui, state: &AppState, shown: &Shown, nth: usize, outbox: &Outbox) {
    let look = &state.compare.look;
    ui.horizontal_wrapped(|ui| {
        if Button::secondary("Back to all pairs").shortcut("Esc").show(ui).clicked() {
            outbox.send(CompareCommand::Rows(CompareRows::Close));
        }
        let of = format!(
            "{} of {}",
            number::count(nth as u64 + 1),
            number::count(shown.order.len() as u64)
        );
        let first = (nth == 0).then_some("This is the first");
        let last = (nth + 1 >= shown.order.len()).then_some("This is the last");
        let previous = Button::quiet("Previous").name("Previous pair").shortcut("K");
        if previous.disabled_because(first).show(ui).clicked() {
            outbox.send(GoCommand::Step(-1));
        }
        ui.label(text::label(of));
        let next = Button::quiet("Next").name("Next pair").shortcut("J");
        if next.disabled_because(last).show(ui).clicked() {
            outbox.send(GoCommand::Step(1));
        }
        ui.add_space(space::S);
        let toggles = [
            (
                MenuCommand::CompareGrey,
                "Grey what both share",
                look.greyed,
                CompareCommand::Rows(CompareRows::Grey),
            ),
            (
                MenuCommand::CompareSwap,
                "Swap sides",
                look.swapped,
                CompareCommand::Rows(CompareRows::Swap),
            ),
            (
                MenuCommand::CompareHideJudge,
                "Hide the judge",
                look.judge_hidden,
                CompareCommand::Rows(CompareRows::HideJudge),
            ),
        ];
        for (command, words, is_on, send) in toggles {
            let keys = keys_of(ui, command).unwrap_or_default();
            let (_, tip) = command.title_and_tip();
            fit(ui, 190.0);
            let button = Button::quiet(words).shortcut(&keys).tip(tip).selected(is_on);
            if button.show(ui).clicked() {
                outbox.send(send);
            }
        }
    });
    ui.add_space(space::XS);
}

fn answers(ui: &mut Ui, state: &AppState, shown: &Shown, record: &Record, spans: &[DiffSpan]) {
    let Some(pair) = &record.row.pair else {
        if let Some(failure) = &record.row.failure {
            let title = format!("Failed at {}: {}", failure.at, failure.failure.message);
            notice(ui, NoticeKind::Failure, &title, &failure.failure.hint, |_| {});
        }
        return;
    };
    if pair.a == pair.b {
        let words = "Both answers are the same, word for word: a tie, and no judge was asked";
        notice(ui, NoticeKind::Info, words, "", |_| {});
    }
    let order = if state.compare.look.swapped { [true, false] } else { [false, true] };
    if ui.available_width() >= BESIDE {
        ui.columns(2, |columns| {
            for (column, is_b) in columns.iter_mut().zip(order) {
                answer(column, state, shown, record, spans, is_b);
            }
        });
    } else {
        for is_b in order {
            answer(ui, state, shown, record, spans, is_b);
        }
    }
}

fn answer(
    ui: &mut Ui,
    state: &AppState,
    shown: &Shown,
    record: &Record,
    spans: &[DiffSpan],
    is_b: bool,
) {
    let t = theme::tokens(ui);
    let about = &shown.past.about;
    let (letter, colour, label, cut_off) = match (is_b, &record.row.pair) {
        (false, pair) => {
            ("A", t.before, &about.a.label, pair.as_ref().is_some_and(|p| p.a_cut_off))
        }
        (true, pair) => ("B", t.after, &about.b.label, pair.as_ref().is_some_and(|p| p.b_cut_off)),
    };
    let card = card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        ui.horizontal_wrapped(|ui| {
            ui.label(text::strong(letter).color(colour));
            ui.label(text::strong(label));
            if let Some((a, b)) = record.pair.words {
                let n = u64::from(if is_b { b } else { a });
                ui.label(text::weak_label(number::counted(n, "word", "words")));
            }
            if cut_off {
                let tip = "The model reached the longest length that it is allowed";
                badge(ui, "cut off", t.warning, tip);
            }
        });
        let salt = ("side", record.position, is_b);
        let own = if is_b { DiffKind::Added } else { DiffKind::Removed };
        if spans.iter().any(|span| span.kind == own || span.kind == DiffKind::Same) {
            // Where nothing differs there is nothing to make stand out.
            let differs = spans.iter().any(|span| span.kind != DiffKind::Same);
            let side = if is_b { Side::B } else { Side::A };
            side_view(ui, salt, spans, side, state.compare.look.greyed && differs);
        } else if record.answer(is_b).is_empty() {
            ui.label(text::weak_label("The answer is empty"));
        } else {
            ui.label(text::weak_label("Too long to mark what differs"));
            Prose::new(salt, record.answer(is_b)).show(ui);
        }
    });
    let rect = card.response.rect;
    let stripe = egui::Rect::from_min_size(rect.min, egui::vec2(3.0, rect.height()));
    ui.painter().rect_filled(stripe.shrink2(egui::vec2(0.0, 6.0)), 1, colour);
}

/// The reader's own verdict, with the keys that give it.
fn own(ui: &mut Ui, state: &AppState, shown: &Shown, record: &Record, outbox: &Outbox) {
    if record.row.pair.is_none() {
        return;
    }
    let now = shown.own.get(&record.pair.prompt);
    ui.horizontal_wrapped(|ui| {
        ui.label(text::weak_label("Your verdict"));
        for (command, own, words, keys) in [
            (MenuCommand::CompareOwnA, Own::A, "A is better", "A"),
            (MenuCommand::CompareOwnTie, Own::Tie, "Neither", "T"),
            (MenuCommand::CompareOwnB, Own::B, "B is better", "B"),
            (MenuCommand::CompareOwnBothBad, Own::BothBad, "Both bad", "X"),
            (MenuCommand::CompareOwnUnsure, Own::Unsure, "Unsure", "U"),
        ] {
            let resolved = command.resolve(state);
            let button = Button::secondary(words).shortcut(keys).selected(now == Some(&own));
            let button = button.tip(command.title_and_tip().1);
            let button = button.disabled_because(resolved.as_ref().err().copied());
            if button.show(ui).clicked() {
                outbox.send(CompareCommand::Rows(CompareRows::Own(own)));
            }
        }
    });
    // A label is given without the judge's verdict in sight.
    let words = match (state.compare.look.judge_hidden, state.settings.labeller.is_empty()) {
        (false, _) => {
            "Kept beside the judge’s. Hide the judge (H) first to have it count as a label"
        }
        (true, true) => "Kept beside the judge’s. Say once in Judges who labels to have it count",
        (true, false) => "Kept, and a label in the set named after this comparison",
    };
    ui.label(text::weak_label(words));
}

/// The judge's verdict in words and colour.
fn told(ui: &mut Ui, state: &AppState, record: &Record) {
    let t = theme::tokens(ui);
    if state.compare.look.judge_hidden {
        ui.label(text::weak_label("verdict hidden"));
        return;
    }
    let (words, kind) = verdict(record, state.compare.look.band);
    let colour = match kind {
        Kind::A => t.before,
        Kind::B => t.after,
        Kind::Tie => t.text,
        Kind::Unparsed => t.warning,
        Kind::Failed => t.worse,
    };
    ui.label(text::strong(words).color(colour));
}

fn judged(ui: &mut Ui, state: &AppState, shown: &Shown, record: &Record, outbox: &Outbox) {
    let Some(pair) = &record.row.pair else { return };
    let t = theme::tokens(ui);
    card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        ui.horizontal_wrapped(|ui| {
            ui.label(text::strong("Judge"));
            ui.label(text::weak_label(shown.past.about.judge_in_words()));
            if state.compare.look.judge_hidden {
                ui.label(text::weak_label("hidden, so that you decide first"));
                if Button::secondary("Show the verdict").shortcut("H").show(ui).clicked() {
                    outbox.send(CompareCommand::Rows(CompareRows::HideJudge));
                }
                return;
            }
            told(ui, state, record);
            if let Judgement::Judged { flipped: true, .. } = record.pair.judgement {
                let tip = "The winner changes with the order in which the answers are shown";
                badge(ui, "order flips", t.warning, tip);
            }
        });
        if state.compare.look.judge_hidden {
            return;
        }
        if let Some(failure) = &record.row.failure {
            let title = format!("Failed at {}: {}", failure.at, failure.failure.message);
            notice(ui, NoticeKind::Failure, &title, &failure.failure.hint, |_| {});
        }
        for principle in &pair.verdict.principles {
            under(ui, &shown.past.about, record.position, principle);
        }
    });
}

/// What the judge said under one principle.
fn under(ui: &mut Ui, about: &About, position: u64, verdict: &PrincipleVerdict) {
    let t = theme::tokens(ui);
    let meaning = about.principles.get(&verdict.principle).map_or("", String::as_str);
    section(ui, format!("Under {}  {meaning}", verdict.principle).trim());
    let p_b = |p_a: Option<f64>| p_a.map_or_else(|| "unparsed".to_owned(), |p| words::two(1.0 - p));
    let words = match (verdict.p_ab, verdict.p_ba) {
        (Some(ab), Some(ba)) if (ab - ba).abs() < 1e-12 => {
            format!("P(B is better) {}", words::two(1.0 - ab))
        }
        (ab, ba) => format!(
            "P(B is better) {}: {} with A shown first, {} with B shown first",
            p_b(verdict.p_a()),
            p_b(ab),
            p_b(ba)
        ),
    };
    let colour = if verdict.p_a().is_none() { t.warning } else { t.text };
    ui.horizontal_wrapped(|ui| {
        ui.label(egui::RichText::new(words).color(colour));
        if verdict.estimated {
            let tip = "Estimated from votes: this judge gives no probabilities";
            badge(ui, "votes", t.weak, tip);
        }
    });
    for unread in &verdict.unparsed {
        let words = format!("The judge wrote: {unread}");
        ui.add(egui::Label::new(text::label(words).color(t.warning)).wrap());
    }
    if !verdict.reason.trim().is_empty() {
        let name = format!("the reason under {}", verdict.principle);
        let salt = ("reason", position, verdict.principle.0.as_str());
        folded_quote(ui, salt, &name, verdict.reason.trim(), t.border);
    }
}
