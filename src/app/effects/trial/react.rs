//! Principles from a reaction: one call of the critic's model, kept in the journal like any.

use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;

use super::{SuggestPlan, TryEvent};
use crate::app::effects::desk::{Desk, unpoisoned};
use crate::app::message::Event;
use crate::domain::{CallFailure, FailureKind, Prompt, Row, RowFailure};
use crate::engine::{self, Overrides, Plan, RowMethod, RunAsk, StopReason};
use crate::methods::react::{ReactTask, Suggested, suggest as ask_for};
use crate::store::journal::RunKind;

/// Asks and tells what came back.
pub(super) async fn suggest(desk: Arc<Desk>, plan: SuggestPlan) {
    let number = plan.number;
    let result = suggested(&desk, plan).await;
    desk.jobs.end(number);
    desk.link.send(Event::Try(TryEvent::Suggested { number, result }));
}

async fn suggested(desk: &Desk, asked: SuggestPlan) -> Result<Suggested, CallFailure> {
    let cancel = desk.jobs.begin(asked.number);
    let method = |message: String, hint: &str| CallFailure::new(FailureKind::Method, message, hint);
    let (mut project, journal) =
        desk.project().map_err(|failure| method(failure.message, &failure.hint))?;
    project.file = crate::app::effects::files::file_of(&asked.setup);
    let recipe = &asked.recipe;
    project.constitutions.insert(recipe.constitution.clone(), Arc::clone(&asked.constitution));
    project.recipes.insert(recipe.name.clone(), Arc::new(recipe.clone()));
    let wishes = Overrides {
        kind: Some(RunKind::Try),
        prompt_list: Some(vec![asked.prompt.clone()]),
        seed: Some(asked.seed),
        ..Overrides::default()
    };
    let plan = Plan::of_project(&project, &recipe.name, &wishes, &desk.models)
        .await
        .map_err(|error| method(error.to_string(), &error.hint()))?;
    desk.may_send(&plan).map_err(|failure| method(failure.message, &failure.hint))?;
    let came = Arc::new(Came { asked, what: Mutex::default() });
    let row_method: Arc<dyn RowMethod> = Arc::<Came>::clone(&came);
    let summary = engine::run_with(plan, journal, Arc::new(|_| ()), cancel, row_method)
        .await
        .map_err(|error| CallFailure::new(FailureKind::Storage, error.to_string(), ""))?;
    let came = unpoisoned(&came.what).take();
    came.unwrap_or_else(|| match summary.end {
        engine::RunEnd::Stopped(StopReason::Cancelled) | engine::RunEnd::Done => {
            Err(CallFailure::new(FailureKind::Cancelled, "stopped", ""))
        }
        engine::RunEnd::Stopped(reason) => Err(method(reason.message(), reason.hint())),
    })
}

/// What is asked, and what came of it.
struct Came {
    asked: SuggestPlan,
    what: Mutex<Option<Result<Suggested, CallFailure>>>,
}

impl RowMethod for Came {
    fn row<'a>(
        &'a self,
        plan: &'a Plan,
        ask: &'a RunAsk,
        prompt: &'a Prompt,
    ) -> BoxFuture<'a, Row> {
        Box::pin(async move {
            let task = ReactTask {
                prompt,
                response: &self.asked.response,
                reaction: self.asked.reaction,
                said: &self.asked.said,
                rewrite: &self.asked.rewrite,
                templates: &plan.templates,
                seed: plan.seed,
            };
            let result = ask_for(ask, &task).await;
            let failure = result.as_ref().err().map(|failure| RowFailure {
                at: "suggestion".to_owned(),
                failure: failure.clone(),
            });
            *unpoisoned(&self.what) = Some(result);
            Row { failure, ..Row::empty(prompt) }
        })
    }
}
