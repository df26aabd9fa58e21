//! What a crash left behind: keep it, look at it, discard it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::TimeZone as _;
use egui::Context;

use super::{modal, nothing};
use crate::app::command::HomeCommand;
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, Document, Moment};
use crate::app::theme::{space, text};
use crate::app::widgets::{Button, diff_view, number, section};
use crate::domain::Scale;
use crate::methods::diff::{DiffSpan, word_diff};

/// Changed parts that are shown of a document.
const MOST: usize = 40;

/// A part of a document that differs: where, and how.
type Change = (String, Vec<DiffSpan>);

/// A document, and what differs in it.
type DocumentChanges = (String, Vec<Change>);

/// The sheet's own state.
#[derive(Debug, Default)]
pub(super) struct RecoveredView {
    shown: bool,
    /// The changes of each document, made once; and what they were made of.
    changes: Option<(Moment, Vec<DocumentChanges>)>,
}

impl RecoveredView {
    pub(super) fn show(&mut self, ctx: &Context, state: &AppState, outbox: &Outbox) {
        let (Some(recovered), Some(documents)) = (&state.home.recovered, state.documents()) else {
            let words = "All edits are in their files.";
            nothing(ctx, "Nothing was recovered", words, outbox);
            return;
        };
        if self.changes.as_ref().is_none_or(|(at, _)| *at != recovered.at) {
            let changes = recovered
                .documents
                .iter()
                .map(|(id, theirs)| (id.to_string(), changes(&documents.get(id), theirs)));
            self.changes = Some((recovered.at, changes.collect()));
        }
        let all = self.changes.as_ref().map(|(_, all)| all.as_slice()).unwrap_or_default();
        let n: usize = all.iter().map(|(_, changes)| changes.len().max(1)).sum();
        let time = time_of(recovered.at);
        let changes = number::counted(n as u64, "change", "changes");
        let title = format!("Recovered {changes} from {time}");
        let mut toggled = false;
        modal(
            ctx,
            &title,
            680.0,
            outbox,
            |ui| {
                let words = "The program ended before these edits were in their files. The files \
                             are as they were; nothing is lost either way until you choose.";
                ui.add(egui::Label::new(words).wrap());
                for (document, changes) in all {
                    section(ui, document);
                    if !self.shown {
                        let parts: Vec<&str> =
                            changes.iter().map(|(part, _)| part.as_str()).take(8).collect();
                        ui.add(egui::Label::new(parts.join(", ")).wrap());
                        continue;
                    }
                    for (place, (part, spans)) in changes.iter().take(MOST).enumerate() {
                        ui.label(text::strong(part));
                        diff_view(ui, ("recovered", document, place), spans);
                        ui.add_space(space::XS);
                    }
                    if changes.len() > MOST {
                        let rest = (changes.len() - MOST) as u64;
                        let more = number::counted(rest, "change more", "changes more");
                        ui.label(text::weak_label(more));
                    }
                }
            },
            |ui| {
                if Button::primary("Keep").name("Keep recovered changes").show(ui).clicked() {
                    outbox.send(HomeCommand::KeepRecovered);
                }
                let words = if self.shown { "Hide changes" } else { "Show changes" };
                toggled = Button::secondary(words).show(ui).clicked();
                let discard = Button::secondary("Discard").name("Discard recovered changes");
                if discard.tip("The files stay as they are").show(ui).clicked() {
                    outbox.send(HomeCommand::DiscardRecovered);
                }
            },
        );
        if toggled {
            self.shown = !self.shown;
        }
    }
}

/// The time of day, with the date where it is not today's.
fn time_of(at: Moment) -> String {
    let local = |at: Moment| {
        chrono::Local.timestamp_millis_opt(i64::try_from(at.0).unwrap_or_default()).single()
    };
    let (Some(then), Some(today)) = (local(at), local(crate::app::window::now())) else {
        return String::new();
    };
    let is_today = then.date_naive() == today.date_naive();
    then.format(if is_today { "%H:%M" } else { "%-d %b, %H:%M" }).to_string()
}

