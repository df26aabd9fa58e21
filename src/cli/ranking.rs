//! `preamble ranking`

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::failure::Failure;
use super::stats::ranking::ties;
use super::{out, place};
use crate::domain::{Game, ModelRole, PairVerdict, Row};
use crate::engine::Origin;
use crate::engine::compare::all_rows;
use crate::stats::bias::Style;
use crate::stats::ranking::{
    Fit, Games, Ranking, Standing, StyleControlled, Ties, next_pair, rank, rank_at_equal_style,
};
use crate::stats::{Clusters, Unknown};
use crate::store::Journal;
use crate::store::journal::RunRecord;

/// Rank the models whose answers a run compared: strengths, intervals and likely ranks
///
/// Games are those of tournaments (`--recipe rank`) and judged pairs whose answers name their models
/// (candidates, or columns a_model and b_model). Strengths are Bradley–Terry's, on Elo's scale with
/// the baseline (or the mean) at 1000; intervals draw the prompts anew 1,000 times. A second table
/// has the strengths at equal style: length, headers, bold text and lists taken out. Where the judge
/// may answer “tie”, strengths are those of Davidson's model.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    preamble run p --recipe rank --candidates small,large,other && preamble ranking p\n  \
    preamble ranking p --run R-0007 --baseline small --json")]
pub struct Arguments {
    /// The project's folder
    dir: PathBuf,
    /// The run, such as R-0007, 7 or latest
    #[arg(long, value_name = "RUN", default_value = "latest")]
    run: String,
    /// The model whose strength is 1000, instead of the mean
    #[arg(long, value_name = "NAME")]
    baseline: Option<String>,
    /// Seeds the draws of the bootstrap
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Print all numbers as JSON
    #[arg(long)]
    json: bool,
}

/// Ranks the models of a run.
///
/// # Errors
///
/// There is no such run, its answers name fewer than two models, or the baseline is none of them.
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    let project = place::project(&arguments.dir)?;
    let journal = place::journal(&project)?;
    let record = place::run_named(&journal, &arguments.run).await?;
    let played = Played::read(&journal, &record).await?;
    let n = played.names.len();
    if n < 2 {
        return Err(Failure::bad(
            format!("{} has no two models to rank", record.id),
            "compare answers of several: `preamble run … --recipe rank --candidates one,other`",
        ));
    }
    let baseline = match &arguments.baseline {
        None => None,
        Some(name) => {
            Some(played.names.iter().position(|known| known == name).ok_or_else(|| {
                Failure::bad(
                    format!("no answer is by “{name}”"),
                    format!("there are {}", played.names.join(", ")),
                )
            })?)
        }
    };
    let fail = |why: Unknown| Failure::bad(format!("the games can't be ranked: {why}"), "");
    let clusters = Clusters::by(&played.prompts);
    let games = Games::new(n, played.games.clone(), clusters).map_err(fail)?;
    let found = rank(&games, baseline, arguments.seed);
    let at_equal_style = rank_at_equal_style(&games, &played.styles, baseline, arguments.seed);
    let next = next_pair(&games);
    let names = &played.names;
    if arguments.json {
        return out::json(&json!({
            "run": record.id,
            "games": played.games.len(),
            "prompts": games.clusters().len(),
            "unread": played.unread,
            "unnamed": played.unnamed,
            "ranking": ranking_json(&found, names),
            "at_equal_style": match &at_equal_style {
                Ok(found) => json!({
                    "standings": standings_json(&found.standings, names),
                    "coefficients": found.coefficients,
                    "fit": found.fit,
                    "ties": found.ties.as_ref().map(ties),
                }),
                Err(why) => json!({ "note": why.to_string() }),
            },
            "next_pair": next.map(|(a, b)| [&names[a], &names[b]]),
        }));
    }
    let mut parts = vec![out::table(&[
        vec!["run".to_owned(), record.id.to_string()],
        vec![
            "games".to_owned(),
            format!("{} on {} prompts", played.games.len(), games.clusters().len()),
        ],
        vec!["not read".to_owned(), played.unread.to_string()],
        vec!["of one model or unnamed".to_owned(), played.unnamed.to_string()],
    ])];
    parts.push(match &found {
        Ok(found) => told(&found.standings, found.fit, found.ties.as_ref(), names),
        Err(why) => no_order(why),
    });
    parts.push(format!(
        "At equal style\n{}",
        match &at_equal_style {
            Ok(found) => styled(found, names),
            Err(why) => no_order(why),
        }
    ));
    if let Some((a, b)) = next {
        let (a, b) = (&names[a], &names[b]);
        parts.push(format!("Most would be learnt from more games of {a} and {b}"));
    }
    out::report(&parts.join("\n\n"))
}

