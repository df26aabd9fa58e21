//! The list of prompts: which set, which match, what became of each.

use egui::{Color32, Ui};

use crate::app::Outbox;
use crate::app::command::{GoCommand, TryCommand};
use crate::app::menu_command::{editable, runnable};
use crate::app::state::trial::{TrialStatus, stale, stale_prompts};
use crate::app::state::{AppState, Sheet};
use crate::app::theme::{self, Tokens, space, text};
use crate::app::widgets::{self, number};
use crate::app::widgets::{Button, Field, List, choice};
use crate::domain::{Prompt, PromptSet};

/// The list's own state.
#[derive(Debug, Default)]
pub(super) struct PromptPane {
    filter: String,
    tag: Option<String>,
    found: Found,
    /// The row of the prompt shown, and the search that it was found in.
    selected: Option<(u64, usize)>,
    /// How many chains are stale, and what that was counted of.
    stale: (u64, usize),
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
#[derive(Debug, Clone, PartialEq, Eq)]
enum Mark {
    NotRun,
    Running,
    Done,
    /// Done, and something that made it has changed since.
    Stale(String),
    Failed,
    Stopped,
}

impl Mark {
    fn glyph(&self) -> &'static str {
        match self {
            Self::NotRun => "○",
            Self::Running => "▶",
            Self::Done => "✓",
            Self::Stale(_) => "^",
            Self::Failed => "×",
            Self::Stopped => "■",
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::NotRun => "not run",
            Self::Running => "running",
            Self::Done => "done",
            Self::Stale(_) => "stale",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }

    fn colour(&self, t: &Tokens) -> Color32 {
        match self {
            Self::NotRun => t.border,
            Self::Running => t.accent,
            Self::Done => t.better,
            Self::Stale(_) | Self::Stopped => t.warning,
            Self::Failed => t.worse,
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
        let stale = self.stale(state);
        let footer = if stale == 0 { 72.0 } else { 104.0 };
        self.list(ui, state, set, ui.available_height() - footer, outbox);
        ui.with_layout(egui::Layout::bottom_up(egui::Align::Min), |ui| {
            ui.add_space(space::XS);
            let locked = editable(state).err();
            let paste = Button::quiet("Paste many…").name("Paste many prompts");
            let paste = paste.tip("One a line, or set apart by blank lines");
            if paste.disabled_because(locked).show(ui).clicked() {
                outbox.send(GoCommand::Open(Sheet::PastePrompts));
            }
            let add = Button::secondary("Add prompt").shortcut("Ctrl+N");
            if add.disabled_because(locked).show(ui).clicked() {
                outbox.send(TryCommand::AddPrompt(String::new()));
            }
            if stale > 0 {
                let words = format!("Refresh {} stale", number::count(stale as u64));
                let refresh = Button::secondary(&words);
                let refresh = refresh.tip("Runs them again: only what the change touches is asked");
                if refresh.disabled_because(runnable(state).err()).show(ui).clicked() {
                    outbox.send(TryCommand::RefreshStale);
                }
            }
        });
    }

    fn list(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        set: &PromptSet,
        height: f32,
        outbox: &Outbox,
    ) {
        if self.found.rows.is_empty() {
            ui.add_space(space::S);
            let words = if set.prompts.is_empty() {
                "This set has no prompts yet."
            } else {
                "No prompt matches. Clear the search or choose another tag."
            };
            ui.add(egui::Label::new(egui::RichText::new(words).weak()).wrap());
            return;
        }
        let selected = self.selected(state, set);
        let rows = &self.found.rows;
        let mark_of = |row: usize| mark(state, &set.prompts[row]);
        let mut retry = None;
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
                    let prompt = &set.prompts[rows[row.index]];
                    if one_row(ui, state, prompt, &mark_of(rows[row.index])) {
                        retry = Some(row.index);
                    }
                },
            );
        if let Some(row) = happened.selected.or(retry) {
            outbox.send(GoCommand::Prompt(set.prompts[rows[row]].id.clone()));
        }
        if happened.activated.is_some() || retry.is_some() {
            outbox.send(TryCommand::Run);
        }
    }

