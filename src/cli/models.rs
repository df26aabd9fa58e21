//! `preamble models`

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use super::failure::{Exit, Failure};
use super::prices::{self, Prices};
use super::{embedded, interrupt, out, place, progress};
use crate::domain::{ModelEntry, ModelKind, ModelRole};
use crate::engine::models::key_name;
use crate::engine::{self, Model};
use crate::providers::embedded::{catalog, fetch};
use crate::providers::{LocalServer, Outcome, Report, local_servers, probe, spec};
use crate::store::Project;
use crate::store::project::PROJECT_FILE;
use crate::store::secrets::Secrets;

/// Models: which there are, what one can do, download one, add one to a project
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  preamble models list\n  preamble models test embedded\n  \
                        preamble models add fast openai:gpt-4.1-mini --project p --role judge")]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// List the embedded models, a project's models, and servers on this computer
    #[command(after_help = "Example:\n  preamble models list --project p --json")]
    List {
        #[command(flatten)]
        of: OfProject,
        /// Also look for model servers on this computer's usual ports
        #[arg(long)]
        servers: bool,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    /// Ask a model four questions to find out what it can do
    ///
    /// In a project the questions are kept in its journal and count for its limit a day.
    #[command(after_help = "Example:\n  \
        preamble models test openai:my-model@http://localhost:8000/v1")]
    Test {
        /// embedded, a name of the project, openai:MODEL[@BASE_URL] or anthropic:MODEL[@BASE_URL]
        name: String,
        #[command(flatten)]
        of: OfProject,
        /// The environment variable that holds the key of a model given by its address
        #[arg(long, value_name = "VAR")]
        key_env: Option<String>,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    /// Download an embedded model, or go on with a download
    #[command(after_help = "Example:\n  preamble models fetch embedded\n  \
        preamble models fetch qwen3-0.6b")]
    Fetch {
        /// embedded (the starter model), or a name from `preamble models list`
        name: String,
    },
    /// Add a model to a project, or change one
    #[command(after_help = "Example:\n  preamble models add fast openai:gpt-4.1-mini --project p \
        --role judge --price-in 0.4 --price-out 1.6\n  \
        preamble models add mine openai:my-model@http://localhost:8000/v1 --free")]
    Add(Box<Add>),
}

/// Whose models.
#[derive(Debug, clap::Args)]
struct OfProject {
    /// The project's folder; this folder where it is one
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
}

impl OfProject {
    /// The project's folder, where there is one.
    fn folder(&self) -> Option<&Path> {
        let here = Path::new(".");
        match &self.project {
            Some(folder) => Some(folder),
            None => here.join(PROJECT_FILE).is_file().then_some(here),
        }
    }

    fn models(&self) -> Result<Vec<ModelEntry>, Failure> {
        let Some(folder) = self.folder() else { return Ok(Vec::new()) };
        let models = Project::look(folder)?.file.models;
        place::hide_keys(&models);
        Ok(models)
    }
}

#[derive(Debug, clap::Args)]
struct Add {
    /// What the project calls it
    name: String,
    /// openai:MODEL[@BASE_URL], anthropic:MODEL[@BASE_URL] or embedded:NAME_OR_PATH
    model: String,
    #[command(flatten)]
    of: OfProject,
    /// What it does in the project, instead of the model that did it; may be repeated
    #[arg(long, value_name = "ROLE")]
    role: Vec<ModelRole>,
    /// The environment variable that holds its key; never the key itself
    #[arg(long, value_name = "VAR", value_parser = variable)]
    key_env: Option<String>,
    #[command(flatten)]
    prices: Prices,
    /// The most requests at once
    #[arg(long, value_name = "N")]
    max_in_flight: Option<u32>,
    /// Have answers come whole instead of word by word
    #[arg(long)]
    no_stream: bool,
    /// Send no seeds, to a server that refuses them
    #[arg(long)]
    no_seed: bool,
    /// Read a judge's verdicts from its text instead of asking for log-probabilities
    #[arg(long)]
    no_logprobs: bool,
}

/// A key that is given instead of its variable's name would end up in a file.
fn variable(text: &str) -> Result<String, String> {
    let is_name = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    match is_name && text.len() <= 64 {
        true => Ok(text.to_owned()),
        false => Err("give the name of an environment variable, not the key itself".to_owned()),
    }
}

/// Does what is asked.
///
/// # Errors
///
/// The model can't be had or the project not be written; `test`: it does not answer.
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    match arguments.what {
        What::List { of, servers, json } => {
            let found = if servers { local_servers().await } else { Vec::new() };
            list(&of.models()?, &found, json).await
        }
        What::Test { name, of, key_env, json } => test(&name, &of, key_env.as_deref(), json).await,
        What::Fetch { name } => fetch_one(&name).await,
        What::Add(add) => add_one(&add),
    }
}

