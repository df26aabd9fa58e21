//! Palette, find, history, versions, places and notices, without a window.

use std::sync::Arc;

use strum::IntoEnumIterator as _;

use crate::app::command::{
    Command, ConstitutionCommand, GoCommand, LibraryCommand, PrincipleChange, ProjectCommand,
};
use crate::app::effects::Effect;
use crate::app::effects::library::{LibraryEffect, LibraryEvent};
use crate::app::menu_command::MenuCommand;
use crate::app::message::{Body, Event, Failure, Message};
use crate::app::state::library::{
    Found, FoundKind, FoundPlace, KeptVersion, PaletteHit, PaletteItem, Wanted,
};
use crate::app::state::{
    AppState, Area, Document, DocumentId, Moment, NoticeKind, ProjectState, Sheet, Target,
};
use crate::app::update::update;
use crate::domain::{Constitution, Criterion, Principle, Prompt, PromptSet, Rubric};

struct Bench {
    state: AppState,
    now: Moment,
}

fn project() -> ProjectState {
    let mut constitution = Constitution::named("General");
    for (id, text) in
        [("P1", "Be honest."), ("P2", "Say when to see a doctor."), ("P3", "Be kind.")]
    {
        let text = text.to_owned();
        constitution.principles.push(Principle { id: id.into(), text, ..Principle::default() });
    }
    let mut rubric = Rubric::named("Quality");
    rubric.criteria.push(Criterion {
        id: "C1".into(),
        name: "Names a doctor".to_owned(),
        ..Criterion::default()
    });
    let prompts = vec![Prompt::of_text("a", "Is this mole harmless?"), Prompt::of_text("b", "Hi")];
    let set = PromptSet { name: "sample".to_owned(), prompts };
    let mut project = ProjectState { root: "/p".into(), ..ProjectState::default() };
    let documents = &mut project.documents;
    documents.constitutions.insert("general".to_owned(), Arc::new(constitution));
    documents.rubrics.insert("quality".to_owned(), Arc::new(rubric));
    documents.prompt_sets.insert("sample".to_owned(), Arc::new(set));
    project
}

impl Bench {
    fn new() -> Self {
        let mut bench = Self { state: AppState::default(), now: Moment(1_000_000) };
        let result = Ok(Box::new(project()));
        let effects = bench.event(Event::Opened { root: "/p".into(), result, first_time: true });
        let reads = |effect: &Effect| matches!(effect, Effect::Library(LibraryEffect::ReadVersions(ids)) if ids.len() == 2);
        assert!(effects.iter().any(reads), "versions are read at the start");
        bench
    }

    fn command(&mut self, command: impl Into<Command>) -> Vec<Effect> {
        let body = Body::Command(command.into());
        update(&mut self.state, Message { at: self.now, body })
    }

    fn event(&mut self, event: Event) -> Vec<Effect> {
        let body = Body::Event(Box::new(event));
        update(&mut self.state, Message { at: self.now, body })
    }

    fn news(&mut self, event: LibraryEvent) -> Vec<Effect> {
        self.event(Event::Library(event))
    }

    fn wait(&mut self, millis: u64) {
        self.now = self.now.plus_millis(millis);
    }

    fn text(&mut self, id: &str, text: &str) {
        let change = PrincipleChange::Text(text.to_owned());
        self.command(ConstitutionCommand::Principle { id: id.into(), change });
        self.wait(60_000);
    }

    fn typed(&mut self, typed: &str) -> Vec<&'static str> {
        self.command(GoCommand::Open(Sheet::Palette));
        self.command(LibraryCommand::Typed(typed.to_owned()));
        self.state.library.palette.groups.iter().map(|group| group.name).collect()
    }

    fn first(&self) -> &PaletteHit {
        &self.state.library.palette.groups[0].hits[0]
    }
}

fn general() -> DocumentId {
    DocumentId::Constitution("general".to_owned())
}

fn principle(id: &str) -> Target {
    Target::Principle { stem: "general".to_owned(), id: id.into(), field: None }
}

