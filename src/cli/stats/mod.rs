//! `preamble stats`: one statistic on its own input.
//!
//! Lines go into compact columns as they come. One that can't be read is told with its number, and
//! then nothing is measured: a number of the other lines would look like one of all. Start with
//! [`KNOWN`].

mod agreement;
mod bias;
mod calibration;
mod fields;
mod items;
mod labels;
pub(in crate::cli) mod principles;
pub(in crate::cli) mod ranking;
mod report;
#[cfg(test)]
mod tests;
mod win_rate;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::failure::Failure;
use super::{lines, out};
use crate::formats::document::nearest;
use crate::stats::agreement::Level;
use crate::stats::compare::TIE_BAND;
use fields::Fields;
use report::Report;

/// So many bad lines are shown one by one.
const SHOWN: u64 = 20;

/// From so many lines on measuring takes seconds, and that is said.
const SLOW: u64 = 50_000;

/// Measure agreement, bias, calibration, win rates or ranks: JSON lines in, one object out
///
/// `preamble stats list` names all statistics with the line that each takes. A value comes with its
/// 95 % interval, for which the items (prompts) are drawn anew 1,000 times; lines of one "item"
/// belong together, and without it each line is an item of its own. Where there are too few items
/// the value is null, and a note says why. If a line can't be read, nothing is measured.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    preamble stats list\n  \
    preamble stats cohen_kappa --input labels.jsonl\n  \
    preamble stats krippendorff_alpha --level ordinal --json < ratings.jsonl\n  \
    preamble stats bradley_terry --baseline base --input games.jsonl")]
pub struct Arguments {
    /// The statistic, or `list`
    #[arg(value_name = "NAME")]
    name: String,
    /// JSON lines; - for stdin
    #[arg(long, value_name = "FILE|-", default_value = "-")]
    input: PathBuf,
    /// Write one JSON object instead of lines to read
    #[arg(long)]
    json: bool,
    /// Seeds the draws of the bootstrap
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// For krippendorff_alpha: what may be said of two labels [default: nominal]
    #[arg(long, value_enum, value_name = "LEVEL")]
    level: Option<LevelWord>,
    /// For bradley_terry: the player whose strength is 0, and 1000 on Elo's scale
    #[arg(long, value_name = "NAME")]
    baseline: Option<String>,
    /// For the win rates: how near to one half is a tie, 0 to 0.5 [default: 0.05]
    #[arg(long, value_name = "P", value_parser = band)]
    tie_band: Option<f64>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum LevelWord {
    /// The same or not
    Nominal,
    /// Which is more
    Ordinal,
    /// By how much
    Interval,
}

impl LevelWord {
    fn level(self) -> Level {
        match self {
            Self::Nominal => Level::Nominal,
            Self::Ordinal => Level::Ordinal,
            Self::Interval => Level::Interval,
        }
    }
}

fn band(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(band) if (0.0..0.5).contains(&band) => Ok(band),
        _ => Err("write a number from 0 to below 0.5".to_owned()),
    }
}

/// Columns that lines go into, and what is measured of them.
trait Statistic {
    /// Takes a line's fields.
    ///
    /// # Errors
    ///
    /// What is wrong with it and how to mend it.
    fn line(&mut self, fields: &mut Fields) -> Result<(), String>;

    /// Measures all lines.
    ///
    /// # Errors
    ///
    /// The lines together are no input of this statistic, in words.
    fn report(&self, seed: u64) -> Result<Report, String>;
}

/// A statistic by its name.
struct Known {
    name: &'static str,
    /// What a line looks like.
    line: &'static str,
    /// What its value is.
    value: &'static str,
    make: fn(&Arguments) -> Box<dyn Statistic>,
}

const TWO: &str = r#"{"item","a","b"}"#;
const MANY: &str = r#"{"item","rater","label"}"#;
const PAIR: &str = r#"{"item","p_b","len_a","len_b"}"#;

