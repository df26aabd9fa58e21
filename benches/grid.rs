//! The embedded model as a judge: judgments a second over a grid of pairs, principles and orders,
//! and tokens a second of one chain and of sixteen decoded together.
//!
//! `cargo bench --bench grid` prints one JSON object a line. `python3 benches/grid/run.py` runs it
//! beside llama.cpp on the same model file in the same minutes and prints the table; the README
//! says what it needs. Nothing fails here.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use futures::future::join_all;
use preamble::domain::{
    Call, CallFailure, Constitution, JudgeProtocol, Message, Method, ModelRole, Principle,
    PrincipleId, Prompt, PromptId, Purpose, Recipe, Reply, Sampling, Want,
};
use preamble::methods::template::Templates;
use preamble::methods::{Ask, PairTask, judge_pair};
use preamble::providers::embedded::threads;
use preamble::providers::{EmbeddedProvider, OnText, Provider as _};
use serde_json::json;

/// Tokens that each chain decodes at most.
const TOKENS: u32 = 96;
/// Chains decoded together.
const CHAINS: usize = 16;

/// A pair of the grid, as `benches/grid/pairs.jsonl` has it.
#[derive(Debug, serde::Deserialize)]
struct Pair {
    id: String,
    prompt: String,
    a: String,
    b: String,
}

/// Answers by the model alone, without journal or limiter, and keeps what was asked.
struct Plain<'a> {
    provider: &'a EmbeddedProvider,
    asked: Mutex<Vec<Call>>,
    prompt_tokens: Mutex<(u64, u64)>,
}

impl Ask for Plain<'_> {
    async fn ask(&self, call: Call) -> Result<Reply, CallFailure> {
        let quiet: OnText = Arc::new(|_piece: &str| {});
        let answered = self.provider.answer(&call, quiet).await.map_err(|failed| failed.failure)?;
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        let mut tokens = self.prompt_tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.0 += answered.reply.usage.prompt_tokens;
        tokens.1 += answered.reply.usage.cached_tokens;
        Ok(answered.reply)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // As the command line does.
    for (name, value) in threads::environment(false) {
        #[expect(unsafe_code, reason = "no other thread runs yet, so nobody can be reading it")]
        // SAFETY: this is the first statement of the program.
        unsafe {
            std::env::set_var(name, value);
        }
    }
    let arguments: Vec<String> = std::env::args().collect();
    let prompts_file =
        arguments.iter().position(|word| word == "--prompts").and_then(|at| arguments.get(at + 1));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let provider = EmbeddedProvider::new("").map_err(|failure| in_words(&failure))?;
        provider.open().await.map_err(|failure| in_words(&failure))?;
        let asked = grid(&provider).await?;
        if let Some(path) = prompts_file {
            #[expect(clippy::disallowed_methods, reason = "a scratch file of the script's")]
            std::fs::write(path, asked)?;
        }
        chains(&provider).await
    })
}

async fn grid(provider: &EmbeddedProvider) -> Result<String, Box<dyn std::error::Error>> {
    let pairs: Vec<Pair> = include_str!("grid/pairs.jsonl")
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    let constitution = Constitution {
        principles: include_str!("grid/principles.txt")
            .lines()
            .enumerate()
            .map(|(index, text)| Principle {
                id: PrincipleId(format!("P{}", index + 1)),
                text: text.to_owned(),
                ..Principle::default()
            })
            .collect(),
        ..Constitution::default()
    };
    let recipe = Recipe {
        principles_per_pair: u32::try_from(constitution.principles.len())?,
        reason_first: false,
        ..Recipe::built_in(Method::Preference)
    };
    let templates = Templates::default();
    let prompts: Vec<Prompt> =
        pairs.iter().map(|pair| Prompt::of_text(pair.id.clone(), pair.prompt.clone())).collect();
    let ask = Plain { provider, asked: Mutex::default(), prompt_tokens: Mutex::default() };
    let tasks: Vec<PairTask<'_>> = pairs
        .iter()
        .zip(&prompts)
        .map(|(pair, prompt)| PairTask {
            prompt,
            a: &pair.a,
            b: &pair.b,
            constitution: &constitution,
            templates: &templates,
            recipe: &recipe,
            protocol: JudgeProtocol::Pairwise,
            seed: 0,
        })
        .collect();
    let started = Instant::now();
    let verdicts = join_all(tasks.iter().map(|task| judge_pair(&ask, task))).await;
    let seconds = started.elapsed().as_secs_f64();
    for verdict in verdicts {
        if let Err(failure) = verdict {
            return Err(failure.split().0.failure.message.into());
        }
    }
    let asked = ask.asked.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (prompt_tokens, cached) =
        ask.prompt_tokens.into_inner().unwrap_or_else(PoisonError::into_inner);
    print_line(&json!({
        "what": "grid", "judgments": asked.len(), "seconds": seconds,
        "per_second": asked.len() as f64 / seconds,
        "prompt_tokens": prompt_tokens, "shared_tokens": cached,
    }));
    // In the order of a careful client: by text, so that what begins alike is asked together.
    let mut requests: Vec<String> =
        asked.iter().map(|call| json!(call.messages).to_string()).collect();
    requests.sort();
    Ok(requests.join("\n"))
}

async fn chains(provider: &EmbeddedProvider) -> Result<(), Box<dyn std::error::Error>> {
    let one = decode(provider, 0..1).await?;
    let many = decode(provider, 1..=CHAINS).await?;
    for (chains, (tokens, seconds)) in [(1, one), (CHAINS, many)] {
        print_line(&json!({
            "what": "decode", "chains": chains, "tokens": tokens, "seconds": seconds,
            "per_second": tokens as f64 / seconds,
        }));
    }
    Ok(())
}

/// Tokens and seconds of chains that are decoded together.
async fn decode(
    provider: &EmbeddedProvider,
    chains: impl Iterator<Item = usize>,
) -> Result<(u64, f64), Box<dyn std::error::Error>> {
    let calls: Vec<Call> = chains
        .map(|chain| Call {
            purpose: Purpose::Draft { candidate: 0 },
            prompt: PromptId(chain.to_string()),
            role: ModelRole::Writer,
            messages: vec![Message::user(format!(
                "Write a long story about {chain} sailors who look for an island."
            ))],
            sampling: Sampling { max_tokens: TOKENS, seed: Some(1), ..Sampling::default() },
            want: Want::Text,
            sample: 0,
        })
        .collect();
    let quiet: OnText = Arc::new(|_piece: &str| {});
    let started = Instant::now();
    let answers =
        join_all(calls.iter().map(|call| provider.answer(call, Arc::clone(&quiet)))).await;
    let seconds = started.elapsed().as_secs_f64();
    let mut tokens = 0;
    for answer in answers {
        tokens += answer.map_err(|failed| in_words(&failed.failure))?.reply.usage.completion_tokens;
    }
    Ok((tokens, seconds))
}

fn in_words(failure: &CallFailure) -> Box<dyn std::error::Error> {
    format!("{}; {}", failure.message, failure.hint).into()
}

#[expect(clippy::print_stdout, reason = "figures are what a benchmark is for")]
fn print_line(line: &serde_json::Value) {
    println!("{line}");
}
