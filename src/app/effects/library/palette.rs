//! What the palette finds off the window's thread: runs and prompts.

use std::sync::Arc;

use super::LibraryEvent;
use crate::app::effects::desk::Desk;
use crate::app::fuzzy::Needle;
use crate::app::message::Event;
use crate::app::state::library::{PaletteHit, PaletteItem, RunTitle};
use crate::app::state::runs::name_of;
use crate::domain::{Prompt, PromptSet};
use crate::engine::Cancel;

/// The newest runs that the palette knows.
const RUNS: usize = 500;
/// The prompts that it lists.
const LISTED: usize = 40;
/// After so many prompts it looks whether anybody still waits.
const STRIDE: usize = 512;

/// Reads the project's runs.
pub(super) async fn list_runs(desk: &Desk) {
    let Ok((_, journal)) = desk.project() else { return };
    // Without runs the palette still finds everything else; whoever shows runs tells the failure.
    let Ok(mut records) = journal.runs().await else { return };
    records.sort_by_key(|record| std::cmp::Reverse((record.started_ms, record.id.clone())));
    let runs = records
        .into_iter()
        .take(RUNS)
        .map(|record| {
            let started = chrono::DateTime::from_timestamp_millis(record.started_ms)
                .unwrap_or_default()
                .with_timezone(&chrono::Local)
                .format("%-d %b %H:%M");
            RunTitle {
                kind: record.kind,
                title: format!("{} {}", record.id, name_of(&record)),
                detail: format!("{started}, {} rows, {}", record.rows_total, record.state),
                id: record.id,
            }
        })
        .collect();
    desk.link.send(Event::Library(LibraryEvent::Runs(runs)));
}

/// Looks for prompts, as long as nobody asks something else.
pub(super) async fn find_prompts(
    desk: &Desk,
    number: u64,
    typed: String,
    sets: Vec<(String, Arc<PromptSet>)>,
) {
    let cancel = desk.jobs.begin(number);
    let wanted = cancel.clone();
    let found = tokio::task::spawn_blocking(move || prompts(&typed, &sets, &wanted)).await;
    desk.jobs.end(number);
    if let Ok(Some((hits, total))) = found {
        desk.link.send(Event::Library(LibraryEvent::PromptsFound { number, hits, total }));
    }
}

/// The prompts that fit best, and how many fit; `None` where it was called off.
fn prompts(
    typed: &str,
    sets: &[(String, Arc<PromptSet>)],
    cancel: &Cancel,
) -> Option<(Vec<PaletteHit>, usize)> {
    let needle = Needle::new(typed);
    let mut fits: Vec<(i32, usize, usize)> = Vec::new();
    for (set_at, (_, set)) in sets.iter().enumerate() {
        for (at, prompt) in set.prompts.iter().enumerate() {
            if at.is_multiple_of(STRIDE) && cancel.is_cancelled() {
                return None;
            }
            if let Some(score) = score(&needle, prompt) {
                fits.push((score, set_at, at));
            }
        }
    }
    let total = fits.len();
    // The best first; of those that fit alike, in the order of the sets.
    fits.sort_by_key(|(score, set_at, at)| (std::cmp::Reverse(*score), *set_at, *at));
    let hits = fits
        .into_iter()
        .take(LISTED)
        .filter_map(|(score, set_at, at)| {
            let (stem, set) = sets.get(set_at)?;
            let prompt = set.prompts.get(at)?;
            let title = prompt.text().split_whitespace().collect::<Vec<_>>().join(" ");
            let places = needle.fit_prose(&title).map(|fit| fit.places).unwrap_or_default();
            Some(PaletteHit {
                item: PaletteItem::Prompt { set: stem.clone(), id: prompt.id.clone() },
                title: title.chars().take(200).collect(),
                detail: format!("{stem} · {}", prompt.id),
                places,
                score,
            })
        })
        .collect();
    Some((hits, total))
}

fn score(needle: &Needle, prompt: &Prompt) -> Option<i32> {
    let by_text = needle.fit_prose(prompt.text()).map(|fit| fit.score);
    by_text.or_else(|| needle.fit_prose(prompt.id.as_str()).map(|fit| fit.score))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sets(n: usize) -> Vec<(String, Arc<PromptSet>)> {
        let prompts = (0..n)
            .map(|n| Prompt::of_text(format!("p{n}"), format!("Question {n} about moles")))
            .collect();
        vec![("many".to_owned(), Arc::new(PromptSet { name: "many".to_owned(), prompts }))]
    }

    #[test]
    fn many_prompts_are_counted_and_some_listed() {
        let (hits, total) = prompts("mole", &sets(3_000), &Cancel::new()).unwrap();
        assert_eq!((hits.len(), total), (LISTED, 3_000));
        assert_eq!(hits[0].title, "Question 0 about moles");
        let (hits, _) = prompts("2999 question", &sets(3_000), &Cancel::new()).unwrap();
        assert_eq!(hits.len(), 1);
        assert_eq!(hits[0].item, PaletteItem::Prompt { set: "many".into(), id: "p2999".into() });
    }

    #[test]
    fn a_question_that_nobody_waits_for_is_dropped() {
        let cancel = Cancel::new();
        cancel.cancel();
        assert!(prompts("mole", &sets(10), &cancel).is_none());
    }
}
