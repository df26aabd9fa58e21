//! Where the difference holds (by score, tag, principle), and how the answers differ.

use egui::{Grid, Slider, Ui};

use crate::app::command::{Chart, CompareCommand, CompareRows};
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::compare::{Shown, SliceBy};
use crate::app::theme::{self, size, space, text};
use crate::app::widgets::button::segments;
use crate::app::widgets::{Button, Field, List, card, histogram, number, section, whisker};
use crate::stats::compare::{BINS, Slice};
use crate::stats::win_rate::{Difference, PairedDifference};
use crate::stats::{MIN_ITEMS, words};

/// Below this width the panels stand one above the other, in points.
const BESIDE: f32 = 760.0;
/// Slices that are seen without scrolling.
const SLICES_SEEN: usize = 4;

/// What the panels remember for themselves.
#[derive(Default)]
pub(super) struct Panels {
    pattern: String,
}

impl Panels {
    pub(super) fn show(&mut self, ui: &mut Ui, state: &AppState, shown: &Shown, outbox: &Outbox) {
        if ui.available_width() >= BESIDE {
            ui.columns(2, |columns| {
                when(&mut columns[0], state, shown, outbox);
                self.how(&mut columns[1], shown, outbox);
            });
        } else {
            when(ui, state, shown, outbox);
            self.how(ui, shown, outbox);
        }
    }

    fn how(&mut self, ui: &mut Ui, shown: &Shown, outbox: &Outbox) {
        card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::XS;
            ui.spacing_mut().interact_size.y = size::COMPACT;
            head(ui, "How they differ", Chart::Style, outbox);
            // Lines of words, not of controls.
            ui.spacing_mut().interact_size.y = size::LINE;
            style(ui, shown, outbox);
            order(ui, shown);
            ui.add_space(space::XS);
            ui.spacing_mut().interact_size.y = size::CONTROL;
            self.add_test(ui, outbox);
        });
    }

    fn add_test(&mut self, ui: &mut Ui, outbox: &Outbox) {
        let problem = regex::Regex::new(self.pattern.trim()).err().map(|error| short(&error));
        ui.horizontal(|ui| {
            let field = Field::new("Text test (regex)")
                .hide_label()
                .mono()
                .hint("I can['’]t|I cannot")
                .width((ui.available_width() - 120.0).clamp(120.0, 260.0));
            let response = field.show(ui, &mut self.pattern);
            let entered =
                response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            let why_not = match &problem {
                Some(problem) => Some(problem.as_str()),
                None if self.pattern.trim().is_empty() => Some("Type a regular expression first"),
                None => None,
            };
            let add = Button::secondary("Add text test")
                .tip("Counts the answers of each side that match; case does not matter");
            let chosen = add.disabled_because(why_not).show(ui).clicked();
            if (chosen || entered) && why_not.is_none() {
                outbox.send(CompareCommand::Rows(CompareRows::AddTest(self.pattern.clone())));
                self.pattern.clear();
            }
        });
        if let Some(problem) = problem.filter(|_| !self.pattern.trim().is_empty()) {
            let t = theme::tokens(ui);
            ui.add(egui::Label::new(text::label(problem).color(t.worse)).wrap());
        }
    }
}

/// The last line of a pattern's error, which says what is wrong.
fn short(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
    format!("No regular expression: {last}")
}

/// A panel's name with its way to copy.
fn head(ui: &mut Ui, name: &str, chart: Chart, outbox: &Outbox) {
    ui.horizontal(|ui| {
        ui.label(text::strong(name));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let full = format!("Copy “{name}” as table");
            let copy = Button::quiet("Copy as table").name(&full).compact();
            if copy.show(ui).clicked() {
                outbox.send(CompareCommand::CopyChart(chart));
            }
        });
    });
}

fn when(ui: &mut Ui, state: &AppState, shown: &Shown, outbox: &Outbox) {
    let look = &state.compare.look;
    let measures = &shown.measures;
    card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        ui.spacing_mut().interact_size.y = size::COMPACT;
        head(ui, "How sure the judge is", Chart::Histogram, outbox);
        let words = spread(shown, look.band);
        histogram(ui, &measures.histogram, look.band, 64.0, &words).on_hover_text(&words);
        ui.horizontal(|ui| {
            let label = ui.label(text::weak_label("Tie within ±"));
            let mut band = look.band;
            ui.spacing_mut().slider_width = (ui.available_width() - 70.0).clamp(80.0, 220.0);
            let slider = Slider::new(&mut band, 0.0..=0.45)
                .step_by(0.01)
                .custom_formatter(|value, _| words::two(value))
                .custom_parser(|text| text.trim().parse().ok());
            let tip = "Verdicts this near to one half count as ties, half a win for each";
            if ui.add(slider).labelled_by(label.id).on_hover_text(tip).changed() {
                outbox.send(CompareCommand::Rows(CompareRows::Band(band)));
            }
        });
        ui.horizontal(|ui| {
            let all = [
                (SliceBy::Tag, "By tag", "Win rates on prompts of a tag"),
                (SliceBy::Principle, "By principle", "Win rates under each principle asked about"),
            ];
            if let Some(by) = segments(ui, look.by, &all) {
                outbox.send(CompareCommand::Rows(CompareRows::SliceBy(by)));
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let copy = Button::quiet("Copy as table").name("Copy slices as table").compact();
                if copy.show(ui).clicked() {
                    outbox.send(CompareCommand::CopyChart(Chart::Slices));
                }
            });
        });
        slices(ui, state, shown, outbox);
    });
}

