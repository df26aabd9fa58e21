//! How many calls a plan's rows take, before anything is asked.

use super::judging;
use super::plan::Plan;
use crate::domain::Prompt;
use crate::methods::compare::compare_calls_planned;
use crate::methods::{CallsPlanned, JudgeCalls, calls_planned_for};

impl Plan {
    /// How many calls one of its rows takes, failures and retries apart.
    pub fn calls_of(&self, prompt: &Prompt) -> CallsPlanned {
        let panel = self.panel.as_deref();
        if let Some(panel) = panel.filter(|_| self.judging.is_some()) {
            return judging::planned(self, panel, prompt);
        }
        let reasons = panel.map(super::Panel::reasons).unwrap_or_default();
        let judge = panel.map(|panel| JudgeCalls { setup: panel.setup(), reasons: &reasons });
        let recipe = &self.recipe;
        let constitution = self.constitution.as_deref();
        if let (Some(compare), Some(yardstick)) = (&self.compare, constitution) {
            let sides = [&compare.a, &compare.b].map(|side| side.constitution.as_deref());
            let shares = compare.about.a.writer_identity == compare.about.b.writer_identity;
            return compare_calls_planned((recipe, judge), sides, yardstick, shares);
        }
        let rubric = self.rubric.as_deref();
        let planned = calls_planned_for(recipe, judge, constitution, rubric, prompt);
        CallsPlanned {
            // A chain that goes on from a start may have little left to do.
            least: if self.start.is_some() { 0 } else { planned.least },
            most: planned.most,
        }
    }

    /// How many calls all its rows take at most, failures and retries apart.
    pub fn most_calls(&self) -> u64 {
        self.prompts.iter().map(|prompt| self.calls_of(prompt).most).sum()
    }
}
