//! What a statistic says: one object for programs, a few lines for people.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::cli::out;
use crate::stats::{Clusters, Estimate, Interval, MIN_ITEMS, Measured, Unknown};

/// A statistic's answer, `{"name", "value", "ci", "n", …parts}`; where there is no value, a `note`
/// says why.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Report(Map<String, Value>);

impl Report {
    /// A value with its interval, or why there is none of `lines` lines.
    pub(super) fn of(name: &str, measured: &Measured, lines: usize) -> Self {
        let mut all = Map::new();
        all.insert("name".to_owned(), json!(name));
        match measured {
            Ok(estimate) => {
                all.insert("value".to_owned(), json!(estimate.value));
                all.insert("ci".to_owned(), ends(estimate.interval));
                all.insert("n".to_owned(), json!(estimate.n));
            }
            Err(why) => {
                all.insert("value".to_owned(), Value::Null);
                all.insert("ci".to_owned(), Value::Null);
                all.insert("n".to_owned(), json!(lines));
                all.insert("note".to_owned(), json!(why.to_string()));
            }
        }
        Self(all)
    }

    /// A value of another shape than a number, without an interval of its own.
    pub(super) fn of_value(name: &str, value: Result<Value, Unknown>, lines: usize) -> Self {
        let none = value.as_ref().err().copied().unwrap_or(Unknown::NoFit);
        let mut report = Self::of(name, &Err(none), lines);
        if let Ok(value) = value {
            report.0.insert("value".to_owned(), value);
            report.0.shift_remove("note");
        }
        report
    }

    /// With a named part.
    pub(super) fn part(mut self, name: &str, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        self.0.insert(name.to_owned(), value);
        self
    }

    /// With a part that may have no value.
    pub(super) fn measure(self, name: &str, measured: &Measured) -> Self {
        self.part(name, part_of(measured))
    }

    /// With another note, where there is no value.
    pub(super) fn noting(mut self, note: &str) -> Self {
        if self.0.contains_key("note") {
            self.0.insert("note".to_owned(), json!(note));
        }
        self
    }

    /// As one JSON object.
    pub(super) fn json(&self) -> &Map<String, Value> {
        &self.0
    }

    /// As lines: the value first, a part a line, lists as tables below.
    pub(super) fn text(&self) -> String {
        let head = ["name", "value", "ci", "n", "note"];
        let name = self.0.get("name").and_then(Value::as_str).unwrap_or_default();
        let whole = Value::Object(self.0.clone());
        let mut rows = Vec::new();
        let mut tables = Vec::new();
        if let Some(list @ Value::Array(_)) = self.0.get("value") {
            let n = self.0.get("n").map(plain).unwrap_or_default();
            rows.push(vec![name.to_owned(), format!("n {n}")]);
            tables.push(("value", list));
        } else {
            rows.push(vec![name.to_owned(), estimate(&whole)]);
        }
        for (part, value) in self.0.iter().filter(|(part, _)| !head.contains(&part.as_str())) {
            match value {
                Value::Array(list) if list.first().is_some_and(Value::is_object) => {
                    tables.push((part, value));
                }
                value => rows.push(vec![part.clone(), plain(value)]),
            }
        }
        let mut blocks = vec![out::table(&rows)];
        for (part, list) in tables {
            let title = if part == "value" { String::new() } else { format!("{part}\n") };
            blocks.push(format!("{title}{}", table(list)));
        }
        blocks.join("\n\n")
    }
}

/// A part that may have no value, as an object.
pub(super) fn part_of(measured: &Measured) -> Value {
    match measured {
        Ok(one) => json!({ "value": one.value, "ci": ends(one.interval), "n": one.n }),
        Err(why) => json!({ "value": null, "note": why.to_string() }),
    }
}

/// A number without an interval, or an object that says why there is none.
pub(super) fn number_of(measured: &Measured<f64>) -> Value {
    match measured {
        Ok(value) => json!(value),
        Err(why) => json!({ "value": null, "note": why.to_string() }),
    }
}

