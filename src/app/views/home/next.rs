//! What is offered next, in words.

use crate::app::state::AppState;
use crate::app::state::home::{NextStep, begun_set};
use crate::app::widgets::number;

/// What a step is called, why it is offered, and what its button says.
pub(super) fn words_of(state: &AppState, step: NextStep) -> (String, String, &'static str) {
    let facts = state.home.facts.unwrap_or_default();
    match step {
        NextStep::OpenProject => (
            "Open a project".to_owned(),
            "Everything here works on one: constitutions, rubrics and prompts in a folder of your \
             own."
                .to_owned(),
            "Open",
        ),
        NextStep::Recovered => (
            "Look at what was recovered".to_owned(),
            "Some edits were not yet in their files when the program ended.".to_owned(),
            "Review…",
        ),
        NextStep::RunPrompt => (
            "Run a first prompt".to_owned(),
            "A draft, its critique under a principle, and the revision, as the model writes them."
                .to_owned(),
            "Run a prompt",
        ),
        NextStep::ImportPrompts => (
            "Bring your own prompts".to_owned(),
            "So far the project has only the sample's.".to_owned(),
            "Import prompts…",
        ),
        NextStep::ConnectModel => (
            "Connect a larger model".to_owned(),
            "Only the starter model answers so far. It is small: good for seeing how things work, \
             not for making data."
                .to_owned(),
            "Connect a model…",
        ),
        NextStep::Label => label_words(state),
        NextStep::Export => {
            let rows = number::counted(facts.rows, "row", "rows");
            let words = if facts.last_export_ms == 0 {
                format!("{rows} came from runs, and nothing was exported yet.")
            } else {
                format!("The last run is newer than the last export; {rows} are there in all.")
            };
            ("Export what is new".to_owned(), words, "Export…")
        }
    }
}

/// How far the labels are, and what more of them would bring.
fn label_words(state: &AppState) -> (String, String, &'static str) {
    let Some((stem, labels, items)) = begun_set(state) else { return Default::default() };
    let name = state.judges.book(stem).map_or(stem, |book| book.set.name.as_str());
    let report = &state.judges.report;
    let title = if state.all_judges().next().is_none() {
        format!("“{name}” has {}", number::counted(labels, "label", "labels"))
    } else {
        format!("Your judge has {}", number::counted(labels, "label", "labels"))
    };
    let mut lines = report.lines.values().filter(|_| report.against == stem);
    let more = lines.find_map(|line| line.as_ref().ok()?.more);
    let left = number::count(items - labels);
    let words = match more {
        Some(more) => format!("{more}. {left} are waiting, one key each."),
        None => format!("{left} are waiting, one key each."),
    };
    (title, words, "Go on labelling")
}