/// The histogram in a sentence.
fn spread(shown: &Shown, band: f64) -> String {
    let bars = &shown.measures.histogram;
    let sum = |from: f64, to: f64| -> u64 {
        bars.iter()
            .enumerate()
            .filter(|(place, _)| {
                let middle = (*place as f64 + 0.5) / BINS as f64;
                from <= middle && middle < to
            })
            .map(|(_, n)| n)
            .sum()
    };
    format!(
        "Of {} judged pairs the judge is far on A’s side (below .25) on {}, far on B’s (above .75) \
         on {}; a tie is within ±{} of one half",
        bars.iter().sum::<u64>(),
        sum(0.0, 0.25),
        sum(0.75, 1.1),
        words::two(band)
    )
}

fn slices(ui: &mut Ui, state: &AppState, shown: &Shown, outbox: &Outbox) {
    let look = &state.compare.look;
    let (all, name, none) = match look.by {
        SliceBy::Tag => (
            &shown.measures.by_tag,
            "Win rate by tag",
            "These prompts have no tags; add them in the prompt set’s file",
        ),
        SliceBy::Principle => (
            &shown.measures.by_principle,
            "Win rate by principle",
            "No verdict names a principle yet",
        ),
    };
    if all.is_empty() {
        let words = if shown.is_measured() { none } else { "Measuring…" };
        ui.label(text::weak_label(words));
        return;
    }
    let selected = match &look.slice {
        Some((by, name)) if *by == look.by => all.iter().position(|slice| slice.name == *name),
        _ => None,
    };
    let height = size::COMPACT * all.len().min(SLICES_SEEN) as f32;
    let list = List::new(name, all.len()).row_height(size::COMPACT).selected(selected);
    let meaning = |by, name: &str| match by {
        SliceBy::Tag => "",
        SliceBy::Principle => {
            let about = &shown.past.about.principles;
            about.get(&name.into()).map_or("", String::as_str)
        }
    };
    let happened = list.max_height(height).show(
        ui,
        |place| {
            let slice = &all[place];
            format!("{}: B preferred {}, {}", slice.name, rate(slice), clear(slice))
        },
        |ui, row| slice(ui, &all[row.index], meaning(look.by, &all[row.index].name)),
    );
    if let Some(place) = happened.selected {
        outbox.send(CompareCommand::Rows(CompareRows::Slice(Some((
            look.by,
            all[place].name.clone(),
        )))));
    } else if happened.activated.is_some() {
        outbox.send(CompareCommand::Rows(CompareRows::Slice(None)));
    }
}

fn rate(slice: &Slice) -> String {
    words::rate(slice.rate.rate, Some(&slice.rate.interval), slice.rate.n)
}

fn clear(slice: &Slice) -> &'static str {
    match slice.difference {
        Difference::TooFew => "too few to tell",
        Difference::NotClear => "not clear",
        Difference::A => "A clearly",
        Difference::B => "B clearly",
    }
}

fn slice(ui: &mut Ui, slice: &Slice, meaning: &str) {
    /// For `.64 ±.07 · n 180` and “not clear”.
    const NUMBERS: f32 = 190.0;
    /// For `too few (7)`.
    const TOO_FEW: f32 = 80.0;
    let t = theme::tokens(ui);
    let whole = ui.available_width();
    let is_shown = slice.difference != Difference::TooFew;
    let dots = if is_shown { (whole * 0.3).clamp(60.0, 200.0) } else { 0.0 };
    let numbers = if is_shown { NUMBERS } else { TOO_FEW };
    let name_width = (whole - dots - numbers - 2.0 * space::S).max(50.0);
    ui.allocate_ui_with_layout(
        egui::vec2(name_width, size::COMPACT),
        egui::Layout::left_to_right(egui::Align::Center),
        |ui| {
            ui.set_min_width(name_width);
            ui.add(egui::Label::new(&slice.name).truncate());
            if !meaning.is_empty() {
                ui.add(egui::Label::new(text::weak_label(meaning)).truncate());
            }
        },
    );
    let colour = match slice.difference {
        Difference::A => t.before,
        Difference::B => t.after,
        Difference::TooFew | Difference::NotClear => t.weak,
    };
    if is_shown {
        let interval = (slice.rate.interval.low, slice.rate.interval.high);
        whisker(ui, slice.rate.rate, Some(interval), dots, colour);
    }
    ui.label(text::label(rate(slice)).color(t.text));
    if is_shown {
        ui.label(text::label(clear(slice)).color(colour));
    }
}

