//! Models as they are named on the command line and in a project's roles.
//!
//! ```text
//! embedded                          the starter model inside the program
//! embedded:MODEL                    another embedded one: a known name, or a GGUF file's path
//! NAME                              a model of the project
//! openai:MODEL[@BASE_URL]           a one-off, the key from OPENAI_API_KEY
//! anthropic:MODEL[@BASE_URL]        likewise, the key from ANTHROPIC_API_KEY
//! ```

use super::url::BaseUrl;
use crate::domain::{JudgeProtocol, ModelEntry, ModelKind, Problem};

/// Finds or makes the model that a spec names; `known` are the project's.
///
/// # Errors
///
/// What is wrong with the spec and how to mend it.
pub fn parse(spec: &str, known: &[ModelEntry]) -> Result<ModelEntry, Problem> {
    let spec = spec.trim();
    if let Some(entry) = known.iter().find(|entry| entry.name == spec) {
        return Ok(entry.clone());
    }
    if spec == ModelEntry::EMBEDDED {
        return Ok(ModelEntry::embedded());
    }
    let Some((kind, rest)) = spec.split_once(':') else {
        return Err(unknown(spec, known));
    };
    let kind: ModelKind = match kind.parse() {
        Ok(kind) => kind,
        Err(_unknown_kind) => return Err(unknown(spec, known)),
    };
    let (model, base_url) = match kind {
        ModelKind::Embedded => (rest, String::new()),
        ModelKind::OpenAi | ModelKind::Anthropic => match address(rest) {
            Some((model, url)) => {
                let base = BaseUrl::parse(url).map_err(|error| {
                    Problem::error(shown(spec), error.to_string(), error.hint())
                })?;
                (model, base.as_str().to_owned())
            }
            None => (rest, String::new()),
        },
    };
    let model = model.trim();
    if model.is_empty() {
        return Err(Problem::error(
            shown(spec),
            "the model's name is missing",
            &format!("write {kind}:MODEL@BASE_URL, with the provider's name for the model"),
        ));
    }
    let one_off = ModelEntry {
        name: spec.to_owned(),
        kind,
        model: model.to_owned(),
        base_url,
        ..ModelEntry::embedded()
    };
    Ok(match kind {
        ModelKind::Embedded => one_off,
        ModelKind::OpenAi | ModelKind::Anthropic => {
            ModelEntry { judge_protocol: JudgeProtocol::Auto, max_in_flight: 8, ..one_off }
        }
    })
}

/// Splits the address off; a model's name may hold an `@` itself, an address may not.
fn address(rest: &str) -> Option<(&str, &str)> {
    let (model, url) = rest.rsplit_once('@')?;
    // A key before the host is refused as such, not taken for part of the model's name.
    match rest.find("@http") {
        Some(at) => Some((&rest[..at], &rest[at + 1..])),
        None => Some((model, url)),
    }
}

/// A spec for messages, without what might be a key.
fn shown(spec: &str) -> String {
    match spec.find("://").and_then(|start| spec[start..].rfind('@').map(|at| (start, start + at)))
    {
        Some((start, at)) => format!("{}://…{}", &spec[..start], &spec[at..]),
        None => spec.to_owned(),
    }
}

fn unknown(spec: &str, known: &[ModelEntry]) -> Problem {
    let mut names: Vec<&str> = known.iter().map(|entry| entry.name.as_str()).collect();
    if !names.contains(&ModelEntry::EMBEDDED) {
        names.push(ModelEntry::EMBEDDED);
    }
    Problem::error(
        shown(spec),
        "there is no model of this name",
        &format!(
            "use one of {}, or openai:MODEL@BASE_URL, or anthropic:MODEL[@BASE_URL]",
            names.join(", ")
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form() {
        let mine = ModelEntry {
            name: "judge".to_owned(),
            kind: ModelKind::OpenAi,
            model: "m".to_owned(),
            ..ModelEntry::embedded()
        };
        let known = [mine.clone()];
        assert_eq!(parse(" judge ", &known), Ok(mine));
        assert_eq!(parse("embedded", &known), Ok(ModelEntry::embedded()));
        for (spec, kind, model, url) in [
            (
                "openai:gpt-x@https://h.example/v1/",
                ModelKind::OpenAi,
                "gpt-x",
                "https://h.example/v1",
            ),
            (
                "openai:a/b:c@http://localhost:1/v1",
                ModelKind::OpenAi,
                "a/b:c",
                "http://localhost:1/v1",
            ),
            ("openai:m@2@https://h.example", ModelKind::OpenAi, "m@2", "https://h.example"),
            ("openai:gpt-x", ModelKind::OpenAi, "gpt-x", ""),
            ("anthropic:claude-x", ModelKind::Anthropic, "claude-x", ""),
            ("anthropic:c@http://127.0.0.1:9", ModelKind::Anthropic, "c", "http://127.0.0.1:9"),
            ("embedded:/m/x.gguf", ModelKind::Embedded, "/m/x.gguf", ""),
        ] {
            let entry = parse(spec, &known).unwrap();
            assert_eq!(
                (entry.kind, entry.model.as_str(), entry.base_url.as_str()),
                (kind, model, url)
            );
            assert_eq!(entry.name, spec);
        }
    }

    #[test]
    fn says_how_to_mend_a_bad_one() {
        for spec in [
            "nobody",
            "",
            "opnai:x",
            "openai:@https://h/v1",
            "openai:x@localhost:8000",
            "openai:x@http://api.openai.com/v1",
            "openai:x@https://me:secret@h/v1",
            "anthropic:",
        ] {
            let problem = parse(spec, &[]).unwrap_err();
            assert!(!problem.hint.is_empty());
            assert!(!format!("{problem:?}").contains("secret"), "{problem:?}");
        }
    }
}
