//! A label set: how far it is, who labelled, its guide, and its items.

use egui::{Align, Grid, Id, Label, Layout, ScrollArea, Ui};

use super::guide::example;
use super::item;
use crate::app::command::{GuideChange, JudgesCommand, LabelCommand};
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::judges::{Book, Page, task_words, words_of};
use crate::app::theme::{self, size, space, text};
use crate::app::update::judges::may_label;
use crate::app::widgets::number::{count, counted};
use crate::app::widgets::{Button, Field, List, NoticeKind, badge, card, notice, section, term};
use crate::domain::{FirstShown, Label as Judgment, LabelAnswer, LabelItem, Split};
use crate::methods::labelling::{Order, queue};

/// Items that are seen without scrolling, where there is no room for more.
const SEEN: usize = 8;
/// Points that are left for the item looked at, below the list.
const ITEM: f32 = 420.0;
/// Points of an item's answers.
const ANSWERS: f32 = 200.0;

/// What the page remembers for itself.
#[derive(Default)]
pub(super) struct SetPage {
    /// The guide as it is typed, with the set and version that it began from.
    guide: Option<(String, u32, String)>,
    why: String,
    /// How many turns are left, and for which set, labels and labeller that was counted.
    left: Option<(u64, usize)>,
}

impl SetPage {
    pub(super) fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let Some((stem, book)) = state.judges.shown() else { return };
        let height = ui.available_height();
        ScrollArea::vertical().id_salt(("set", stem)).auto_shrink([false, false]).show(ui, |ui| {
            let end = ui.cursor().top() + height;
            ui.spacing_mut().item_spacing.y = space::S;
            self.head(ui, state, stem, book, outbox);
            problems(ui, book);
            labellers(ui, book);
            self.guide(ui, state, stem, book, outbox);
            examples(ui, state, book, outbox);
            self.items(ui, state, (stem, book), end, outbox);
            ui.add_space(space::XL);
        });
    }

    /// How many turns the labeller of this computer has left; counted anew after each change.
    fn left(&mut self, state: &AppState, stem: &str, book: &Book) -> usize {
        let me = state.settings.labeller.as_str();
        let session = state.judges.session.as_ref();
        let paused = session.filter(|session| {
            session.stem == stem && session.labeller == me && session.page != Page::Done
        });
        if let Some(session) = paused {
            return session.turns.len() - session.place;
        }
        let key = egui::util::hash((stem, me, book.labels.len(), book.items.len()));
        match self.left {
            Some((known, left)) if known == key => left,
            _ => {
                let turns = queue(&book.set, &book.items, &book.labels, me, &Order::Random);
                self.left = Some((key, turns.len()));
                turns.len()
            }
        }
    }

    fn head(&mut self, ui: &mut Ui, state: &AppState, stem: &str, book: &Book, outbox: &Outbox) {
        let left = self.left(state, stem, book);
        head(ui, state, stem, book, left, outbox);
    }

    /// The guide's text; what is typed becomes a version of its own when it is kept.
    fn guide(&mut self, ui: &mut Ui, state: &AppState, stem: &str, book: &Book, outbox: &Outbox) {
        let guide = &book.set.guide;
        let is_same = self
            .guide
            .as_ref()
            .is_some_and(|(of, version, _)| of == stem && *version == guide.version);
        if !is_same {
            self.guide = Some((stem.to_owned(), guide.version, guide.text.clone()));
        }
        let Some((_, _, typed)) = &mut self.guide else { return };
        card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::S;
            ui.horizontal(|ui| {
                ui.label(text::strong("Guide"));
                ui.label(text::weak_label(format!("version {}", guide.version)));
                term(ui, "label guide");
            });
            let may_not = may_label(state).err();
            let field = Field::new("Guide text")
                .hide_label()
                .reading()
                .rows(4)
                .hint("How to decide: what counts, what does not, what to do in doubt")
                .id_salt(stem)
                .enabled(may_not.is_none());
            field.show(ui, typed);
            let is_changed = typed.trim_end() != guide.text;
            ui.horizontal_wrapped(|ui| {
                let words = format!("Keep as version {}", guide.version + 1);
                let why = may_not.or((!is_changed).then_some("The text is as it was kept"));
                let keep = Button::secondary(&words).name("Keep the guide").disabled_because(why);
                if keep.show(ui).clicked() {
                    let change = GuideChange::Text(typed.clone());
                    outbox.send(JudgesCommand::Guide(change));
                }
                let n = book.labels.iter().filter(|one| !one.again).count() as u64;
                if is_changed && n > 0 {
                    ui.label(text::weak_label(format!(
                        "{} made under version {} will be stale",
                        counted(n, "label", "labels"),
                        guide.version
                    )));
                }
            });
        });
    }

    /// The items, down to `end`, where the page ends that is seen before anybody scrolls.
    fn items(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        (stem, book): (&str, &Book),
        end: f32,
        outbox: &Outbox,
    ) {
        section(ui, &format!("Items ({})", book.items.len()));
        let me = state.settings.labeller.as_str();
        let selected = state.judges.item.filter(|place| *place < book.items.len());
        let rows = book.items.len();
        let below = if selected.is_some() { ITEM } else { 0.0 };
        let room = (end - ui.cursor().top() - below - space::XL) / size::ROW;
        let seen = (room.max(0.0) as usize).max(SEEN).min(rows);
        let happened = List::new("Items", rows)
            .row_height(size::ROW)
            .selected(selected)
            .max_height(size::ROW * seen as f32)
            .show(
                ui,
                |row| {
                    let item = &book.items[row];
                    format!("{}: {}, {}", item.id, beginning(item), said(book, item, me))
                },
                |ui, row| line(ui, book, &book.items[row.index], me),
            );
        if let Some(row) = happened.selected.or(happened.activated) {
            outbox.send(JudgesCommand::Item(row));
        }
        let Some(shown) = selected.and_then(|place| book.items.get(place)) else { return };
        card(ui, |ui| self.item(ui, state, stem, book, shown, outbox));
    }

    /// One item with what was said of it, and the way into the guide.
    fn item(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        stem: &str,
        book: &Book,
        one: &LabelItem,
        outbox: &Outbox,
    ) {
        let t = theme::tokens(ui);
        ui.spacing_mut().item_spacing.y = space::S;
        let salt = Id::unique(("item of a set", stem, &one.id));
        ui.horizontal_wrapped(|ui| {
            ui.label(text::mono(&one.id));
            badge(ui, &book.split(one).to_string(), t.weak, split_tip(book.split(one)));
            if let Some(aspect) = &one.aspect {
                ui.label(text::weak_label(format!("under {}: {}", aspect.id, aspect.text)));
            }
        });
        item::prompt(ui, salt, &one.prompt, 120.0);
        let mut sides = item::sides(one, FirstShown::Left);
        if sides.len() == 2 {
            sides[0].name = "A";
            sides[1].name = "B";
        }
        item::answers(ui, salt, &sides, ANSWERS, 0.0);
        for label in book.labels.iter().filter(|label| label.item == one.id) {
            ui.add(Label::new(in_words(book, label)).wrap());
        }
        let me = state.settings.labeller.as_str();
        let answer = book.label(&one.id, me, false).and_then(|label| label.answer);
        let Some(answer) = answer.filter(|answer| answer.is_judgment()) else { return };
        self.guide_from(ui, state, book, one, answer, outbox);
    }

    fn guide_from(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        book: &Book,
        one: &LabelItem,
        answer: LabelAnswer,
        outbox: &Outbox,
    ) {
        let locked = "This is a gold item: the guide’s examples come from the dev part";
        let why_not = may_label(state).err().or((book.split(one) == Split::Gold).then_some(locked));
        ui.horizontal_wrapped(|ui| {
            let field = Field::new("Why")
                .hide_label()
                .hint("Why it is so (shown with the example)")
                .id_salt(&one.id)
                .width((ui.available_width() - 330.0).clamp(140.0, 360.0));
            field.show(ui, &mut self.why);
            for (words, is_practice, tip) in [
                (
                    "As worked example",
                    false,
                    "Shown on the guide page with your label as the right answer",
                ),
                (
                    "For practice",
                    true,
                    "Asked before the queue begins, with your label as the right answer",
                ),
            ] {
                let button = Button::secondary(words).tip(tip).disabled_because(why_not);
                if button.show(ui).clicked() {
                    let (item, why) = (one.id.clone(), std::mem::take(&mut self.why));
                    let change = GuideChange::Example { item, answer, why, is_practice };
                    outbox.send(JudgesCommand::Guide(change));
                }
            }
        });
    }
}