/// All there are, in the order in which they are listed.
const KNOWN: &[Known] = &[
    Known {
        name: "cohen_kappa",
        line: TWO,
        value: "Cohen's kappa of two raters (b: the people)",
        make: |_| Box::new(agreement::Two::new(agreement::First::Kappa)),
    },
    Known {
        name: "weighted_kappa",
        line: TWO,
        value: "the same of a scale's whole steps, quadratic weights",
        make: |_| Box::new(agreement::Two::new(agreement::First::WeightedKappa)),
    },
    Known {
        name: "agreement",
        line: TWO,
        value: "the share of equal labels",
        make: |_| Box::new(agreement::Two::new(agreement::First::Agreement)),
    },
    Known {
        name: "gwet_ac1",
        line: TWO,
        value: "Gwet's AC1, for labels that are nearly all alike",
        make: |_| Box::new(agreement::Two::new(agreement::First::Gwet)),
    },
    Known {
        name: "fleiss_kappa",
        line: MANY,
        value: "Fleiss' kappa, as many labels of each item",
        make: |_| Box::new(agreement::Raters::new(agreement::Many::Fleiss)),
    },
    Known {
        name: "krippendorff_alpha",
        line: MANY,
        value: "Krippendorff's alpha, labels may be missing; --level",
        make: |arguments| {
            let level = arguments.level.map_or(Level::Nominal, LevelWord::level);
            Box::new(agreement::Raters::new(agreement::Many::Krippendorff(level)))
        },
    },
    Known {
        name: "bradley_terry",
        line: r#"{"item","a","b","p_a","tie"?}"#,
        value: "strengths, Elo-like scale and rank ranges, with ties as Davidson; --baseline",
        make: |arguments| Box::new(ranking::BradleyTerry::new(arguments.baseline.clone())),
    },
    Known {
        name: "win_rate",
        line: PAIR,
        value: "how often B wins, ties half (lengths not needed)",
        make: |arguments| Box::new(win_rate::WinRate::raw(arguments.tie_band.unwrap_or(TIE_BAND))),
    },
    Known {
        name: "length_controlled_win_rate",
        line: PAIR,
        value: "the same at equal length",
        make: |arguments| {
            Box::new(win_rate::WinRate::at_equal_length(arguments.tie_band.unwrap_or(TIE_BAND)))
        },
    },
    Known {
        name: "position_bias",
        line: r#"{"item","p_ab","p_ba"}"#,
        value: "how often the response shown first is chosen (p_ba: P(B), shown first)",
        make: |_| Box::new(bias::Position::default()),
    },
    Known {
        name: "length_bias",
        line: r#"{"item","judge_b","human_b"?,"len_a","len_b"}"#,
        value: "P(judge picks longer | people do) - P(judge picks shorter | people do)",
        make: |_| Box::new(bias::Length::default()),
    },
    Known {
        name: "self_preference",
        line: r#"{"item","judge_own","human_own","own"?}"#,
        value: "P(judge picks own | people do) - P(judge picks other | people do)",
        make: |_| Box::new(bias::SelfPreference::default()),
    },
    Known {
        name: "calibration",
        line: r#"{"item","p","y"}"#,
        value: "expected calibration error over equal-mass bins",
        make: |_| Box::new(calibration::Calibration::default()),
    },
    Known {
        name: "corrected_rate",
        line: r#"{"item","judge","human"?}"#,
        value: "pass rate with the judge's errors taken out (Rogan-Gladen)",
        make: |_| Box::new(calibration::CorrectedRate::default()),
    },
    Known {
        name: "principle_health",
        line: r#"{"item","principle","vote":"A|B|both|none","human":"A|B"?}"#,
        value: "how often each principle speaks and people agree; overlaps and conflicts",
        make: |_| Box::new(principles::Health::default()),
    },
];

/// Lists the statistics, or measures one.
///
/// # Errors
///
/// The name is unknown, an option is another statistic's, the input can't be read, or a line of it.
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    if arguments.name == "list" {
        return list(arguments.json);
    }
    let known = find(&arguments.name)?;
    check_options(&arguments)?;
    let report = measure(&arguments, known).await?;
    if arguments.json { out::json(report.json()) } else { out::report(&report.text()) }
}

fn list(as_json: bool) -> Result<(), Failure> {
    if as_json {
        let all: Vec<_> = KNOWN
            .iter()
            .map(|one| json!({ "name": one.name, "line": one.line, "value": one.value }))
            .collect();
        return out::json(&all);
    }
    let row = |one: &Known| vec![one.name.to_owned(), one.line.to_owned(), one.value.to_owned()];
    out::report(&out::table(&KNOWN.iter().map(row).collect::<Vec<_>>()))
}

fn find(name: &str) -> Result<&'static Known, Failure> {
    KNOWN.iter().find(|known| known.name == name).ok_or_else(|| {
        let names: Vec<&str> = KNOWN.iter().map(|known| known.name).collect();
        let meant = nearest(name, &names).map(|near| format!("did you mean {near}? "));
        Failure::usage(
            format!("no statistic is named “{name}”"),
            format!("{}there are {}", meant.unwrap_or_default(), names.join(", ")),
        )
    })
}

/// An option that would change nothing is a misunderstanding.
fn check_options(arguments: &Arguments) -> Result<(), Failure> {
    let given = [
        ("--level", arguments.level.is_some(), &["krippendorff_alpha"][..]),
        ("--baseline", arguments.baseline.is_some(), &["bradley_terry"]),
        ("--tie-band", arguments.tie_band.is_some(), &["win_rate", "length_controlled_win_rate"]),
    ];
    for (option, is_given, names) in given {
        if is_given && !names.contains(&arguments.name.as_str()) {
            return Err(Failure::usage(
                format!("{option} does nothing for {}", arguments.name),
                format!("leave it out; it is for {}", names.join(" and ")),
            ));
        }
    }
    Ok(())
}

async fn measure(arguments: &Arguments, known: &Known) -> Result<Report, Failure> {
    if arguments.input == Path::new("-") && std::io::stdin().is_terminal() {
        out::say(&format!("reading lines of {} from the terminal; Ctrl+D ends them", known.line));
    }
    let mut statistic = (known.make)(arguments);
    let mut lines = lines::open(&arguments.input)?;
    let (mut read, mut bad) = (0_u64, 0_u64);
    while let Some((number, text)) = lines.recv().await {
        read += 1;
        if let Err(why) = text.and_then(|text| take(statistic.as_mut(), &text)) {
            bad += 1;
            if bad <= SHOWN {
                out::say(&format!("line {number}: {why}"));
            }
        }
    }
    if bad > 0 {
        let more = match bad.saturating_sub(SHOWN) {
            0 => "each is told of above".to_owned(),
            more => format!("the first {SHOWN} are told of above, {more} more are not"),
        };
        return Err(Failure::bad(
            format!("of {read} lines, {bad} could not be read, so nothing was measured"),
            format!("{more}; a line of {} is {}", known.name, known.line),
        ));
    }
    if read >= SLOW {
        out::say(&format!("{read} lines are read; drawing them 1,000 times takes a while"));
    }
    let of_all = |why: String| Failure::bad(format!("{}: {why}", known.name), "");
    statistic.report(arguments.seed).map_err(of_all)
}

/// Takes a line.
fn take(statistic: &mut dyn Statistic, text: &str) -> Result<(), String> {
    let mut fields = Fields::of_line(text)?;
    statistic.line(&mut fields)?;
    fields.end()
}
