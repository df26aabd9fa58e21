//! What can be copied of a comparison: sentences, the rows listed, a chart's numbers.

use serde_json::json;

use crate::app::command::{Chart, TableForm};
use crate::app::effects::Effect;
use crate::app::state::AppState;
use crate::app::state::compare::{Record, Shown, SliceBy};
use crate::stats::compare::BINS;
use crate::stats::report::{Compared, sentences};
use crate::stats::win_rate::PairedDifference;
use crate::stats::{Judgement, words};

/// The comparison in sentences.
pub(super) fn summary(state: &mut AppState) -> Vec<Effect> {
    let Some(shown) = &state.compare.shown else { return Vec::new() };
    let about = &shown.past.about;
    let judge = about.judge_in_words();
    let compared = Compared {
        a: &about.a.label,
        b: &about.b.label,
        prompts: &about.prompts,
        judge: &judge,
        judged_by: &about.judged_by,
        principles_per_pair: about.principles_per_pair,
        rounds: about.rounds,
        seed: about.seed,
        run: shown.past.run.as_str(),
        version: env!("CARGO_PKG_VERSION"),
    };
    let text = sentences(&compared, &shown.measures);
    copied(state, text, "Copied the summary")
}

/// The rows listed.
pub(super) fn table(state: &mut AppState, form: TableForm) -> Vec<Effect> {
    let Some(shown) = &state.compare.shown else { return Vec::new() };
    let records = || shown.order.iter().filter_map(|place| shown.records.get(*place));
    let text = match form {
        TableForm::Json => {
            let rows: Vec<serde_json::Value> =
                records().map(|record| of_record(shown, record)).collect();
            serde_json::to_string_pretty(&rows).unwrap_or_default()
        }
        TableForm::Markdown => markdown(&HEAD, records().map(|record| fields(shown, record))),
        TableForm::Csv => {
            let mut text = line(HEAD.map(str::to_owned).as_ref());
            records().for_each(|record| text.push_str(&line(&fields(shown, record))));
            text
        }
    };
    let n = shown.order.len();
    copied(state, text, &format!("Copied {n} rows"))
}

/// A chart's numbers.
pub(super) fn chart(state: &mut AppState, chart: Chart) -> Vec<Effect> {
    let Some(shown) = &state.compare.shown else { return Vec::new() };
    let text = match chart {
        Chart::Histogram => histogram(shown),
        Chart::Slices => slices(shown, state.compare.look.by),
        Chart::Style => style(shown),
    };
    copied(state, text, "Copied the chart as a table")
}

fn copied(state: &mut AppState, text: String, said: &str) -> Vec<Effect> {
    state.announce(said);
    vec![Effect::Copy(text)]
}

const HEAD: [&str; 10] =
    ["id", "prompt", "A", "B", "verdict", "p_b", "order_flip", "own", "words_a", "words_b"];

fn fields(shown: &Shown, record: &Record) -> Vec<String> {
    let pair = &record.pair;
    let number = |n: Option<u32>| n.map_or_else(String::new, |n| n.to_string());
    vec![
        pair.prompt.to_string(),
        record.row.prompt.text().to_owned(),
        record.answer(false).to_owned(),
        record.answer(true).to_owned(),
        verdict(record),
        pair.judgement.p_b().map_or_else(String::new, |p| format!("{p:.3}")),
        pair.judgement.is_flipped().to_string(),
        own(shown, record).unwrap_or_default().to_owned(),
        number(pair.words.map(|words| words.0)),
        number(pair.words.map(|words| words.1)),
    ]
}

fn of_record(shown: &Shown, record: &Record) -> serde_json::Value {
    let pair = &record.pair;
    json!({
        "id": pair.prompt,
        "prompt": record.row.prompt.text(),
        "tags": pair.tags,
        "a": record.row.pair.as_ref().map(|pair| &pair.a),
        "b": record.row.pair.as_ref().map(|pair| &pair.b),
        "verdict": verdict(record),
        "p_b": pair.judgement.p_b(),
        "order_flip": pair.judgement.is_flipped(),
        "own": own(shown, record),
        "words_a": pair.words.map(|words| words.0),
        "words_b": pair.words.map(|words| words.1),
    })
}

/// What the reader prefers.
fn own(shown: &Shown, record: &Record) -> Option<&'static str> {
    shown.own.get(&record.pair.prompt).map(|own| own.word())
}

fn verdict(record: &Record) -> String {
    match &record.pair.judgement {
        Judgement::Judged { .. } => "judged".to_owned(),
        Judgement::SameText => "same text".to_owned(),
        Judgement::Unparsed => "unparsed".to_owned(),
        Judgement::Failed => match &record.pair.failure {
            Some(name) => format!("failed: {}", name.replace('_', " ")),
            None => "failed".to_owned(),
        },
    }
}

fn histogram(shown: &Shown) -> String {
    let bars = shown.measures.histogram.iter().enumerate().map(|(bar, n)| {
        let edge = |place: usize| words::two(place as f64 / BINS as f64);
        vec![format!("{}–{}", edge(bar), edge(bar + 1)), n.to_string()]
    });
    markdown(&["P(B is better)", "pairs"], bars)
}

fn slices(shown: &Shown, by: SliceBy) -> String {
    let (name, slices) = match by {
        SliceBy::Tag => ("tag", &shown.measures.by_tag),
        SliceBy::Principle => ("principle", &shown.measures.by_principle),
    };
    let lines = slices.iter().map(|slice| {
        let rate = &slice.rate;
        vec![
            slice.name.clone(),
            words::rate(rate.rate, Some(&rate.interval), rate.n),
            words::difference(slice.difference).to_owned(),
        ]
    });
    markdown(&[name, "B preferred", ""], lines)
}

fn style(shown: &Shown) -> String {
    let measures = &shown.measures;
    let mut lines = Vec::new();
    let mut put = |name: String, share: Option<&PairedDifference>, is_share: bool| {
        if let Some(share) = share {
            let value = |value: f64| {
                if is_share {
                    format!("{} %", words::percent(value))
                } else {
                    format!("{value:.1}")
                }
            };
            lines.push(vec![name, value(share.a), value(share.b), share.n.to_string()]);
        }
    };
    put("words".to_owned(), measures.words.as_ref(), false);
    put("with a list".to_owned(), measures.lists.as_ref(), true);
    for text in &shown.texts {
        put(format!("/{}/", text.pattern), text.share.as_ref(), true);
    }
    markdown(&["", "A", "B", "n"], lines.into_iter())
}

fn markdown(head: &[&str], lines: impl Iterator<Item = Vec<String>>) -> String {
    let cell = |text: &str| text.replace('|', "\\|").replace("\r\n", " ").replace('\n', " ");
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = row(head.iter().map(|name| (*name).to_owned()).collect());
    text.push_str(&row(head.iter().map(|_| "---".to_owned()).collect()));
    for line in lines {
        text.push_str(&row(line.iter().map(|text| cell(text)).collect()));
    }
    text
}

/// A line of comma-separated values (RFC 4180).
fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells
        .iter()
        .map(|cell| {
            if cell.contains([',', '"', '\n', '\r']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.clone()
            }
        })
        .collect();
    format!("{}\r\n", cells.join(","))
}
