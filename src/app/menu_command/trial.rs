//! The Run menu, as far as it is about one prompt, and the Chain menu.
#![warn(clippy::wildcard_enum_match_arm)]

use egui::Key;

use super::items::runnable;
use super::{C, CS, Entry, Menu, MenuCommand, N, compare, editable, judges};
use crate::app::command::{CasesCommand, Command, GoCommand, ReactCommand, TryCommand};
use crate::app::state::trial::{CopyForm, TryMode, stale_prompts};
use crate::app::state::{AppState, Area, Sheet, Trial, cases};
use crate::domain::PrincipleId;
use crate::methods::attribution::attribute;
use crate::methods::react::Reaction;

/// Where Ctrl+Enter runs the prompt of Try; in Constitution it runs the cases.
const ELSEWHERE: &[Area] = &[
    Area::Home,
    Area::Rubric,
    Area::Try,
    Area::Compare,
    Area::Judges,
    Area::Runs,
    Area::Data,
    Area::Settings,
];

/// Its entries.
pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        command: MenuCommand::Run,
        menu: Menu::Run,
        title: "Run",
        tip: "Draft, critique and revise an answer to the prompt shown; in Compare, run what is set up",
        keys: &[(C, Key::Enter)],
        areas: ELSEWHERE,
        begins_group: false,
        resolve: |state| {
            if state.area == Area::Compare {
                return compare::run(state);
            }
            if state.area == Area::Judges {
                return judges::run(state);
            }
            runnable(state)?;
            Ok(TryCommand::Run.into())
        },
    },
    Entry {
        command: MenuCommand::RunOtherSeed,
        menu: Menu::Run,
        title: "Run with another seed",
        tip: "The same prompt, other draws",
        keys: &[(CS, Key::Enter)],
        areas: &[],
        begins_group: false,
        resolve: |state| {
            runnable(state)?;
            Ok(TryCommand::RunOtherSeed.into())
        },
    },
    Entry {
        command: MenuCommand::RefreshStale,
        menu: Menu::Run,
        title: "Refresh all stale",
        tip: "Run every prompt of the set whose chain is stale, each with its seed",
        keys: &[],
        areas: &[],
        begins_group: false,
        resolve: |state| {
            runnable(state)?;
            in_try(state)?;
            if stale_prompts(state).is_empty() {
                return Err("No chain of this set is stale");
            }
            Ok(TryCommand::RefreshStale.into())
        },
    },
    Entry {
        command: MenuCommand::ThreeSamples,
        menu: Menu::Run,
        title: "Three samples",
        tip: "The same prompt with this seed and the two after it",
        keys: &[(N, Key::X)],
        areas: &[Area::Try],
        begins_group: false,
        resolve: |state| {
            runnable(state)?;
            in_try(state)?;
            Ok(TryCommand::Samples.into())
        },
    },
    Entry {
        command: MenuCommand::Ablate,
        menu: Menu::Run,
        title: "Run without this principle",
        tip: "The principle of the edit chosen, else of the last round that changed something",
        keys: &[(N, Key::A)],
        areas: &[Area::Try],
        begins_group: false,
        resolve: |state| {
            runnable(state)?;
            let id = principle_in_question(state).ok_or("Run the prompt, or select a principle")?;
            Ok(TryCommand::Ablate(id).into())
        },
    },
    Entry {
        command: MenuCommand::LockSeed,
        menu: Menu::Run,
        title: "Keep or free the seed",
        tip: "Whether every run keeps the seed, so that what changes comes from your edits",
        keys: &[],
        areas: &[],
        begins_group: false,
        resolve: |state| Ok(TryCommand::LockSeed(state.trial.seed_free).into()),
    },
    Entry {
        command: MenuCommand::RunCases,
        menu: Menu::Run,
        title: "Run stale cases",
        tip: "Run the pinned cases of the principle shown that are new, stale or failed",
        keys: &[(C, Key::Enter)],
        areas: &[Area::Constitution],
        begins_group: true,
        resolve: |state| {
            cases::runnable(state)?;
            Ok(CasesCommand::RunStale.into())
        },
    },
    Entry {
        command: MenuCommand::RunAllCases,
        menu: Menu::Run,
        title: "Run all cases again",
        tip: "Run all pinned cases of the principle shown",
        keys: &[],
        areas: &[],
        begins_group: false,
        resolve: |state| {
            cases::runnable(state)?;
            Ok(CasesCommand::Run(None).into())
        },
    },
    Entry {
        command: MenuCommand::Stop,
        menu: Menu::Run,
        title: "Stop",
        tip: "Stop what is running; what is there is kept",
        keys: &[(C, Key::Period)],
        areas: &[],
        begins_group: true,
        resolve: |state| {
            if state.cases.running.is_some()
                && (state.area == Area::Constitution || state.trial.running.is_none())
            {
                return Ok(CasesCommand::Stop.into());
            }
            let is_judging = state.judges.report.running.is_some();
            if is_judging && (state.area == Area::Judges || state.trial.running.is_none()) {
                return judges::stop(state);
            }
            let compares = state.compare.running.is_some();
            if compares && (state.area == Area::Compare || state.trial.running.is_none()) {
                return compare::stop(state);
            }
            state.trial.running.as_ref().ok_or("Nothing is running")?;
            Ok(TryCommand::Stop.into())
        },
    },
    Entry {
        command: MenuCommand::PastePrompts,
        menu: Menu::Run,
        title: "Paste many prompts…",
        tip: "One a line, or set apart by blank lines",
        keys: &[],
        areas: &[Area::Try],
        begins_group: true,
        resolve: |state| {
            editable(state)?;
            Ok(GoCommand::Open(Sheet::PastePrompts).into())
        },
    },
    Entry {
        command: MenuCommand::Praise,
        menu: Menu::Chain,
        title: "Praise the answer…",
        tip: "Say what is right with it, and make a principle of that",
        keys: &[(N, Key::Num1)],
        areas: &[Area::Try],
        begins_group: false,
        resolve: |state| react(state, Reaction::Praise),
    },
    Entry {
        command: MenuCommand::Complain,
        menu: Menu::Chain,
        title: "Complain about the answer…",
        tip: "Say what is wrong with it, and make a principle of that",
        keys: &[(N, Key::Num2)],
        areas: &[Area::Try],
        begins_group: false,
        resolve: |state| react(state, Reaction::Complaint),
    },
    Entry {
        command: MenuCommand::Rewrite,
        menu: Menu::Chain,
        title: "Rewrite the answer…",
        tip: "Show how it should read, and make a principle of that",
        keys: &[(N, Key::Num3)],
        areas: &[Area::Try],
        begins_group: false,
        resolve: |state| react(state, Reaction::Rewrite),
    },
    Entry {
        command: MenuCommand::BackToReaction,
        menu: Menu::Chain,
        title: "Back to the reaction",
        tip: "The reaction as it was left",
        keys: &[(N, Key::R)],
        areas: &[Area::Try],
        begins_group: false,
        resolve: |state| {
            state.trial.react.as_ref().ok_or("No reaction was begun")?;
            Ok(TryCommand::React(ReactCommand::Reopen).into())
        },
    },
    Entry {
        command: MenuCommand::PinCase,
        menu: Menu::Chain,
        title: "Pin as case",
        tip: "Pin the prompt to the principle selected, else to that of the edit chosen",
        keys: &[(N, Key::P)],
        areas: &[Area::Try],
        begins_group: false,
        resolve: |state| {
            editable(state)?;
            in_try(state)?;
            state.prompt().ok_or("Select a prompt first")?;
            let selected = state.selection.principle.clone();
            let id = selected.or_else(|| principle_in_question(state));
            Ok(TryCommand::Pin(id.ok_or("Select a principle in Constitution first")?).into())
        },
    },
    Entry {
        command: MenuCommand::NextView,
        menu: Menu::Chain,
        title: "Next view of the chain",
        tip: "Final diff, steps, side by side, answers, raw prompts in turn",
        keys: &[(N, Key::V)],
        areas: &[Area::Try],
        begins_group: true,
        resolve: |state| {
            shown(state)?;
            Ok(TryCommand::NextMode.into())
        },
    },
    Entry {
        command: MenuCommand::ViewFinal,
        menu: Menu::Chain,
        title: "Final diff",
        tip: "The draft against the last revision",
        keys: &[],
        areas: &[],
        begins_group: false,
        resolve: |state| view(state, TryMode::Final),
    },
    Entry {
        command: MenuCommand::ViewSteps,
        menu: Menu::Chain,
        title: "Step by step",
        tip: "Draft, critiques and revisions in order",
        keys: &[],
        areas: &[],
        begins_group: false,
        resolve: |state| view(state, TryMode::Steps),
    },
    Entry {
        command: MenuCommand::ViewSideBySide,
        menu: Menu::Chain,
        title: "Side by side",
        tip: "The draft beside the last revision",
        keys: &[],
        areas: &[],
        begins_group: false,
        resolve: |state| view(state, TryMode::SideBySide),
    },
    Entry {
        command: MenuCommand::ViewAnswers,
        menu: Menu::Chain,
        title: "All answers",
        tip: "The last answers of all chains of the prompt",
        keys: &[],
        areas: &[],
        begins_group: false,
        resolve: |state| view(state, TryMode::Answers),
    },
    Entry {
        command: MenuCommand::ViewRaw,
        menu: Menu::Chain,
        title: "Raw prompts",
        tip: "Exactly what was sent to the model and came back",
        keys: &[],
        areas: &[],
        begins_group: false,
        resolve: |state| view(state, TryMode::Raw),
    },
    Entry {
        command: MenuCommand::ChangesOnly,
        menu: Menu::Chain,
        title: "Changes only",
        tip: "Leave long unchanged stretches out of diffs",
        keys: &[(N, Key::C)],
        areas: &[Area::Try],
        begins_group: false,
        resolve: |state| {
            shown(state)?;
            Ok(TryCommand::ChangesOnly(!state.trial.look.changes_only).into())
        },
    },
    Entry {
        command: MenuCommand::GreyShared,
        menu: Menu::Chain,
        title: "Grey what all share",
        tip: "See what each answer has of its own",
        keys: &[(N, Key::G)],
        areas: &[Area::Try],
        begins_group: false,
        resolve: |state| {
            shown(state)?;
            Ok(TryCommand::GreyShared(!state.trial.look.grey_shared).into())
        },
    },
    Entry {
        command: MenuCommand::NextEdit,
        menu: Menu::Chain,
        title: "Next edit",
        tip: "The next edit of the final diff, and what caused it",
        keys: &[(N, Key::W)],
        areas: &[Area::Try],
        begins_group: true,
        resolve: |state| {
            shown(state)?;
            Ok(TryCommand::StepEdit(1).into())
        },
    },
    Entry {
        command: MenuCommand::PreviousEdit,
        menu: Menu::Chain,
        title: "Previous edit",
        tip: "The edit before it, and what caused it",
        keys: &[(N, Key::Q)],
        areas: &[Area::Try],
        begins_group: false,
        resolve: |state| {
            shown(state)?;
            Ok(TryCommand::StepEdit(-1).into())
        },
    },
    Entry {
        command: MenuCommand::NextChain,
        menu: Menu::Chain,
        title: "Next chain",
        tip: "The next chain of this prompt",
        keys: &[(N, Key::Period)],
        areas: &[Area::Try],
        begins_group: false,
        resolve: |state| {
            shown(state)?;
            Ok(TryCommand::StepChain(1).into())
        },
    },
    Entry {
        command: MenuCommand::PreviousChain,
        menu: Menu::Chain,
        title: "Previous chain",
        tip: "The chain before it",
        keys: &[(N, Key::Comma)],
        areas: &[Area::Try],
        begins_group: false,
        resolve: |state| {
            shown(state)?;
            Ok(TryCommand::StepChain(-1).into())
        },
    },
    Entry {
        command: MenuCommand::CopyChain,
        menu: Menu::Chain,
        title: "Copy the chain",
        tip: "As Markdown: prompt, draft, critiques, revisions, rewards",
        keys: &[(CS, Key::C)],
        areas: &[Area::Try],
        begins_group: true,
        resolve: |state| copy(state, CopyForm::Markdown),
    },
    Entry {
        command: MenuCommand::CopyChainJson,
        menu: Menu::Chain,
        title: "Copy the chain as JSON",
        tip: "The row as the journal has it",
        keys: &[],
        areas: &[Area::Try],
        begins_group: false,
        resolve: |state| copy(state, CopyForm::Json),
    },
    Entry {
        command: MenuCommand::CopyChainRaw,
        menu: Menu::Chain,
        title: "Copy what was sent",
        tip: "Every message and every reply",
        keys: &[],
        areas: &[Area::Try],
        begins_group: false,
        resolve: |state| copy(state, CopyForm::Raw),
    },
];

