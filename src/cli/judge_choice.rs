//! What `--judge NAME` names: one of the project's judges, or a model.

use super::failure::Failure;
use crate::store::Project;

/// Who shall judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum JudgeChoice {
    /// One of the project's judges, by file stem.
    Judge(String),
    /// A model, by name or specification.
    Model(String),
}

impl JudgeChoice {
    /// What a name stands for: `judges/NAME` is always a judge; a bare name is a judge where no
    /// model is called so.
    ///
    /// # Errors
    ///
    /// A judge and a model have that name.
    pub(super) fn of(project: &Project, name: &str) -> Result<Self, Failure> {
        if let Some(stem) = name.strip_prefix("judges/") {
            return Ok(Self::Judge(stem.strip_suffix(".ron").unwrap_or(stem).to_owned()));
        }
        let is_model = project.file.model(name).is_some();
        match (project.judge(name).is_some(), is_model) {
            (true, true) => Err(Failure::usage(
                format!("a judge and a model of the project are called {name}"),
                format!(
                    "write judges/{name} for the judge; for the model, give one of them another \
                     name"
                ),
            )),
            (true, false) => Ok(Self::Judge(name.to_owned())),
            (false, _) => Ok(Self::Model(name.to_owned())),
        }
    }

    /// The judge and the model, of which one is named.
    pub(super) fn split(self) -> (Option<String>, Option<String>) {
        match self {
            Self::Judge(stem) => (Some(stem), None),
            Self::Model(name) => (None, Some(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{JudgeSetup, ModelEntry};
    use crate::store::sample::{Sample, init};

    #[test]
    fn a_name_is_a_judge_where_no_model_has_it() {
        let folder = tempfile::tempdir().unwrap();
        init(folder.path(), Sample::Starter).unwrap();
        let mut project = Project::open(folder.path()).unwrap();
        for stem in ["strict", "gpt"] {
            let judge = JudgeSetup::named(format!("The {stem} one"));
            project.judges.insert(stem.to_owned(), Arc::new(judge));
        }
        project.file.models.push(ModelEntry { name: "gpt".to_owned(), ..ModelEntry::embedded() });
        let of = |name: &str| JudgeChoice::of(&project, name).ok();
        let judge = |stem: &str| Some(JudgeChoice::Judge(stem.to_owned()));
        let model = |name: &str| Some(JudgeChoice::Model(name.to_owned()));
        assert_eq!(of("strict"), judge("strict"));
        assert_eq!(of("The strict one"), judge("The strict one"));
        assert_eq!((of("judges/gpt"), of("judges/gpt.ron")), (judge("gpt"), judge("gpt")));
        assert_eq!(of("gpt"), None, "nobody can tell which is meant");
        assert_eq!(of("openai:m@http://h/v1"), model("openai:m@http://h/v1"));
        assert_eq!(of("embedded"), model("embedded"));
    }
}
