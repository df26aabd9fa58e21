//! A sequence that is being computed, and what its logits are for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{
    error::EmbeddedError,
    job::{CancelFlag, Finish, Generate, Generated, Job, Kind, Score, Scored, TokenLogprob, Usage},
    kv::KvCache,
    sample::{LogProbabilities, Sampler, TextStream},
    tokenizer::Tokenizer,
};

/// One of the sequences that share a step.
pub(super) struct Sequence {
    /// The prompt and what has been drawn.
    pub(super) tokens: Vec<u32>,
    /// Covers the first tokens; the others are still to be computed.
    pub(super) cache: KvCache,
    pub(super) work: Work,
    cancel: CancelFlag,
    usage: Usage,
}

/// What a sequence is for.
pub(super) enum Work {
    /// Draws tokens.
    Generate(Box<Generating>),
    /// Computes a prompt whose continuations are to be scored.
    Score(Option<Score>),
    /// Computes one continuation of several tokens.
    Branch(Branch),
}

/// The state of an answer in the making.
pub(super) struct Generating {
    call: Generate,
    sampler: Sampler,
    stream: TextStream,
    logprobs: Vec<TokenLogprob>,
}

/// One continuation of a scored prompt.
pub(super) struct Branch {
    parent: Arc<Mutex<Open>>,
    index: usize,
    prompt_len: usize,
    /// The last token, which is scored but never computed.
    last: u32,
}

/// A score call whose branches are still running.
pub(super) struct Open {
    score: Option<Score>,
    logprobs: Vec<f64>,
    left: usize,
    usage: Usage,
}

/// What becomes of a sequence after a step.
pub(super) enum After {
    /// It goes on.
    Continue,
    /// It is done; branches may have sprung from it.
    Done(Vec<Sequence>),
}

impl Sequence {
    /// Starts a call on a cache that holds the first positions of its prompt.
    pub(super) fn start(job: Job, cache: KvCache) -> Self {
        let usage = Usage {
            prompt_tokens: job.prompt.len(),
            cached_tokens: cache.len(),
            completion_tokens: 0,
        };
        let work = match job.kind {
            Kind::Generate(call) => Work::Generate(Box::new(Generating {
                sampler: Sampler::new(call.sampling),
                stream: TextStream::new(call.stop.clone()),
                logprobs: Vec::new(),
                call,
            })),
            Kind::Score(score) => Work::Score(Some(score)),
        };
        Self { tokens: job.prompt, cache, work, cancel: job.cancel, usage }
    }

    /// Counts the tokens that are still to be computed.
    pub(super) fn n_left(&self) -> usize {
        self.tokens.len() - self.cache.len()
    }

    /// Says from which position on logits are needed.
    pub(super) fn wanted_from(&self) -> usize {
        match &self.work {
            Work::Branch(branch) => branch.prompt_len,
            Work::Generate(_) | Work::Score(_) => self.tokens.len() - 1,
        }
    }

    /// Says whether the cache is worth keeping once the sequence is done.
    pub(super) fn is_worth_keeping(&self) -> bool {
        !matches!(self.work, Work::Branch(_))
    }

    /// Says whether nobody waits for the answer any more.
    pub(super) fn is_cancelled(&self) -> bool {
        let is_dropped = match &self.work {
            Work::Generate(generating) => generating.call.reply.is_closed(),
            Work::Score(score) => score.as_ref().is_none_or(|score| score.reply.is_closed()),
            Work::Branch(branch) => {
                let open = branch.open();
                open.score.as_ref().is_none_or(|score| score.reply.is_closed())
            }
        };
        is_dropped || self.cancel.is_cancelled()
    }

    /// Takes the logits that were wanted: `rows` are those of the positions from `first` on.
    pub(super) fn take(
        &mut self,
        first: usize,
        rows: &[&[f32]],
        tokenizer: &Tokenizer,
    ) -> Result<After, EmbeddedError> {
        match &mut self.work {
            Work::Generate(generating) => {
                let Some(row) = rows.last() else { return Ok(After::Continue) };
                let id = generating.sampler.draw(row)?;
                let finish = generating.advance(id, row, tokenizer, &mut self.usage)?;
                self.tokens.push(id);
                Ok(match finish {
                    Some(finish) => {
                        self.answer(finish);
                        After::Done(Vec::new())
                    }
                    None => After::Continue,
                })
            }
            Work::Score(score) => match (score.take(), rows.last()) {
                (Some(score), Some(row)) => self.branch(score, row).map(After::Done),
                (score, _) => {
                    self.work = Work::Score(score);
                    Ok(After::Continue)
                }
            },
            Work::Branch(branch) => {
                let mut open = branch.open();
                for (offset, row) in rows.iter().enumerate() {
                    let next = self.tokens.get(first + offset + 1).copied().unwrap_or(branch.last);
                    open.logprobs[branch.index] += LogProbabilities::of(row)?.get(next);
                }
                if self.cache.len() < self.tokens.len() {
                    return Ok(After::Continue);
                }
                open.left -= 1;
                open.close_if_done();
                Ok(After::Done(Vec::new()))
            }
        }
    }

