//! Named versions: documents as text in the journal, and back.
//!
//! The journal keeps one message with a version, as with a commit: the first line is its name,
//! what follows an empty line its note.

use std::sync::Arc;

use super::LibraryEvent;
use crate::app::effects::desk::{Desk, failure_of};
use crate::app::message::{Event, Failure};
use crate::app::state::library::KeptVersion;
use crate::app::state::{Document, DocumentId, Moment};
use crate::formats::document;
use crate::store::Journal;

/// Documents with their versions, the newest first.
type Kept = Vec<(DocumentId, Vec<KeptVersion>)>;

/// Reads the versions of documents.
pub(super) async fn read(desk: &Desk, ids: Vec<DocumentId>) {
    let Ok((_, journal)) = desk.project() else { return };
    match all(&journal, ids).await {
        Ok(kept) => desk.link.send(Event::Library(LibraryEvent::Versions(kept))),
        Err(failure) => desk.link.send(Event::Failed(failure)),
    }
}

/// Keeps versions of documents.
pub(super) async fn keep(
    desk: &Desk,
    documents: Vec<(DocumentId, Document)>,
    name: String,
    note: String,
) {
    let result = keep_all(desk, documents, &name, &note).await;
    desk.link.send(Event::Library(LibraryEvent::VersionsKept { result, name }));
}

async fn keep_all(
    desk: &Desk,
    documents: Vec<(DocumentId, Document)>,
    name: &str,
    note: &str,
) -> Result<Kept, Failure> {
    let (_, journal) = desk.project()?;
    let message = message_of(name, note);
    let mut ids = Vec::new();
    for (id, document) in documents {
        let Some((kind, stem)) = kind_and_stem(&id) else { continue };
        let text = text_of(&document)
            .map_err(|what| Failure::new(format!("{id} can't be kept as a version: {what}"), ""))?;
        journal
            .put_version(kind, stem, &message, &text)
            .await
            .map_err(|error| failure_of("the version was not kept", &error))?;
        ids.push(id);
    }
    all(&journal, ids).await
}

async fn all(journal: &Journal, ids: Vec<DocumentId>) -> Result<Kept, Failure> {
    let unreadable = |error| failure_of("versions can't be read", &error);
    let mut kept = Vec::new();
    for id in ids {
        let Some((kind, stem)) = kind_and_stem(&id) else { continue };
        let found = journal.versions(kind, stem).await.map_err(unreadable)?;
        let n = found.len();
        let mut versions = Vec::new();
        for (place, version) in found.into_iter().enumerate() {
            let text = journal.version_text(&version.hash).await.map_err(unreadable)?;
            let (name, note) = name_and_note(&version.name);
            versions.push(KeptVersion {
                hash: version.hash,
                number: n - place,
                name,
                note,
                at: Moment(u64::try_from(version.at_ms).unwrap_or_default()),
                document: text.and_then(|text| document_of(&id, &text)),
            });
        }
        kept.push((id, versions));
    }
    Ok(kept)
}

/// The journal's names of a document; project file, prompt sets and judges have no versions.
fn kind_and_stem(id: &DocumentId) -> Option<(&'static str, &str)> {
    match id {
        DocumentId::Constitution(stem) => Some(("constitution", stem)),
        DocumentId::Rubric(stem) => Some(("rubric", stem)),
        DocumentId::Setup | DocumentId::Prompts(_) | DocumentId::Judge(_) => None,
    }
}

fn text_of(value: &Document) -> Result<String, String> {
    let text = match value {
        Document::Constitution(Some(value)) => document::to_ron(&**value),
        Document::Rubric(Some(value)) => document::to_ron(&**value),
        _ => return Err("it is not there any more".to_owned()),
    };
    text.map_err(|problem| problem.what)
}

fn document_of(id: &DocumentId, text: &str) -> Option<Document> {
    match id {
        DocumentId::Constitution(_) => document::parse(text, "version")
            .ok()
            .map(|value| Document::Constitution(Some(Arc::new(value)))),
        DocumentId::Rubric(_) => document::parse(text, "version")
            .ok()
            .map(|value| Document::Rubric(Some(Arc::new(value)))),
        DocumentId::Setup | DocumentId::Prompts(_) | DocumentId::Judge(_) => None,
    }
}

fn message_of(name: &str, note: &str) -> String {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let note = note.trim();
    if note.is_empty() { name } else { format!("{name}\n\n{note}") }
}

fn name_and_note(message: &str) -> (String, String) {
    match message.split_once('\n') {
        Some((name, note)) => (name.trim().to_owned(), note.trim().to_owned()),
        None => (message.to_owned(), String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Constitution, Principle};

    #[test]
    fn name_and_note_come_back_from_the_message() {
        for (name, note) in [("softer rule", "For reviewers:\nP3 only."), ("", ""), ("", "a note")]
        {
            let (back, said) = name_and_note(&message_of(name, note));
            assert_eq!((back.as_str(), said.as_str()), (name, note));
        }
        assert_eq!(message_of("  two\nlines ", ""), "two lines");
    }

    #[tokio::test]
    async fn a_version_comes_back_as_the_document_it_was() {
        let journal = Journal::open_in_memory().unwrap();
        let id = DocumentId::Constitution("general".to_owned());
        let mut constitution = Constitution::named("General");
        for text in ["Be kind.", "Be true."] {
            constitution.principles.push(Principle {
                id: constitution.free_id(),
                text: text.to_owned(),
                ..Principle::default()
            });
            let document = Document::Constitution(Some(Arc::new(constitution.clone())));
            let text = text_of(&document).unwrap();
            let message = message_of("softer", "why");
            journal.put_version("constitution", "general", &message, &text).await.unwrap();
        }
        let kept = all(&journal, vec![id, DocumentId::Setup]).await.unwrap();
        assert_eq!(kept.len(), 1);
        let versions = &kept[0].1;
        assert_eq!(versions[0].title(), "v2 softer");
        assert_eq!(versions[1].note, "why");
        let Some(Document::Constitution(Some(newest))) = &versions[0].document else { panic!() };
        assert_eq!(**newest, constitution);
    }
}
