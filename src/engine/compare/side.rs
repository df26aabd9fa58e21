//! From what was chosen for a side to a side that can answer.

use std::sync::Arc;

use super::{ComparisonWishes, Side, SideAbout, SideChoice, VERSION_KIND};
use crate::domain::{Constitution, ModelRole, PrincipleId};
use crate::engine::ask::Cast;
use crate::engine::models::Models;
use crate::engine::plan::{self, hash_of};
use crate::engine::plan_error::PlanError;
use crate::formats;
use crate::store::{Journal, Project};

/// A side and what is told of it.
pub(super) async fn side(
    project: &Project,
    journal: &Journal,
    wishes: &ComparisonWishes,
    choice: &SideChoice,
    models: &Models,
) -> Result<(Side, SideAbout), PlanError> {
    let (constitution, label) = match &choice.constitution {
        None => (None, "Plain drafts".to_owned()),
        Some(stem) => {
            let (constitution, label) = constitution(project, journal, stem, choice).await?;
            (Some(constitution), label)
        }
    };
    let mut by_role = Cast::new();
    let roles: &[ModelRole] = match constitution {
        Some(_) => &[ModelRole::Writer, ModelRole::Critic, ModelRole::Reviser],
        None => &[ModelRole::Writer],
    };
    let key_env = wishes.key_env.as_deref();
    for role in roles {
        let spec = choice.model.as_deref().unwrap_or_else(|| project.file.role(*role));
        by_role.insert(*role, models.resolve(&project.file.models, spec, key_env).await?);
    }
    let writer = by_role.get(&ModelRole::Writer);
    let name = writer.map_or_else(String::new, |model| model.name.clone());
    // Where both sides have the same writer, naming it tells nothing.
    let label = match &choice.model {
        Some(_) if wishes.a.model != wishes.b.model => {
            // An address tells people nothing.
            let short = name.split('@').next().unwrap_or(&name);
            format!("{label} by {short}")
        }
        Some(_) | None => label,
    };
    let about = SideAbout {
        label,
        choice: choice.clone(),
        writer: name,
        writer_identity: writer
            .map_or_else(String::new, |model| model.provider.identity().to_owned()),
    };
    Ok((Side { constitution, models: by_role }, about))
}

async fn constitution(
    project: &Project,
    journal: &Journal,
    stem: &str,
    choice: &SideChoice,
) -> Result<(Arc<Constitution>, String), PlanError> {
    let (mut constitution, mut label) = match &choice.version {
        None => {
            let now = plan::constitution(project, stem)?;
            let label = if now.name.trim().is_empty() { stem.to_owned() } else { now.name.clone() };
            (now, label)
        }
        Some(version) => version_of(project, journal, stem, version).await?,
    };
    if !choice.without.is_empty() {
        let mut less = Constitution::clone(&constitution);
        for id in &choice.without {
            let Some(principle) = less.principles.iter_mut().find(|one| one.id == *id) else {
                return Err(PlanError::Missing {
                    what: "principle",
                    name: id.to_string(),
                    known: less.principles.iter().map(|one| one.id.to_string()).collect(),
                    unreadable: None,
                });
            };
            principle.enabled = false;
        }
        let ids: Vec<&str> = choice.without.iter().map(PrincipleId::as_str).collect();
        label = format!("{label} without {}", ids.join(", "));
        constitution = Arc::new(less);
    }
    if constitution.eligible().is_empty() {
        return Err(PlanError::Faulty {
            what: "constitution",
            name: label,
            problem: "no principle can be drawn".to_owned(),
            hint: "enable one that has text and a weight above 0, or compare plain drafts"
                .to_owned(),
        });
    }
    Ok((constitution, label))
}

async fn version_of(
    project: &Project,
    journal: &Journal,
    stem: &str,
    wanted: &str,
) -> Result<(Arc<Constitution>, String), PlanError> {
    // The stem of a constitution that is called by its name.
    let by_name = project.constitutions.iter().find(|(_, document)| document.name == stem);
    let stem = match by_name {
        Some((own, _)) if !project.constitutions.contains_key(stem) => own,
        _ => stem,
    };
    let versions = journal.versions(VERSION_KIND, stem).await?;
    let found = versions
        .iter()
        .find(|version| version.name == wanted)
        .or_else(|| versions.iter().find(|one| wanted.len() >= 6 && one.hash.starts_with(wanted)));
    let Some(version) = found else {
        return Err(PlanError::Missing {
            what: "version",
            name: format!("{stem}@{wanted}"),
            known: versions.iter().map(|one| shown_version(&one.name, &one.hash)).collect(),
            unreadable: None,
        });
    };
    let name = shown_version(&version.name, &version.hash);
    let faulty = |problem: String| PlanError::Faulty {
        what: "version",
        name: format!("{stem}@{name}"),
        problem,
        hint: "choose another version".to_owned(),
    };
    let text = journal.version_text(&version.hash).await?;
    let text = text.ok_or_else(|| faulty("its text is not in the journal".to_owned()))?;
    let constitution: Constitution =
        formats::document::parse(&text, "constitution").map_err(|problem| faulty(problem.what))?;
    let called = match constitution.name.trim() {
        "" => stem,
        name => name,
    };
    let label = format!("{called} · {name}");
    Ok((Arc::new(constitution), label))
}

/// What a version is called: its name, else the beginning of its hash.
pub fn shown_version(name: &str, hash: &str) -> String {
    if name.trim().is_empty() { hash.chars().take(8).collect() } else { name.to_owned() }
}

/// Whether nothing differs between the sides that a model would see.
pub(super) fn is_same(a: &Side, b: &Side) -> bool {
    let identities = |side: &Side| -> Vec<(ModelRole, String)> {
        side.models.iter().map(|(role, m)| (*role, m.provider.identity().to_owned())).collect()
    };
    let seen = |side: &Side| {
        side.constitution.as_deref().map(|constitution| {
            let mut seen = constitution.clone();
            seen.principles = seen.eligible().into_iter().cloned().collect();
            seen.name.clear();
            seen.description.clear();
            hash_of(&seen)
        })
    };
    seen(a) == seen(b) && identities(a) == identities(b)
}