/// The chain shown.
fn shown(state: &AppState) -> Result<&Trial, &'static str> {
    in_try(state)?;
    let id = state.selection.prompt.clone().ok_or("Select a prompt in Try first")?;
    let key = (state.selection.prompts.clone(), id);
    state.trial.trials.get(&key).ok_or("Run the prompt first")
}

fn in_try(state: &AppState) -> Result<(), &'static str> {
    if state.area == Area::Try { Ok(()) } else { Err("Open Try first") }
}

fn view(state: &AppState, mode: TryMode) -> Result<Command, &'static str> {
    shown(state)?;
    Ok(TryCommand::Mode(mode).into())
}

fn copy(state: &AppState, form: CopyForm) -> Result<Command, &'static str> {
    shown(state)?.chain().ok_or("The chain has not ended yet")?;
    Ok(TryCommand::Copy(form).into())
}

fn react(state: &AppState, reaction: Reaction) -> Result<Command, &'static str> {
    shown(state)?.chain().ok_or("There is no whole answer to react to yet")?;
    Ok(TryCommand::React(ReactCommand::Begin(reaction)).into())
}

/// The principle of the edit chosen, else of the last round that changed something.
pub(super) fn principle_in_question(state: &AppState) -> Option<PrincipleId> {
    let trial = shown(state).ok()?;
    let chain = trial.chain()?;
    if let Some((number, edit)) = state.trial.look.edit
        && number == trial.number
    {
        let found = attribute(&trial.texts());
        let cause = found.edits.get(edit).and_then(|edit| edit.causes.first());
        if let Some(step) = cause.and_then(|cause| chain.steps.get(cause.step)) {
            return Some(step.principle.clone());
        }
    }
    let changed = chain.steps.iter().rev().find(|step| !step.found_nothing);
    changed.or(chain.steps.last()).map(|step| step.principle.clone())
}
