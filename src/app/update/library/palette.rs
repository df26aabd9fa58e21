//! What the palette shows for what was typed, and what choosing a line does.
//!
//! Everything that is few is matched at once; prompts, of which there may be a hundred thousand,
//! are looked through elsewhere and come as an event.

use std::sync::Arc;

use crate::app::command::{Command, GoCommand, RunsCommand};
use crate::app::effects::Effect;
use crate::app::effects::library::LibraryEffect;
use crate::app::fuzzy::Needle;
use crate::app::glossary;
use crate::app::menu_command::MenuCommand;
use crate::app::state::library::{PaletteGroup, PaletteHit, PaletteItem, PaletteState, RunTitle};
use crate::app::state::runs::Kinds;
use crate::app::state::{AppState, Area, Moment, Sheet, Target};

/// Lines of one kind.
const LISTED: usize = 40;
/// What was chosen is remembered so far back.
const RECENTS: usize = 12;
/// What was chosen before comes before others that fit nearly as well.
const RECENT: i32 = 12;
/// A name says more than the text behind it.
const BY_NAME: i32 = 20;

pub(super) fn open(state: &mut AppState) -> Vec<Effect> {
    let mut effects = ask(state, String::new());
    if state.project.is_some() {
        effects.push(Effect::Library(LibraryEffect::ListRuns));
    }
    effects
}

pub(super) fn typed(state: &mut AppState, typed: String) -> Vec<Effect> {
    if state.library.palette.typed == typed {
        return Vec::new();
    }
    ask(state, typed)
}

fn ask(state: &mut AppState, typed: String) -> Vec<Effect> {
    let instead_of = state.library.palette.number;
    let number = state.number();
    let only_commands = typed.trim_start().starts_with('>');
    let sets: Vec<_> = state
        .documents()
        .filter(|_| !only_commands && !typed.trim().is_empty())
        .into_iter()
        .flat_map(|documents| &documents.prompt_sets)
        .filter(|(_, set)| !set.prompts.is_empty())
        .map(|(stem, set)| (stem.clone(), Arc::clone(set)))
        .collect();
    let groups = groups(state, &typed);
    let looking = !sets.is_empty();
    state.library.palette = PaletteState { typed: typed.clone(), number, groups, looking };
    if !looking {
        return Vec::new();
    }
    vec![Effect::Library(LibraryEffect::FindPrompts { number, instead_of, typed, sets })]
}

/// Prompts that fit came.
pub(super) fn prompts(state: &mut AppState, number: u64, hits: Vec<PaletteHit>, total: usize) {
    let palette = &mut state.library.palette;
    if palette.number != number || !palette.looking {
        return;
    }
    palette.looking = false;
    if !hits.is_empty() {
        palette.groups.push(PaletteGroup { name: "Prompt", hits, total });
        in_order(&mut palette.groups);
    }
}

/// The runs were read.
pub(super) fn runs(state: &mut AppState, runs: Vec<RunTitle>) {
    if state.library.runs == runs {
        return;
    }
    state.library.runs = runs;
    let typed = state.library.palette.typed.clone();
    if state.sheet != Some(Sheet::Palette) || typed.trim().is_empty() {
        return;
    }
    let waiting = state.library.palette.groups.iter().position(|group| group.name == "Prompt");
    let prompts = waiting.map(|place| state.library.palette.groups.swap_remove(place));
    let mut groups = groups(state, &typed);
    groups.extend(prompts);
    in_order(&mut groups);
    state.library.palette.groups = groups;
}

/// Whether an item means the same in every project.
pub(super) fn is_everywhere(item: &PaletteItem) -> bool {
    matches!(item, PaletteItem::Command(_) | PaletteItem::Term(_))
}

