//! The embedded model as a provider: opened on first use, shared by all who name it.
//!
//! Its identity is the checksum of its weights, so a reply in the journal belongs to exactly these.
//! A choice is computed, not drawn: the probability of each answer's variants under the model.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::sync::{OnceCell, watch};

use super::embedded::catalog::{self, ModelSource};
use super::embedded::{self, CancelFlag, ChatRequest, EmbeddedError, EmbeddedModel, fetch};
use super::provider::{Abilities, Answered, AttemptFailure, OnText, Provider, Retry};
use crate::domain::{
    Call, CallFailure, ChoiceReading, FailureKind, Finish, Message, Reply, Speaker, Usage, Want,
};

/// How far the model is; a window or a command line shows it while a first call waits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum LoadState {
    /// Nobody has asked yet.
    #[default]
    Idle,
    /// Its file is being brought.
    Fetching {
        /// Bytes that are there.
        done: u64,
        /// Bytes in all.
        total: u64,
        /// What is being done, in words.
        what: String,
    },
    /// Its weights are being read and prepared.
    Opening,
    /// It answers.
    Ready,
    /// It can't be had; the next call tries again.
    Failed(String),
}

/// A model inside this program.
#[derive(Debug, Clone)]
pub struct EmbeddedProvider {
    identity: String,
    shared: Arc<Shared>,
}

/// What all providers of the same weights share.
#[derive(Debug)]
struct Shared {
    file: File,
    model: OnceCell<EmbeddedModel>,
    state: watch::Sender<LoadState>,
}

/// Where the weights are.
#[derive(Debug, Clone)]
enum File {
    Known(&'static ModelSource),
    At(PathBuf),
}

/// Models that somebody holds, by identity.
static OPEN: Mutex<BTreeMap<String, Weak<Shared>>> = Mutex::new(BTreeMap::new());

/// The model used last, kept open for the next run.
static LAST: Mutex<Option<Arc<Shared>>> = Mutex::new(None);

impl EmbeddedProvider {
    /// Names a model: empty for the starter model, a known model's id, or a GGUF file's path.
    ///
    /// Nothing is opened yet. A file whose checksum is not known beforehand is read once, which
    /// takes seconds for a large one: call it off the async threads then.
    ///
    /// # Errors
    ///
    /// When there is no such model or file.
    pub fn new(model: &str) -> Result<Self, CallFailure> {
        let (file, sum) = match model.trim() {
            "" => (File::Known(&catalog::STARTER), catalog::STARTER.sha256.map(str::to_owned)),
            name => match catalog::find(name) {
                Some(source) => (File::Known(source), source.sha256.map(str::to_owned)),
                None => (File::At(PathBuf::from(name)), None),
            },
        };
        let sum = match sum {
            Some(sum) => sum,
            None => checksum(&file)?,
        };
        let identity = format!("embedded:{sum}");
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, shared| shared.strong_count() > 0);
        let shared = open.get(&identity).and_then(Weak::upgrade).unwrap_or_else(|| {
            let (state, _) = watch::channel(LoadState::Idle);
            Arc::new(Shared { file, model: OnceCell::new(), state })
        });
        open.insert(identity.clone(), Arc::downgrade(&shared));
        Ok(Self { identity, shared })
    }

    /// Tells how far the model is, now and on every change.
    pub fn load_state(&self) -> watch::Receiver<LoadState> {
        self.shared.state.subscribe()
    }

    /// Opens the model if it is not open, fetching its file if that is not there.
    ///
    /// # Errors
    ///
    /// Why it can't be had. Dropping the future stops a download, which the next call resumes.
    pub async fn open(&self) -> Result<EmbeddedModel, CallFailure> {
        let model = self.shared.model.get_or_try_init(|| self.shared.load()).await?.clone();
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Some(Arc::clone(&self.shared));
        Ok(model)
    }