fn split_tip(split: Split) -> &'static str {
    match split {
        Split::Gold => "Locked: only reported on, and each look is counted",
        Split::Dev => "For reading, examples and fitting",
    }
}

fn head(ui: &mut Ui, state: &AppState, stem: &str, book: &Book, left: usize, outbox: &Outbox) {
    let t = theme::tokens(ui);
    ui.horizontal_wrapped(|ui| {
        ui.add(Label::new(text::title(&book.set.name)).truncate());
    });
    let gold = book.gold;
    let all = book.items.len() as u64;
    ui.label(text::weak_label(format!(
        "You say {} · {} · {} gold, {} dev · about {} come twice",
        task_words(book.set.task),
        counted(all, "item", "items"),
        count(gold),
        count(all - gold),
        count((book.set.repeats * all as f64).round() as u64),
    )));
    let me = state.settings.labeller.as_str();
    let begun = book.labels.iter().any(|label| label.labeller == me);
    ui.horizontal_wrapped(|ui| {
        let words = match (left, begun) {
            (0, _) => "Everything is labelled".to_owned(),
            (n, true) => format!("Go on: {} left", count(n as u64)),
            (n, false) => format!("Label {} now", count(n as u64)),
        };
        let none = (left == 0).then_some("Nothing is left to label; Z on the last page takes back");
        let why = may_label(state).err().or(none);
        let go = Button::primary(&words).shortcut("Ctrl+Enter").disabled_because(why);
        if go.show(ui).clicked() {
            outbox.send(JudgesCommand::Label(LabelCommand::Begin(stem.to_owned())));
        }
        if left > 0 && gold > 0 && gold < all {
            let part = Button::quiet("Only gold").name("Label the gold part first");
            let part = part.tip("A judge is reported on by these: label them first");
            if part.disabled_because(why).show(ui).clicked() {
                outbox.send(JudgesCommand::Label(LabelCommand::Part(Split::Gold)));
            }
        }
        let stale = book.labellers.get(me).map_or(0, |sums| sums.stale);
        if stale > 0 {
            let words = format!("Re-check {} stale", count(stale));
            let again = Button::secondary(&words);
            let again = again.tip("Asks them again under the guide and text of now");
            if again.disabled_because(may_label(state).err()).show(ui).clicked() {
                outbox.send(JudgesCommand::Label(LabelCommand::Recheck));
            }
        }
        if let Some(why) = may_label(state).err() {
            ui.label(text::label(why).color(t.warning));
        }
    });
    ui.add_space(space::XS);
}

