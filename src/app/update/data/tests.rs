//! Rows as a dataset: reading, searching, keeping, dropping, rewriting.

use std::sync::Arc;

use crate::app::command::{Command, CopyAs, DataCommand, GoCommand, RunsCommand};
use crate::app::effects::Effect;
use crate::app::effects::data::{DataEffect, DataEvent};
use crate::app::message::{Body, Event, Failure, Message};
use crate::app::state::data::{DataFilter, Flags, Reading, RowDetail, RowFacts, SearchState, Show};
use crate::app::state::{AppState, Area, ExportSource, Moment, ProjectState, Sheet};
use crate::app::update::update;
use crate::domain::{Chain, Hand, Part, Prompt, PromptSet, Row, RunId};

struct Bench {
    state: AppState,
}

fn row(n: u64) -> Row {
    let mut row = Row::empty(&Prompt::of_text(format!("p{n}"), format!("Why {n}?")));
    let draft = format!("because {n}");
    row.chain = Some(Chain { draft, draft_cut_off: n == 2, steps: Vec::new() });
    row
}

fn facts(range: std::ops::Range<u64>) -> Vec<RowFacts> {
    range.map(|n| RowFacts::of(n, &row(n))).collect()
}

impl Bench {
    /// Four rows of a run, shown.
    fn new() -> Self {
        let mut bench = Self { state: AppState::default() };
        let mut project = ProjectState { root: "/p".into(), ..ProjectState::default() };
        let prompts = (0..3).map(|n| Prompt::of_text(format!("p{n}"), "Why?")).collect();
        let set = PromptSet { name: "sample".to_owned(), prompts };
        project.documents.prompt_sets.insert("sample".to_owned(), Arc::new(set));
        let result = Ok(Box::new(project));
        bench.event(Event::Opened { root: "/p".into(), result, first_time: false });
        let effects = bench.command(RunsCommand::ShowRows(RunId::new("R-0001")));
        assert!(matches!(&effects[..], [Effect::Data(DataEffect::Read { .. })]), "{effects:?}");
        assert_eq!(bench.state.area, Area::Data);
        let number = bench.state.data.number;
        let rows = facts(0..2);
        let effects = bench.data(DataEvent::Rows { number, rows, is_last: false });
        assert!(
            matches!(&effects[..], [Effect::Data(DataEffect::Look { position: 0, .. })]),
            "the first row is looked at"
        );
        bench.data(DataEvent::Rows { number, rows: facts(2..4), is_last: true });
        assert_eq!(bench.state.data.reading, Reading::Done);
        bench
    }

    fn body(&mut self, body: Body) -> Vec<Effect> {
        update(&mut self.state, Message { at: Moment(1_000), body })
    }

    fn command(&mut self, command: impl Into<Command>) -> Vec<Effect> {
        self.body(Body::Command(command.into()))
    }

    fn event(&mut self, event: Event) -> Vec<Effect> {
        self.body(Body::Event(Box::new(event)))
    }

    fn data(&mut self, event: DataEvent) -> Vec<Effect> {
        self.event(Event::Data(event))
    }

    fn dropped(&self) -> Vec<u64> {
        let facts = self.state.data.facts.iter();
        facts.filter(|row| row.flags.has(Flags::DROPPED)).map(|row| row.position).collect()
    }

    fn filter(&mut self, filter: DataFilter) -> Vec<Effect> {
        self.command(DataCommand::Filter(Box::new(filter)))
    }

    fn seen(&mut self, position: u64, edits: &[(Part, &str)]) {
        let original = row(position);
        let edits = edits.iter().map(|(part, text)| (*part, (*text).to_owned())).collect();
        let hand = Hand { is_dropped: false, edits };
        let mut row = original.clone();
        hand.lay_over(&mut row);
        let detail = Box::new(RowDetail { position, row, original, hand, diff: None });
        self.data(DataEvent::Seen { run: RunId::new("R-0001"), detail });
    }
}

