//! An instruction model that runs inside this program, with no server, key or account.
//!
//! [`fetch`] brings the model file, [`EmbeddedModel::load`] opens it, [`EmbeddedModel::generate`]
//! answers a conversation and [`EmbeddedModel::choose`] tells how likely each of some answers is.
//! One thread owns the model and computes all calls together; see `scheduler.rs` for how and
//! `model.rs` for what is repeatable bit for bit.
//!
//! Invariants: a GGUF is untrusted (no panic, no huge allocation), a message's text is never
//! markup, a prompt is never cut silently, and no call waits for ever.

pub mod catalog;
mod chat;
mod error;
pub mod fetch;
mod gguf;
mod job;
mod kv;
mod load;
mod model;
mod prefix;
mod prepared;
mod sample;
mod scheduler;
mod sequence;
pub mod threads;
mod tokenizer;
mod wheel;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeSet, VecDeque},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::{mpsc, oneshot};

use self::{
    chat::ChatTemplate,
    gguf::Gguf,
    job::{Generate, Job, Kind, Score},
    load::Sizes,
    model::{Model, Run},
    prefix::PrefixStore,
    scheduler::Scheduler,
};
pub use self::{
    chat::{Message, Role},
    error::EmbeddedError,
    job::{
        CancelFlag, ChatRequest, Choice, Finish, Generated, OnText, Scored, TokenLogprob, Usage,
    },
    sample::Sampling,
    tokenizer::Tokenizer,
};

/// Calls that may wait in the channel before senders wait too.
const QUEUE: usize = 256;

/// Whether models leave a core to others.
static IS_CORE_SPARED: AtomicBool = AtomicBool::new(false);

/// Has the models that are opened from now on leave a core to others: for a process with a window,
/// which is drawn while they compute.
pub fn spare_a_core() {
    IS_CORE_SPARED.store(true, Ordering::Relaxed);
}

/// How to open a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadOptions {
    /// Threads for attention and preparation; `None` takes all cores, but one where a window is to
    /// be drawn beside ([`spare_a_core`]). Candle's own pool
    /// for quantised weights has as many threads as the environment says when the program starts
    /// ([`threads`]).
    pub threads: Option<usize>,
    /// Tokens of context at most, the model's own limit at most.
    pub max_context: usize,
    /// Sequences computed together, at least 1.
    pub max_sequences: usize,
    /// Bytes of computed prompts to remember.
    pub prefix_bytes: usize,
    /// Where requantised weights are kept; `None` prepares them at each load.
    pub prepared_folder: Option<PathBuf>,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self {
            threads: None,
            max_context: 8192,
            max_sequences: 16,
            prefix_bytes: 512 << 20,
            prepared_folder: fetch::models_folder().ok().map(|folder| folder.join("prepared")),
        }
    }
}

/// What is known of an open model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFacts {
    /// Name in the file, or the file's own name.
    pub name: String,
    /// Family, for example `llama`.
    pub architecture: String,
    /// Tokens of context in use.
    pub context: usize,
    /// Entries of the vocabulary.
    pub vocabulary: usize,
    /// Licence named in the file, if any.
    pub licence: Option<String>,
}

/// An open model; clones share one thread, which ends with the last of them.
#[derive(Debug, Clone)]
pub struct EmbeddedModel {
    jobs: mpsc::Sender<Job>,
    tokenizer: Arc<Tokenizer>,
    template: Arc<ChatTemplate>,
    facts: Arc<ModelFacts>,
}

