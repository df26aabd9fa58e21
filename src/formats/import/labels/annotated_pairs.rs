//! ICAI's annotated pairs, version 2 (rdnfn/icai, rdnfn/feedback-forensics).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::gather::{Gather, Said};
use super::{Confidence, Format, Imported, ImportedLabels, Problem, Source};
use crate::domain::{LabelAnswer, LabelTask, Prompt};
use crate::formats::lenient;

/// One object with `metadata`, `annotators` and `comparisons`.
pub(super) struct AnnotatedPairs;

#[derive(Deserialize)]
struct Whole {
    #[serde(default)]
    metadata: Metadata,
    annotators: BTreeMap<String, Annotator>,
    comparisons: Vec<Comparison>,
}

#[derive(Deserialize, Default)]
struct Metadata {
    #[serde(default)]
    default_annotator: Option<String>,
}

#[derive(Deserialize)]
struct Annotator {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    r#type: Option<String>,
}

#[derive(Deserialize)]
struct Comparison {
    #[serde(default)]
    prompt: Option<String>,
    response_a: Response,
    response_b: Response,
    #[serde(default)]
    annotations: BTreeMap<String, Annotation>,
}

#[derive(Deserialize)]
struct Response {
    text: String,
    #[serde(default)]
    model: Option<String>,
}

#[derive(Deserialize)]
struct Annotation {
    #[serde(default)]
    pref: Option<String>,
    #[serde(default)]
    no_pref_reason: Option<String>,
}

impl Format<ImportedLabels> for AnnotatedPairs {
    fn id(&self) -> &'static str {
        "annotated-pairs"
    }
    fn title(&self) -> &'static str {
        "ICAI's annotated pairs"
    }
    fn doc(&self) -> &'static str {
        "Pairs with annotations by people, models and principles.\n\nTaken are annotators of the \
         type human and the data set's own (the default annotator). Others of an unknown type are \
         kept apart as models; votes of principles are no labels and left out."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["json"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        super::sure_with(source, &["annotators", "comparisons"])
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<ImportedLabels>, Problem> {
        let text = source.text()?;
        let whole: Whole = serde_json::from_str(text).map_err(|error| {
            let mut problem = lenient::json_problem(&error, 0);
            "it needs annotators and comparisons with response_a and response_b"
                .clone_into(&mut problem.hint);
            problem
        })?;
        let mut gather = Gather::new();
        let default = whole.metadata.default_annotator.as_deref();
        let mut names = BTreeMap::new();
        let mut principles = 0_usize;
        for (id, annotator) in &whole.annotators {
            let name = annotator.name.clone().unwrap_or_else(|| id.clone());
            let kind = annotator.r#type.as_deref();
            if kind == Some("principle") {
                principles += 1;
                continue;
            }
            if kind != Some("human") && default != Some(id.as_str()) {
                gather.model(&name);
            }
            names.insert(id.as_str(), name);
        }
        if principles > 0 {
            gather.note(format!("The votes of {principles} principles are no labels."));
        }
        for (index, one) in whole.comparisons.into_iter().enumerate() {
            let place = format!("comparison {}", index + 1);
            let prompt = Prompt::of_text("", one.prompt.unwrap_or_default());
            let mut item = Gather::bare(prompt, &one.response_a.text, Some(&one.response_b.text));
            item.a_model = one.response_a.model.unwrap_or_default();
            item.b_model = one.response_b.model.unwrap_or_default();
            let mut said = Vec::new();
            for (id, annotation) in &one.annotations {
                let Some(name) = names.get(id.as_str()) else { continue };
                match answer(annotation) {
                    Ok(answer) => said.extend(answer.map(|answer| Said::of(name, answer))),
                    Err(why) => {
                        let place = format!("{place}, {name}");
                        return Err(Problem::error(place, why, "“pref” is a, b or null"));
                    }
                }
            }
            gather.item(&place, item, said);
        }
        gather.finish(self.id(), source, LabelTask::Pairwise, "it has no comparison to take")
    }
}

fn answer(annotation: &Annotation) -> Result<Option<LabelAnswer>, String> {
    let reason = annotation.no_pref_reason.as_deref();
    Ok(match (annotation.pref.as_deref(), reason) {
        (Some("a" | "text_a"), _) => Some(LabelAnswer::A),
        (Some("b" | "text_b"), _) => Some(LabelAnswer::B),
        (Some(other), _) => return Err(format!("“pref” is “{other}”")),
        (None, None) => None,
        (None, Some("not_applicable")) => Some(LabelAnswer::NotApplicable),
        (None, Some(reason)) if reason.contains("bad") => Some(LabelAnswer::BothBad),
        (None, Some(reason)) if reason.contains("tie") || reason.contains("both") => {
            Some(LabelAnswer::Tie)
        }
        // Such as “invalid”: nothing was said.
        (None, Some(_)) => None,
    })
}