async fn list(entries: &[ModelEntry], found: &[LocalServer], as_json: bool) -> Result<(), Failure> {
    let sources = std::iter::once(&catalog::STARTER).chain(catalog::LARGER);
    let mut embedded = Vec::new();
    for source in sources {
        // Reads the whole file to compare its sum.
        let here = tokio::task::spawn_blocking(move || fetch::installed(source)).await;
        embedded.push((source, here.ok().flatten()));
    }
    let secrets = Secrets::new();
    let mut own = Vec::new();
    for entry in entries {
        let source = match key_name(entry) {
            "" => None,
            name => Some((name, secrets.key(name).await.map(|(_, source)| source.to_string()))),
        };
        own.push((entry, source));
    }
    if as_json {
        let embedded: Vec<Value> = embedded
            .iter()
            .map(|(source, path)| {
                json!({
                    "id": source.id, "name": source.name, "bytes": source.n_bytes,
                    "licence": source.licence, "note": source.note, "path": path,
                })
            })
            .collect();
        let own: Vec<Value> = own
            .iter()
            .map(|(entry, key)| json!({ "entry": entry, "key": key.as_ref().map(|(_, s)| s) }))
            .collect();
        let servers: Vec<Value> = found
            .iter()
            .map(|s| json!({ "program": s.program, "base_url": s.base_url, "models": s.models }))
            .collect();
        return out::json(&json!({ "embedded": embedded, "project": own, "servers": servers }));
    }
    let mut rows = Vec::new();
    for (source, path) in &embedded {
        let state = if path.is_some() { "here" } else { "not fetched" };
        let size = format!("{} MB, {}", source.n_bytes / 1_000_000, source.licence);
        rows.push(["embedded", source.id, state, &size, source.note].map(str::to_owned).to_vec());
    }
    for (entry, key) in &own {
        let key = match key {
            None => String::new(),
            Some((_, Some(source))) => format!("key from {source}"),
            Some((name, None)) => format!("no key in {name}"),
        };
        let kind = entry.kind.to_string();
        let price = prices::in_words(entry);
        let (model, url) = (entry.model.clone(), entry.base_url.clone());
        rows.push(vec![kind, entry.name.clone(), key, price, model, url]);
    }
    for server in found {
        for model in &server.models {
            let add = format!("openai:{model}@{}", server.base_url);
            rows.push(vec![
                "server".to_owned(),
                server.program.to_owned(),
                "answers".to_owned(),
                add,
            ]);
        }
    }
    out::report(&out::table(&rows))
}

/// Asks, where that costs, within what the project may spend on a day; outside of a project what
/// it cost is told and counted nowhere.
async fn asked(model: &Arc<Model>, of: &OfProject) -> Result<(Report, String), Failure> {
    let Some(folder) = of.folder().filter(|_| model.can_cost()) else {
        let report = probe(&*model.provider).await;
        let paid = model.price.as_ref().filter(|_| model.can_cost());
        let cost = paid.map(|price| price.cost(report.usage).usd());
        let words =
            cost.map(|cost| format!("{}, in no project’s sums", progress::cost(cost, false)));
        return Ok((report, words.unwrap_or_default()));
    };
    let project = place::own_project(folder)?;
    let journal = place::journal(&project)?;
    let probed = engine::probe(model, &journal, project.file.spending.per_day)
        .await
        .map_err(|error| Failure::bad(error.to_string(), error.0.hint()))?;
    let cost = progress::cost(probed.cost, probed.is_price_unknown);
    let words = format!("{cost}, kept as {} and in the day’s sum", probed.run);
    Ok((probed.report, words))
}