    /// Scores first tokens by the prompt's last row, and gives the longer ones as branches.
    fn branch(&self, score: Score, row: &[f32]) -> Result<Vec<Self>, EmbeddedError> {
        let row = LogProbabilities::of(row)?;
        let first = |tokens: &Vec<u32>| tokens.first().map_or(0.0, |&id| row.get(id));
        let logprobs = score.continuations.iter().map(first).collect();
        let longer: Vec<(usize, Vec<u32>)> = score
            .continuations
            .iter()
            .cloned()
            .enumerate()
            .filter(|(_, tokens)| tokens.len() > 1)
            .collect();
        let scored = score.continuations.iter().map(Vec::len).sum();
        let usage = Usage { completion_tokens: scored, ..self.usage };
        let mut open = Open { score: Some(score), logprobs, left: longer.len(), usage };
        open.close_if_done();
        let parent = Arc::new(Mutex::new(open));
        longer
            .into_iter()
            .map(|(index, mut continuation)| {
                let last = continuation.pop().unwrap_or_default();
                let tokens = [self.tokens.as_slice(), &continuation].concat();
                let branch = Branch {
                    parent: Arc::clone(&parent),
                    index,
                    prompt_len: self.tokens.len(),
                    last,
                };
                Ok(Self {
                    tokens,
                    cache: self.cache.fork(self.cache.len())?,
                    work: Work::Branch(branch),
                    cancel: self.cancel.clone(),
                    usage: self.usage,
                })
            })
            .collect()
    }

    /// Gives the answer as it stands; a call that only scores is told that it was cancelled.
    fn answer(&mut self, finish: Finish) {
        if let Work::Generate(generating) = &mut self.work {
            generating.answer(finish, self.usage);
        }
    }

    /// Ends the sequence because nobody waits for it.
    pub(super) fn cancel(mut self) {
        self.answer(Finish::Cancelled);
        self.fail(EmbeddedError::Cancelled);
    }

    /// Ends the sequence with an error, unless it has answered.
    pub(super) fn fail(mut self, error: EmbeddedError) {
        match &mut self.work {
            Work::Generate(generating) => generating.fail(error),
            Work::Score(score) => {
                if let Some(score) = score.take() {
                    score.reply.send(Err(error)).ok();
                }
            }
            Work::Branch(branch) => {
                let score = branch.open().score.take();
                if let Some(score) = score {
                    score.reply.send(Err(error)).ok();
                }
            }
        }
    }
}

impl Branch {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.parent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn close_if_done(&mut self) {
        if self.left == 0
            && let Some(score) = self.score.take()
        {
            let logprobs = std::mem::take(&mut self.logprobs);
            score.reply.send(Ok(Scored { logprobs, usage: self.usage })).ok();
        }
    }
}

impl Generating {
    /// Takes a drawn token; says how the answer ended, if it did.
    fn advance(
        &mut self,
        id: u32,
        row: &[f32],
        tokenizer: &Tokenizer,
        usage: &mut Usage,
    ) -> Result<Option<Finish>, EmbeddedError> {
        if tokenizer.is_end(id) {
            return Ok(Some(Finish::Stop));
        }
        usage.completion_tokens += 1;
        if let Some(n) = self.call.top_logprobs {
            let row = LogProbabilities::of(row)?;
            let text = |id: u32| String::from_utf8_lossy(tokenizer.bytes(id)).into_owned();
            let top = row.top(n).into_iter().map(|(id, lp)| (id, text(id), lp)).collect();
            self.logprobs.push(TokenLogprob { id, text: text(id), logprob: row.get(id), top });
        }
        let (text, is_stopped) = self.stream.push(tokenizer.bytes(id));
        if !text.is_empty() {
            (self.call.on_text)(text);
        }
        Ok(if is_stopped {
            Some(Finish::Stop)
        } else if usage.completion_tokens >= self.call.max_tokens {
            Some(Finish::Length)
        } else {
            None
        })
    }

    fn answer(&mut self, finish: Finish, usage: Usage) {
        let rest = self.stream.finish();
        if !rest.is_empty() {
            (self.call.on_text)(rest);
        }
        let text = self.stream.text().to_owned();
        let logprobs = std::mem::take(&mut self.logprobs);
        self.reply(Ok(Generated { text, finish, usage, logprobs }));
    }

    fn fail(&mut self, error: EmbeddedError) {
        self.reply(Err(error));
    }

    fn reply(&mut self, result: Result<Generated, EmbeddedError>) {
        let (closed, _) = tokio::sync::oneshot::channel();
        let reply = std::mem::replace(&mut self.call.reply, closed);
        // Nobody may be waiting any more, which is as good as having told them.
        reply.send(result).ok();
    }
}
