//! What decides what a judge says, beside its models: so that what is known of a judge is never
//! taken for what another one does.

use serde::Serialize;

use super::{JudgeExample, JudgeForm, JudgeSetup, Manner, PanelRule};
use crate::domain::recipe::{Delimiters, JudgeProtocol, Recipe};

/// How a judge is asked and what is made of its answers. Two judges of the same models for which
/// it is the same say the same; name, canaries and a map that was fitted are none of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AskedAs {
    manners: Vec<Manner>,
    form: JudgeForm,
    rule: PanelRule,
    weights: Vec<f64>,
    first_alone: Option<f64>,
    refine: bool,
    votes: u32,
    principles_per_pair: u32,
    ties: bool,
    examples: Vec<JudgeExample>,
    batch_criteria: bool,
    /// Name and source of each template of the judge's that the project has its own of.
    templates: Vec<(String, String)>,
}

impl AskedAs {
    /// As a judge's settings say, of which each model is asked in its own manner.
    pub fn of(setup: &JudgeSetup, manners: impl IntoIterator<Item = Manner>) -> Self {
        let manners: Vec<Manner> = manners
            .into_iter()
            .map(|manner| Manner { reasons: manner.reasons && setup.reason_first, ..manner })
            .map(plain)
            .collect();
        // Of one model every rule makes what it says.
        let is_panel = manners.len() > 1;
        let examples = setup
            .examples
            .iter()
            .map(|example| JudgeExample { from: String::new(), ..example.clone() });
        Self {
            form: setup.form,
            rule: if is_panel { setup.rule } else { PanelRule::default() },
            weights: match (is_panel, setup.rule) {
                (true, PanelRule::Weighted) => setup.weights.clone(),
                _ => Vec::new(),
            },
            first_alone: setup.first_alone.filter(|_| is_panel),
            refine: setup.refine,
            votes: setup.votes.max(1),
            principles_per_pair: setup.principles_per_pair.max(1),
            ties: setup.ties,
            examples: examples.collect(),
            batch_criteria: false,
            templates: Vec::new(),
            manners,
        }
    }

    /// As a recipe says whose judge is the model of that role, once it is settled.
    pub fn of_recipe(recipe: &Recipe) -> Self {
        let manner = Manner {
            protocol: recipe.protocol,
            delimiters: recipe.delimiters,
            reasons: recipe.reason_first,
        };
        let setup = JudgeSetup {
            votes: recipe.votes,
            principles_per_pair: recipe.principles_per_pair,
            ..JudgeSetup::named("")
        };
        let asked = Self::of(&setup, [manner]);
        if recipe.batch_criteria { asked.in_one_call() } else { asked }
    }

    /// The same, asked about all criteria in one call.
    pub fn in_one_call(self) -> Self {
        Self { batch_criteria: true, ..self }
    }

    /// The same, asked by templates of the project's own in place of the built-in ones.
    pub fn with_templates(self, own: Vec<(String, String)>) -> Self {
        Self { templates: own, ..self }
    }

    /// BLAKE3 of it, in hexadecimal.
    pub fn hash(&self) -> String {
        // Numbers, names and lists of them can always be written.
        let text = serde_json::to_string(self).unwrap_or_default();
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"preamble-asked-as-1");
        hasher.update(text.as_bytes());
        hasher.finalize().to_hex().to_string()
    }
}

