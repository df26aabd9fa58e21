//! Random edits, undone and redone.

use super::*;

/// A tiny generator: the same numbers on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

fn random_edit(bench: &mut Bench, numbers: &mut Numbers) {
    let n = numbers.below(100);
    let pick_principle = |bench: &Bench, numbers: &mut Numbers| {
        let constitution = bench.state.constitution()?;
        let count = constitution.principles.len() as u64;
        (count > 0).then(|| constitution.principles[numbers.below(count) as usize].id.clone())
    };
    let pick_criterion = |bench: &Bench, numbers: &mut Numbers| {
        let rubric = bench.state.rubric()?;
        let count = rubric.criteria.len() as u64;
        (count > 0).then(|| rubric.criteria[numbers.below(count) as usize].id.clone())
    };
    bench.wait(numbers.below(3_000));
    let command: Option<Command> = match numbers.below(14) {
        0 => Some(ConstitutionCommand::AddPrinciple.into()),
        1 => {
            pick_principle(bench, numbers).map(|id| ConstitutionCommand::DeletePrinciple(id).into())
        }
        2 => pick_principle(bench, numbers)
            .map(|id| ConstitutionCommand::MovePrinciple(id, numbers.below(5) as i32 - 2).into()),
        3..=5 => pick_principle(bench, numbers).map(|id| {
            let change = PrincipleChange::Text(format!("Text {n}"));
            ConstitutionCommand::Principle { id, change }.into()
        }),
        6 => pick_principle(bench, numbers).map(|id| {
            let change = PrincipleChange::Weight(n as f64 / 10.0);
            ConstitutionCommand::Principle { id, change }.into()
        }),
        7 => Some(RubricCommand::AddCriterion.into()),
        8 => pick_criterion(bench, numbers).map(|id| RubricCommand::DeleteCriterion(id).into()),
        9 => pick_criterion(bench, numbers).map(|id| {
            let change = CriterionChange::Scale(Scale::Points(n as f64 - 50.5));
            RubricCommand::Criterion { id, change }.into()
        }),
        10 => bench.state.rubric().map(|_| {
            let stem = bench.state.selection.rubric.clone();
            let all = [Aggregation::Minimum, Aggregation::Points, Aggregation::WeightedMean];
            let change = RubricChange::Aggregation(all[(n % 3) as usize]);
            RubricCommand::Change { stem, change }.into()
        }),
        11 => Some(ConstitutionCommand::New(format!("New {n}")).into()),
        12 => Some(TryCommand::AddPrompt(format!("Prompt {n}")).into()),
        _ => bench
            .state
            .prompt()
            .map(|prompt| TryCommand::EditPrompt(prompt.id.clone(), format!("Prompt {n}")).into()),
    };
    if let Some(command) = command {
        bench.command(command);
    }
}

#[test]
fn three_hundred_random_edits_undone_and_redone_give_the_same() {
    for seed in 0..5 {
        let mut bench = Bench::new();
        let mut numbers = Numbers(seed);
        let at_first = bench.state.documents().unwrap().clone();
        for _ in 0..300 {
            random_edit(&mut bench, &mut numbers);
        }
        let at_last = bench.state.documents().unwrap().clone();
        assert_ne!(at_first, at_last);
        let depth = bench.state.history.depth();
        assert!(depth > 100, "only {depth} entries");
        while bench.state.history.undo_label().is_some() {
            bench.command(Command::Undo);
        }
        assert_eq!(bench.state.documents().unwrap(), &at_first, "seed {seed}");
        while bench.state.history.redo_label().is_some() {
            bench.command(Command::Redo);
        }
        assert_eq!(bench.state.documents().unwrap(), &at_last, "seed {seed}");
        assert_eq!(bench.state.history.depth(), depth);
    }
}
