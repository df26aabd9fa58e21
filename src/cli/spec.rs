//! Models as the command line names them: `ROLE=MODEL`, or one for every role.

use std::collections::BTreeMap;

use strum::IntoEnumIterator as _;

use crate::domain::ModelRole;

/// One `--model`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleModel {
    /// The role; `None`: every role.
    role: Option<ModelRole>,
    /// A name of the project, or a specification.
    model: String,
}

impl std::str::FromStr for RoleModel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (role, model) = match text.split_once('=') {
            // An address may hold a “=” as well, and then has a “:” before it.
            Some((role, model)) if !role.contains(':') => {
                let known: ModelRole = role.trim().parse().map_err(|_unknown| {
                    let roles: Vec<String> = ModelRole::iter().map(|r| r.to_string()).collect();
                    format!("“{role}” is no role; roles are {}", roles.join(", "))
                })?;
                (Some(known), model)
            }
            _ => (None, text),
        };
        match model.trim() {
            "" => Err("the model is missing; write ROLE=MODEL".to_owned()),
            model => Ok(Self { role, model: model.to_owned() }),
        }
    }
}

/// Who does what; a role's own wish goes before one for every role.
pub fn by_role(wishes: &[RoleModel]) -> BTreeMap<ModelRole, String> {
    let mut roles = BTreeMap::new();
    for wish in wishes.iter().filter(|wish| wish.role.is_none()) {
        roles.extend(ModelRole::iter().map(|role| (role, wish.model.clone())));
    }
    roles.extend(wishes.iter().filter_map(|wish| Some((wish.role?, wish.model.clone()))));
    roles
}

/// A share given in per cent, as 0..=1.
///
/// # Errors
///
/// It is no number from 0 to 100.
pub fn share(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_end_matches('%').trim();
    match number.parse::<f64>() {
        Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(percent / 100.0),
        _ => Err("give a number from 0 to 100".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_of_its_own_goes_before_every_role() {
        let wishes = ["judge=strict", "openai:m@http://h/v1?a=b", "writer=embedded"]
            .map(|text| text.parse::<RoleModel>().unwrap());
        let roles = by_role(&wishes);
        assert_eq!(roles[&ModelRole::Judge], "strict");
        assert_eq!(roles[&ModelRole::Writer], "embedded");
        assert_eq!(roles[&ModelRole::Critic], "openai:m@http://h/v1?a=b");
        for bad in ["jugde=x", "judge=", ""] {
            assert!(bad.parse::<RoleModel>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_share_is_per_cent() {
        assert_eq!(share("5 %"), Ok(0.05));
        for bad in ["-1", "101", "x", "NaN"] {
            assert!(share(bad).is_err(), "{bad}");
        }
    }
}
