//! Plain text: a prompt a line, or a prompt a paragraph.

use super::{Collector, Confidence, Format, Imported, Problem, PromptSet, Source};
use crate::domain::Prompt;
use crate::formats::lenient::{self, MOST_RECORDS};

/// Lines, or paragraphs between blank lines.
pub(super) struct Text;

impl Format<PromptSet> for Text {
    fn id(&self) -> &'static str {
        "text"
    }
    fn title(&self) -> &'static str {
        "Plain text"
    }
    fn doc(&self) -> &'static str {
        "One prompt a line, or, where some prompts have several lines, one between blank lines.\n\n\
         Nothing else is looked for: bullets and # stay part of the prompt."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["txt", "text", "md"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        match source.readable() {
            Some(_) if source.ends_with(self.endings()) => Confidence::Likely,
            Some(text) if !text.trim_start().starts_with(['{', '[']) => Confidence::Maybe,
            _ => Confidence::No,
        }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<PromptSet>, Problem> {
        let text = source.text()?.replace("\r\n", "\n");
        let (n_lines, n_paragraphs) = counted(&text);
        let by_paragraph = n_paragraphs > 1 && n_paragraphs < n_lines;
        let found = if by_paragraph { n_paragraphs } else { n_lines };
        if found > MOST_RECORDS {
            // Nothing was made of it yet, so that it does not fill the memory.
            return Err(lenient::too_many(1, found));
        }
        let lines = || {
            text.split('\n')
                .enumerate()
                .filter(|(_, line)| !line.trim().is_empty())
                .map(|(index, line)| (index + 1, line.trim().to_owned()))
                .collect()
        };
        let parts: Vec<(usize, String)> = if by_paragraph { paragraphs(&text) } else { lines() };
        let mut collector = Collector::new();
        for (line, part) in parts {
            collector.prompt(format!("line {line}"), Prompt::of_text("", part));
        }
        let note = if by_paragraph {
            "Each paragraph between blank lines became a prompt."
        } else {
            "Each line became a prompt."
        };
        Ok(collector.finish(self.id(), source)?.note(note))
    }
}

/// How many lines and how many paragraphs a text has, blank ones apart.
fn counted(text: &str) -> (usize, usize) {
    let (mut lines, mut paragraphs, mut open) = (0, 0, false);
    for line in text.split('\n') {
        let is_blank = line.trim().is_empty();
        lines += usize::from(!is_blank);
        paragraphs += usize::from(!is_blank && !open);
        open = !is_blank;
    }
    (lines, paragraphs)
}

/// Paragraphs with their first lines.
fn paragraphs(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (index, line) in text.split('\n').enumerate() {
        if line.trim().is_empty() {
            open = false;
        } else if let Some((_, paragraph)) = found.last_mut().filter(|_| open) {
            paragraph.push('\n');
            paragraph.push_str(line.trim_end());
        } else {
            found.push((index + 1, line.trim_end().to_owned()));
            open = true;
        }
    }
    found
}
