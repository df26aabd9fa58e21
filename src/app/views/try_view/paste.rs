//! Many prompts pasted at once: one a line, or set apart by blank lines.

use egui::Ui;

use crate::app::Outbox;
use crate::app::command::TryCommand;
use crate::app::menu_command::editable;
use crate::app::state::AppState;
use crate::app::theme::text;
use crate::app::views::sheets::sheet;
use crate::app::widgets::{Button, Field, number};

/// How pasted text is cut into prompts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Cut {
    /// Each line is one.
    #[default]
    Lines,
    /// Blank lines stand between them.
    Blocks,
}

/// The sheet's own state.
#[derive(Debug, Default)]
pub(super) struct PasteSheet {
    open: bool,
    text: String,
    /// What the user chose; else what the text looks like.
    chosen: Option<Cut>,
    /// The text and cut that the prompts below were made of.
    made_of: u64,
    prompts: Vec<String>,
}

impl PasteSheet {
    /// The sheet is not on top any more.
    pub(super) fn closed(&mut self) {
        self.open = false;
    }

    /// Draws it.
    pub(super) fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let just_opened = !std::mem::replace(&mut self.open, true);
        sheet(ui, "Paste prompts", outbox, |ui| {
            let field = Field::new("Prompts").rows(10).hint("Paste or type them here");
            let response = field.show(ui, &mut self.text);
            if just_opened {
                response.request_focus();
            }
            let cut = self.chosen.unwrap_or_else(|| looks_like(&self.text));
            let kinds = [
                (Cut::Lines, "One a line", "Every line is a prompt"),
                (Cut::Blocks, "Blank lines between", "Prompts of several lines"),
            ];
            if let Some(chosen) = crate::app::widgets::button::segments(ui, cut, &kinds) {
                self.chosen = Some(chosen);
            }
            let key = egui::util::hash((&self.text, cut == Cut::Lines));
            if key != self.made_of {
                self.made_of = key;
                self.prompts = prompts(&self.text, cut);
            }
            let count = self.prompts.len() as u64;
            ui.label(text::label(number::counted(count, "prompt", "prompts")));
            for prompt in self.prompts.iter().take(3) {
                ui.add(
                    egui::Label::new(text::weak_label(super::prompts::one_line(prompt))).truncate(),
                );
            }
            if count > 3 {
                ui.label(text::weak_label(format!("and {} more", number::count(count - 3))));
            }
            let empty = (count == 0).then_some("Paste some text first");
            let words = if count == 1 {
                "Add 1 prompt".to_owned()
            } else {
                format!("Add {} prompts", number::count(count))
            };
            let add = Button::primary(&words).disabled_because(empty.or(editable(state).err()));
            if add.show(ui).clicked() {
                outbox.send(TryCommand::AddPrompts(std::mem::take(&mut self.prompts)));
                *self = Self::default();
            }
        });
    }
}

/// Blank lines within the text stand between prompts.
fn looks_like(text: &str) -> Cut {
    let mut lines = text.trim().lines();
    if lines.any(|line| line.trim().is_empty()) { Cut::Blocks } else { Cut::Lines }
}

fn prompts(text: &str, cut: Cut) -> Vec<String> {
    match cut {
        Cut::Lines => text
            .lines()
            .map(|line| without_bullet(line.trim()).to_owned())
            .filter(|line| !line.is_empty())
            .collect(),
        Cut::Blocks => {
            let mut all: Vec<String> = Vec::new();
            let mut inside = false;
            for line in text.lines() {
                if line.trim().is_empty() {
                    inside = false;
                    continue;
                }
                match all.last_mut().filter(|_| inside) {
                    Some(prompt) => {
                        prompt.push('\n');
                        prompt.push_str(line.trim_end());
                    }
                    None => all.push(line.trim().to_owned()),
                }
                inside = true;
            }
            all
        }
    }
}

/// A line of a list without its bullet.
fn without_bullet(line: &str) -> &str {
    ["- ", "* ", "• ", "– "]
        .iter()
        .find_map(|bullet| line.strip_prefix(bullet))
        .unwrap_or(line)
        .trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_blocks_are_told_apart() {
        assert_eq!(looks_like("one\ntwo\n"), Cut::Lines);
        assert_eq!(looks_like("one\nmore of one\n\ntwo"), Cut::Blocks);
        assert_eq!(prompts("- one\n\n• two\n  three ", Cut::Lines), ["one", "two", "three"]);
        assert_eq!(
            prompts("one\nmore of one\n\n\n two\n", Cut::Blocks),
            ["one\nmore of one", "two"]
        );
        assert!(prompts(" \n\n", Cut::Blocks).is_empty());
        assert!(prompts("", Cut::Lines).is_empty());
    }
}
