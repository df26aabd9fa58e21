//! What methods and recipes ask for: which roles, whether chains, whether pairs.

use crate::domain::{Method, ModelRole, Recipe};

/// The roles that a method asks.
pub fn roles_of(method: Method) -> &'static [ModelRole] {
    match method {
        Method::Critique => &[ModelRole::Writer, ModelRole::Critic, ModelRole::Reviser],
        Method::Preference | Method::Rank | Method::Score => &[ModelRole::Writer, ModelRole::Judge],
        Method::Votes => &[ModelRole::Judge],
        Method::ChainScore | Method::ChainPreference => {
            &[ModelRole::Writer, ModelRole::Critic, ModelRole::Reviser, ModelRole::Judge]
        }
    }
}

/// The roles that a recipe asks: those of its method, without a writer who has nothing to write and
/// without the judge where it names one of its own.
pub fn roles_for(recipe: &Recipe) -> &'static [ModelRole] {
    let has_writer = match recipe.method {
        Method::Preference | Method::Rank => recipe.candidates.is_empty(),
        Method::Votes => false,
        Method::Critique | Method::ChainPreference | Method::Score | Method::ChainScore => true,
    };
    match (recipe.method, has_judge_of_its_own(recipe)) {
        (Method::ChainScore | Method::ChainPreference, true) => {
            &[ModelRole::Writer, ModelRole::Critic, ModelRole::Reviser]
        }
        (Method::Preference | Method::Rank | Method::Score | Method::Votes, true) => {
            if has_writer {
                &[ModelRole::Writer]
            } else {
                &[]
            }
        }
        (Method::Preference | Method::Rank, false) if !has_writer => &[ModelRole::Judge],
        (method, _) => roles_of(method),
    }
}

/// Whether a method has anything judged.
pub fn judges(method: Method) -> bool {
    roles_of(method).contains(&ModelRole::Judge)
}

/// Whether a recipe's rows are judged by one of the project's judges, and not by the model of that
/// role.
pub fn has_judge_of_its_own(recipe: &Recipe) -> bool {
    !recipe.judge.is_empty() && judges(recipe.method)
}

/// Whether a method drafts, criticises and revises.
pub fn makes_chains(method: Method) -> bool {
    match method {
        Method::Critique | Method::ChainScore | Method::ChainPreference => true,
        Method::Preference | Method::Rank | Method::Score | Method::Votes => false,
    }
}

/// Whether a method has two answers compared.
pub fn makes_pairs(method: Method) -> bool {
    match method {
        Method::Preference | Method::Rank | Method::ChainPreference => true,
        Method::Critique | Method::Score | Method::ChainScore | Method::Votes => false,
    }
}