#[test]
fn rows_come_in_pages_and_those_of_an_older_reading_are_left_aside() {
    let mut bench = Bench::new();
    let data = &bench.state.data;
    assert_eq!((data.facts.len(), data.view.len(), data.quality.rows), (4, 4, 4));
    assert_eq!(data.quality.cut_off, 1);
    let number = data.number - 1;
    bench.data(DataEvent::Rows { number, rows: facts(4..9), is_last: true });
    assert_eq!(bench.state.data.facts.len(), 4);
    let effects = bench.command(DataCommand::Run(RunId::new("R-0002")));
    assert!(matches!(&effects[..], [Effect::Data(DataEffect::Read { .. })]));
    assert!(bench.state.data.facts.is_empty());
}

#[test]
fn a_row_is_dropped_and_kept_again_and_the_sums_follow() {
    let mut bench = Bench::new();
    let effects = bench.command(DataCommand::Keep { position: 1, is_kept: false });
    let [Effect::Data(DataEffect::Drop { prompts, is_dropped: true, .. })] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(prompts[0].as_str(), "p1");
    assert_eq!((bench.dropped(), bench.state.data.quality.kept), (vec![1], 3));
    bench.command(DataCommand::Keep { position: 1, is_kept: true });
    assert!(bench.dropped().is_empty());
}

#[test]
fn dropping_all_shown_is_taken_back_to_just_what_was_before() {
    let mut bench = Bench::new();
    bench.command(DataCommand::Keep { position: 1, is_kept: false });
    bench.command(DataCommand::KeepAll);
    assert_eq!(bench.dropped(), [0, 1, 2, 3]);
    let effects = bench.command(DataCommand::KeepAll);
    assert_eq!(bench.dropped(), [1], "the row dropped before stays so");
    let [Effect::Data(DataEffect::Drop { prompts, is_dropped: false, .. }), ..] = &effects[..]
    else {
        panic!("{effects:?}");
    };
    assert_eq!(prompts.len(), 3);
    // With a filter only what it lets through; and from all dropped to all kept.
    bench.filter(DataFilter { show: Show::CutOff, ..DataFilter::default() });
    bench.command(DataCommand::KeepAll);
    assert_eq!(bench.dropped(), [1, 2]);
    bench.filter(DataFilter { show: Show::Dropped, ..DataFilter::default() });
    assert_eq!(bench.state.data.view.len(), 2);
    bench.command(DataCommand::KeepAll);
    assert!(bench.dropped().is_empty());
}

#[test]
fn a_search_is_done_elsewhere_and_a_newer_one_stops_it() {
    let mut bench = Bench::new();
    let search = |what: &str| DataFilter { search: what.to_owned(), ..DataFilter::default() };
    let effects = bench.filter(search("beca"));
    let [Effect::Data(DataEffect::Search { number: first, .. })] = effects[..] else {
        panic!("{effects:?}");
    };
    assert!(bench.state.data.view.is_empty(), "nothing was found yet");
    let effects = bench.filter(search("because"));
    let [
        Effect::Data(DataEffect::Stop(stopped)),
        Effect::Data(DataEffect::Search { number, is_regex: false, .. }),
    ] = effects[..]
    else {
        panic!("{effects:?}");
    };
    assert_eq!(stopped, first);
    bench.data(DataEvent::Found { number: first, rows: vec![0], hits: 1, is_last: true });
    assert!(bench.state.data.view.is_empty());
    bench.data(DataEvent::Found { number, rows: vec![1], hits: 2, is_last: false });
    bench.data(DataEvent::Found { number, rows: vec![3], hits: 3, is_last: true });
    assert_eq!(bench.state.data.view[..], [1, 3]);
    let found = bench.state.data.found.clone().unwrap();
    assert_eq!((found.hits, found.state), (5, SearchState::Done));
    bench.command(GoCommand::Step(1));
    assert_eq!(bench.state.data.selected, Some(1), "steps go over what is shown");
    bench.filter(DataFilter { is_regex: true, ..search("(") });
    let number = bench.state.data.found.as_ref().unwrap().number;
    bench.data(DataEvent::BadSearch { number, why: "unclosed group".to_owned() });
    bench.filter(DataFilter { show: Show::All, ..bench.state.data.filter.clone() });
    assert_eq!(bench.state.data.view.len(), 4, "a pattern that is none leaves nothing out");
}