/// What was left open counts as what it stands for.
fn plain(manner: Manner) -> Manner {
    Manner {
        protocol: match manner.protocol {
            JudgeProtocol::Auto => JudgeProtocol::Pairwise,
            chosen => chosen,
        },
        delimiters: match manner.delimiters {
            Delimiters::Auto => Delimiters::Quoted,
            chosen => chosen,
        },
        reasons: manner.reasons,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Method;
    use crate::domain::label::LabelAnswer;

    const PAIRWISE: Manner =
        Manner { protocol: JudgeProtocol::Pairwise, delimiters: Delimiters::Fenced, reasons: true };

    fn hash(setup: &JudgeSetup, models: usize) -> String {
        AskedAs::of(setup, std::iter::repeat_n(PAIRWISE, models)).hash()
    }

    #[test]
    fn all_that_changes_a_verdict_changes_it() {
        let usual = JudgeSetup::named("one");
        let with = |change: fn(&mut JudgeSetup)| {
            let mut setup = usual.clone();
            change(&mut setup);
            setup
        };
        let example = JudgeExample {
            prompt: "Hi".to_owned(),
            a: "Hello.".to_owned(),
            b: "No.".to_owned(),
            principle: String::new(),
            answer: LabelAnswer::A,
            reason: String::new(),
            from: String::new(),
        };
        let shown = JudgeSetup { examples: vec![example.clone()], ..usual.clone() };
        let mut all = vec![hash(&usual, 2), hash(&usual, 1), hash(&shown, 2)];
        for change in [
            (|setup| setup.votes = 5) as fn(&mut JudgeSetup),
            |setup| setup.form = JudgeForm::Prometheus,
            |setup| setup.refine = true,
            |setup| setup.ties = true,
            |setup| setup.rule = PanelRule::Majority,
            |setup| (setup.rule, setup.weights) = (PanelRule::Weighted, vec![1.0, 2.0]),
            |setup| (setup.rule, setup.weights) = (PanelRule::Weighted, vec![2.0, 1.0]),
            |setup| setup.first_alone = Some(0.2),
            |setup| setup.reason_first = false,
            |setup| setup.principles_per_pair = 1,
        ] {
            all.push(hash(&with(change), 2));
        }
        let other = Manner { protocol: JudgeProtocol::PointwiseScale, ..PAIRWISE };
        all.push(AskedAs::of(&usual, [PAIRWISE, other]).hash());
        let own = vec![("judge_pairwise".to_owned(), "x".to_owned())];
        all.push(AskedAs::of(&usual, [PAIRWISE; 2]).with_templates(own).hash());
        let different: std::collections::BTreeSet<&String> = all.iter().collect();
        assert_eq!(different.len(), all.len());

        // What changes no verdict does not.
        let named = with(|setup| {
            (setup.name, setup.canaries) = ("other".to_owned(), 0.5);
            setup.recalibration = Some(crate::domain::Recalibration::default());
        });
        assert_eq!(hash(&named, 2), hash(&usual, 2));
        let alone = with(|setup| (setup.rule, setup.first_alone) = (PanelRule::Any, Some(0.1)));
        assert_eq!(hash(&alone, 1), hash(&usual, 1), "one model is its own panel");
        let from = JudgeExample { from: "set/item".to_owned(), ..example };
        let from = JudgeSetup { examples: vec![from], ..usual.clone() };
        assert_eq!(hash(&from, 2), hash(&shown, 2));
    }

    #[test]
    fn a_recipes_own_judge_is_the_same_as_a_judge_that_is_asked_so() {
        let recipe = Recipe {
            protocol: JudgeProtocol::Pairwise,
            delimiters: Delimiters::Fenced,
            ..Recipe::built_in(Method::Preference)
        };
        let usual = JudgeSetup::named("one");
        assert_eq!(AskedAs::of_recipe(&recipe).hash(), hash(&usual, 1));
        let more = Recipe { votes: 7, ..recipe.clone() };
        assert_ne!(AskedAs::of_recipe(&more).hash(), hash(&usual, 1));
        let open = Recipe {
            protocol: JudgeProtocol::Auto,
            delimiters: Delimiters::Auto,
            ..recipe.clone()
        };
        let quoted = Recipe { delimiters: Delimiters::Quoted, ..recipe };
        assert_eq!(AskedAs::of_recipe(&open).hash(), AskedAs::of_recipe(&quoted).hash());
    }
}
