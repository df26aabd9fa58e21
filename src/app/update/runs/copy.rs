//! A run as text for the clipboard, and as the command line that goes on with it.

use std::fmt::Write as _;

use crate::app::effects::Effect;
use crate::app::state::AppState;
use crate::app::state::runs::name_of;
use crate::app::widgets::number::counted;

/// Copies what is known of the run looked at.
pub(super) fn text(state: &mut AppState) -> Vec<Effect> {
    let Some(text) = text_of(state) else { return Vec::new() };
    state.announce("Copied the run as text");
    vec![Effect::Copy(text)]
}

fn text_of(state: &AppState) -> Option<String> {
    let run = state.runs.selected()?;
    let record = &run.record;
    let mut text = format!("{} {}\n", record.id, name_of(record));
    let plain = |n: u64, one: &str, many: &str| counted(n, one, many).replace('\u{2009}', "");
    let rows = plain(record.rows_total, "row", "rows");
    let mut add = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    add(format!("State: {}", record.state));
    if !record.message.is_empty() {
        add(format!("Why: {}", record.message));
    }
    add(format!("Rows: {} of {rows}, {} failed", run.rows, run.rows_failed));
    add(format!("Requests: {}", run.calls));
    add(format!("Cost: {:.4} USD", run.cost));
    if let Some(detail) = state.runs.detail.as_ref().filter(|seen| seen.record.id == record.id) {
        let usage = detail.counts.usage;
        add(format!("Tokens: {} read, {} written", usage.prompt_tokens, usage.completion_tokens));
        if let Some(share) = usage.cached_share() {
            let (cached, put) = (usage.cached_tokens, usage.cache_write_tokens);
            add(format!("Tokens read from the cache: {cached} ({share} %), put into it: {put}"));
        }
        if detail.counts.calls_unknown > 0 {
            add(format!("Requests of unknown outcome: {}", detail.counts.calls_unknown));
        }
        for group in &detail.failures {
            let rows = plain(group.rows, "row", "rows");
            add(format!("Failed, {rows}: {} ({})", group.message, group.hint));
        }
        if !detail.configuration.is_empty() {
            write!(text, "\n{}\n", detail.configuration).ok();
        }
    }
    Some(text)
}

/// Copies the command line that goes on with the run looked at.
pub(super) fn command_line(state: &mut AppState) -> Vec<Effect> {
    let (Some(project), Some(run)) = (&state.project, state.runs.selected()) else {
        return Vec::new();
    };
    let root = std::path::absolute(&project.root).unwrap_or_else(|_| project.root.clone());
    let line =
        format!("preamble run {} --resume {}", quoted(&root.to_string_lossy()), run.record.id);
    state.announce("Copied the command line");
    vec![Effect::Copy(line)]
}

/// A word of a command line as a shell reads it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_of_the_command_line() {
        assert_eq!(quoted("/home/me/p-1"), "/home/me/p-1");
        assert_eq!(quoted("/home/me/my project"), "'/home/me/my project'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
