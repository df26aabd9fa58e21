//! Lists of items: moving, picking, copying, pasting; and a long random history.

use std::sync::Arc;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use super::update;
use crate::app::command::{
    CasesCommand, Command, ConstitutionChange, ConstitutionCommand, CopyAs, CriterionChange,
    GoCommand, ListsCommand, PrincipleChange, RubricChange, RubricCommand, TryCommand,
};
use crate::app::effects::Effect;
use crate::app::menu_command::MenuCommand;
use crate::app::message::{Body, Event, Message};
use crate::app::state::documents::Setup;
use crate::app::state::lists::Sort;
use crate::app::state::{AppState, Area, Documents, Moment, ProjectState};
use crate::domain::{
    Aggregation, Constitution, Criterion, CriterionId, Gate, Principle, PrincipleId, Prompt,
    PromptSet, Rubric, Scale,
};

struct Bench {
    state: AppState,
    now: Moment,
}

impl Bench {
    fn new(count: usize) -> Self {
        let mut project = ProjectState { root: "/p".into(), ..ProjectState::default() };
        let mut constitution = Constitution::named("General");
        let mut rubric = Rubric::named("Quality");
        for n in 1..=count {
            constitution.principles.push(Principle {
                id: PrincipleId(format!("P{n}")),
                text: format!("Rule {n}."),
                tags: vec![if n % 2 == 0 { "care" } else { "honesty" }.to_owned()],
                ..Principle::default()
            });
            rubric.criteria.push(Criterion {
                id: CriterionId(format!("C{n}")),
                name: format!("Criterion {n}"),
                ..Criterion::default()
            });
        }
        let set = PromptSet {
            name: "sample".to_owned(),
            prompts: vec![Prompt::of_text("a", "Why?"), Prompt::of_text("b", "How?")],
        };
        let documents = &mut project.documents;
        documents.setup = Arc::new(Setup { name: "Test".to_owned(), ..Setup::default() });
        documents.constitutions.insert("general".to_owned(), Arc::new(constitution));
        documents.rubrics.insert("quality".to_owned(), Arc::new(rubric));
        documents.prompt_sets.insert("sample".to_owned(), Arc::new(set));
        let mut bench = Self { state: AppState::default(), now: Moment(1_000_000) };
        bench.body(Body::Event(Box::new(Event::Opened {
            root: "/p".into(),
            result: Ok(Box::new(project)),
            first_time: false,
        })));
        bench.state.area = Area::Constitution;
        bench
    }

    fn body(&mut self, body: Body) -> Vec<Effect> {
        update(&mut self.state, Message { at: self.now, body })
    }

    fn command(&mut self, command: impl Into<Command>) -> Vec<Effect> {
        self.body(Body::Command(command.into()))
    }

