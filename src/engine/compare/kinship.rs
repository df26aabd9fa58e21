//! How near a judge is to whom it judges, by their names.

use serde::{Deserialize, Serialize};

use crate::domain::{ModelEntry, ModelKind};

/// How near a judge is to the model that it judges: a judge tends to like what is its own
/// (Wataoka et al. 2024).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Kinship {
    /// Nothing is known of any.
    #[default]
    None,
    /// Their names are of one family.
    Family,
    /// They are the same model.
    Same,
}

impl Kinship {
    /// A warning, where there is something to warn of.
    pub fn warning(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Family => Some(
                "Judge and writer are of one family: a judge tends to like answers of its own kind",
            ),
            Self::Same => {
                Some("The judge is the model that wrote the answers: a judge tends to like its own")
            }
        }
    }
}

/// A warning where some of the models that judge are near to some whose answers they judge; of
/// several judges it says which.
pub fn warning_of(judges: &[&ModelEntry], judged: &[&ModelEntry]) -> Option<String> {
    let near: Vec<&str> = judges
        .iter()
        .filter(|judge| kinship(judge, judged) != Kinship::None)
        .map(|judge| judge.name.as_str())
        .collect();
    match (judges, near.as_slice()) {
        (_, []) => None,
        ([only], _) => kinship(only, judged).warning().map(str::to_owned),
        (_, near) => Some(format!(
            "{} of {} judges ({}) {} of the family of a model whose answers they compare: a judge \
             tends to like answers of its own kind",
            near.len(),
            judges.len(),
            near.join(", "),
            if near.len() == 1 { "is" } else { "are" }
        )),
    }
}

/// How near a judge is to any of the models that it judges.
pub fn kinship(judge: &ModelEntry, judged: &[&ModelEntry]) -> Kinship {
    let same = |one: &&ModelEntry| {
        (one.kind, &one.model, &one.base_url) == (judge.kind, &judge.model, &judge.base_url)
    };
    if judged.iter().any(same) {
        return Kinship::Same;
    }
    let family = family(judge);
    let is_kin = |one: &&ModelEntry| family.is_some() && self::family(one) == family;
    if judged.iter().any(is_kin) { Kinship::Family } else { Kinship::None }
}

/// The same where only the names are known of those who are judged.
pub fn kinship_of_names(judge: &ModelEntry, judged: &[&str]) -> Kinship {
    let bare = |name: &str| name.rsplit(['/', '\\']).next().unwrap_or_default().to_lowercase();
    if judged.iter().any(|name| !name.is_empty() && bare(name) == bare(&judge.model)) {
        return Kinship::Same;
    }
    let entries: Vec<ModelEntry> = judged
        .iter()
        .filter(|name| !name.trim().is_empty())
        // Of another address than any judge, so that only the names are compared.
        .map(|name| ModelEntry {
            kind: ModelKind::OpenAi,
            model: (*name).to_owned(),
            base_url: "name-only".to_owned(),
            ..ModelEntry::embedded()
        })
        .collect();
    kinship(judge, &entries.iter().collect::<Vec<_>>())
}

/// The family that a model's name tells of, where it does.
fn family(entry: &ModelEntry) -> Option<String> {
    /// What a name may contain, and the family that it is of.
    const FAMILIES: &[(&str, &str)] = &[
        ("gpt", "gpt"),
        ("claude", "claude"),
        ("gemini", "gemini"),
        ("gemma", "gemini"),
        ("llama", "llama"),
        ("qwen", "qwen"),
        ("qwq", "qwen"),
        ("mixtral", "mistral"),
        ("ministral", "mistral"),
        ("mistral", "mistral"),
        ("deepseek", "deepseek"),
        ("smollm", "smollm"),
        ("olmo", "olmo"),
        ("grok", "grok"),
        ("phi-", "phi"),
        ("command-", "command"),
    ];
    if entry.kind == ModelKind::Embedded && entry.model.is_empty() {
        return Some("smollm".to_owned());
    }
    let name = entry.model.rsplit(['/', '\\']).next().unwrap_or_default().to_lowercase();
    if let Some((_, family)) = FAMILIES.iter().find(|(part, _)| name.contains(part)) {
        return Some((*family).to_owned());
    }
    let letters: String = name.chars().take_while(|c| c.is_alphabetic()).collect();
    (letters.chars().count() > 2).then_some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(name: &str) -> ModelEntry {
        ModelEntry {
            kind: ModelKind::OpenAi,
            model: name.to_owned(),
            base_url: "http://h/v1".to_owned(),
            ..ModelEntry::embedded()
        }
    }

    #[test]
    fn of_several_judges_those_that_are_near_are_named() {
        let (llama, qwen, gpt) = (model("llama3.1:8b"), model("qwen2.5"), model("gpt-4o"));
        let named =
            |name: &str, entry: &ModelEntry| ModelEntry { name: name.to_owned(), ..entry.clone() };
        let (one, two) = (named("small", &llama), named("large", &gpt));
        let writer = model("Llama-3.3-70B");
        assert_eq!(warning_of(&[&two, &named("third", &qwen)], &[&writer]), None);
        let said = warning_of(&[&one, &two], &[&writer]).unwrap();
        assert!(said.starts_with("1 of 2 judges (small) is of the family"), "{said}");
        let said = warning_of(&[&one, &two], &[&writer, &gpt]).unwrap();
        assert!(said.starts_with("2 of 2 judges (small, large) are"), "{said}");
        let alone = warning_of(&[&one], &[&writer]).unwrap();
        assert_eq!(Some(alone.as_str()), Kinship::Family.warning());
    }

    #[test]
    fn a_judge_of_the_same_family_is_known_by_its_name() {
        let judge = model("meta-llama/Llama-3.3-70B");
        for (name, near) in [
            ("meta-llama/Llama-3.3-70B", Kinship::Same),
            ("llama3.1:8b", Kinship::Family),
            ("Qwen/Qwen2.5-7B", Kinship::None),
            ("", Kinship::None),
        ] {
            assert_eq!(kinship(&judge, &[&model("gpt-4o"), &model(name)]), near, "{name}");
        }
        for (name, near) in [
            ("meta-llama/Llama-3.3-70B", Kinship::Same),
            ("llama-3.3-70b", Kinship::Same),
            ("llama3.1:8b", Kinship::Family),
            ("gpt-4o", Kinship::None),
            ("", Kinship::None),
        ] {
            assert_eq!(kinship_of_names(&judge, &[name]), near, "{name}");
        }
        let starter = ModelEntry::embedded();
        assert_eq!(kinship(&starter, &[&starter]), Kinship::Same);
        assert_eq!(kinship(&starter, &[&model("SmolLM2-1.7B")]), Kinship::Family);
        assert_eq!(kinship(&model("zephyr-7b"), &[&model("zephyr-141b")]), Kinship::Family);
    }
}