async fn test(
    name: &str,
    of: &OfProject,
    key_env: Option<&str>,
    as_json: bool,
) -> Result<(), Failure> {
    let model = place::models().resolve(&of.models()?, name, key_env).await?;
    embedded::ready([&model]).await?;
    let (report, cost) = tokio::select! {
        asked = asked(&model, of) => asked?,
        () = interrupt::once() => return Err(Failure::stopped("stopped", "")),
    };
    let does_answer = report.protocol.is_some();
    if as_json {
        let findings: Vec<Value> = report
            .findings
            .iter()
            .map(|finding| {
                json!({
                    "title": finding.title, "outcome": finding.outcome.to_string(),
                    "words": finding.words, "answer": finding.answer.as_ref().ok(),
                    "failure": finding.answer.as_ref().err(),
                })
            })
            .collect();
        out::json(&json!({
            "identity": report.identity, "findings": findings, "protocol": report.protocol,
            "because": report.because, "top_logprobs": report.top_logprobs,
            "letter_mass": report.letter_mass, "usage": report.usage,
        }))?;
    } else {
        out::report(&report.identity)?;
        let rows: Vec<Vec<String>> = report
            .findings
            .iter()
            .map(|f| vec![f.title.to_owned(), f.outcome.to_string(), out::one_line(&f.words)])
            .collect();
        out::report(&out::table(&rows))?;
        if let Some(protocol) = report.protocol {
            out::report(&format!("as a judge: {protocol}, because {}", report.because))?;
        }
        if !cost.is_empty() {
            out::report(&format!("cost: {cost}"))?;
        }
    }
    if does_answer {
        return Ok(());
    }
    let failure = report.findings.iter().find(|finding| finding.outcome == Outcome::Unknown);
    Err(match failure.and_then(|finding| finding.answer.clone().err()) {
        Some(failure) => embedded::of_call(failure),
        None => Failure::told(Exit::Bad),
    })
}

async fn fetch_one(name: &str) -> Result<(), Failure> {
    let id = match name {
        ModelEntry::EMBEDDED => catalog::STARTER.id,
        name => name,
    };
    let Some(source) = catalog::find(id) else {
        let sources = std::iter::once(&catalog::STARTER).chain(catalog::LARGER);
        let known: Vec<&str> = sources.map(|source| source.id).collect();
        return Err(Failure::bad(
            format!("no embedded model is called “{name}”"),
            format!("use one of {}", known.join(", ")),
        ));
    };
    tokio::select! {
        path = embedded::fetch(source) => {
            out::report(&format!("{} ({}) is here: {}", source.name, source.licence, path?.display()))
        }
        () = interrupt::once() => {
            Err(Failure::stopped("stopped; what came is kept", "the same command goes on"))
        }
    }
}

fn add_one(add: &Add) -> Result<(), Failure> {
    let Some(folder) = add.of.folder() else {
        return Err(Failure::usage("this folder is no project", "name one with --project DIR"));
    };
    let project = place::own_project(folder)?;
    let mut file = project.file.clone();
    let parsed = spec::parse(&add.model, &[])
        .map_err(|problem| Failure::usage(problem.what, problem.hint))?;
    let usual = file.models.iter().find(|entry| entry.name == add.name);
    let max_in_flight = usual.map_or(parsed.max_in_flight, |entry| entry.max_in_flight);
    let same = usual.filter(|before| {
        (before.kind, &before.model, &before.base_url)
            == (parsed.kind, &parsed.model, &parsed.base_url)
    });
    let mut entry = ModelEntry {
        name: add.name.clone(),
        key_env: add.key_env.clone().unwrap_or_default(),
        stream: !add.no_stream,
        send_seed: !add.no_seed,
        logprobs: !add.no_logprobs,
        max_in_flight: add.max_in_flight.unwrap_or(max_in_flight),
        ..parsed
    };
    // Another model's prices would be wrong, the same one's are still right.
    add.prices.put(&mut entry, same);
    let is_remote = entry.kind != ModelKind::Embedded;
    match file.models.iter_mut().find(|other| other.name == entry.name) {
        Some(other) => *other = entry,
        None => file.models.push(entry),
    }
    for role in &add.role {
        file.roles.insert(*role, add.name.clone());
    }
    let place = format!("models.{}", add.name);
    if let Some(problem) = file.problems().into_iter().find(|p| p.place.starts_with(&place)) {
        return Err(Failure::usage(problem.what, problem.hint));
    }
    let saved = project.save_project_file(&file)?;
    if let Some(kept) = saved.kept_comments_in {
        out::say(&format!("the file before had comments; it is kept as {}", kept.display()));
    }
    out::report(&format!("{} is in {}", add.name, saved.path.display()))?;
    if is_remote {
        out::say(&format!(
            "next: preamble models test {} --project {}",
            add.name,
            folder.display()
        ));
    }
    Ok(())
}