    fn menu(&mut self, command: MenuCommand) -> Result<Vec<Effect>, &'static str> {
        let command = command.resolve(&self.state)?;
        Ok(self.command(command))
    }

    fn order(&self) -> String {
        let all = &self.state.constitution().unwrap().principles;
        all.iter()
            .map(|one| one.id.0.trim_start_matches('P').to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn pick(&mut self, ids: &[&str]) {
        let ids = ids.iter().map(|id| PrincipleId::new(*id)).collect();
        self.command(ListsCommand::PickPrinciples(ids));
    }
}

#[test]
fn one_and_several_move_past_those_that_stay() {
    let mut bench = Bench::new(6);
    bench.command(ConstitutionCommand::MovePrinciple("P2".into(), 1));
    assert_eq!(bench.order(), "1 3 2 4 5 6");
    assert_eq!(bench.state.announcement.1, "P2 moved to position 3 of 6");
    assert_eq!(bench.state.selection.principle, Some("P2".into()), "focus follows");
    bench.pick(&["P2", "P5"]);
    bench.menu(MenuCommand::MoveUp).unwrap();
    assert_eq!(bench.order(), "1 2 3 5 4 6");
    assert_eq!(bench.state.announcement.1, "2 principles moved; P5 is at position 4 of 6");
    bench.menu(MenuCommand::MoveFirst).unwrap();
    assert_eq!(bench.order(), "2 5 1 3 4 6");
    bench.menu(MenuCommand::MoveUp).unwrap();
    assert_eq!(bench.state.announcement.1, "It is the first");
    bench.menu(MenuCommand::MoveLast).unwrap();
    assert_eq!(bench.order(), "1 3 4 6 2 5");
    assert_eq!(bench.state.selection.picked_principles.len(), 2, "they stay picked");
    let ids = vec!["P6".into(), "P1".into()];
    bench.command(ConstitutionCommand::PlacePrinciples { ids, before: Some("P2".into()) });
    assert_eq!(bench.order(), "3 4 1 6 2 5", "in the order that they had");
    bench.command(ConstitutionCommand::PrincipleTo("P5".into(), 2));
    assert_eq!(bench.order(), "3 5 4 1 6 2");
    bench.command(ConstitutionCommand::PrincipleTo("P5".into(), 99));
    assert_eq!(bench.order(), "3 4 1 6 2 5");
    bench.command(RubricCommand::PlaceCriteria { ids: vec!["C1".into()], before: None });
    assert_eq!(bench.state.rubric().unwrap().criteria[5].id, "C1".into());
}

#[test]
fn a_sorted_or_filtered_list_says_why_nothing_moves() {
    let mut bench = Bench::new(4);
    bench.command(GoCommand::Principle(Some("P2".into())));
    bench.command(ListsCommand::Sort(Sort::Title));
    assert!(bench.menu(MenuCommand::MoveUp).unwrap_err().contains("My order"));
    bench.command(ListsCommand::Sort(Sort::Mine));
    bench.command(ListsCommand::FilterPrinciples("rule".to_owned()));
    assert!(bench.menu(MenuCommand::MoveUp).unwrap_err().contains("filter"));
    bench.command(ListsCommand::FilterPrinciples(String::new()));
    bench.menu(MenuCommand::MoveUp).unwrap();
    assert_eq!(bench.order(), "2 1 3 4");
}

#[test]
fn next_and_previous_go_along_the_list_as_it_is_shown() {
    let mut bench = Bench::new(5);
    bench.command(ListsCommand::Sort(Sort::Group));
    bench.command(GoCommand::Principle(Some("P4".into())));
    bench.menu(MenuCommand::NextItem).unwrap();
    assert_eq!(bench.state.selection.principle, Some("P1".into()), "care before honesty");
    bench.command(ListsCommand::Fold("honesty".to_owned(), true));
    bench.command(GoCommand::Principle(Some("P4".into())));
    bench.menu(MenuCommand::NextItem).unwrap();
    assert_eq!(bench.state.selection.principle, Some("P4".into()), "the rest is folded away");
    // What is asked for is shown, whatever hides it.
    bench.command(ListsCommand::FilterPrinciples("rule 4".to_owned()));
    let stem = "general".to_owned();
    let target = crate::app::state::Target::Principle { stem, id: "P3".into(), field: None };
    bench.command(GoCommand::To(target));
    assert!(bench.state.lists.principles.filter.is_empty());
    assert!(bench.state.lists.principles.folded.is_empty());
}

#[test]
fn several_are_changed_as_one_edit() {
    let mut bench = Bench::new(5);
    bench.pick(&["P1", "P3", "P4"]);
    bench.menu(MenuCommand::ToggleEnabled).unwrap();
    let enabled = |bench: &Bench| {
        bench.state.constitution().unwrap().principles.iter().filter(|one| one.enabled).count()
    };
    assert_eq!(enabled(&bench), 2);
    let ids = bench.state.chosen_principles();
    bench.command(ConstitutionCommand::TagPrinciples { ids, tag: " new ".to_owned(), on: true });
    let tags = bench.state.constitution().unwrap().principles[3].tags.clone();
    assert_eq!(tags, ["care", "new"]);
    bench.menu(MenuCommand::Duplicate).unwrap();
    assert_eq!(bench.order(), "1 6 2 3 7 4 8 5");
    bench.menu(MenuCommand::Delete).unwrap();
    assert_eq!(bench.order(), "1 2 3 4 5", "the copies were picked");
    bench.pick(&["P1", "P2", "P5"]);
    bench.menu(MenuCommand::Delete).unwrap();
    assert_eq!(bench.order(), "3 4");
    assert_eq!(bench.state.selection.principle, Some("P3".into()));
    let notice = bench.state.notices.last().unwrap().text.clone();
    assert_eq!(notice, "Deleted 3 principles: Undo brings it back");
    bench.command(Command::Undo);
    assert_eq!(bench.order(), "1 2 3 4 5");
    for _ in 0..4 {
        bench.command(Command::Undo);
    }
    assert_eq!(enabled(&bench), 5);
}

#[test]
fn a_pasted_list_becomes_principles_behind_the_one_shown() {
    let mut bench = Bench::new(3);
    bench.command(GoCommand::Principle(Some("P1".into())));
    let text = "1. Be kind.\n2. Be brief.\n\n- Cite sources\n".to_owned();
    bench.command(ConstitutionCommand::AddLines(text));
    assert_eq!(bench.order(), "1 4 5 6 2 3");
    assert_eq!(bench.state.selection.picked_principles.len(), 3);
    assert_eq!(bench.state.constitution().unwrap().principles[1].text, "Be kind.");
    bench.command(Command::Undo);
    assert_eq!(bench.order(), "1 2 3");
    bench.command(ConstitutionCommand::AddLines(" \n--\n".to_owned()));
    assert_eq!(bench.order(), "1 2 3");
}

#[test]
fn what_is_picked_is_copied_in_every_form() {
    let mut bench = Bench::new(3);
    bench.pick(&["P3", "P1"]);
    let copied = |effects: Vec<Effect>| {
        effects
            .into_iter()
            .find_map(|effect| if let Effect::Copy(text) = effect { Some(text) } else { None })
            .unwrap()
    };
    let text = copied(bench.menu(MenuCommand::CopyMarkdown).unwrap());
    assert_eq!(text, "- Rule 1.\n- Rule 3.\n");
    assert_eq!(bench.state.announcement.1, "Copied 2 principles as Markdown");
    let text = copied(bench.menu(MenuCommand::CopyJson).unwrap());
    let back: Vec<Principle> = serde_json::from_str(&text).unwrap();
    assert_eq!(back[1].id, "P3".into());
    let text = copied(bench.menu(MenuCommand::CopyCsv).unwrap());
    assert!(text.starts_with("id,title,text,tags"), "{text}");
    assert_eq!(text.lines().count(), 3);
    bench.state.area = Area::Rubric;
    for form in [CopyAs::Markdown, CopyAs::Json, CopyAs::Csv] {
        let text = copied(bench.command(ListsCommand::Copy(form)));
        assert!(text.contains("Criterion 3"), "{form}: {text}");
    }
    bench.state.area = Area::Try;
    assert!(bench.menu(MenuCommand::CopyCsv).is_err());
}

/// A random document edit, as a user's hands would make it.
fn edit(bench: &mut Bench, random: &mut ChaCha8Rng) -> Command {
    let mut below = |n: usize| (random.next_u64() % n.max(1) as u64) as usize;
    let principles: Vec<PrincipleId> = bench
        .state
        .constitution()
        .map(|one| one.principles.iter().map(|p| p.id.clone()).collect())
        .unwrap_or_default();
    let criteria: Vec<CriterionId> = bench
        .state
        .rubric()
        .map(|one| one.criteria.iter().map(|c| c.id.clone()).collect())
        .unwrap_or_default();
    let words = format!("words {}", below(1000));
    let p = principles.get(below(principles.len())).cloned().unwrap_or_default();
    let q = principles.get(below(principles.len())).cloned().unwrap_or_default();
    let c = criteria.get(below(criteria.len())).cloned().unwrap_or_default();
    let stem = bench.state.selection.constitution.clone();
    let rubric = bench.state.selection.rubric.clone();
    let of = |change| ConstitutionCommand::Principle { id: p.clone(), change };
    let by = below(7) as i32 - 3;
    match below(26) {
        0 => of(PrincipleChange::Text(words)).into(),
        1 => of(PrincipleChange::Title(words)).into(),
        2 => of(PrincipleChange::Weight(below(50) as f64 / 10.0)).into(),
        3 => of(PrincipleChange::Tags(vec![words])).into(),
        4 => ConstitutionCommand::AddPrinciple.into(),
        5 => ConstitutionCommand::AddLines(format!("- {words}\n- and more")).into(),
        6 => ConstitutionCommand::DuplicatePrinciples(vec![p.clone(), q]).into(),
        7 => ConstitutionCommand::DeletePrinciple(p).into(),
        8 => ConstitutionCommand::DeletePrinciples(vec![p.clone(), q]).into(),
        9 => ConstitutionCommand::MovePrinciples(vec![p.clone(), q], by).into(),
        10 => ConstitutionCommand::PlacePrinciples { ids: vec![p.clone()], before: Some(q) }.into(),
        11 => ConstitutionCommand::EnablePrinciples(vec![p.clone(), q], by > 0).into(),
        12 => {
            let ids = vec![p.clone(), q];
            ConstitutionCommand::TagPrinciples { ids, tag: words, on: by > 0 }.into()
        }
        13 => ConstitutionCommand::New(words).into(),
        14 => ConstitutionCommand::Duplicate(stem).into(),
        15 => ConstitutionCommand::Delete(stem).into(),
        16 => {
            let change = ConstitutionChange::Preface(words);
            ConstitutionCommand::Change { stem, change }.into()
        }
        17 => ConstitutionCommand::MakeDefault(stem).into(),
        18 => RubricCommand::AddCriterion.into(),
        19 => RubricCommand::MoveCriterion(c, by).into(),
        20 => RubricCommand::DeleteCriteria(vec![c]).into(),
        21 => RubricCommand::Criterion { id: c, change: CriterionChange::Gate(Gate::AtLeast(3)) }
            .into(),
        22 => {
            let change = CriterionChange::Scale(Scale::Points(f64::from(by)));
            RubricCommand::Criterion { id: c, change }.into()
        }
        23 => {
            let change = RubricChange::Aggregation(Aggregation::Minimum);
            RubricCommand::Change { stem: rubric, change }.into()
        }
        24 => TryCommand::AddPrompt(words).into(),
        _ => CasesCommand::Pin(p, words).into(),
    }
}

#[test]
fn a_thousand_random_edits_are_undone_and_redone_to_the_same_documents() {
    for seed in 0..4 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut bench = Bench::new(4);
        let documents = |bench: &Bench| -> Documents { bench.state.documents().unwrap().clone() };
        let first = documents(&bench);
        for _ in 0..1_000 {
            bench.now = bench.now.plus_millis(random.next_u64() % 3_000);
            // Wherever undo leads: the whole project is looked at through what is selected.
            let command = edit(&mut bench, &mut random);
            bench.command(command);
        }
        let last = documents(&bench);
        assert_ne!(first, last);
        let depth = bench.state.history.depth();
        assert!(depth > 400, "{depth}");
        for round in 0..2 {
            while bench.state.history.undo_label().is_some() {
                bench.command(Command::Undo);
            }
            assert_eq!(documents(&bench), first, "seed {seed}, round {round}");
            let mut redone = 0;
            while bench.state.history.redo_label().is_some() {
                bench.command(Command::Redo);
                redone += 1;
            }
            assert_eq!(documents(&bench), last, "seed {seed}, round {round}");
            assert_eq!(redone, depth);
        }
        // Undo and redo in the midst of it leave no trace either.
        for _ in 0..200 {
            let back = (random.next_u64() % 20) as usize;
            (0..back).for_each(|_| drop(bench.command(Command::Undo)));
            (0..back).for_each(|_| drop(bench.command(Command::Redo)));
        }
        assert_eq!(documents(&bench), last);
    }
}