/// Lengths, lists and text tests side by side.
fn style(ui: &mut Ui, shown: &Shown, outbox: &Outbox) {
    let t = theme::tokens(ui);
    let measures = &shown.measures;
    Grid::new("how they differ").num_columns(5).spacing([space::M, space::XS]).show(ui, |ui| {
        ui.label("");
        ui.label(text::label("A").color(t.before));
        ui.label(text::label("B").color(t.after));
        ui.label(text::weak_label("B more by"));
        ui.label("");
        ui.end_row();
        line(ui, "Words", measures.words.as_ref(), false);
        ui.end_row();
        line(ui, "With a list", measures.lists.as_ref(), true);
        ui.end_row();
        for (place, test) in shown.texts.iter().enumerate() {
            line(ui, &test.pattern, test.share.as_ref(), true);
            let name = format!("Remove text test {}", test.pattern);
            if Button::quiet("×").name(&name).compact().show(ui).clicked() {
                outbox.send(CompareCommand::Rows(CompareRows::RemoveTest(place)));
            }
            ui.end_row();
        }
    });
}

fn line(ui: &mut Ui, name: &str, share: Option<&PairedDifference>, is_share: bool) {
    let t = theme::tokens(ui);
    ui.horizontal(|ui| {
        ui.set_max_width(150.0);
        let label = if is_share && name != "With a list" {
            egui::Label::new(text::mono(name))
        } else {
            egui::Label::new(name)
        };
        ui.add(label.truncate());
    });
    let Some(share) = share else {
        ui.label(text::weak_label("—"));
        return;
    };
    let value = |value: f64| {
        if is_share { format!("{} %", words::percent(value)) } else { format!("{value:.0}") }
    };
    ui.label(value(share.a));
    ui.label(value(share.b));
    ui.label(change(share, is_share)).on_hover_text(if share.is_clear() {
        "The 95 % interval of the difference leaves out 0"
    } else {
        "The 95 % interval of the difference has 0 in it, or there are too few pairs"
    });
    let words = if (share.n as usize) < MIN_ITEMS {
        words::too_few(share.n)
    } else if share.is_clear() {
        "clearly".to_owned()
    } else {
        "not clear".to_owned()
    };
    let colour = if share.is_clear() { t.text } else { t.weak };
    ui.label(text::label(words).color(colour));
}

/// The difference with its interval: `+22 (14 to 30)`, `+8 points (2 to 14)`.
fn change(share: &PairedDifference, is_share: bool) -> String {
    let scale = if is_share { 100.0 } else { 1.0 };
    let signed = |value: f64| {
        let value = (value * scale).round();
        if value > 0.0 {
            format!("+{value:.0}")
        } else if value < 0.0 {
            format!("−{:.0}", value.abs())
        } else {
            "0".to_owned()
        }
    };
    let unit = if is_share { " points" } else { "" };
    let range = share.interval.map_or_else(String::new, |interval| {
        format!(" ({} to {})", signed(interval.low), signed(interval.high))
    });
    format!("{}{unit}{range}", signed(share.difference()))
}

/// Whether the judge goes by the order.
fn order(ui: &mut Ui, shown: &Shown) {
    let t = theme::tokens(ui);
    let counts = &shown.measures.counts;
    let Some((share, interval, n)) = &shown.measures.first_shown else { return };
    section(ui, "Does the order decide?");
    let mut parts = vec![format!(
        "The order changes the winner on {} of {}",
        number::count(counts.flipped),
        number::counted(counts.in_both_orders, "pair", "pairs")
    )];
    let mut colour = t.text;
    if *n as usize >= MIN_ITEMS {
        // A fifth is where consistency falls below .8, at which Shi et al. 2024 flag a judge.
        if counts.flipped * 5 > counts.in_both_orders {
            parts.push(": this judge is not steady".to_owned());
            colour = t.warning;
        }
        let range = interval.map_or_else(String::new, |interval| {
            format!(" ({}–{})", words::percent(interval.low), words::percent(interval.high))
        });
        let leans = interval.is_some_and(|interval| !interval.contains(0.5));
        let how = match (leans, *share > 0.5) {
            (false, _) => "It leans to no place",
            (true, true) => "It leans to what is shown first",
            (true, false) => "It leans to what is shown second",
        };
        let first = words::percent(*share);
        parts.push(format!(". {how}: the first is chosen {first} %{range}"));
        if leans {
            colour = t.warning;
        }
    }
    ui.add(egui::Label::new(text::label(parts.concat()).color(colour)).wrap());
}