fn no_order(why: &Unknown) -> String {
    format!("no order: {why}")
}

/// A table of standings with what is to be known of it.
fn told(standings: &[Standing], fit: Fit, ties: Option<&Ties>, names: &[String]) -> String {
    let mut lines = vec![table(standings, names)];
    if let Some(ties) = ties {
        let percent = |share: f64| format!("{:.0} %", 100.0 * share);
        let range = ties.interval.map_or_else(String::new, |ends| {
            let [low, high] =
                [ends.low, ends.high].map(|nu| percent(Ties { nu, ..*ties }.between_equals()));
            format!(" ({low} to {high})")
        });
        lines.push(format!(
            "Ties: {} of the games, {}{range} between two that are equally strong",
            percent(ties.share),
            percent(ties.between_equals())
        ));
    }
    if let Fit::Regularised { groups, .. } = fit {
        let why = match groups {
            1 => "wins are too one-sided".to_owned(),
            groups => {
                format!("between {groups} groups of models wins go one way only, or not at all")
            }
        };
        lines.push(format!(
            "{why}: how far apart they are is open, and strengths are drawn together a little"
        ));
    }
    lines.join("\n")
}

/// Standings at equal style, with what each feature of style pulls.
fn styled(found: &StyleControlled, names: &[String]) -> String {
    let pulls = found.coefficients.iter().map(|one| {
        let range = one
            .judge
            .interval
            .map_or_else(String::new, |ends| format!(" ({:+.2} to {:+.2})", ends.low, ends.high));
        format!("{} {:+.2}{range}", one.name, one.judge.value)
    });
    let pulls: Vec<String> = pulls.collect();
    let standings = told(&found.standings, found.fit, found.ties.as_ref(), names);
    format!("{standings}\nPull of style, in log-odds: {}", pulls.join(", "))
}

/// All games of a run between models.
#[derive(Debug, Default)]
struct Played {
    names: Vec<String>,
    games: Vec<Game>,
    /// From B to A, one a game.
    styles: Vec<[f64; 4]>,
    /// Each game's prompt.
    prompts: Vec<String>,
    /// Whether a game's two answers are word for word the same, so that nobody was asked.
    equal: Vec<bool>,
    /// Games whose verdict could not be read.
    unread: u64,
    /// Games of answers of one model, or of models that nobody named.
    unnamed: u64,
}

impl Played {
    async fn read(journal: &Journal, record: &RunRecord) -> Result<Self, Failure> {
        let origin = journal.frozen(&record.id).await?.and_then(Origin::of);
        let writer = origin
            .as_ref()
            .and_then(|origin| origin.model(ModelRole::Writer))
            .map_or_else(String::new, |entry| entry.name.clone());
        let mut played = Self::default();
        let mut known = BTreeMap::new();
        for entry in all_rows(journal, &record.id).await? {
            played.add(&entry.row, &writer, &mut known);
        }
        played.tie_equals();
        Ok(played)
    }

    /// Where the judge may say “tie”, two equal answers are one.
    fn tie_equals(&mut self) {
        if self.games.iter().all(|game| game.tie <= 0.0) {
            return;
        }
        for (game, is_equal) in self.games.iter_mut().zip(&self.equal) {
            if *is_equal && (game.p_a - 0.5).abs() < 1e-12 {
                game.tie = 1.0;
            }
        }
    }

    fn add(&mut self, row: &Row, writer: &str, known: &mut BTreeMap<String, usize>) {
        let prompt: Vec<&str> = row.prompt.messages.iter().map(|m| m.content.as_str()).collect();
        let prompt = prompt.join("\n");
        let mut one = |models: [&str; 2], texts: [&str; 2], verdict: &PairVerdict| {
            let [a, b] = models.map(|name| if name.is_empty() { writer } else { name });
            if a == b || a.is_empty() || b.is_empty() {
                self.unnamed += 1;
                return;
            }
            let Some(p_a) = verdict.p_a else {
                self.unread += 1;
                return;
            };
            let mut number = |name: &str| {
                *known.entry(name.to_owned()).or_insert_with(|| {
                    self.names.push(name.to_owned());
                    self.names.len() - 1
                })
            };
            let (a, b) = (number(a), number(b));
            let tie = verdict.tie().unwrap_or(0.0);
            self.games.push(Game { a, b, p_a, tie });
            self.equal.push(texts[0].trim() == texts[1].trim());
            self.styles.push(Style::of(texts[1]).difference(&Style::of(texts[0])));
            self.prompts.push(prompt.clone());
        };
        match (&row.ranked, &row.pair) {
            (Some(ranked), _) => {
                for game in &ranked.games {
                    let both = ranked.answers.get(game.a).zip(ranked.answers.get(game.b));
                    let Some((a, b)) = both else { continue };
                    one([&a.model, &b.model], [&a.text, &b.text], &game.verdict);
                }
            }
            (None, Some(pair)) => {
                one([&pair.a_model, &pair.b_model], [&pair.a, &pair.b], &pair.verdict);
            }
            (None, None) => {}
        }
    }
}