pub(super) fn choose(state: &mut AppState, item: PaletteItem, at: Moment) -> Vec<Effect> {
    let mut after: Vec<Command> = Vec::new();
    let go = match &item {
        PaletteItem::Command(command) => match command.resolve(state) {
            Ok(command) => command,
            Err(reason) => {
                // The palette stays open: the line says why.
                state.announce(reason);
                return Vec::new();
            }
        },
        PaletteItem::Principle { stem, id } => {
            to(Target::Principle { stem: stem.clone(), id: id.clone(), field: None })
        }
        PaletteItem::Criterion { stem, id } => {
            to(Target::Criterion { stem: stem.clone(), id: id.clone(), field: None })
        }
        PaletteItem::Prompt { set, id } => to(Target::Prompt { set: set.clone(), id: id.clone() }),
        PaletteItem::Constitution(stem) => to(Target::Constitution(stem.clone())),
        PaletteItem::Rubric(stem) => to(Target::Rubric(stem.clone())),
        PaletteItem::PromptSet(stem) => {
            state.selection.prompts.clone_from(stem);
            state.selection.prompt = None;
            super::super::go::mend_selection(state);
            GoCommand::Area(Area::Try).into()
        }
        PaletteItem::Run(run) => {
            let kind = state.library.runs.iter().find(|known| &known.id == run);
            if kind.is_some_and(|known| !state.runs.kinds.has(known.kind)) {
                after.push(RunsCommand::Kinds(Kinds::All).into());
            }
            after.push(RunsCommand::Select(run.clone()).into());
            GoCommand::Area(Area::Runs).into()
        }
        PaletteItem::Model(name) => {
            state.selection.model = Some(name.clone());
            to(Target::Models)
        }
        PaletteItem::Term(name) => GoCommand::Open(Sheet::Glossary((*name).to_owned())).into(),
    };
    let recents = &mut state.library.recents;
    recents.retain(|known| known != &item);
    recents.insert(0, item);
    recents.truncate(RECENTS);
    state.sheet = None;
    let mut effects = super::super::carry_out(state, go, at);
    for command in after {
        effects.extend(super::super::carry_out(state, command, at));
    }
    effects
}

fn to(target: Target) -> Command {
    GoCommand::To(target).into()
}

/// All that fits, in groups, the best group first; without anything typed, what was chosen
/// before and then all commands.
fn groups(state: &AppState, typed: &str) -> Vec<PaletteGroup> {
    let only_commands = typed.trim_start().strip_prefix('>');
    let needle = Needle::new(only_commands.unwrap_or(typed));
    if needle.is_empty() {
        return at_first(state, only_commands.is_some());
    }
    let mut by_kind: Vec<PaletteGroup> = Vec::new();
    for mut hit in everything(state, only_commands.is_some()) {
        let by_name = needle.fit(&hit.title);
        let found = match by_name {
            Some(fit) => Some((fit.score + BY_NAME, fit.places)),
            None if says_more(&hit.item) => {
                needle.fit_prose(&hit.detail).map(|fit| (fit.score, Vec::new()))
            }
            None => None,
        };
        let Some((score, places)) = found else { continue };
        let recent = if state.library.recents.contains(&hit.item) { RECENT } else { 0 };
        hit.score = score + recent;
        hit.places = places;
        let name = hit.item.kind();
        match by_kind.iter_mut().find(|group| group.name == name) {
            Some(group) => group.hits.push(hit),
            None => by_kind.push(PaletteGroup { name, hits: vec![hit], total: 0 }),
        }
    }
    for group in &mut by_kind {
        group.total = group.hits.len();
        group.hits.sort_by_key(|hit| std::cmp::Reverse(hit.score));
        group.hits.truncate(LISTED);
    }
    in_order(&mut by_kind);
    by_kind
}

/// Whether the text behind a name is worth looking through.
fn says_more(item: &PaletteItem) -> bool {
    matches!(
        item,
        PaletteItem::Command(_)
            | PaletteItem::Principle { .. }
            | PaletteItem::Criterion { .. }
            | PaletteItem::Term(_)
    )
}