    async fn ask(&self, call: &Call, on_text: OnText) -> Result<Answered, AttemptFailure> {
        let failed = |failure: CallFailure| AttemptFailure {
            failure: CallFailure { attempts: 1, ..failure },
            retry: Retry::Never,
            raw: Vec::new(),
        };
        let model = self.open().await.map_err(failed)?;
        let (answer_start, messages) = answer_start(&call.messages);
        let messages: Vec<_> = messages.iter().map(message).collect();
        let reply = match &call.want {
            Want::Text => {
                let sampling = &call.sampling;
                let seed = sampling.seed.unwrap_or(0).wrapping_add(u64::from(call.sample));
                let request = ChatRequest {
                    max_tokens: sampling.max_tokens as usize,
                    sampling: embedded::Sampling {
                        temperature: sampling.temperature as f32,
                        top_p: sampling.top_p as f32,
                        frequency_penalty: sampling.frequency_penalty as f32,
                        seed,
                        ..embedded::Sampling::default()
                    },
                    stop: sampling.stop.clone(),
                    answer_start: answer_start.to_owned(),
                    ..ChatRequest::new(messages)
                };
                let made = model.generate(request, on_text).await.map_err(|e| failed(named(&e)))?;
                let finish = match made.finish {
                    embedded::Finish::Stop => Finish::Stop,
                    embedded::Finish::Length => Finish::Length,
                    embedded::Finish::Cancelled => {
                        return Err(failed(named(&EmbeddedError::Cancelled)));
                    }
                };
                reply_of(&model, made.text, finish, made.usage, None)
            }
            Want::Choice(answers) => {
                let options: Vec<_> =
                    answers.iter().map(|answer| answer.variants.clone()).collect();
                let chosen =
                    model.choose(&messages, answer_start, &options, CancelFlag::new()).await;
                let chosen = chosen.map_err(|error| failed(named(&error)))?;
                let probabilities: Vec<f64> =
                    chosen.logprobs.iter().map(|logprob| logprob.exp()).collect();
                let likeliest = probabilities
                    .iter()
                    .zip(answers)
                    .max_by(|a, b| a.0.total_cmp(b.0))
                    .map_or_else(String::new, |(_, answer)| answer.label.clone());
                let choice = Some(ChoiceReading { probabilities });
                reply_of(&model, likeliest, Finish::Stop, chosen.usage, choice)
            }
        };
        let raw = serde_json::to_vec(&reply).map_err(|error| {
            failed(CallFailure::new(FailureKind::Garbled, error.to_string(), ""))
        })?;
        Ok(Answered { reply, raw })
    }
}

impl Provider for EmbeddedProvider {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn abilities(&self) -> Abilities {
        Abilities { exact_choice: true, top_logprobs: true, seed: true }
    }

    fn answer<'a>(
        &'a self,
        call: &'a Call,
        on_text: OnText,
    ) -> BoxFuture<'a, Result<Answered, AttemptFailure>> {
        async move { self.ask(call, on_text).await }.boxed()
    }
}

impl Shared {
    async fn load(&self) -> Result<EmbeddedModel, CallFailure> {
        let result = self.fetch_and_open().await;
        self.state.send_replace(match &result {
            Ok(_) => LoadState::Ready,
            Err(failure) => LoadState::Failed(failure.message.clone()),
        });
        result
    }

    async fn fetch_and_open(&self) -> Result<EmbeddedModel, CallFailure> {
        let path = match &self.file {
            File::At(path) => path.clone(),
            File::Known(source) => {
                let on_progress = |done, total, what: &str| {
                    let what = what.to_owned();
                    self.state.send_replace(LoadState::Fetching { done, total, what });
                };
                fetch::fetch(source, &on_progress, &CancelFlag::new()).await.map_err(|error| {
                    let kind = match &error {
                        fetch::FetchError::Unreachable { .. } => FailureKind::Unreachable,
                        fetch::FetchError::Cancelled => FailureKind::Cancelled,
                        _ => FailureKind::Model,
                    };
                    CallFailure::new(kind, error.to_string(), &error.hint())
                })?
            }
        };
        self.state.send_replace(LoadState::Opening);
        let opened = tokio::task::spawn_blocking(move || {
            EmbeddedModel::load(&path, &embedded::LoadOptions::default())
        });
        match opened.await {
            Ok(result) => result.map_err(|error| named(&error)),
            Err(error) => {
                let what = format!("opening the embedded model broke off: {error}");
                Err(CallFailure::new(FailureKind::Model, what, "choose another model file"))
            }
        }
    }
}

/// Takes off a last message of the assistant's: the answer goes on from there.
fn answer_start(messages: &[Message]) -> (&str, &[Message]) {
    match messages {
        [rest @ .., last] if last.role == Speaker::Assistant => (&last.content, rest),
        all => ("", all),
    }
}

fn reply_of(
    model: &EmbeddedModel,
    text: String,
    finish: Finish,
    usage: embedded::Usage,
    choice: Option<ChoiceReading>,
) -> Reply {
    Reply {
        text,
        reasoning: None,
        finish,
        usage: Usage {
            prompt_tokens: usage.prompt_tokens as u64,
            cached_tokens: usage.cached_tokens as u64,
            completion_tokens: usage.completion_tokens as u64,
            ..Usage::default()
        },
        choice,
        model: model.facts().name.clone(),
        marks: Vec::new(),
    }
}

fn message(message: &Message) -> embedded::Message {
    let role = match message.role {
        Speaker::System => embedded::Role::System,
        // The templates of these models know no tools; what one says is told as the user's.
        Speaker::User | Speaker::Tool => embedded::Role::User,
        Speaker::Assistant => embedded::Role::Assistant,
    };
    embedded::Message::new(role, message.content.clone())
}