/// An interval's ends as a list.
pub(super) fn ends(interval: Option<Interval>) -> Value {
    interval.map_or(Value::Null, |interval| json!([interval.low, interval.high]))
}

/// The value, unless there are under [`MIN_ITEMS`] items.
pub(super) fn with_enough(
    clusters: &Clusters,
    measure: impl FnOnce() -> Measured<Estimate>,
) -> Measured {
    enough(clusters.len(), MIN_ITEMS)?;
    measure()
}

/// Nothing, or “too few” under `least` items.
pub(super) fn enough(n: usize, least: usize) -> Measured<()> {
    if n < least {
        return Err(Unknown::TooFew { n: n as u64, least: least as u64 });
    }
    Ok(())
}

/// `0.62 (0.41 to 0.80), n 60`, or why there is none.
fn estimate(value: &Value) -> String {
    let number = value.get("value").unwrap_or(&Value::Null);
    if number.is_null() {
        let note = value.get("note").and_then(Value::as_str).unwrap_or("no value");
        return format!("none: {note}");
    }
    let interval = match value.get("ci").and_then(Value::as_array).map(Vec::as_slice) {
        Some([low, high]) => format!(" ({} to {})", plain(low), plain(high)),
        _ => String::new(),
    };
    let n = value.get("n").map_or_else(String::new, |n| format!(", n {}", plain(n)));
    format!("{}{interval}{n}", plain(number))
}

/// A value in few digits.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => out::one_line(text),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (None, Some(number)) if number.abs() >= 100.0 => format!("{number:.1}"),
            (None, Some(number)) => format!("{number:.4}"),
            _ => number.to_string(),
        },
        Value::Object(fields) if fields.contains_key("value") => estimate(value),
        Value::Object(fields) => {
            let parts: Vec<String> =
                fields.iter().map(|(name, value)| format!("{name} {}", plain(value))).collect();
            parts.join(", ")
        }
        Value::Array(list) => {
            let shown: Vec<String> = list.iter().take(12).map(plain).collect();
            let more =
                if list.len() > 12 { format!(" … ({})", list.len()) } else { String::new() };
            format!("{}{more}", shown.join(" "))
        }
        Value::Bool(truth) => truth.to_string(),
    }
}

fn table(list: &Value) -> String {
    let rows: Vec<&Map<String, Value>> =
        list.as_array().into_iter().flatten().filter_map(Value::as_object).collect();
    let Some(first) = rows.first() else { return String::new() };
    let mut cells: Vec<Vec<String>> = vec![first.keys().cloned().collect()];
    cells.extend(rows.iter().map(|row| row.values().map(plain).collect()));
    out::table(&cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_its_interval_and_none_its_reason() {
        let interval = Some(Interval { low: 0.25, high: 0.75 });
        let found = Report::of("x", &Ok(Estimate { value: 0.5, interval, n: 30 }), 30)
            .part("bins", json!([{"said": 0.1, "n": 3}, {"said": 0.9, "n": 4}]))
            .measure("other", &Err(Unknown::Constant));
        assert_eq!(
            Value::Object(found.json().clone()),
            json!({"name": "x", "value": 0.5, "ci": [0.25, 0.75], "n": 30,
                "bins": [{"said": 0.1, "n": 3}, {"said": 0.9, "n": 4}],
                "other": {"value": null, "note": Unknown::Constant.to_string()}})
        );
        assert_eq!(
            found.text(),
            "x      0.5000 (0.2500 to 0.7500), n 30\n\
             other  none: all values are the same, which leaves nothing to compare\n\n\
             bins\nsaid    n\n0.1000  3\n0.9000  4"
        );
        let none = Report::of("x", &Err(Unknown::TooFew { n: 3, least: 20 }), 4);
        assert_eq!(none.text(), "x  none: too few to tell: 3 of at least 20");
        assert_eq!((none.json()["n"].clone(), none.json()["ci"].clone()), (json!(4), Value::Null));
        assert_eq!(none.noting("why").json()["note"], "why");
    }
}
