//! The list of prompts: which set, which match, what became of each.

use egui::{Color32, Ui};

use crate::app::Outbox;
use crate::app::command::{GoCommand, TryCommand};
use crate::app::menu_command::editable;
use crate::app::state::AppState;
use crate::app::state::trial::TrialStatus;
use crate::app::theme::{self, Tokens, space, text};
use crate::app::widgets::{self, number};
use crate::app::widgets::{Button, Field, List, choice};
use crate::domain::PromptSet;

/// The list's own state.
#[derive(Debug, Default)]
pub(super) struct PromptPane {
    filter: String,
    tag: Option<String>,
    found: Found,
    wants_focus: bool,
}

/// The prompts that match, kept until filter or set change.
#[derive(Debug, Default)]
struct Found {
    key: u64,
    rows: Vec<usize>,
    tags: Vec<String>,
}

/// What became of a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    NotRun,
    Running,
    Done,
    Failed,
    Stopped,
}

impl Mark {
    fn glyph(self) -> &'static str {
        match self {
            Self::NotRun => "○",
            Self::Running => "▶",
            Self::Done => "✓",
            Self::Failed => "×",
            Self::Stopped => "■",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::NotRun => "not run",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }

    fn colour(self, t: &Tokens) -> Color32 {
        match self {
            Self::NotRun => t.border,
            Self::Running => t.accent,
            Self::Done => t.better,
            Self::Failed => t.worse,
            Self::Stopped => t.warning,
        }
    }
}

impl PromptPane {
    /// Has the search field take the focus in the next frame.
    pub(super) fn focus_filter(&mut self) {
        self.wants_focus = true;
    }

    pub(super) fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        ui.add_space(space::XS);
        ui.label(text::heading("Prompts"));
        let Some(documents) = state.documents() else {
            return;
        };
        let stems: Vec<&str> = documents.prompt_sets.keys().map(String::as_str).collect();
        let chosen = stems.iter().position(|stem| *stem == state.selection.prompts);
        let width = widgets::choice::rest_of_line(ui, "Set");
        if let Some(place) = choice(ui, "Set", chosen, &stems, width) {
            outbox.send(GoCommand::PromptSet(stems[place].to_owned()));
        }
        let Some(set) = state.prompts() else {
            return;
        };
        let search = Field::new("Search prompts").hide_label().hint("Search  Ctrl+F");
        let response = search.show(ui, &mut self.filter);
        if std::mem::take(&mut self.wants_focus) {
            response.request_focus();
        }
        self.find(set);
        if !self.found.tags.is_empty() {
            self.tags(ui);
        }
        let shown = if self.found.rows.len() == set.prompts.len() {
            number::counted(set.prompts.len() as u64, "prompt", "prompts")
        } else {
            format!(
                "{} of {}",
                number::count(self.found.rows.len() as u64),
                number::counted(set.prompts.len() as u64, "prompt", "prompts")
            )
        };
        ui.label(text::weak_label(shown));
        let footer = 40.0;
        self.list(ui, state, set, ui.available_height() - footer, outbox);
        ui.with_layout(egui::Layout::bottom_up(egui::Align::Min), |ui| {
            ui.add_space(space::S);
            let add = Button::secondary("Add prompt").shortcut("Ctrl+N");
            if add.disabled_because(editable(state).err()).show(ui).clicked() {
                outbox.send(TryCommand::AddPrompt(String::new()));
            }
        });
    }

    fn list(&self, ui: &mut Ui, state: &AppState, set: &PromptSet, height: f32, outbox: &Outbox) {
        let rows = &self.found.rows;
        if rows.is_empty() {
            ui.add_space(space::S);
            let words = if set.prompts.is_empty() {
                "This set has no prompts yet."
            } else {
                "No prompt matches. Clear the search or choose another tag."
            };
            ui.add(egui::Label::new(egui::RichText::new(words).weak()).wrap());
            return;
        }
        let selected = state
            .selection
            .prompt
            .as_ref()
            .and_then(|id| rows.iter().position(|row| &set.prompts[*row].id == id));
        let mark_of = |row: usize| {
            let key = (state.selection.prompts.clone(), set.prompts[row].id.clone());
            match state.trial.trials.get(&key).map(|trial| &trial.status) {
                None => Mark::NotRun,
                Some(TrialStatus::Running(_)) => Mark::Running,
                Some(TrialStatus::Done) => Mark::Done,
                Some(TrialStatus::Failed { .. }) => Mark::Failed,
                Some(TrialStatus::Stopped) => Mark::Stopped,
            }
        };
        let happened = List::new("Prompts", rows.len())
            .row_height(46.0)
            .selected(selected)
            .max_height(height.max(60.0))
            .show(
                ui,
                |index| {
                    let row = rows[index];
                    format!("{}, {}", one_line(set.prompts[row].text()), mark_of(row).word())
                },
                |ui, row| {
                    let place = rows[row.index];
                    let t = theme::tokens(ui);
                    let mark = mark_of(place);
                    let glyph = egui::RichText::new(mark.glyph()).color(mark.colour(t)).small();
                    ui.add_sized([14.0, 16.0], egui::Label::new(glyph));
                    let line = one_line(set.prompts[place].text());
                    let (words, colour) =
                        if line.is_empty() { ("(empty)", t.weak) } else { (line.as_str(), t.text) };
                    ui.add(egui::Label::new(two_lines(ui, words, colour)).wrap());
                },
            );
        if let Some(row) = happened.selected {
            outbox.send(GoCommand::Prompt(set.prompts[rows[row]].id.clone()));
        }
        if happened.activated.is_some() {
            outbox.send(TryCommand::Run);
        }
    }

    fn tags(&mut self, ui: &mut Ui) {
        let mut names = vec!["All tags"];
        names.extend(self.found.tags.iter().map(String::as_str));
        let chosen = self
            .tag
            .as_ref()
            .and_then(|tag| self.found.tags.iter().position(|known| known == tag))
            .map_or(0, |place| place + 1);
        let width = widgets::choice::rest_of_line(ui, "Tag");
        let picked = choice(ui, "Tag", Some(chosen), &names, width);
        if let Some(place) = picked {
            self.tag = place.checked_sub(1).map(|place| self.found.tags[place].clone());
        }
    }

    fn find(&mut self, set: &std::sync::Arc<PromptSet>) {
        let identity = std::sync::Arc::as_ptr(set) as usize;
        let key = egui::util::hash((identity, &self.filter, &self.tag));
        if key == self.found.key {
            return;
        }
        let wanted = self.filter.trim().to_lowercase();
        let mut tags: std::collections::BTreeSet<&str> = std::collections::BTreeSet::new();
        let mut rows = Vec::new();
        for (row, prompt) in set.prompts.iter().enumerate() {
            tags.extend(prompt.tags.iter().map(String::as_str));
            let tagged = self.tag.as_ref().is_none_or(|tag| prompt.tags.contains(tag));
            let matches = wanted.is_empty()
                || prompt.messages.iter().any(|m| m.content.to_lowercase().contains(&wanted))
                || prompt.id.0.to_lowercase().contains(&wanted);
            if tagged && matches {
                rows.push(row);
            }
        }
        let tags = tags.into_iter().map(str::to_owned).collect();
        self.found = Found { key, rows, tags };
    }
}