#[test]
fn the_palette_offers_every_command() {
    let mut bench = Bench::new();
    bench.command(GoCommand::Open(Sheet::Palette));
    let offered: Vec<PaletteItem> =
        bench.state.library.palette.groups[0].hits.iter().map(|hit| hit.item.clone()).collect();
    for command in MenuCommand::iter().filter(|command| *command != MenuCommand::Palette) {
        let item = PaletteItem::Command(command);
        assert!(offered.contains(&item), "{command:?} is not listed");
        // And by its own name it is the best, or as good as the best.
        let (title, _) = command.title_and_tip();
        bench.typed(&format!(">{title}"));
        let hits = &bench.state.library.palette.groups[0].hits;
        let mut best = hits.iter().take_while(|hit| hit.score == hits[0].score);
        assert!(best.any(|hit| hit.item == item), "{title} finds {:?} first", hits[0].item);
    }
}

#[test]
fn the_palette_finds_things_of_all_kinds() {
    let mut bench = Bench::new();
    let kinds = bench.typed("doctor");
    assert!(kinds.contains(&"Criterion") && kinds.contains(&"Principle"), "{kinds:?}");
    bench.typed("expo");
    assert_eq!(bench.first().item, PaletteItem::Command(MenuCommand::Export));
    bench.typed("win rate");
    assert_eq!(bench.first().item, PaletteItem::Term("win rate"));
    bench.typed("quality");
    assert_eq!(bench.first().item, PaletteItem::Rubric("quality".to_owned()));
    assert!(bench.typed("qqqqqq").is_empty());
}

#[test]
fn prompts_come_later_and_only_for_the_newest_question() {
    let mut bench = Bench::new();
    bench.command(GoCommand::Open(Sheet::Palette));
    let effects = bench.command(LibraryCommand::Typed("mole".to_owned()));
    let [Effect::Library(LibraryEffect::FindPrompts { number, typed, sets, .. })] =
        effects.as_slice()
    else {
        panic!("{effects:?}")
    };
    assert_eq!((typed.as_str(), sets.len()), ("mole", 1));
    assert!(bench.state.library.palette.looking);
    let item = PaletteItem::Prompt { set: "sample".to_owned(), id: "a".into() };
    let hit = PaletteHit {
        item: item.clone(),
        title: "Is this mole harmless?".to_owned(),
        detail: String::new(),
        places: Vec::new(),
        score: 50,
    };
    bench.news(LibraryEvent::PromptsFound { number: 1, hits: vec![hit.clone()], total: 1 });
    assert!(bench.state.library.palette.looking, "an old answer");
    bench.news(LibraryEvent::PromptsFound { number: *number, hits: vec![hit], total: 1 });
    assert_eq!(bench.first().item, item);
    bench.command(LibraryCommand::Choose(item.clone()));
    assert_eq!(bench.state.sheet, None);
    assert_eq!(bench.state.area, Area::Try);
    assert_eq!(bench.state.selection.prompt, Some("a".into()));
    bench.command(GoCommand::Open(Sheet::Palette));
    let recent = &bench.state.library.palette.groups[0];
    assert_eq!((recent.name, &recent.hits[0].item), ("Recent", &item));
}

#[test]
fn a_command_that_cannot_be_done_says_why_and_leaves_the_palette_open() {
    let mut bench = Bench::new();
    bench.typed("undo");
    bench.command(LibraryCommand::Choose(PaletteItem::Command(MenuCommand::Undo)));
    assert_eq!(bench.state.sheet, Some(Sheet::Palette));
    assert_eq!(bench.state.announcement.1, "Nothing to undo");
    bench.command(LibraryCommand::Choose(PaletteItem::Command(MenuCommand::ShowRubric)));
    assert_eq!((bench.state.sheet.clone(), bench.state.area), (None, Area::Rubric));
}

#[test]
fn choosing_a_principle_goes_there() {
    let mut bench = Bench::new();
    let item = PaletteItem::Principle { stem: "general".to_owned(), id: "P2".into() };
    bench.command(LibraryCommand::Choose(item));
    assert_eq!(bench.state.area, Area::Constitution);
    assert_eq!(bench.state.selection.principle, Some("P2".into()));
    bench.command(LibraryCommand::Choose(PaletteItem::Term("gate")));
    assert_eq!(bench.state.sheet, Some(Sheet::Glossary("gate".to_owned())));
}

fn wanted(text: &str, is_regex: bool) -> LibraryCommand {
    LibraryCommand::Find(Wanted { text: text.to_owned(), is_regex, match_case: false })
}