    /// How many chains of the set are stale; counted when documents or chains have changed.
    fn stale(&mut self, state: &AppState) -> usize {
        let at = |pointer: Option<usize>| pointer.unwrap_or_default();
        let documents = (
            at(state.prompts().map(|set| std::sync::Arc::as_ptr(set) as usize)),
            at(state.constitution().map(|it| std::sync::Arc::as_ptr(it) as usize)),
            at(state.rubric().map(|it| std::sync::Arc::as_ptr(it) as usize)),
        );
        let chains: Vec<(u64, bool)> = state
            .trial
            .trials
            .values()
            .map(|trial| (trial.number, trial.status == TrialStatus::Done))
            .collect();
        let key = egui::util::hash((documents, chains));
        if self.stale.0 != key {
            self.stale = (key, stale_prompts(state).len());
        }
        self.stale.1
    }

    /// The row of the prompt shown; looked for only when one of both has changed.
    fn selected(&mut self, state: &AppState, set: &PromptSet) -> Option<usize> {
        let id = state.selection.prompt.as_ref()?;
        if let Some((key, row)) = self.selected
            && key == self.found.key
            && self.found.rows.get(row).is_some_and(|place| set.prompts[*place].id == *id)
        {
            return Some(row);
        }
        let row = self.found.rows.iter().position(|row| &set.prompts[*row].id == id)?;
        self.selected = Some((self.found.key, row));
        Some(row)
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

/// What became of a prompt.
fn mark(state: &AppState, prompt: &Prompt) -> Mark {
    let key = (state.selection.prompts.clone(), prompt.id.clone());
    let Some(trial) = state.trial.trials.get(&key) else { return Mark::NotRun };
    match &trial.status {
        TrialStatus::Running(_) => Mark::Running,
        TrialStatus::Done => stale(state, prompt, trial).map_or(Mark::Done, Mark::Stale),
        TrialStatus::Failed { .. } => Mark::Failed,
        TrialStatus::Stopped => Mark::Stopped,
    }
}

/// One prompt: mark, words, and below them tags and what is to be known; whether a failed one
/// shall be run again.
fn one_row(ui: &mut Ui, state: &AppState, prompt: &Prompt, mark: &Mark) -> bool {
    let t = theme::tokens(ui);
    let mut retry = false;
    let glyph = egui::RichText::new(mark.glyph()).color(mark.colour(t)).small();
    ui.add_sized([14.0, 16.0], egui::Label::new(glyph));
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        ui.spacing_mut().interact_size.y = 18.0;
        let line = one_line(prompt.text());
        let below = match mark {
            Mark::Stale(why) => Some((format!("stale: {why}"), t.warning)),
            Mark::Failed => Some(("failed".to_owned(), t.worse)),
            Mark::Stopped => Some(("stopped".to_owned(), t.warning)),
            Mark::Running => Some(("running".to_owned(), t.accent)),
            Mark::NotRun | Mark::Done => None,
        };
        let (words, colour) =
            if line.is_empty() { ("(empty)", t.weak) } else { (line.as_str(), t.text) };
        let is_tagged = !prompt.tags.is_empty();
        let rows = if below.is_some() || is_tagged { 1 } else { 2 };
        // A button below takes more room than words.
        ui.add_space(if *mark == Mark::Failed { 0.0 } else { 4.0 });
        ui.add(egui::Label::new(cut_to(ui, words, colour, rows)).wrap());
        if rows == 1 {
            ui.horizontal(|ui| {
                if let Some((words, colour)) = below {
                    ui.label(text::label(words).color(colour));
                }
                if *mark == Mark::Failed {
                    let name = format!("Retry {}", prompt.id);
                    let button = Button::quiet("Retry").name(&name).compact();
                    let button = button.disabled_because(can_retry(state));
                    retry = button.show(ui).clicked();
                }
                if is_tagged {
                    let tags = text::weak_label(prompt.tags.join(", "));
                    ui.add(egui::Label::new(tags).truncate());
                }
            });
        }
    });
    retry
}

fn can_retry(state: &AppState) -> Option<&'static str> {
    state.trial.running.is_some().then_some("A chain is running already; stop it first")
}

/// The words on so many lines at most, cut with an ellipsis.
fn cut_to(ui: &Ui, words: &str, colour: Color32, rows: usize) -> egui::text::LayoutJob {
    let font = egui::TextStyle::Body.resolve(ui.style());
    let mut job = egui::text::LayoutJob::simple(words.to_owned(), font, colour, f32::INFINITY);
    job.wrap.max_width = ui.available_width();
    job.wrap.max_rows = rows;
    // One line is cut where it ends, not a word earlier.
    job.wrap.break_anywhere = rows == 1;
    job
}

/// The text's beginning on one line, as long as a list can show.
pub(super) fn one_line(text: &str) -> String {
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
