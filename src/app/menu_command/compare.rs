//! The Run and View menus: comparisons of two sides.
#![warn(clippy::wildcard_enum_match_arm)]

use egui::Key;

use super::{CS, Entry, Menu, MenuCommand, N, editable, open};
use crate::app::command::{Command, CompareCommand, CompareRows, JudgesCommand, TableForm};
use crate::app::state::compare::{Only, Own, Shown};
use crate::app::state::{AppState, Area};
use crate::app::update::compare::runnable;
use crate::store::journal::RunState;

const COMPARE: &[Area] = &[Area::Compare];

/// Its entries.
pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        command: MenuCommand::CompareNew,
        menu: Menu::Run,
        title: "New comparison…",
        tip: "Compare two constitutions, versions or models on the same prompts",
        keys: &[],
        areas: &[],
        begins_group: true,
        resolve: |state| {
            open(state)?;
            Ok(CompareCommand::New.into())
        },
    },
    Entry {
        command: MenuCommand::CompareWithout,
        menu: Menu::Run,
        title: "Compare without this principle…",
        tip: "What the constitution does with the principle selected switched off",
        keys: &[],
        areas: &[Area::Constitution],
        begins_group: false,
        resolve: without,
    },
    Entry {
        command: MenuCommand::CompareGoOn,
        menu: Menu::Run,
        title: "Go on with the comparison",
        tip: "Go on where it stopped, or try its failed pairs again",
        keys: &[],
        areas: COMPARE,
        begins_group: false,
        resolve: go_on,
    },
    Entry {
        command: MenuCommand::CompareCopySummary,
        menu: Menu::Run,
        title: "Copy comparison summary",
        tip: "The result in sentences, with interval, judge, seed and run",
        keys: &[(CS, Key::C)],
        areas: COMPARE,
        begins_group: true,
        resolve: |state| on_rows(state, CompareCommand::CopySummary),
    },
    Entry {
        command: MenuCommand::CompareCopyMarkdown,
        menu: Menu::Run,
        title: "Copy pairs as Markdown",
        tip: "The pairs listed, with both answers and the verdict",
        keys: &[],
        areas: COMPARE,
        begins_group: false,
        resolve: |state| on_rows(state, CompareCommand::CopyTable(TableForm::Markdown)),
    },
    Entry {
        command: MenuCommand::CompareCopyCsv,
        menu: Menu::Run,
        title: "Copy pairs as CSV",
        tip: "The pairs listed, with both answers and the verdict",
        keys: &[],
        areas: COMPARE,
        begins_group: false,
        resolve: |state| on_rows(state, CompareCommand::CopyTable(TableForm::Csv)),
    },
    Entry {
        command: MenuCommand::CompareCopyJson,
        menu: Menu::Run,
        title: "Copy pairs as JSON",
        tip: "The pairs listed, with both answers and the verdict",
        keys: &[],
        areas: COMPARE,
        begins_group: false,
        resolve: |state| on_rows(state, CompareCommand::CopyTable(TableForm::Json)),
    },
    Entry {
        command: MenuCommand::CompareOpen,
        menu: Menu::View,
        title: "Open side by side",
        tip: "Both answers in full, with what differs marked",
        keys: &[(N, Key::O)],
        areas: COMPARE,
        begins_group: true,
        resolve: |state| on_rows(state, CompareCommand::Rows(CompareRows::Open)),
    },
    Entry {
        command: MenuCommand::CompareBack,
        menu: Menu::View,
        title: "Back to all pairs",
        tip: "From one pair back to the table",
        keys: &[(N, Key::Backspace)],
        areas: COMPARE,
        begins_group: false,
        resolve: |state| on_pair(state, CompareCommand::Rows(CompareRows::Close)),
    },
    Entry {
        command: MenuCommand::CompareOwnA,
        menu: Menu::View,
        title: "A is better",
        tip: "Your own verdict on the pair shown, kept beside the judge’s; again takes it back",
        keys: &[(N, Key::A)],
        areas: COMPARE,
        begins_group: true,
        resolve: |state| on_own(state, Own::A),
    },
    Entry {
        command: MenuCommand::CompareOwnTie,
        menu: Menu::View,
        title: "Neither is better",
        tip: "Your own verdict on the pair shown; again takes it back",
        keys: &[(N, Key::T)],
        areas: COMPARE,
        begins_group: false,
        resolve: |state| on_own(state, Own::Tie),
    },
    Entry {
        command: MenuCommand::CompareOwnB,
        menu: Menu::View,
        title: "B is better",
        tip: "Your own verdict on the pair shown; again takes it back",
        keys: &[(N, Key::B)],
        areas: COMPARE,
        begins_group: false,
        resolve: |state| on_own(state, Own::B),
    },
    Entry {
        command: MenuCommand::CompareOwnBothBad,
        menu: Menu::View,
        title: "Both are bad",
        tip: "Your own verdict on the pair shown; again takes it back",
        keys: &[(N, Key::X)],
        areas: COMPARE,
        begins_group: false,
        resolve: |state| on_own(state, Own::BothBad),
    },
    Entry {
        command: MenuCommand::CompareOwnUnsure,
        menu: Menu::View,
        title: "Unsure which is better",
        tip: "Your own verdict on the pair shown; again takes it back",
        keys: &[(N, Key::U)],
        areas: COMPARE,
        begins_group: false,
        resolve: |state| on_own(state, Own::Unsure),
    },
    Entry {
        command: MenuCommand::CompareLabel,
        menu: Menu::Run,
        title: "Send the pairs listed to labelling…",
        tip: "A label set of the pairs that pass the filters, for people to label blind",
        keys: &[],
        areas: COMPARE,
        begins_group: false,
        resolve: send_to_labelling,
    },
    Entry {
        command: MenuCommand::CompareSwap,
        menu: Menu::View,
        title: "Swap sides",
        tip: "B at the left, A at the right, and back",
        keys: &[(N, Key::S)],
        areas: COMPARE,
        begins_group: false,
        resolve: |state| on_pair(state, CompareCommand::Rows(CompareRows::Swap)),
    },
    Entry {
        command: MenuCommand::CompareGrey,
        menu: Menu::View,
        title: "Grey what both share",
        tip: "So that only what differs stands out",
        keys: &[(N, Key::G)],
        areas: COMPARE,
        begins_group: false,
        resolve: |state| on_pair(state, CompareCommand::Rows(CompareRows::Grey)),
    },
    Entry {
        command: MenuCommand::CompareHideJudge,
        menu: Menu::View,
        title: "Hide the judge",
        tip: "Decide for yourself before you see the verdict",
        keys: &[(N, Key::H)],
        areas: COMPARE,
        begins_group: false,
        resolve: |state| on_rows(state, CompareCommand::Rows(CompareRows::HideJudge)),
    },
    Entry {
        command: MenuCommand::CompareFlips,
        menu: Menu::View,
        title: "Only order flips",
        tip: "Pairs whose winner changes with the order in which they are shown",
        keys: &[(N, Key::F)],
        areas: COMPARE,
        begins_group: false,
        resolve: |state| {
            let only = match state.compare.look.only {
                Only::Flips => Only::All,
                Only::All | Only::A | Only::B | Only::Ties | Only::NoVerdict => Only::Flips,
            };
            on_rows(state, CompareCommand::Rows(CompareRows::Only(only)))
        },
    },
    Entry {
        command: MenuCommand::CompareClear,
        menu: Menu::View,
        title: "List all pairs",
        tip: "Without any filter",
        keys: &[],
        areas: COMPARE,
        begins_group: false,
        resolve: |state| on_rows(state, CompareCommand::Rows(CompareRows::ClearFilters)),
    },
];