fn named(error: &EmbeddedError) -> CallFailure {
    let kind = match error {
        EmbeddedError::TooLong { .. } | EmbeddedError::Request { .. } => FailureKind::Rejected,
        EmbeddedError::Cancelled => FailureKind::Cancelled,
        EmbeddedError::Read { .. }
        | EmbeddedError::Damaged { .. }
        | EmbeddedError::Unsupported { .. }
        | EmbeddedError::Template { .. }
        | EmbeddedError::Stopped
        | EmbeddedError::Compute { .. } => FailureKind::Model,
    };
    CallFailure::new(kind, error.to_string(), error.hint())
}

/// The SHA-256 of a model's file, in lower-case hexadecimal.
fn checksum(file: &File) -> Result<String, CallFailure> {
    let (path, hint) = match file {
        File::At(path) => {
            (path.clone(), "give a GGUF file's path, or one of the names in `preamble models list`")
        }
        File::Known(source) => {
            let folder = fetch::models_folder().map_err(|error| {
                CallFailure::new(FailureKind::Model, error.to_string(), &error.hint())
            })?;
            (folder.join(source.file_name), "fetch it first: preamble models fetch NAME")
        }
    };
    fetch::sum_of(&path).map_err(|error| {
        let what = format!("the model's file can't be read ({error}): {}", path.display());
        CallFailure::new(FailureKind::Model, what, hint)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::domain::{Answer, ModelRole, PromptId, Purpose, Sampling};

    fn call(text: &str, want: Want, seed: u64) -> Call {
        Call {
            purpose: Purpose::Probe,
            prompt: PromptId::new("p"),
            role: ModelRole::Writer,
            messages: vec![Message::user(text)],
            sampling: Sampling { max_tokens: 24, seed: Some(seed), ..Sampling::default() },
            want,
            sample: 0,
        }
    }

    #[test]
    fn names_models_without_opening_them() {
        let starter = EmbeddedProvider::new("").unwrap();
        let sum = catalog::STARTER.sha256.unwrap();
        assert_eq!(starter.identity(), format!("embedded:{sum}"));
        let again = EmbeddedProvider::new(catalog::STARTER.id).unwrap();
        assert!(Arc::ptr_eq(&starter.shared, &again.shared), "one model, opened once");
        let failure = EmbeddedProvider::new("/nowhere/model.gguf").unwrap_err();
        assert_eq!(failure.kind, FailureKind::Model);
        assert!(failure.message.ends_with("/nowhere/model.gguf") && !failure.hint.is_empty());
    }

    #[test]
    fn a_file_that_is_no_model_is_a_named_failure() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let provider = EmbeddedProvider::new(&file.path().to_string_lossy()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let call = call("Hello", Want::Text, 0);
        let failed = runtime.block_on(provider.answer(&call, Arc::new(|_piece: &str| {})));
        let failed = failed.unwrap_err();
        assert_eq!((failed.failure.kind, failed.retry), (FailureKind::Model, Retry::Never));
        assert!(matches!(*provider.load_state().borrow(), LoadState::Failed(_)));
    }

    #[test]
    fn the_starter_model_answers_and_chooses() {
        if fetch::installed(&catalog::STARTER).is_none() {
            println!("skipped: the starter model is not installed");
            return;
        }
        let provider = EmbeddedProvider::new("").unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let pieces = Arc::new(AtomicUsize::new(0));
        let mut texts = Vec::new();
        for seed in [1, 1, 2] {
            let counted = Arc::clone(&pieces);
            let on_text: OnText = Arc::new(move |_piece: &str| {
                counted.fetch_add(1, Ordering::Relaxed);
            });
            let call = call("Tell me about tea.", Want::Text, seed);
            let answered = runtime.block_on(provider.answer(&call, on_text)).unwrap();
            assert_eq!(serde_json::from_slice::<Reply>(&answered.raw).unwrap(), answered.reply);
            assert!(answered.reply.usage.completion_tokens <= 24);
            texts.push(answered.reply.text);
        }
        assert!(pieces.load(Ordering::Relaxed) > 10, "it streams");
        assert_eq!(texts[0], texts[1], "one seed, one text");
        assert_ne!(texts[0], texts[2]);
        assert_eq!(*provider.load_state().borrow(), LoadState::Ready);

        let answers = vec![Answer::of("Yes"), Answer::of("No")];
        let call = call("Is water wet? Answer Yes or No.", Want::Choice(answers), 0);
        let quiet: OnText = Arc::new(|_piece: &str| {});
        let reply = runtime.block_on(provider.answer(&call, quiet)).unwrap().reply;
        let choice = reply.choice.unwrap();
        assert!(choice.mass() > 0.0 && choice.mass() <= 1.0 + 1e-9, "{choice:?}");
        assert!(["Yes", "No"].contains(&reply.text.as_str()));
    }
}