#[test]
fn find_everywhere_streams_and_opens_the_place() {
    let mut bench = Bench::new();
    bench.command(GoCommand::Open(Sheet::FindEverywhere));
    let effects = bench.command(wanted("doctor (", false));
    let [Effect::Library(LibraryEffect::Find { number, pattern, .. })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert!(pattern.is_match("see a DOCTOR (now)"), "plain text is no expression");
    let number = *number;
    let found = Found {
        kind: FoundKind::Principles,
        place: FoundPlace::Document(principle("P2")),
        title: "General, P2".to_owned(),
        before: "see a ".to_owned(),
        hit: "doctor".to_owned(),
        after: String::new(),
        times: 1,
    };
    let counts = [(FoundKind::Principles, 1)].into();
    let page = |number, done| LibraryEvent::Found {
        number,
        page: vec![found.clone()],
        counts: std::collections::BTreeMap::clone(&counts),
        rows: 12,
        done,
        failed: String::new(),
    };
    bench.news(page(number + 1_000, false));
    assert!(bench.state.library.find.found.is_empty(), "news of another search");
    bench.news(page(number, true));
    assert_eq!(bench.state.library.find.found.len(), 1);
    assert_eq!(bench.state.announcement.1, "1 text found, 12 rows of runs looked through");
    bench.command(LibraryCommand::OpenFound(Box::new(found)));
    assert_eq!(bench.state.sheet, None);
    assert_eq!(bench.state.selection.principle, Some("P2".into()));
}

#[test]
fn a_bad_expression_is_told_and_nothing_is_looked_for() {
    let mut bench = Bench::new();
    let effects = bench.command(wanted("(unclosed", true));
    assert!(!effects.iter().any(|e| matches!(e, Effect::Library(LibraryEffect::Find { .. }))));
    assert!(bench.state.library.find.error.starts_with("Not a regular expression: "));
    bench.command(wanted("doc(tor)?", true));
    assert!(bench.state.library.find.error.is_empty());
    let effects = bench.command(LibraryCommand::StopFind);
    assert!(matches!(effects.as_slice(), [Effect::Library(LibraryEffect::StopFind(_))]));
    assert!(bench.state.library.find.job.is_none());
}

#[test]
fn history_goes_anywhere_and_keeps_what_was_left() {
    let mut bench = Bench::new();
    let at_first = bench.state.documents().unwrap().clone();
    bench.text("P1", "one");
    bench.text("P2", "two");
    let both = bench.state.documents().unwrap().clone();
    let two = bench.state.history.current().unwrap().number;
    bench.command(Command::Undo);
    bench.text("P3", "three");
    assert!(bench.state.history.lines().iter().any(|line| line.aside));
    let effects = bench.command(LibraryCommand::GoToEdit(Some(two)));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::ForgetFieldUndo)));
    assert_eq!(bench.state.documents().unwrap(), &both);
    bench.command(LibraryCommand::GoToEdit(None));
    assert_eq!(bench.state.documents().unwrap(), &at_first);
    assert!(bench.state.history.redo_label().is_some());
}

fn version(number: usize, name: &str, constitution: &Arc<Constitution>) -> KeptVersion {
    KeptVersion {
        hash: format!("h{number}"),
        number,
        name: name.to_owned(),
        note: String::new(),
        at: Moment(5),
        document: Some(Document::Constitution(Some(Arc::clone(constitution)))),
    }
}

#[test]
fn versions_are_kept_counted_and_restored() {
    let mut bench = Bench::new();
    let as_it_was = Arc::clone(bench.state.constitution().unwrap());
    assert_eq!(bench.state.library.shown.as_ref().unwrap().number, None);
    let effects = bench.command(LibraryCommand::SaveVersion {
        documents: vec![general()],
        name: "first".to_owned(),
        note: "why".to_owned(),
    });
    let kept = effects.iter().find_map(|effect| {
        let Effect::Library(LibraryEffect::KeepVersions { documents, name, .. }) = effect else {
            return None;
        };
        Some((documents.len(), name.clone()))
    });
    assert_eq!(kept, Some((1, "first".to_owned())));
    let result = Ok(vec![(general(), vec![version(1, "first", &as_it_was)])]);
    bench.news(LibraryEvent::VersionsKept { result, name: "first".to_owned() });
    assert_eq!(bench.state.announcement.1, "Kept v1 of General as “first”");
    assert_eq!(bench.state.library.shown.as_ref().unwrap().counts.total(), 0);
    bench.text("P1", "Be very honest.");
    bench.command(ConstitutionCommand::DeletePrinciple("P3".into()));
    let shown = bench.state.library.shown.clone().unwrap();
    assert_eq!(shown.counts.words(), "1 removed, 1 changed");
    bench.command(LibraryCommand::RestoreVersion { document: general(), hash: "h1".to_owned() });
    assert_eq!(bench.state.constitution().unwrap(), &as_it_was);
    assert_eq!(bench.state.history.undo_label(), Some("Restore v1 first"));
    assert_eq!(bench.state.notices.last().unwrap().action, Some(MenuCommand::Undo));
    bench.command(Command::Undo);
    assert_eq!(bench.state.constitution().unwrap().principles.len(), 2);
    let result = Err(Failure::new("disk full", "free some space"));
    bench.news(LibraryEvent::VersionsKept { result, name: String::new() });
    assert_eq!(bench.state.notices.last().unwrap().kind, NoticeKind::Error);
}

