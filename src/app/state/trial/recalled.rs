//! Which of the journal's chains are shown, and which stand beside them.

use std::collections::BTreeMap;

use super::{MOST_OTHERS, PromptKey, Trial};
use crate::domain::Variant;

/// The chains of one prompt, as the journal has them.
#[derive(Debug, Clone, PartialEq)]
pub struct RecalledChains {
    /// Whose they are.
    pub key: PromptKey,
    /// The one to show.
    pub shown: Trial,
    /// Those to keep beside it.
    pub others: Vec<Trial>,
}

/// Sorts chains, the newest first, by prompt: the newest plain one is shown, and of those that
/// are the same again only the newest is kept.
pub fn arranged(newest_first: Vec<(PromptKey, Trial)>) -> Vec<RecalledChains> {
    let mut by_key: BTreeMap<PromptKey, Vec<Trial>> = BTreeMap::new();
    for (key, trial) in newest_first {
        let kept = by_key.entry(key).or_default();
        if kept.len() <= MOST_OTHERS && !kept.iter().any(|newer| is_repeated(newer, &trial)) {
            kept.push(trial);
        }
    }
    let arrange = |(key, mut trials): (PromptKey, Vec<Trial>)| {
        let plain = trials.iter().position(|trial| trial.variant == Variant::Plain);
        let shown = trials.remove(plain.unwrap_or_default());
        RecalledChains { key, shown, others: trials }
    };
    by_key.into_iter().map(arrange).collect()
}

/// Whether an older chain says nothing that the newer one doesn't: the same steps from the same
/// seed (a failed one is outdone by any newer one), and no scores that the newer one lacks.
pub fn is_repeated(newer: &Trial, older: &Trial) -> bool {
    let is_kin = newer.seed == older.seed
        && newer.by_hand == older.by_hand
        && (newer.variant == older.variant || is_drawn(&newer.variant) && is_drawn(&older.variant));
    let scores = |trial: &Trial| trial.row.as_ref().map_or(0, |row| row.scores.len());
    let has_failed = older.row.as_ref().is_none_or(|row| row.failure.is_some());
    let is_same = newer.chain() == older.chain() && scores(newer) >= scores(older);
    is_kin && (has_failed || is_same)
}

fn is_drawn(variant: &Variant) -> bool {
    matches!(variant, Variant::Plain | Variant::Sample)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{Chain, Prompt, Row};

    fn trial(draft: &str, seed: u64, variant: Variant) -> Trial {
        let chain = Chain { draft: draft.to_owned(), draft_cut_off: false, steps: Vec::new() };
        let row = Row { chain: Some(chain), ..Row::empty(&Prompt::of_text("p", "?")) };
        Trial { seed, variant, row: Some(Arc::new(row)), ..Trial::default() }
    }

    #[test]
    fn the_newest_plain_chain_is_shown_and_repetitions_go() {
        let key: PromptKey = ("set".to_owned(), "p".into());
        let without = Variant::Without { principle: "P1".into() };
        let found = [
            trial("x", 7, without.clone()),
            trial("a", 7, Variant::Plain),
            trial("a", 7, Variant::Plain),
            trial("b", 8, Variant::Sample),
            trial("c", 7, Variant::Plain),
        ];
        let all = arranged(found.into_iter().map(|trial| (key.clone(), trial)).collect());
        let [one] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!(one.shown.chain().unwrap().draft, "a");
        let drafts: Vec<_> = one.others.iter().map(|t| t.chain().unwrap().draft.as_str()).collect();
        assert_eq!(drafts, ["x", "b", "c"]);
    }

    #[test]
    fn only_experiments_are_shown_where_there_is_nothing_else() {
        let key: PromptKey = ("set".to_owned(), "p".into());
        let with = Variant::With { text: "Be kind.".to_owned() };
        let all = arranged(vec![(key, trial("x", 7, with.clone()))]);
        assert_eq!(all[0].shown.variant, with);
    }
}
