//! Find everywhere.

use regex::RegexBuilder;

use crate::app::command::{DataCommand, GoCommand, RunsCommand};
use crate::app::effects::Effect;
use crate::app::effects::library::LibraryEffect;
use crate::app::state::library::{FindState, Found, FoundPlace, Wanted};
use crate::app::state::{AppState, Moment, Target};

/// The most memory that an expression may take, in bytes.
const LARGEST: usize = 1 << 20;

pub(super) fn again(state: &mut AppState) -> Vec<Effect> {
    let wanted = std::mem::take(&mut state.library.find.wanted);
    find(state, &wanted)
}

pub(super) fn find(state: &mut AppState, wanted: &Wanted) -> Vec<Effect> {
    if state.library.find.wanted == *wanted {
        return Vec::new();
    }
    let instead_of = state.library.find.number;
    let number = state.number();
    state.library.find = FindState { wanted: wanted.clone(), number, ..FindState::default() };
    let stop = vec![Effect::Library(LibraryEffect::StopFind(instead_of))];
    if wanted.text.trim().is_empty() {
        return stop;
    }
    let source =
        if wanted.is_regex { wanted.text.clone() } else { regex::escape(wanted.text.trim()) };
    let pattern = RegexBuilder::new(&source)
        .case_insensitive(!wanted.match_case)
        .multi_line(true)
        .size_limit(LARGEST)
        .build();
    let Some(documents) = state.documents().cloned() else { return stop };
    match pattern {
        Ok(pattern) => {
            state.library.find.job = Some(number);
            let documents = Box::new(documents);
            vec![Effect::Library(LibraryEffect::Find { number, instead_of, pattern, documents })]
        }
        Err(error) => {
            state.library.find.error = words(&error);
            stop
        }
    }
}

/// What is wrong with an expression, in one line.
fn words(error: &regex::Error) -> String {
    if let regex::Error::CompiledTooBig(_) = error {
        return "The expression is too large".to_owned();
    }
    let text = error.to_string();
    let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("");
    let reason = last.trim().trim_start_matches("error: ");
    format!("Not a regular expression: {reason}")
}

pub(super) fn stop(state: &mut AppState) -> Vec<Effect> {
    match state.library.find.job.take() {
        Some(number) => vec![Effect::Library(LibraryEffect::StopFind(number))],
        None => Vec::new(),
    }
}

pub(super) fn open(state: &mut AppState, found: Found, at: Moment) -> Vec<Effect> {
    state.sheet = None;
    let target = match found.place {
        FoundPlace::Document(target) => target,
        FoundPlace::Row { run, is_try, position, prompt } => {
            let sets = state.documents().map(|documents| &documents.prompt_sets);
            let set = sets.and_then(|sets| {
                let holds =
                    |set: &crate::domain::PromptSet| set.prompts.iter().any(|one| one.id == prompt);
                let shown = sets.get_key_value(&state.selection.prompts);
                let mut all = shown.into_iter().chain(sets.iter());
                all.find(|(_, set)| holds(set)).map(|(stem, _)| stem.clone())
            });
            match set {
                Some(set) if is_try => Target::Prompt { set, id: prompt },
                _ => {
                    let rows = RunsCommand::ShowRows(run).into();
                    let mut effects = super::super::carry_out(state, rows, at);
                    let row = DataCommand::Select(position).into();
                    effects.extend(super::super::carry_out(state, row, at));
                    return effects;
                }
            }
        }
    };
    super::super::carry_out(state, GoCommand::To(target).into(), at)
}

impl FindState {
    /// What was found, in words.
    pub fn words(&self) -> String {
        let texts: u64 = self.counts.values().sum();
        let found = match texts {
            0 => "Nothing found".to_owned(),
            1 => "1 text found".to_owned(),
            n => format!("{n} texts found"),
        };
        match (self.job.is_some(), self.rows) {
            (true, rows) => format!("{found} so far, {rows} rows of runs looked through"),
            (false, 0) => found,
            (false, 1) => format!("{found}, 1 row of runs looked through"),
            (false, rows) => format!("{found}, {rows} rows of runs looked through"),
        }
    }
}
