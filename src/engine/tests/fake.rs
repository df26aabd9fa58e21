//! Models that are functions, and short methods.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;

use crate::domain::{
    Call, CallFailure, CallKey, Chain, Constitution, FailureKind, Finish, Method, ModelEntry,
    ModelKind, ModelRole, Principle, Prompt, Purpose, Recipe, Reply, Row, RowFailure, Sampling,
    Usage, Want,
};
use crate::engine::{Controls, Events, Limits, Model, Plan, RetryPolicy, RowMethod, RunAsk};
use crate::methods::{Ask as _, Templates};
use crate::providers::{Abilities, Answered, AttemptFailure, OnText, Provider, Retry};
use crate::store::journal::RunKind;

type Answer = dyn Fn(&Call) -> Result<String, AttemptFailure> + Send + Sync;

/// A model that is a function; it counts what it is asked.
#[derive(Clone)]
pub(super) struct Fake {
    answer: Arc<Answer>,
    takes: Duration,
    identity: &'static str,
    bound: u32,
    price: Option<f64>,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    now: AtomicU32,
    most: AtomicU32,
    by_key: Mutex<BTreeMap<CallKey, u32>>,
}

impl Fake {
    pub(super) fn new(
        answer: impl Fn(&Call) -> Result<String, AttemptFailure> + Send + Sync + 'static,
    ) -> Self {
        Self::slow(Duration::ZERO, answer)
    }

    pub(super) fn slow(
        takes: Duration,
        answer: impl Fn(&Call) -> Result<String, AttemptFailure> + Send + Sync + 'static,
    ) -> Self {
        Self {
            answer: Arc::new(answer),
            takes,
            identity: "fake:model",
            bound: 64,
            price: None,
            seen: Arc::default(),
        }
    }

    /// Fails the first `n` requests, then answers.
    pub(super) fn failing_first(n: u32, kind: FailureKind, retry: Retry) -> Self {
        let left = AtomicU32::new(n);
        Self::new(move |_| {
            let fails =
                left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            fails.map_or(Ok("at last".to_owned()), |_| Err(refusal(kind, retry)))
        })
    }

    pub(super) fn with_bound(&self, bound: u32) -> Self {
        Self { bound, ..self.clone() }
    }

    pub(super) fn with_identity(&self, identity: &'static str) -> Self {
        Self { identity, ..self.clone() }
    }

    /// US dollars for a million tokens of either kind.
    pub(super) fn with_price(&self, price: f64) -> Self {
        Self { price: Some(price), ..self.clone() }
    }

    pub(super) fn calls(&self) -> u32 {
        self.seen.by_key.lock().unwrap().values().sum()
    }

    pub(super) fn most_calls_of_one_key(&self) -> u32 {
        self.seen.by_key.lock().unwrap().values().copied().max().unwrap_or(0)
    }

    pub(super) fn most_at_once(&self) -> u32 {
        self.seen.most.load(Ordering::SeqCst)
    }

    pub(super) fn model(&self) -> Arc<Model> {
        let entry = ModelEntry {
            name: self.identity.replace(':', "-"),
            // As embedded, its limiter starts at the bound; with a price it is a remote one.
            kind: if self.price.is_some() { ModelKind::OpenAi } else { ModelKind::Embedded },
            max_in_flight: self.bound,
            price_in: self.price,
            price_out: self.price,
            ..ModelEntry::embedded()
        };
        Arc::new(Model::new(entry, Arc::new(self.clone())))
    }
}

impl Provider for Fake {
    fn identity(&self) -> &'static str {
        self.identity
    }

    fn abilities(&self) -> Abilities {
        Abilities::default()
    }

    fn answer<'a>(
        &'a self,
        call: &'a Call,
        on_text: OnText,
    ) -> BoxFuture<'a, Result<Answered, AttemptFailure>> {
        Box::pin(async move {
            let now = self.seen.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.seen.most.fetch_max(now, Ordering::SeqCst);
            *self.seen.by_key.lock().unwrap().entry(call.key("fake:model")).or_default() += 1;
            // Counts down even when the call is dropped halfway.
            let _leave = Leave(&self.seen.now);
            if self.takes.is_zero() {
                tokio::task::yield_now().await;
            } else {
                tokio::time::sleep(self.takes).await;
            }
            let text = (self.answer)(call)?;
            on_text(&text);
            let reply = Reply {
                text,
                reasoning: None,
                finish: Finish::Stop,
                usage: Usage {
                    prompt_tokens: 10,
                    cached_tokens: 0,
                    completion_tokens: 2,
                    ..Usage::default()
                },
                choice: None,
                model: "fake".to_owned(),
                marks: Vec::new(),
            };
            let raw = serde_json::to_vec(&reply).unwrap();
            Ok(Answered { reply, raw })
        })
    }
}

