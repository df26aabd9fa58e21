//! Frame time while long lists scroll: 1,000 principles, 200 criteria, 100,000 prompts.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use egui::{Event as Input, Modifiers, MouseWheelSource, MouseWheelUnit, TouchPhase, pos2, vec2};
use preamble::app::command::GoCommand;
use preamble::app::message::{Body, Event};
use preamble::app::state::documents::Setup;
use preamble::app::state::{Area, ProjectState};
use preamble::domain::{Constitution, Criterion, Principle, Prompt, PromptSet, Rubric};

use crate::stage::Stage;
use crate::{Line, at, ms, say, verdict};

/// Frames that are measured in each area.
const FRAMES: usize = 300;
/// Frames before those: the area is laid out for the first time.
const BEFORE: usize = 5;
/// The longest that 95 of 100 frames may take.
const BAR: Duration = Duration::from_millis(8);

/// Measures each area and prints.
pub(crate) fn measure() -> Vec<Line> {
    let mut report = Vec::new();
    say(&format!(
        "\nFrame time while lists scroll (1,000 principles, 200 criteria, 100,000 prompts; \
         {FRAMES} frames an area, ui() and layout, no painting)"
    ));
    let mut stage = Stage::new(false);
    stage.send(Event::Opened {
        root: PathBuf::from("/project"),
        result: Ok(Box::new(project())),
        first_time: false,
    });
    for _ in 0..BEFORE {
        stage.frame();
    }
    // Each area's list is under the first point; what is beside it is under the second.
    for (area, what) in [
        (Area::Home, "Home"),
        (Area::Constitution, "Constitution, 1,000 principles"),
        (Area::Rubric, "Rubric, 200 criteria"),
        (Area::Try, "Try, 100,000 prompts"),
        (Area::Compare, "Compare, no comparison yet"),
        (Area::Runs, "Runs, no run yet"),
        (Area::Data, "Data, no row yet"),
        (Area::Settings, "Settings"),
    ] {
        let ctx = stage.ctx.clone();
        stage.window.dispatch(&ctx, Body::Command(GoCommand::Area(area).into()));
        let first = stage.frame();
        for _ in 0..BEFORE {
            stage.frame();
        }
        let mut times: Vec<Duration> = (0..FRAMES).map(|_| scroll(&mut stage)).collect();
        times.sort();
        let (Some(p50), Some(p95), Some(max)) =
            (at(&times, 0.5), at(&times, 0.95), at(&times, 1.0))
        else {
            continue;
        };
        say(&format!(
            "  {what}: p50 {}, p95 {}, max {}, first frame {}; bar p95 < {}: {}",
            ms(p50),
            ms(p95),
            ms(max),
            ms(first),
            ms(BAR),
            verdict(p95 < BAR)
        ));
        report.push(Line {
            what: format!("Frame while scrolling, p95: {what}"),
            target: format!("< {}", ms(BAR)),
            measured: ms(p95),
            met: Some(p95 < BAR),
        });
    }
    report
}

/// A frame with the wheel turned over the list.
fn scroll(stage: &mut Stage) -> Duration {
    stage.frame_with(vec![
        Input::PointerMoved(pos2(260.0, 420.0)),
        Input::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: vec2(0.0, -120.0),
            phase: TouchPhase::Move,
            source: MouseWheelSource::Wheel,
            modifiers: Modifiers::NONE,
        },
    ])
}

fn project() -> ProjectState {
    let mut project = ProjectState { root: PathBuf::from("/project"), ..Default::default() };
    let mut constitution = Constitution::named("Large");
    for n in 1..=1_000 {
        constitution.principles.push(Principle {
            id: format!("P{n}").as_str().into(),
            text: format!("Say what is true, and what is not known, in respect {n}."),
            tags: vec![["honesty", "care", "clarity", "safety"][n % 4].to_owned()],
            ..Principle::default()
        });
    }
    let mut rubric = Rubric::named("Large");
    for n in 1..=200 {
        rubric.criteria.push(Criterion {
            id: format!("C{n}").as_str().into(),
            name: format!("Quality {n}"),
            ..Criterion::default()
        });
    }
    let question = |n: usize| format!("Question {n}: how do I tell a friend that I can't come?");
    let prompts = (0..100_000).map(|n| Prompt::of_text(format!("q{n}"), question(n))).collect();
    let set = PromptSet { name: "large".to_owned(), prompts };
    let documents = &mut project.documents;
    documents.setup = Arc::new(Setup { name: "Large".to_owned(), ..Setup::default() });
    documents.constitutions.insert("large".to_owned(), Arc::new(constitution));
    documents.rubrics.insert("large".to_owned(), Arc::new(rubric));
    documents.prompt_sets.insert("large".to_owned(), Arc::new(set));
    project
}