fn in_order(groups: &mut [PaletteGroup]) {
    groups.sort_by_key(|group| std::cmp::Reverse(group.hits.first().map(|hit| hit.score)));
}

fn at_first(state: &AppState, only_commands: bool) -> Vec<PaletteGroup> {
    let mut groups = Vec::new();
    if !only_commands {
        let everything = everything(state, false);
        let hits: Vec<PaletteHit> = state
            .library
            .recents
            .iter()
            .filter_map(|item| {
                everything
                    .iter()
                    .find(|hit| &hit.item == item)
                    .cloned()
                    .or_else(|| prompt(state, item))
            })
            .collect();
        if !hits.is_empty() {
            groups.push(PaletteGroup { name: "Recent", total: hits.len(), hits });
        }
    }
    let hits: Vec<PaletteHit> = commands().collect();
    groups.push(PaletteGroup { name: "Command", total: hits.len(), hits });
    groups
}

fn line(item: PaletteItem, title: impl Into<String>, detail: impl Into<String>) -> PaletteHit {
    PaletteHit { item, title: title.into(), detail: detail.into(), places: Vec::new(), score: 0 }
}

fn commands() -> impl Iterator<Item = PaletteHit> {
    MenuCommand::all().filter(|command| *command != MenuCommand::Palette).map(|command| {
        let (title, tip) = command.title_and_tip();
        line(PaletteItem::Command(command), title, tip)
    })
}

/// A prompt that was chosen before.
fn prompt(state: &AppState, item: &PaletteItem) -> Option<PaletteHit> {
    let PaletteItem::Prompt { set, id } = item else { return None };
    let prompts = &state.documents()?.prompt_sets.get(set)?.prompts;
    let prompt = prompts.iter().find(|prompt| &prompt.id == id)?;
    let title = prompt.text().split_whitespace().collect::<Vec<_>>().join(" ");
    Some(line(item.clone(), title, format!("{set} · {id}")))
}

/// All that can be found but prompts.
fn everything(state: &AppState, only_commands: bool) -> Vec<PaletteHit> {
    let mut all: Vec<PaletteHit> = commands().collect();
    if only_commands {
        return all;
    }
    if let Some(documents) = state.documents() {
        for (stem, constitution) in &documents.constitutions {
            let item = PaletteItem::Constitution(stem.clone());
            let n = constitution.principles.len();
            all.push(line(item, &constitution.name, format!("Constitution, {n} principles")));
            for principle in &constitution.principles {
                let item = PaletteItem::Principle { stem: stem.clone(), id: principle.id.clone() };
                let title = format!("{} {}", principle.id, principle.label());
                let text = principle.text.split_whitespace().collect::<Vec<_>>().join(" ");
                all.push(line(item, title, format!("{} · {text}", constitution.name)));
            }
        }
        for (stem, rubric) in &documents.rubrics {
            let n = rubric.criteria.len();
            let item = PaletteItem::Rubric(stem.clone());
            all.push(line(item, &rubric.name, format!("Rubric, {n} criteria")));
            for criterion in &rubric.criteria {
                let item = PaletteItem::Criterion { stem: stem.clone(), id: criterion.id.clone() };
                let title = format!("{} {}", criterion.id, criterion.name);
                all.push(line(item, title, format!("{} · {}", rubric.name, criterion.description)));
            }
        }
        for (stem, set) in &documents.prompt_sets {
            let item = PaletteItem::PromptSet(stem.clone());
            all.push(line(item, stem, format!("Prompt set, {} prompts", set.prompts.len())));
        }
        for model in documents.setup.all_models() {
            let item = PaletteItem::Model(model.name.clone());
            all.push(line(item, &model.name, "Model, in Settings"));
        }
    }
    for run in &state.library.runs {
        all.push(line(PaletteItem::Run(run.id.clone()), &run.title, &run.detail));
    }
    for term in glossary::all() {
        let also = term.also.join(", ");
        all.push(line(PaletteItem::Term(term.name), term.name, also));
    }
    all
}