impl EmbeddedModel {
    /// Opens the GGUF at `path`. Blocks for a second or more: run it where that is no harm.
    ///
    /// # Errors
    ///
    /// See [`EmbeddedError`]; each carries a hint to show.
    pub fn load(path: &Path, options: &LoadOptions) -> Result<Self, EmbeddedError> {
        let gguf = Gguf::open(path)?;
        let sizes = Sizes::from_gguf(&gguf)?;
        let tokenizer = Arc::new(Tokenizer::from_gguf(&gguf)?);
        let template = ChatTemplate::new(gguf.text("tokenizer.chat_template"))?;
        let context = sizes.context.min(options.max_context).max(1);
        let own_name = || path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let facts = ModelFacts {
            name: gguf.text("general.name").map_or_else(own_name, ToOwned::to_owned),
            architecture: gguf.text("general.architecture").unwrap_or_default().to_owned(),
            context,
            vocabulary: tokenizer.n_tokens(),
            licence: gguf.text("general.license").map(ToOwned::to_owned),
        };
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let spared = usize::from(IS_CORE_SPARED.load(Ordering::Relaxed));
        let threads = options.threads.unwrap_or(cores.saturating_sub(spared)).max(1);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|index| format!("embedded-{index}"))
            .build()
            .map_err(|error| EmbeddedError::Compute { reason: error.to_string() })?;
        let folder = options.prepared_folder.as_deref();
        let weights = load::weights(path, &gguf, &sizes, folder)?;
        let model = Model::new(sizes, weights, context)?;
        // Candle packs weights on first use; better here than in the first answer.
        pool.install(|| {
            let mut cache = model.empty_cache();
            model.forward(&mut [Run { cache: &mut cache, tokens: &[0], wanted: 0..1 }]).map(drop)
        })?;
        let (jobs, receiver) = mpsc::channel(QUEUE);
        let scheduler = Scheduler {
            model,
            tokenizer: Arc::clone(&tokenizer),
            jobs: receiver,
            store: PrefixStore::new(options.prefix_bytes),
            max_sequences: options.max_sequences.clamp(1, 64),
            waiting: VecDeque::new(),
            ready: VecDeque::new(),
            active: Vec::new(),
        };
        std::thread::Builder::new()
            .name("embedded-model".to_owned())
            .spawn(move || scheduler.run(&pool))
            .map_err(|source| EmbeddedError::Read { path: path.to_owned(), source })?;
        Ok(Self { jobs, tokenizer, template: Arc::new(template), facts: Arc::new(facts) })
    }

    /// Gives what is known of the model.
    pub fn facts(&self) -> &ModelFacts {
        &self.facts
    }

    /// Gives the model's tokenizer.
    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// Counts the tokens of a conversation with the template's own.
    ///
    /// # Errors
    ///
    /// [`EmbeddedError::Template`] or [`EmbeddedError::Request`].
    pub fn count_tokens(&self, messages: &[Message]) -> Result<usize, EmbeddedError> {
        Ok(self.template.encode(&self.tokenizer, messages, "")?.len())
    }

    /// Answers a conversation; `on_text` gets the text piece by piece on the model's thread.
    ///
    /// The same request gives the same text on the same machine, whatever else runs. Dropping the
    /// future cancels the call.
    ///
    /// # Errors
    ///
    /// [`EmbeddedError::TooLong`] if prompt and answer exceed the context,
    /// [`EmbeddedError::Request`] and [`EmbeddedError::Template`] before anything is computed,
    /// [`EmbeddedError::Compute`] and [`EmbeddedError::Stopped`] after.
    pub async fn generate(
        &self,
        request: ChatRequest,
        on_text: OnText,
    ) -> Result<Generated, EmbeddedError> {
        let fault = request.sampling.fault().or_else(|| {
            (request.max_tokens == 0 || request.top_logprobs.is_some_and(|n| n > 100))
                .then_some("it must ask for a token at least and 100 alternatives at most")
        });
        if let Some(fault) = fault {
            return Err(EmbeddedError::Request { reason: fault.to_owned() });
        }
        let start = &request.answer_start;
        let prompt = self.template.encode(&self.tokenizer, &request.messages, start)?;
        self.check_room(prompt.len(), request.max_tokens)?;
        let (reply, answer) = oneshot::channel();
        let kind = Kind::Generate(Generate {
            max_tokens: request.max_tokens,
            sampling: request.sampling,
            stop: request.stop,
            top_logprobs: request.top_logprobs,
            on_text,
            reply,
        });
        self.send(Job { prompt, kind, cancel: request.cancel }, answer).await
    }

    /// Tells how likely the answer begins with each option.
    ///
    /// Each option is a list of variants ("Yes", " yes", …) whose probabilities are summed;
    /// variants that are equal to, or continue, another variant in tokens count once.
    ///
    /// # Errors
    ///
    /// As [`Self::generate`]; [`EmbeddedError::Request`] also if an option has no variant.
    pub async fn choose(
        &self,
        messages: &[Message],
        answer_start: &str,
        options: &[Vec<String>],
        cancel: CancelFlag,
    ) -> Result<Choice, EmbeddedError> {
        let prompt = self.template.encode(&self.tokenizer, messages, answer_start)?;
        let (mut continuations, mut owners) = (Vec::<Vec<u32>>::new(), Vec::new());
        let mut encoded = BTreeSet::new();
        for (owner, option) in options.iter().enumerate() {
            for variant in option {
                encoded.insert((self.tokenizer.encode(variant)?, owner));
            }
        }
        // Sorted, so that a variant comes right after the one that it continues.
        for (tokens, owner) in encoded {
            let is_counted = continuations.last().is_some_and(|last| tokens.starts_with(last));
            if !is_counted && !tokens.is_empty() {
                continuations.push(tokens);
                owners.push(owner);
            }
        }
        if options.is_empty() || (0..options.len()).any(|owner| !owners.contains(&owner)) {
            let reason = "every option needs a variant that no other option begins with";
            return Err(EmbeddedError::Request { reason: reason.to_owned() });
        }
        let scored = self.score_tokens(prompt, continuations, cancel).await?;
        let mut masses = vec![0.0; options.len()];
        for (owner, logprob) in owners.into_iter().zip(&scored.logprobs) {
            masses[owner] += logprob.exp();
        }
        Ok(Choice {
            mass: masses.iter().sum::<f64>().clamp(0.0, 1.0),
            logprobs: masses.iter().map(|mass| mass.ln().min(0.0)).collect(),
            usage: scored.usage,
        })
    }

    /// Gives the summed log-probability of each continuation of the conversation.
    ///
    /// # Errors
    ///
    /// As [`Self::generate`]; [`EmbeddedError::Request`] also for an empty continuation.
    pub async fn score(
        &self,
        messages: &[Message],
        answer_start: &str,
        continuations: &[String],
        cancel: CancelFlag,
    ) -> Result<Scored, EmbeddedError> {
        let prompt = self.template.encode(&self.tokenizer, messages, answer_start)?;
        let continuations = continuations
            .iter()
            .map(|text| self.tokenizer.encode(text))
            .collect::<Result<Vec<_>, _>>()?;
        self.score_tokens(prompt, continuations, cancel).await
    }

    async fn score_tokens(
        &self,
        prompt: Vec<u32>,
        continuations: Vec<Vec<u32>>,
        cancel: CancelFlag,
    ) -> Result<Scored, EmbeddedError> {
        if continuations.is_empty() || continuations.iter().any(Vec::is_empty) {
            let reason = "there is nothing to score".to_owned();
            return Err(EmbeddedError::Request { reason });
        }
        let longest = continuations.iter().map(Vec::len).max().unwrap_or(0);
        self.check_room(prompt.len(), longest)?;
        let (reply, answer) = oneshot::channel();
        let kind = Kind::Score(Score { continuations, reply });
        self.send(Job { prompt, kind, cancel }, answer).await
    }

    fn check_room(&self, prompt_tokens: usize, max_tokens: usize) -> Result<(), EmbeddedError> {
        let context = self.facts.context;
        if prompt_tokens.saturating_add(max_tokens) > context {
            return Err(EmbeddedError::TooLong { prompt_tokens, max_tokens, context });
        }
        Ok(())
    }

    async fn send<T>(
        &self,
        job: Job,
        answer: oneshot::Receiver<Result<T, EmbeddedError>>,
    ) -> Result<T, EmbeddedError> {
        self.jobs.send(job).await.map_err(|_job| EmbeddedError::Stopped)?;
        answer.await.map_err(|_closed| EmbeddedError::Stopped)?
    }
}