fn problems(ui: &mut Ui, book: &Book) {
    if book.problems.is_empty() {
        return;
    }
    let n = book.problems.len() as u64;
    let title = counted(n, "line can’t be read", "lines can’t be read");
    let detail = book.problems.iter().take(5).cloned().collect::<Vec<_>>().join("\n");
    notice(ui, NoticeKind::Warning, &title, &detail, |_| {});
}

/// Who labelled what, and how far they agree with themselves.
fn labellers(ui: &mut Ui, book: &Book) {
    let all = &book.labellers;
    if all.is_empty() {
        return;
    }
    card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        // A column is as wide as its head otherwise, and a name is longer than “Who”.
        let width = ui.available_width() / 6.0;
        let grid = Grid::new("labellers").num_columns(5).spacing([space::L, space::XS]);
        let grid = grid.min_col_width(width);
        grid.show(ui, |ui| {
            for head in ["Who", "Labels", "Undecided", "With themselves", "Median"] {
                ui.label(text::weak_label(head));
            }
            ui.end_row();
            for (who, sums) in all {
                ui.add(Label::new(who).truncate());
                ui.horizontal(|ui| {
                    ui.label(count(sums.labels));
                    if sums.stale > 0 {
                        let t = theme::tokens(ui);
                        let stale = format!("^{}", count(sums.stale));
                        ui.label(text::label(stale).color(t.warning)).on_hover_text(
                            "Made under an older guide or another text; label them again",
                        );
                    }
                });
                ui.label(count(sums.undecided));
                ui.label(match sums.repeated {
                    0 => "—".to_owned(),
                    n => format!("{} of {}", count(sums.same), count(n)),
                });
                ui.label(sums.median().map_or_else(|| "—".to_owned(), |s| format!("{s:.0} s")));
                ui.end_row();
            }
        });
    });
}

