//! Drafts: documents of the window as texts, and back.

use std::sync::Arc;

use super::desk::{Desk, failure_of};
use super::files::{file_of, setup_of};
use super::home::HomeEvent;
use crate::app::message::{Event, Failure};
use crate::app::state::home::Recovered;
use crate::app::state::{Document, DocumentId, Documents, Moment};
use crate::domain::Problem;
use crate::formats;
use crate::store::recovery::{self, Draft, Drafts};
use crate::store::{DocumentKind, ProjectFile};

/// Keeps the documents' values as the project's drafts; without any, removes them.
pub fn keep(desk: &Desk, root: std::path::PathBuf, at: Moment, edits: &[(DocumentId, Document)]) {
    let Some(folder) = recovery::folder() else { return };
    let kept = if edits.is_empty() {
        recovery::remove(&folder, &root).map_err(|error| failure_of("drafts stayed", &error))
    } else {
        drafts_of(root, at, edits)
            .map_err(|problem| Failure::new(problem.what, problem.hint))
            .and_then(|drafts| {
                recovery::keep(&folder, &drafts)
                    .map_err(|error| failure_of("unsaved edits could not be kept", &error))
            })
    };
    desk.link.send(Event::Home(HomeEvent::DraftsKept(kept)));
}

fn drafts_of(
    root: std::path::PathBuf,
    at: Moment,
    edits: &[(DocumentId, Document)],
) -> Result<Drafts, Problem> {
    let mut documents = Vec::new();
    for (id, document) in edits {
        let (kind, stem) = super::files::place(id);
        documents.push(Draft { kind, stem: stem.to_owned(), text: text_of(document)? });
    }
    Ok(Drafts { format: crate::domain::FORMAT, root, at_ms: at.0, documents })
}

fn text_of(document: &Document) -> Result<Option<String>, Problem> {
    Ok(match document {
        Document::Setup(setup) => Some(formats::document::to_ron(&file_of(setup))?),
        Document::Constitution(Some(value)) => Some(formats::document::to_ron(&**value)?),
        Document::Rubric(Some(value)) => Some(formats::document::to_ron(&**value)?),
        Document::Prompts(Some(set)) => Some(formats::prompts::write(set)),
        Document::Judge(Some(value)) => Some(formats::document::to_ron(&**value)?),
        Document::Constitution(None)
        | Document::Rubric(None)
        | Document::Prompts(None)
        | Document::Judge(None) => None,
    })
}

/// What a crash left behind of a project that was just opened to be written, where it differs
/// from what its files say. Drafts that say the same as the files are removed.
pub fn find(desk: &Desk, root: &std::path::Path, on_disk: &Documents) -> Option<Recovered> {
    let folder = recovery::folder()?;
    let drafts = match recovery::find(&folder, root) {
        Ok(drafts) => drafts?,
        Err(error) => {
            let tried = "edits of the last time can't be read; their file is kept";
            desk.link.send(Event::Failed(failure_of(tried, &error)));
            return None;
        }
    };
    let mut documents = Vec::new();
    for draft in drafts.documents {
        let (id, document) = match document_of(&draft) {
            Ok(Some(found)) => found,
            Ok(None) => continue,
            Err(problem) => {
                let text =
                    format!("an unsaved edit of {} can't be read: {}", draft.stem, problem.what);
                desk.link.send(Event::Failed(Failure::new(text, problem.hint)));
                continue;
            }
        };
        if on_disk.get(&id) != document {
            documents.push((id, document));
        }
    }
    if documents.is_empty() {
        if let Err(error) = recovery::remove(&folder, root) {
            tracing::warn!("drafts stayed: {error}");
        }
        return None;
    }
    tracing::info!("{} documents with unsaved edits were found", documents.len());
    Some(Recovered { at: Moment(drafts.at_ms), documents })
}

fn document_of(draft: &Draft) -> Result<Option<(DocumentId, Document)>, Problem> {
    let stem = draft.stem.clone();
    let text = draft.text.as_deref();
    Ok(Some(match draft.kind {
        DocumentKind::Project => {
            let Some(text) = text else { return Ok(None) };
            let file: ProjectFile = formats::document::parse(text, "project")?;
            (DocumentId::Setup, Document::Setup(Arc::new(setup_of(&file))))
        }
        DocumentKind::Constitution => {
            let value = text.map(|text| formats::document::parse(text, "constitution"));
            let value = value.transpose()?.map(Arc::new);
            (DocumentId::Constitution(stem), Document::Constitution(value))
        }
        DocumentKind::Rubric => {
            let value = text.map(|text| formats::document::parse(text, "rubric"));
            (DocumentId::Rubric(stem), Document::Rubric(value.transpose()?.map(Arc::new)))
        }
        DocumentKind::PromptSet => {
            let set = text.map(|text| formats::prompts::read(text.as_bytes(), &stem));
            let set = set.transpose()?.map(Arc::new);
            (DocumentId::Prompts(stem), Document::Prompts(set))
        }
        DocumentKind::Judge => {
            let value = text.map(|text| formats::document::parse(text, "judge"));
            (DocumentId::Judge(stem), Document::Judge(value.transpose()?.map(Arc::new)))
        }
        DocumentKind::Recipe | DocumentKind::Template => return Ok(None),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::state::documents::Setup;
    use crate::domain::{Constitution, JudgeSetup, Principle, Prompt, PromptSet, Rubric};

    #[test]
    fn every_document_goes_into_a_draft_and_comes_back() {
        let mut constitution = Constitution::named("General “1”");
        constitution.principles.push(Principle {
            id: "P1".into(),
            text: "Zeile eins,\nnoch \"eine\" – 漢字 عربي".to_owned(),
            ..Principle::default()
        });
        let set = PromptSet { name: "s".to_owned(), prompts: vec![Prompt::of_text("a", "Why?\n")] };
        let setup = Setup { name: "Mine".to_owned(), seed: 3, ..Setup::default() };
        let edits = vec![
            (DocumentId::Setup, Document::Setup(Arc::new(setup))),
            (
                DocumentId::Constitution("general".to_owned()),
                Document::Constitution(Some(Arc::new(constitution))),
            ),
            (
                DocumentId::Rubric("r".to_owned()),
                Document::Rubric(Some(Arc::new(Rubric::named("R")))),
            ),
            (DocumentId::Rubric("gone".to_owned()), Document::Rubric(None)),
            (
                DocumentId::Judge("j".to_owned()),
                Document::Judge(Some(Arc::new(JudgeSetup::named("J")))),
            ),
            (DocumentId::Prompts("s".to_owned()), Document::Prompts(Some(Arc::new(set)))),
        ];
        let drafts = drafts_of("/p".into(), Moment(5), &edits).unwrap();
        let back: Vec<_> =
            drafts.documents.iter().map(|draft| document_of(draft).unwrap().unwrap()).collect();
        assert_eq!(back, edits);
    }
}
