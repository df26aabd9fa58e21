//! How many calls a recipe takes for one prompt.

use crate::domain::{
    Constitution, JudgeForm, JudgeProtocol, JudgeSetup, Method, PairSource, Prompt, Recipe, Rubric,
};

use super::given::given_pair;
use super::run_row::has_own_response;
use super::tournament::given_answers;
use super::votes::PER_CALL;

/// How many calls one prompt takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallsPlanned {
    /// Where every chain stops at once and the judge gives log-probabilities.
    pub least: u64,
    /// Where no chain stops early and the judge gives none.
    pub most: u64,
}

/// How a judge of its own is asked, as far as its calls go.
#[derive(Debug, Clone, Copy)]
pub struct JudgeCalls<'a> {
    /// Its settings.
    pub setup: &'a JudgeSetup,
    /// Whether each of its models is asked for a reason, in its order.
    pub reasons: &'a [bool],
}

impl JudgeCalls<'_> {
    /// About one pair under so many principles, in both orders or about both answers.
    pub fn pair(&self, principles: u64) -> CallsPlanned {
        let setup = self.setup;
        let is_usual = setup.form == JudgeForm::Usual;
        // What is read again is a reason and a verdict more.
        let again = if is_usual && setup.refine { 2 } else { 0 };
        let votes = u64::from(setup.votes.max(1));
        let mut calls = CallsPlanned { least: 0, most: 0 };
        for (place, reasons) in self.reasons.iter().enumerate() {
            let once = 1 + u64::from(is_usual && *reasons);
            if place == 0 || setup.first_alone.is_none() {
                calls.least += 2 * principles * once;
            }
            calls.most += 2 * principles * votes * (once + again);
        }
        calls
    }

    /// As many as the judge draws of those that can be drawn.
    pub fn drawn_of(&self, eligible: u64) -> u64 {
        u64::from(self.setup.principles_per_pair.max(1)).min(eligible)
    }

    /// About one answer by so many criteria.
    pub fn answer(&self, criteria: u64, is_batch: bool) -> CallsPlanned {
        let mut calls = CallsPlanned { least: 0, most: 0 };
        for (place, reasons) in self.reasons.iter().enumerate() {
            let own = if is_batch { 1 } else { criteria * (1 + u64::from(*reasons)) };
            if place == 0 || self.setup.first_alone.is_none() {
                calls.least += own;
            }
            calls.most += own;
        }
        calls
    }
}

/// How many calls a recipe takes for this prompt, failures and retries apart: answers that it
/// brings are not drafted.
pub fn calls_planned_for(
    recipe: &Recipe,
    judge: Option<JudgeCalls<'_>>,
    constitution: Option<&Constitution>,
    rubric: Option<&Rubric>,
    prompt: &Prompt,
) -> CallsPlanned {
    let planned = |recipe: &Recipe| calls_planned_by(recipe, judge, constitution, rubric);
    let without = |planned: CallsPlanned, drafts: u64| CallsPlanned {
        least: planned.least.saturating_sub(drafts),
        most: planned.most.saturating_sub(drafts),
    };
    match recipe.method {
        Method::Score if has_own_response(prompt) => without(planned(recipe), 1),
        Method::Preference if given_pair(prompt).is_some() => without(planned(recipe), 2),
        Method::Rank => match given_answers(prompt) {
            None => planned(recipe),
            Some(given) => {
                let answers = u32::try_from(given.len()).unwrap_or(u32::MAX);
                let own = Recipe { answers, candidates: Vec::new(), ..recipe.clone() };
                without(planned(&own), u64::from(answers))
            }
        },
        _ => planned(recipe),
    }
}

/// How many calls a recipe takes for one prompt without a response of its own, failures and
/// retries apart.
pub fn calls_planned(
    recipe: &Recipe,
    constitution: Option<&Constitution>,
    rubric: Option<&Rubric>,
) -> CallsPlanned {
    calls_planned_by(recipe, None, constitution, rubric)
}

