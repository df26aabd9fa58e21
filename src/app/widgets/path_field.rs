//! A path, typed or chosen: the field always works, a file dialog may not be there.

use std::path::{Path, PathBuf};

use egui::Ui;

use super::{Button, Field};

/// What the user did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PathAsked {
    /// The text was changed.
    pub changed: bool,
    /// A dialog is asked for; the caller opens it off the window's thread.
    pub browse: bool,
    /// Enter was pressed in the field.
    pub entered: bool,
}

/// A path field with a Browse button.
#[must_use = "call show"]
#[derive(Debug, Clone, Copy)]
pub struct PathField<'a> {
    /// The label above.
    pub label: &'a str,
    /// What belongs here, below.
    pub help: &'a str,
    /// What is wrong with it, when known.
    pub error: Option<&'a str>,
    /// Whether a dialog is open.
    pub browsing: bool,
}

impl PathField<'_> {
    /// Draws it.
    pub fn show(self, ui: &mut Ui, path: &mut String) -> PathAsked {
        let mut asked = PathAsked::default();
        let seen = ui.scope_id().with(("browse button", self.label));
        // As wide as it was in the frame before; the guess is for the first.
        let button = ui.data(|data| data.get_temp::<f32>(seen)).unwrap_or(84.0);
        ui.horizontal_top(|ui| {
            let width = (ui.available_width() - button - ui.spacing().item_spacing.x).max(80.0);
            let wrong = self.error.or_else(|| problem_with(path));
            let field = Field::new(self.label).mono().help(self.help).error(wrong).width(width);
            let response = field.show(ui, path);
            asked.changed = response.changed();
            asked.entered =
                response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            ui.vertical(|ui| {
                // Level with the field, below its label.
                ui.add_space(20.0);
                let busy = self.browsing.then_some("A dialog is open");
                let browse = Button::secondary("Browse…").disabled_because(busy).show(ui);
                asked.browse = browse.clicked();
                ui.data_mut(|data| data.insert_temp(seen, browse.rect.width()));
            });
        });
        asked
    }
}

/// What can be said of a path without touching the disk.
pub fn problem_with(path: &str) -> Option<&'static str> {
    let trimmed = path.trim();
    if trimmed.is_empty() {
        Some("Name a folder or file")
    } else if trimmed.contains('\0') {
        Some("A path can't hold a zero byte")
    } else {
        None
    }
}

/// The path that was meant: `~` is the home folder, a relative one starts at `base`.
pub fn resolved(path: &str, base: &Path, home: Option<&Path>) -> PathBuf {
    let trimmed = path.trim();
    if let (Some(home), Some(rest)) = (home, trimmed.strip_prefix('~')) {
        let rest = rest.trim_start_matches(['/', '\\']);
        if trimmed == "~" || trimmed.len() > rest.len() + 1 {
            return home.join(rest);
        }
    }
    base.join(trimmed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_what_its_author_meant() {
        let (base, home) = (Path::new("/project"), Some(Path::new("/home/ada")));
        for (typed, meant) in [
            ("exports", "/project/exports"),
            (" /tmp/x ", "/tmp/x"),
            ("~", "/home/ada"),
            ("~/out", "/home/ada/out"),
            ("~other/out", "/project/~other/out"),
        ] {
            assert_eq!(resolved(typed, base, home), Path::new(meant), "{typed}");
        }
        assert!(problem_with("  ").is_some());
        assert!(problem_with("out").is_none());
    }
}