struct Leave<'a>(&'a AtomicU32);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

pub(super) fn refusal(kind: FailureKind, retry: Retry) -> AttemptFailure {
    AttemptFailure { failure: CallFailure::new(kind, "no", "wait"), retry, raw: b"no".to_vec() }
}

/// Retries that wait next to nothing.
pub(super) fn quick() -> RetryPolicy {
    RetryPolicy {
        first_wait: Duration::from_millis(1),
        longest_wait: Duration::from_millis(2),
        ..RetryPolicy::default()
    }
}

pub(super) fn silent() -> Events {
    Arc::new(|_| ())
}

pub(super) fn plan(fake: &Fake, rows: usize) -> Plan {
    Plan {
        kind: RunKind::Run,
        run: None,
        recipe: Arc::new(Recipe::built_in(Method::Critique)),
        constitution: None,
        rubric: None,
        prompts: (0..rows).map(|n| Prompt::of_text(format!("p{n}"), format!("Say {n}"))).collect(),
        only: None,
        templates: Arc::new(Templates::default()),
        models: BTreeMap::from([(ModelRole::Writer, fake.model())]),
        candidates: None,
        compare: None,
        panel: None,
        judging: None,
        seed: 7,
        controls: Controls::new(Limits { at_once: 8, ..Limits::default() }),
        retry: RetryPolicy::default(),
        replay_only: false,
        grace: Duration::from_secs(5),
        variant: crate::domain::Variant::default(),
        start: None,
    }
}

pub(super) fn constitution() -> Constitution {
    let principle = |id: &str, text: &str| Principle {
        id: id.into(),
        text: text.to_owned(),
        ..Principle::default()
    };
    Constitution {
        principles: vec![principle("P1", "Be kind."), principle("P2", "Be brief.")],
        ..Constitution::named("Two")
    }
}

/// Asks `n` questions one after the other, each with the answer before in it; the last answer is
/// the row's draft.
pub(super) fn drafts(n: u32) -> Arc<dyn RowMethod> {
    Arc::new(Drafts { n, breaks_on: String::new() })
}

pub(super) fn breaking_on(prompt: &str) -> Arc<dyn RowMethod> {
    Arc::new(Drafts { n: 1, breaks_on: prompt.to_owned() })
}

struct Drafts {
    n: u32,
    breaks_on: String,
}

impl RowMethod for Drafts {
    fn row<'a>(
        &'a self,
        _plan: &'a Plan,
        ask: &'a RunAsk,
        prompt: &'a Prompt,
    ) -> BoxFuture<'a, Row> {
        Box::pin(async move {
            assert_ne!(prompt.id.as_str(), self.breaks_on, "breaks as told");
            let mut messages = prompt.messages.clone();
            let mut row = Row::empty(prompt);
            for candidate in 0..self.n {
                let call = Call {
                    purpose: Purpose::Draft { candidate },
                    prompt: prompt.id.clone(),
                    role: ModelRole::Writer,
                    messages: messages.clone(),
                    sampling: Sampling::default(),
                    want: Want::Text,
                    sample: 0,
                };
                match ask.ask(call).await {
                    Ok(reply) => {
                        messages.push(crate::domain::Message::assistant(&reply.text));
                        row.chain = Some(Chain {
                            draft: reply.text,
                            draft_cut_off: false,
                            steps: Vec::new(),
                        });
                    }
                    Err(failure) => {
                        row.failure = Some(RowFailure { at: "draft".to_owned(), failure });
                        break;
                    }
                }
            }
            row
        })
    }
}