/// The words on two lines at most, cut with an ellipsis.
fn two_lines(ui: &Ui, words: &str, colour: Color32) -> egui::text::LayoutJob {
    let font = egui::TextStyle::Body.resolve(ui.style());
    let mut job = egui::text::LayoutJob::simple(words.to_owned(), font, colour, f32::INFINITY);
    job.wrap.max_width = ui.available_width();
    job.wrap.max_rows = 2;
    job
}

/// The text's beginning on one line, as long as a list can show.
fn one_line(text: &str) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > 160 {
            line.truncate(line.floor_char_boundary(160));
            break;
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::Prompt;

    #[test]
    fn the_filter_finds_text_and_ids() {
        let mut tagged = Prompt::of_text("medical-2", "Dose for a child");
        tagged.tags.push("medical".to_owned());
        let set = Arc::new(PromptSet {
            name: "dev".to_owned(),
            prompts: vec![Prompt::of_text("p-1", "Is this Mole harmless?"), tagged],
        });
        let mut pane = PromptPane::default();
        for (filter, tag, rows) in [
            ("", None, vec![0, 1]),
            ("mole", None, vec![0]),
            ("MEDICAL", None, vec![1]),
            ("", Some("medical"), vec![1]),
            ("mole", Some("medical"), vec![]),
        ] {
            filter.clone_into(&mut pane.filter);
            pane.tag = tag.map(str::to_owned);
            pane.find(&set);
            assert_eq!(pane.found.rows, rows, "{filter} {tag:?}");
        }
        assert_eq!(pane.found.tags, ["medical"]);
    }

    #[test]
    fn a_line_is_one_line() {
        assert_eq!(one_line(" a\nb  c "), "a b c");
        assert!(one_line(&"汉".repeat(500)).len() <= 160);
    }
}