#[test]
fn a_text_is_rewritten_marked_and_given_back() {
    let mut bench = Bench::new();
    bench.seen(0, &[]);
    bench.command(DataCommand::BeginEdit(Part::Answer));
    assert_eq!(bench.state.data.editing, Some((0, Part::Answer)));
    let text = Some("mine".to_owned());
    let effects = bench.command(DataCommand::Edit { position: 0, part: Part::Answer, text });
    assert!(matches!(&effects[..], [Effect::Data(DataEffect::Edit { text: Some(_), .. })]));
    assert_eq!(bench.state.data.editing, None);
    bench.seen(0, &[(Part::Answer, "mine")]);
    assert!(bench.state.data.facts[0].flags.has(Flags::EDITED));
    assert_eq!(bench.state.data.facts[0].chosen, "mine");
    assert_eq!(bench.state.data.quality.edited, 1);
    let detail = bench.state.data.shown().unwrap();
    assert_eq!(detail.original.chain.as_ref().unwrap().draft, "because 0");
    bench.seen(0, &[]);
    assert_eq!(bench.state.data.quality.edited, 0);
}

#[test]
fn what_could_not_be_kept_is_told_and_read_anew() {
    let mut bench = Bench::new();
    bench.command(DataCommand::Keep { position: 1, is_kept: false });
    let failure = Failure::new("the disk is full", "make room");
    let effects = bench.data(DataEvent::NotKept { run: RunId::new("R-0001"), failure });
    assert!(effects.iter().any(|one| matches!(one, Effect::Data(DataEffect::Read { .. }))));
    assert_eq!(bench.state.notices.last().unwrap().hint, "make room");
}

#[test]
fn a_project_that_is_open_elsewhere_is_not_changed() {
    let mut bench = Bench::new();
    bench.state.project.as_mut().unwrap().read_only = true;
    assert!(
        bench
            .command(DataCommand::Keep { position: 1, is_kept: false })
            .iter()
            .all(|effect| !matches!(effect, Effect::Data(_)))
    );
    assert!(bench.dropped().is_empty());
    bench.command(DataCommand::BeginEdit(Part::Answer));
    assert_eq!(bench.state.data.editing, None);
}

#[test]
fn a_rows_prompt_is_shown_in_try_and_the_run_is_what_is_exported() {
    let mut bench = Bench::new();
    bench.command(DataCommand::Select(2));
    let effects = bench.command(DataCommand::Export);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::ListRuns)));
    assert_eq!(bench.state.export.source, Some(ExportSource::Run(RunId::new("R-0001"))));
    assert_eq!(bench.state.sheet, Some(Sheet::Export));
    bench.command(DataCommand::OpenPrompt);
    assert_eq!(bench.state.area, Area::Try);
    assert_eq!(bench.state.selection.prompt.as_ref().unwrap().as_str(), "p2");
    bench.command(GoCommand::Area(Area::Data));
    bench.command(DataCommand::Select(3));
    bench.command(DataCommand::OpenPrompt);
    assert_eq!(bench.state.area, Area::Data, "its prompt is in no set");
}

#[test]
fn a_row_is_copied_in_three_forms() {
    let mut bench = Bench::new();
    bench.seen(0, &[]);
    let mut copied = |form| {
        let effects = bench.command(DataCommand::Copy(form));
        let [Effect::Copy(text)] = &effects[..] else { panic!("{effects:?}") };
        text.clone()
    };
    let markdown = copied(CopyAs::Markdown);
    assert!(markdown.contains("> Why 0?") && markdown.contains("> because 0"), "{markdown}");
    assert!(copied(CopyAs::Json).contains("\"draft\": \"because 0\""));
    let csv = copied(CopyAs::Csv);
    assert_eq!(csv.lines().nth(1), Some("p0,Why 0?,because 0,,,unchanged"));
}