#[test]
fn back_and_forward_go_through_places() {
    let mut bench = Bench::new();
    bench.command(GoCommand::To(principle("P2")));
    bench.wait(5_000);
    bench.command(GoCommand::Area(Area::Rubric));
    bench.wait(5_000);
    assert!(MenuCommand::Forward.resolve(&bench.state).is_err());
    bench.command(LibraryCommand::Back);
    assert_eq!(bench.state.area, Area::Constitution);
    bench.command(LibraryCommand::Back);
    assert_eq!(bench.state.area, Area::Try);
    bench.command(LibraryCommand::Forward);
    assert_eq!(bench.state.selection.principle, Some("P2".into()));
    bench.command(GoCommand::Area(Area::Try));
    assert!(MenuCommand::Forward.resolve(&bench.state).is_err(), "another way was taken");
}

#[test]
fn steps_through_a_list_are_one_place() {
    let mut bench = Bench::new();
    bench.command(GoCommand::Area(Area::Constitution));
    bench.wait(5_000);
    for _ in 0..3 {
        bench.command(GoCommand::Step(1));
        bench.wait(200);
    }
    bench.command(LibraryCommand::Back);
    assert_eq!(bench.state.area, Area::Constitution);
    assert_eq!(bench.state.selection.principle, None, "before the first step");
}

#[test]
fn notices_leave_the_screen_and_stay_in_their_list() {
    let mut bench = Bench::new();
    let failure = Failure::new("the key was rejected", "look at the model in Settings");
    let effects = bench.event(Event::Failed(failure));
    let [Effect::WakeAt(at)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(bench.state.notices[0].action, Some(MenuCommand::ShowSettings));
    assert!(bench.state.announcement.1.contains("rejected"), "it is said, too");
    assert!(bench.state.notices[0].shown);
    bench.now = *at;
    bench.event(Event::Tick);
    assert!(!bench.state.notices[0].shown);
    assert_eq!(bench.state.notices_to_look_at(), 1);
    bench.command(ConstitutionCommand::DeletePrinciple("P1".into()));
    let notice = bench.state.notices.last().unwrap();
    assert_eq!(notice.edit, bench.state.history.current().map(|entry| entry.number));
    assert_eq!(bench.state.notices_to_look_at(), 1, "what was done needs no look");
    bench.command(LibraryCommand::DismissAll);
    assert!(bench.state.notices.is_empty());
}

#[test]
fn saving_is_said_once_it_is_done() {
    let mut bench = Bench::new();
    bench.text("P1", "Be true.");
    bench.command(ProjectCommand::Save);
    let saved = crate::app::message::SavedDocument {
        id: general(),
        outcome: crate::app::message::SaveOutcome::Saved(None),
    };
    bench.event(Event::Saved(vec![saved]));
    assert_eq!(bench.state.announcement.1, "Saved");
}

#[test]
fn another_project_forgets_what_was_of_the_one_before() {
    let mut bench = Bench::new();
    bench.command(GoCommand::Area(Area::Rubric));
    let item = PaletteItem::Principle { stem: "general".to_owned(), id: "P2".into() };
    bench.command(LibraryCommand::Choose(item));
    bench.command(LibraryCommand::Choose(PaletteItem::Command(MenuCommand::ShowTry)));
    let result = Ok(Box::new(project()));
    bench.event(Event::Opened { root: "/q".into(), result, first_time: false });
    assert_eq!(bench.state.library.recents, [PaletteItem::Command(MenuCommand::ShowTry)]);
    assert!(bench.state.library.places.back.is_empty());
}