/// The comparison shown.
fn shown(state: &AppState) -> Result<&Shown, &'static str> {
    if state.area != Area::Compare || state.compare.is_setting_up {
        return Err("Show a comparison in Compare first");
    }
    state.compare.shown.as_ref().ok_or("There is no comparison yet")
}

fn on_rows(state: &AppState, command: CompareCommand) -> Result<Command, &'static str> {
    if shown(state)?.records.is_empty() {
        return Err("The comparison has no pair yet");
    }
    Ok(command.into())
}

fn on_pair(state: &AppState, command: CompareCommand) -> Result<Command, &'static str> {
    if !shown(state)?.is_open {
        return Err("Open a pair side by side first");
    }
    Ok(command.into())
}

fn send_to_labelling(state: &AppState) -> Result<Command, &'static str> {
    editable(state)?;
    let shown = shown(state)?;
    if shown.order.is_empty() {
        return Err("No pair passes the filters");
    }
    let all = shown.order.len() == shown.records.len();
    let listed = || shown.order.iter().filter_map(|place| shown.records.get(*place));
    let only = match all {
        true => Vec::new(),
        false => listed().map(|record| record.row.prompt.id.clone()).collect(),
    };
    Ok(JudgesCommand::BeginSet(Some((shown.past.run.clone(), only))).into())
}

fn on_own(state: &AppState, own: Own) -> Result<Command, &'static str> {
    editable(state)?;
    on_pair(state, CompareCommand::Rows(CompareRows::Own(own)))
}

fn without(state: &AppState) -> Result<Command, &'static str> {
    open(state)?;
    let principle = state.selection.principle.clone().ok_or("Select a principle first")?;
    let stem = state.selection.constitution.clone();
    let constitution = state.constitution().ok_or("The project has no constitution")?;
    let can_be_drawn = constitution.eligible().iter().any(|one| one.id == principle);
    if !can_be_drawn {
        return Err("The principle is not drawn anyway: it is off, empty or has no weight");
    }
    if constitution.eligible().len() < 2 {
        return Err("It is the only principle; compare with plain drafts instead");
    }
    Ok(CompareCommand::Ablate { stem, principle }.into())
}

fn go_on(state: &AppState) -> Result<Command, &'static str> {
    runnable(state)?;
    let shown = shown(state)?;
    match shown.past.state {
        RunState::Cancelled | RunState::Stopped | RunState::Interrupted => {}
        RunState::Done if shown.measures.counts.failures() > 0 => {}
        RunState::Done => return Err("The comparison is done, and no pair failed"),
        RunState::Running => return Err("The comparison is running"),
    }
    Ok(CompareCommand::GoOn.into())
}

/// What Run does in Compare.
pub(super) fn run(state: &AppState) -> Result<Command, &'static str> {
    runnable(state)?;
    if !state.compare.is_setting_up {
        return Err("Set up a comparison first");
    }
    if state.compare.setup.a == state.compare.setup.b {
        return Err("A and B are the same");
    }
    Ok(CompareCommand::Run.into())
}

/// What Stop does while a comparison runs.
pub(super) fn stop(state: &AppState) -> Result<Command, &'static str> {
    let running = state.compare.running.as_ref().ok_or("Nothing is running")?;
    if running.is_stopping {
        return Err("It is stopping already");
    }
    Ok(CompareCommand::Stop.into())
}
