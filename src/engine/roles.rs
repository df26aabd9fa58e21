//! What methods and recipes ask for: which roles, whether chains, whether pairs.

use crate::domain::{Method, ModelRole, Recipe};

/// The roles that a method asks.
pub fn roles_of(method: Method) -> &'static [ModelRole] {
    match method {
        Method::Critique => &[ModelRole::Writer, ModelRole::Critic, ModelRole::Reviser],
        Method::Preference | Method::Score => &[ModelRole::Writer, ModelRole::Judge],
        Method::Votes => &[ModelRole::Judge],
        Method::ChainScore | Method::ChainPreference => {
            &[ModelRole::Writer, ModelRole::Critic, ModelRole::Reviser, ModelRole::Judge]
        }
    }
}

/// The roles that a recipe asks: those of its method, without a writer who has nothing to write.
pub fn roles_for(recipe: &Recipe) -> &'static [ModelRole] {
    match recipe.method {
        Method::Preference if !recipe.candidates.is_empty() => &[ModelRole::Judge],
        method => roles_of(method),
    }
}

/// Whether a method drafts, criticises and revises.
pub fn makes_chains(method: Method) -> bool {
    match method {
        Method::Critique | Method::ChainScore | Method::ChainPreference => true,
        Method::Preference | Method::Score | Method::Votes => false,
    }
}

/// Whether a method has two answers compared.
pub fn makes_pairs(method: Method) -> bool {
    match method {
        Method::Preference | Method::ChainPreference => true,
        Method::Critique | Method::Score | Method::ChainScore | Method::Votes => false,
    }
}