/// The same where a judge of its own judges.
pub fn calls_planned_by(
    recipe: &Recipe,
    judge: Option<JudgeCalls<'_>>,
    constitution: Option<&Constitution>,
    rubric: Option<&Rubric>,
) -> CallsPlanned {
    let eligible = constitution.map_or(0, |constitution| constitution.eligible().len() as u64);
    let answer = |criteria: u64| {
        if let Some(judge) = judge {
            return judge.answer(criteria, recipe.batch_criteria);
        }
        let apart = criteria * (1 + u64::from(recipe.reason_first));
        let all = if recipe.batch_criteria { 1 } else { apart };
        CallsPlanned { least: all, most: all }
    };
    let nothing = CallsPlanned { least: 0, most: 0 };
    let scoring = rubric.map_or(nothing, |rubric| answer(rubric.criteria.len() as u64));
    let rounds = if eligible == 0 { 0 } else { u64::from(recipe.rounds) };
    let chain_least = match (recipe.stop_when_clean, rounds) {
        (_, 0) => 0,
        (true, _) => 1,
        (false, rounds) => rounds,
    };
    let chain = CallsPlanned { least: 1 + chain_least, most: 1 + 2 * rounds };
    let judged = judged(recipe, judge, eligible);
    // Which rows have a canary is drawn for each; any may.
    let has_canaries = recipe.canaries > 0.0;
    let pair_canary = if has_canaries { judged_by(recipe, judge, 1).most } else { 0 };
    let answer_canary = if has_canaries { answer(1).most } else { 0 };
    let pair = CallsPlanned { least: 2 + judged.least, most: 2 + judged.most + pair_canary };
    match recipe.method {
        Method::Critique => chain,
        Method::Preference => pair,
        Method::Rank => {
            let answers = answers_of(recipe) as u64;
            let games = recipe.pairing.games(answers_of(recipe), recipe.games);
            CallsPlanned {
                least: answers + games * judged.least,
                most: answers + games * judged.most + pair_canary,
            }
        }
        Method::Votes if let Some(judge) = judge => {
            let each = judge.pair(eligible);
            CallsPlanned { most: each.most + pair_canary, ..each }
        }
        Method::Votes => {
            let reasoned = 1 + u64::from(recipe.reason_first);
            // A model that answers only pointwise is asked about one principle at a time.
            let together = eligible.div_ceil(PER_CALL as u64) * u64::from(recipe.votes.max(1));
            let apart = eligible * 2 * reasoned;
            match recipe.protocol {
                JudgeProtocol::Pairwise => CallsPlanned { least: together, most: together },
                JudgeProtocol::PointwiseYesNo | JudgeProtocol::PointwiseScale => {
                    CallsPlanned { least: apart, most: apart * u64::from(recipe.votes.max(1)) }
                }
                JudgeProtocol::Auto => CallsPlanned {
                    least: together.min(apart),
                    most: together.max(apart * u64::from(recipe.votes.max(1))),
                },
            }
        }
        Method::ChainPreference if recipe.pair_of == PairSource::DraftAndRevision => CallsPlanned {
            // Where the chain changes nothing, nobody is asked to compare.
            least: chain.least,
            most: chain.most + pair.most - 2,
        },
        Method::ChainPreference => {
            // The writer's pair begins with the chain's draft.
            let shared = u64::from(recipe.candidates.is_empty());
            CallsPlanned {
                least: chain.least + pair.least - shared,
                most: chain.most + pair.most - shared,
            }
        }
        Method::Score => {
            CallsPlanned { least: 1 + scoring.least, most: 1 + scoring.most + answer_canary }
        }
        Method::ChainScore => CallsPlanned {
            // An answer that was not revised is not scored twice.
            least: 1 + chain_least + scoring.least,
            most: 1 + 2 * rounds + (1 + rounds) * scoring.most + answer_canary,
        },
    }
}

/// How many calls judging one of the recipe's pairs takes, of so many principles that can be drawn.
pub(super) fn judged(
    recipe: &Recipe,
    judge: Option<JudgeCalls<'_>>,
    eligible: u64,
) -> CallsPlanned {
    let usual = || u64::from(recipe.principles_per_pair.max(1)).min(eligible);
    judged_by(recipe, judge, judge.map_or_else(usual, |judge| judge.drawn_of(eligible)))
}

fn judged_by(recipe: &Recipe, judge: Option<JudgeCalls<'_>>, principles: u64) -> CallsPlanned {
    if let Some(judge) = judge {
        return judge.pair(principles);
    }
    let once = principles * 2 * (1 + u64::from(recipe.reason_first));
    CallsPlanned { least: once, most: once * u64::from(recipe.votes.max(1)) }
}

/// How many answers a tournament has, unless a prompt brings them.
pub fn answers_of(recipe: &Recipe) -> usize {
    match recipe.candidates.len() {
        0 => recipe.answers.max(2) as usize,
        named => named,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::{Pairing, Principle};

    #[test]
    fn a_tournament_takes_its_games_and_the_answers_that_nobody_brought() {
        let principle =
            Principle { id: "P1".into(), text: "Be good.".to_owned(), ..Principle::default() };
        let constitution = Constitution { principles: vec![principle], ..Constitution::default() };
        let recipe = Recipe {
            answers: 8,
            games: 10,
            votes: 1,
            pairing: Pairing::Informative,
            reason_first: false,
            ..Recipe::built_in(Method::Rank)
        };
        let of = |recipe: &Recipe, prompt: &Prompt| {
            let planned = calls_planned_for(recipe, None, Some(&constitution), None, prompt);
            assert_eq!(planned.least, planned.most, "games are known exactly");
            planned.most
        };
        let mut prompt = Prompt::of_text("p", "Hello?");
        assert_eq!(of(&recipe, &prompt), 8 + 10 * 2);
        assert_eq!(of(&Recipe { games: 0, ..recipe.clone() }, &prompt), 8 + 20 * 2);
        prompt.extra.insert("responses".to_owned(), json!(["one", "two", "three"]));
        assert_eq!(of(&recipe, &prompt), 3 * 2, "three answers have three pairs");
        let pair = Recipe { method: Method::Preference, ..recipe };
        assert_eq!(of(&pair, &prompt), 2 + 2);
        prompt.extra.insert("a".to_owned(), json!("one"));
        prompt.extra.insert("b".to_owned(), json!("two"));
        assert_eq!(of(&pair, &prompt), 2);
    }
}