/// The parts that differ between two values of a document, in the document's order.
fn changes(before: &Document, after: &Document) -> Vec<Change> {
    let (before, after) = (parts(before), parts(after));
    let old: BTreeMap<&str, &str> =
        before.iter().map(|(part, text)| (part.as_str(), text.as_str())).collect();
    let new: BTreeMap<&str, &str> =
        after.iter().map(|(part, text)| (part.as_str(), text.as_str())).collect();
    let mut found = Vec::new();
    for (part, text) in &after {
        let was = old.get(part.as_str()).copied().unwrap_or_default();
        if was != text {
            found.push((part.clone(), word_diff(was, text)));
        }
    }
    for (part, text) in &before {
        if !new.contains_key(part.as_str()) {
            found.push((part.clone(), word_diff(text, "")));
        }
    }
    found
}

/// A document as parts with a name and a text for people.
fn parts(document: &Document) -> Vec<(String, String)> {
    let mut parts = Vec::new();
    let mut add = |name: String, text: String| {
        if !text.trim().is_empty() {
            parts.push((name, text));
        }
    };
    match document {
        Document::Constitution(Some(value)) => {
            add("Name".to_owned(), value.name.clone());
            add("Description".to_owned(), value.description.clone());
            add("Preface".to_owned(), value.preface.clone());
            for one in &value.principles {
                let texts = [
                    &one.title,
                    &one.text,
                    &one.critique_request,
                    &one.revision_request,
                    &one.comparison_question,
                    &one.notes,
                ];
                let mut text = joined(&texts.map(String::as_str));
                let used = if one.enabled { "" } else { "\nnot used by runs" };
                write!(text, "\nweight {}, priority {}{used}", one.weight, one.priority).ok();
                for case in &one.cases {
                    write!(text, "\n{} → {}", case.prompt, case.expect).ok();
                }
                add(one.id.to_string(), text);
            }
        }
        Document::Rubric(Some(value)) => {
            add("Name".to_owned(), value.name.clone());
            add("Description".to_owned(), value.description.clone());
            for one in &value.criteria {
                let scale = match &one.scale {
                    Scale::Levels { anchors, .. } => anchors.join("\n"),
                    Scale::Points(points) => format!("{points} points"),
                };
                let text = joined(&[&one.name, &one.description, &scale]);
                add(one.id.to_string(), format!("{text}\nweight {}", one.weight));
            }
        }
        Document::Prompts(Some(set)) => {
            for prompt in &set.prompts {
                let said: Vec<&str> =
                    prompt.messages.iter().map(|message| message.content.as_str()).collect();
                add(prompt.id.to_string(), said.join("\n"));
            }
        }
        Document::Setup(setup) => {
            add("Name".to_owned(), setup.name.clone());
            for model in &setup.models {
                let address = &model.base_url;
                add(model.name.clone(), joined(&[&model.model, address]));
            }
            for (role, name) in &setup.roles {
                add(role.to_string(), name.clone());
            }
        }
        Document::Judge(Some(value)) => {
            add("Name".to_owned(), value.name.clone());
            // What it is asked and how, as its file has it.
            let text = crate::formats::document::to_ron(&**value).unwrap_or_default();
            add("Settings".to_owned(), text);
        }
        Document::Constitution(None)
        | Document::Rubric(None)
        | Document::Prompts(None)
        | Document::Judge(None) => {}
    }
    parts
}

fn joined(texts: &[&str]) -> String {
    let kept: Vec<&str> = texts.iter().copied().filter(|text| !text.trim().is_empty()).collect();
    kept.join("\n")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{Constitution, Principle};

    #[test]
    fn only_what_differs_is_shown() {
        let mut before = Constitution::named("General");
        for (id, text) in [("P1", "Be honest."), ("P2", "Be kind.")] {
            let (id, text) = (id.into(), text.to_owned());
            before.principles.push(Principle { id, text, ..Principle::default() });
        }
        let mut after = before.clone();
        after.principles[0].text = "Be very honest.".to_owned();
        after.principles.remove(1);
        let document = |value: &Constitution| Document::Constitution(Some(Arc::new(value.clone())));
        let found = changes(&document(&before), &document(&after));
        let parts: Vec<&str> = found.iter().map(|(part, _)| part.as_str()).collect();
        assert_eq!(parts, ["P1", "P2"]);
        assert!(found[0].1.iter().any(|span| span.text.contains("very")));
        assert!(changes(&document(&before), &Document::Constitution(None)).len() >= 3);
    }
}
