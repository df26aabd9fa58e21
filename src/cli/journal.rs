//! `preamble journal`

use std::path::{Path, PathBuf};

use serde_json::json;

use super::failure::{Exit, Failure};
use super::out;
use crate::store::journal::{self, Health, Salvaged};
use crate::store::lock::ProjectLock;
use crate::store::project::JOURNAL_FILE;
use crate::store::{StoreError, volume};

/// The journal's file: look for damage, salvage what is whole, copy it
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  preamble journal check p\n  preamble journal salvage p\n  \
                        preamble journal copy p --to shared.sqlite")]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Look through the whole journal for damage; ends with 1 where there is any
    #[command(after_help = "Example:\n  preamble journal check p --json")]
    Check {
        /// The project's folder, or a journal's file
        dir: PathBuf,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    /// Take what is whole out of a damaged journal into a new one
    ///
    /// The new one takes the journal's place; the damaged one is kept beside it as
    /// journal.damaged-DATE-N.sqlite. With --to nothing but that file is written.
    #[command(after_help = "Examples:\n  preamble journal salvage p\n  \
                            preamble journal salvage p --to whole.sqlite")]
    Salvage {
        /// The project's folder, or a journal's file
        dir: PathBuf,
        /// Write the new journal there, and leave the project as it is
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    /// Copy the journal, also while it is written; copying the file by hand can lose calls
    #[command(after_help = "Example:\n  preamble journal copy p --to shared.sqlite")]
    Copy {
        /// The project's folder, or a journal's file
        dir: PathBuf,
        /// The new file
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
}

/// Checks, salvages or copies.
///
/// # Errors
///
/// There is no journal, it is damaged (check), or a file can't be written.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.what {
        What::Check { dir, json } => check(&file(dir)?, *json),
        What::Salvage { dir, to, json } => salvage(&file(dir)?, to.as_deref(), *json),
        What::Copy { dir, to } => {
            let from = file(dir)?;
            journal::copy(&from, to)?;
            out::say(&format!("the journal was copied to {}", to.display()));
            Ok(())
        }
    }
}

/// The journal of a project, or the file itself.
fn file(dir: &Path) -> Result<PathBuf, Failure> {
    let file = if dir.is_dir() { dir.join(JOURNAL_FILE) } else { dir.to_owned() };
    if !file.is_file() {
        let hint = "name a project's folder that has one, or the file";
        return Err(Failure::bad(format!("there is no journal: {}", file.display()), hint));
    }
    Ok(file)
}

fn check(path: &Path, as_json: bool) -> Result<(), Failure> {
    let health = journal::check(path)?;
    let damage = match &health {
        Health::Damaged(what) => Some(what.as_str()),
        Health::Sound | Health::Unknown => None,
    };
    if as_json {
        out::json(&json!({ "path": path, "sound": damage.is_none(), "damage": damage }))?;
    }
    match damage {
        None if as_json => Ok(()),
        None => out::report("the journal is whole"),
        Some(_) if as_json => Err(Failure::told(Exit::Bad)),
        Some(what) => {
            let (path, what) = (path.to_owned(), what.to_owned());
            Err(StoreError::JournalDamaged { path, what }.into())
        }
    }
}

fn salvage(path: &Path, to: Option<&Path>, as_json: bool) -> Result<(), Failure> {
    let (salvaged, new, damaged) = if let Some(to) = to {
        (journal::salvage(path, to)?, to.to_owned(), None)
    } else {
        let root = path.parent().filter(|root| !root.as_os_str().is_empty());
        let root = root.unwrap_or(Path::new("."));
        // Nobody may write what is about to be moved.
        let Some(_lock) = ProjectLock::take(root)? else {
            return Err(StoreError::ReadOnly { root: root.to_owned() }.into());
        };
        let replaced = journal::replace(path)?;
        (replaced.salvaged, path.to_owned(), Some(replaced.damaged))
    };
    if as_json {
        return out::json(&json!({
            "journal": new, "damaged": damaged, "salvaged": salvaged
        }));
    }
    out::report(&table(&salvaged))?;
    if let Some(damaged) = damaged {
        out::say(&format!("the damaged journal is kept: {}", damaged.display()));
    }
    Ok(())
}

fn table(salvaged: &Salvaged) -> String {
    let header = ["table", "salvaged", "damaged", "of no use alone"].map(str::to_owned).to_vec();
    let mut rows = vec![header];
    rows.extend(salvaged.tables.iter().map(|table| {
        let counts = [table.rows, table.damaged, table.left].map(|count| count.to_string());
        std::iter::once(table.name.clone()).chain(counts).collect()
    }));
    let pages = format!("{} of {} pages can't be read", salvaged.bad_pages, salvaged.pages);
    format!("{}\n{pages}", out::table(&rows))
}

/// Tells on stderr what a user should know about the place of a project.
pub fn warn_of_place(root: &Path) {
    if let Some(keeper) = volume::keeper(root) {
        out::say(&format!("warning: {}", keeper.warning()));
        out::say(&format!("hint: {}", keeper.hint()));
    }
    if let Some(free) = volume::little(root) {
        out::say(&format!("warning: the project's disk has only {} MB free", free >> 20));
    }
}