/// `2nd–4th`; a bare rank only where all draws give it.
fn ranks(standing: &Standing) -> String {
    match standing.ranks {
        None => String::new(),
        Some((best, worst)) if best == worst => nth(best),
        Some((best, worst)) => format!("{}–{}", nth(best), nth(worst)),
    }
}

fn nth(rank: u64) -> String {
    let ending = match (rank % 10, rank % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{rank}{ending}")
}

fn table(standings: &[Standing], names: &[String]) -> String {
    let mut rows = vec![["rank", "model", "Elo", "95 %", "games"].map(str::to_owned).to_vec()];
    rows.extend(standings.iter().map(|standing| {
        let range = standing.elo_interval().map_or_else(String::new, |interval| {
            format!("{:.0}–{:.0}", interval.low, interval.high)
        });
        vec![
            ranks(standing),
            names.get(standing.player).cloned().unwrap_or_default(),
            format!("{:.0}", standing.elo()),
            range,
            standing.games.to_string(),
        ]
    }));
    out::table(&rows)
}

fn ranking_json(found: &Result<Ranking, Unknown>, names: &[String]) -> Value {
    match found {
        Ok(found) => json!({
            "standings": standings_json(&found.standings, names),
            "fit": found.fit,
            "ties": found.ties.as_ref().map(ties),
            "regularised_draws": found.regularised_draws,
        }),
        Err(why) => json!({ "note": why.to_string() }),
    }
}

fn standings_json(standings: &[Standing], names: &[String]) -> Value {
    standings
        .iter()
        .map(|one| {
            json!({
                "model": names.get(one.player),
                "strength": one.strength,
                "ci": one.interval.map(|ends| [ends.low, ends.high]),
                "elo": one.elo(),
                "elo_ci": one.elo_interval().map(|ends| [ends.low, ends.high]),
                "ranks": one.ranks,
                "games": one.games,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{PairVerdict, Prompt, Ranked, RankedAnswer, RankedGame};

    #[test]
    fn games_of_tournaments_and_pairs_are_between_models() {
        let answer = |model: &str| RankedAnswer {
            model: model.to_owned(),
            text: format!("by {model}"),
            cut_off: false,
        };
        let game =
            |a, b, p_a| RankedGame { a, b, verdict: PairVerdict { p_a, ..PairVerdict::default() } };
        let ranked = Ranked {
            answers: vec![answer("x"), answer("y"), answer("")],
            games: vec![game(0, 1, Some(0.8)), game(1, 2, None), game(0, 2, Some(0.5))],
        };
        let row = Row { ranked: Some(ranked), ..Row::empty(&Prompt::of_text("p", "Hello?")) };
        let mut played = Played::default();
        played.add(&row, "w", &mut BTreeMap::new());
        assert_eq!(played.names, ["x", "y", "w"]);
        assert_eq!((played.games.len(), played.unread, played.unnamed), (2, 1, 0));
        let mut unknown = Played::default();
        unknown.add(&row, "", &mut BTreeMap::new());
        assert_eq!((unknown.games.len(), unknown.unnamed), (1, 2), "nobody is made up");
    }

    #[test]
    fn ranks_are_said_as_ranges() {
        let of = |ranks| {
            super::ranks(&Standing { player: 0, strength: 0.0, interval: None, ranks, games: 1 })
        };
        assert_eq!(of(Some((2, 4))), "2nd–4th");
        assert_eq!(of(Some((1, 1))), "1st");
        assert_eq!(of(Some((3, 21))), "3rd–21st");
        assert_eq!(of(Some((11, 113))), "11th–113th");
        assert_eq!(of(None), "");
    }

    #[test]
    fn equal_answers_are_ties_where_the_judge_may_say_so() {
        let mut played = Played {
            games: vec![Game::new(0, 1, 0.5), Game::new(0, 1, 0.5)],
            equal: vec![true, false],
            ..Played::default()
        };
        played.tie_equals();
        assert!(played.games.iter().all(|game| game.tie == 0.0), "nobody could say tie");
        played.games.push(Game { tie: 0.4, ..Game::new(0, 1, 0.5) });
        played.equal.push(false);
        played.tie_equals();
        let ties: Vec<f64> = played.games.iter().map(|game| game.tie).collect();
        assert_eq!(ties, [1.0, 0.0, 0.4]);
    }
}
