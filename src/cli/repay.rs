//! Asks before a changed recipe is paid for again.
//!
//! Who runs a recipe for the first time, goes on with a run, or has everything in the journal is
//! asked nothing. Where an earlier run of the same recipe over some of the same prompts is there
//! and calls are new all the same, something was changed since: then what the journal answers and
//! what the rest may cost is said first.

use std::collections::BTreeSet;
use std::io::{BufRead as _, IsTerminal as _};

use super::failure::Failure;
use super::{out, progress};
use crate::domain::{Prompt, RunId};
use crate::engine::{Cancel, DryCount, Money, Plan, dry_count};
use crate::store::Journal;
use crate::store::journal::RunKind;

/// What the person said beforehand.
#[derive(Debug, Clone, Copy)]
pub struct Consent {
    /// Whether nothing is to be asked.
    pub yes: bool,
    /// US dollars that are agreed to.
    pub max_cost: Option<f64>,
}

/// Says what a changed recipe costs and asks whether to go on; a run that is no repetition, or
/// costs nothing, goes on at once.
///
/// Without a terminal nobody can be asked: then it goes on with `yes`, within a cost limit, or
/// where no price is known, which is said.
///
/// # Errors
///
/// The answer is no, or nobody can be asked; nothing was sent.
pub async fn ask(plan: &Plan, journal: &Journal, consent: Consent) -> Result<(), Failure> {
    let can_cost = plan.all_models().any(|model| model.can_cost());
    if plan.run.is_some() || plan.replay_only || !can_cost {
        return Ok(());
    }
    let Some(earlier) = earlier(plan, journal).await? else { return Ok(()) };
    // Nobody stops it, so it counts to the end.
    let count = dry_count(plan, journal, &Cancel::new()).await?.unwrap_or_default();
    if count.missing == 0 {
        return Ok(());
    }
    let counts = journal.counts(&earlier).await?;
    let each = (counts.calls > 0).then(|| counts.cost / counts.calls as f64);
    let most = each.map(|each| each * count.new_most as f64);
    out::say(&said(&plan.recipe.name, &earlier, &count, most));
    let costs = most.is_some_and(|most| most > 0.0) || count.cost_at_worst > Money::ZERO;
    if consent.yes || consent.max_cost.is_some() || !costs {
        return Ok(());
    }
    let hint = "add --yes to pay for what is new, or --max-cost USD to hold it to an amount";
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        return Err(Failure::stopped("not started: it would pay for new calls", hint));
    }
    out::say("go on? [y/N]");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).ok();
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::stopped("not started, as you said", hint)),
    }
}

/// The newest run of the same recipe over some of the same prompts, where it was made with other
/// documents, models or another seed. A pilot, or a run of fewer prompts, that the whole set goes
/// on from is no change.
async fn earlier(plan: &Plan, journal: &Journal) -> Result<Option<RunId>, Failure> {
    let ours: BTreeSet<&str> = plan.prompts.iter().map(|prompt| prompt.id.as_str()).collect();
    for record in journal.runs().await? {
        if !matches!(record.kind, RunKind::Run | RunKind::Pilot)
            || record.recipe != plan.recipe.name
        {
            continue;
        }
        let Some(mut frozen) = journal.frozen(&record.id).await? else { continue };
        let prompts = frozen.get_mut("prompts").map(serde_json::Value::take).unwrap_or_default();
        let theirs: Vec<Prompt> = serde_json::from_value(prompts).unwrap_or_default();
        if theirs.iter().any(|prompt| ours.contains(prompt.id.as_str())) {
            let now = serde_json::to_value(plan.provenance()).ok();
            let is_changed = frozen.get("provenance") != now.as_ref();
            return Ok(is_changed.then_some(record.id));
        }
    }
    Ok(None)
}

fn said(recipe: &str, earlier: &RunId, count: &DryCount, most: Option<f64>) -> String {
    let calls = match (count.new_least, count.new_most) {
        (least, most) if least == most => format!("{least} are new"),
        (least, most) => format!("{least} to {most} are new"),
    };
    let price = match most {
        Some(most) if most > 0.0 => {
            format!(", at up to {} (by what a call of {earlier} cost)", progress::cost(most, false))
        }
        _ if count.cost_at_worst > Money::ZERO => {
            let first = progress::cost(count.cost_at_worst.usd(), false);
            format!(", of which the first may cost {first}")
        }
        _ => ", at a price that is not known".to_owned(),
    };
    format!(
        "“{recipe}” was run before and has changed since: {} calls are answered by the journal, {calls}{price}",
        count.found
    )
}