/// Worked examples and practice items, each with a way out.
fn examples(ui: &mut Ui, state: &AppState, book: &Book, outbox: &Outbox) {
    let guide = &book.set.guide;
    for (name, list, is_practice) in
        [("Worked examples", &guide.examples, false), ("Practice", &guide.practice, true)]
    {
        if list.is_empty() {
            continue;
        }
        section(ui, name);
        for (place, one) in list.iter().enumerate() {
            egui::CollapsingHeader::new(format!(
                "{} · {}",
                beginning(&one.item),
                words_of(one.answer)
            ))
            .id_salt(("example of a set", name, place))
            .show(ui, |ui| {
                example(ui, place, one);
                let remove = format!("Remove {} {}", name.to_lowercase(), place + 1);
                let button = Button::quiet("Remove").name(&remove).compact();
                if button.disabled_because(may_label(state).err()).show(ui).clicked() {
                    outbox.send(JudgesCommand::Guide(GuideChange::Remove { place, is_practice }));
                }
            });
        }
    }
}

/// The beginning of an item's prompt.
fn beginning(item: &LabelItem) -> String {
    /// Letters shown.
    const LETTERS: usize = 80;
    let words = item.prompt.text().split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = words.chars().take(LETTERS).collect();
    if words.chars().count() > LETTERS {
        short.push('…');
    }
    short
}

/// What somebody said of an item, in a word.
fn said(book: &Book, item: &LabelItem, labeller: &str) -> String {
    let label = book.label(&item.id, labeller, false);
    label.and_then(|label| label.answer).map_or_else(|| "not labelled".to_owned(), words_of)
}

fn line(ui: &mut Ui, book: &Book, item: &LabelItem, labeller: &str) {
    /// The answer's column.
    const ANSWER: f32 = 150.0;
    let t = theme::tokens(ui);
    let width = (ui.available_width() - ANSWER).max(80.0);
    ui.allocate_ui_with_layout(
        egui::vec2(width, size::ROW),
        Layout::left_to_right(Align::Center),
        |ui| {
            ui.set_min_width(width);
            ui.add(Label::new(beginning(item)).truncate().selectable(false));
        },
    );
    let label = book.label(&item.id, labeller, false);
    let is_stale = label.is_some_and(|label| book.is_stale(label));
    let mut words = label.map_or_else(|| "—".to_owned(), |_| said(book, item, labeller));
    if is_stale {
        words.push_str(" ^");
    }
    let colour = match (label, is_stale) {
        (_, true) => t.warning,
        (Some(_), false) => t.text,
        (None, false) => t.weak,
    };
    ui.add(Label::new(text::label(words).color(colour)).selectable(false));
}

/// A label in a sentence.
fn in_words(book: &Book, label: &Judgment) -> String {
    let mut parts = vec![format!(
        "{}: {}",
        label.labeller,
        label.answer.map_or_else(|| "—".to_owned(), words_of)
    )];
    if label.again {
        parts.push("asked again".to_owned());
    }
    if let Some(sure) = label.sure {
        parts.push(sure.to_string());
    }
    if book.is_stale(label) {
        parts.push(format!("stale: under guide version {}", label.guide));
    }
    if !label.comment.is_empty() {
        parts.push(format!("“{}”", label.comment));
    }
    parts.join(" · ")
}
