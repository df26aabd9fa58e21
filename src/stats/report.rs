//! A comparison in a few sentences for a paper or a note: what was done and what came out.

use super::compare::Measures;
use super::win_rate::Difference;
use super::words;

/// What was compared, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compared<'a> {
    /// What A is.
    pub a: &'a str,
    /// What B is.
    pub b: &'a str,
    /// The prompt set.
    pub prompts: &'a str,
    /// The judge, with its provider.
    pub judge: &'a str,
    /// What it goes by.
    pub judged_by: &'a str,
    /// Principles that each pair is judged by at most.
    pub principles_per_pair: u32,
    /// Rounds of critique and revision.
    pub rounds: u32,
    /// The run's seed.
    pub seed: u64,
    /// The run's name.
    pub run: &'a str,
    /// The program's version.
    pub version: &'a str,
}

/// The comparison in sentences: result, interval, test, judge, what was left out, seed and run.
pub fn sentences(compared: &Compared<'_>, measures: &Measures) -> String {
    let mut parts = vec![format!(
        "A ({}) and B ({}) answered the same prompts ({}), with {} of critique and revision.",
        compared.a,
        compared.b,
        compared.prompts,
        counted(u64::from(compared.rounds), "round", "rounds"),
    )];
    parts.push(result(measures));
    if let Some(words) = words::length_controlled(measures) {
        let stands = match words::stands_at_equal_length(measures) {
            Some(false) => ", so the difference may be one of length alone",
            Some(true) | None => "",
        };
        parts.push(format!(
            "By a logistic model with a term for length (after Dubois et al. 2024), {words}{stands}."
        ));
    }
    if let Some(words) = words::longer(measures) {
        parts.push(format!("{words}."));
    }
    parts.push(judge(compared, measures));
    parts.extend(left_out(measures));
    parts.push(format!(
        "Seed {}, run {}, Preamble {}.",
        compared.seed, compared.run, compared.version
    ));
    parts.join(" ")
}

fn result(measures: &Measures) -> String {
    let Some(rate) = &measures.overall else {
        return "No pair has a verdict.".to_owned();
    };
    if rate.difference() == Difference::TooFew {
        return format!(
            "{}: A was preferred on {} of {} prompts, B on {}, with {}, which is too few to tell.",
            words::too_few(rate.n),
            rate.a,
            rate.n,
            rate.b,
            counted(rate.ties, "tie", "ties"),
        );
    }
    let test = rate.p_value.map_or_else(String::new, |p| {
        format!("; two-sided sign test without ties, {}", words::p_value(p))
    });
    format!(
        "B was preferred on {} % of {} prompts (95 % bootstrap interval over prompts {}–{} %{test}; \
         {} within ±{} count as half): {}.",
        words::percent(rate.rate),
        rate.n,
        words::percent(rate.interval.low),
        words::percent(rate.interval.high),
        counted(rate.ties, "tie", "ties"),
        words::two(measures.band),
        words::difference(rate.difference())
            .to_lowercase()
            .replace("a is", "A is")
            .replace("b is", "B is"),
    )
}

fn judge(compared: &Compared<'_>, measures: &Measures) -> String {
    let asked = if measures.counts.in_both_orders > 0 {
        format!(
            "; both orders were asked and averaged, and the winner changed with the order on {} of \
             {} pairs",
            measures.counts.flipped, measures.counts.in_both_orders
        )
    } else {
        String::new()
    };
    format!(
        "The judge was {}, asked about {} ({} a pair at most){asked}.",
        compared.judge,
        compared.judged_by,
        counted(u64::from(compared.principles_per_pair), "principle", "principles"),
    )
}

fn left_out(measures: &Measures) -> Option<String> {
    let counts = &measures.counts;
    let mut parts = Vec::new();
    if counts.same_text > 0 {
        let pairs = counted(counts.same_text, "pair", "pairs");
        parts.push(format!("{pairs} of the same text counted as ties without a judge"));
    }
    if counts.unparsed > 0 {
        let verdicts = counted(counts.unparsed, "verdict", "verdicts");
        parts.push(format!("{verdicts} could not be read and are left out"));
    }
    if counts.failures() > 0 {
        let names: Vec<String> = counts
            .failed
            .iter()
            .map(|(name, n)| format!("{} {n}", name.replace('_', " ")))
            .collect();
        let pairs = counted(counts.failures(), "pair", "pairs");
        parts.push(format!("{pairs} failed and are left out ({})", names.join(", ")));
    }
    if parts.is_empty() { None } else { Some(format!("{}.", parts.join("; "))) }
}

fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
