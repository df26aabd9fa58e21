//! A line's object, taken apart field by field.
//!
//! Every field must be one that is asked for, there once, and of its kind and range: a number that
//! rests on a misread column is worse than none.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Value;

use crate::formats::document::nearest;

/// The fields of a line that were not taken yet.
#[derive(Debug)]
pub(super) struct Fields {
    values: Vec<(String, Value)>,
    /// The names that were asked for.
    known: Vec<&'static str>,
}

impl Fields {
    /// Reads a line.
    ///
    /// # Errors
    ///
    /// What is wrong with it and how to mend it, in words.
    pub(super) fn of_line(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| {
            let mut what = error.to_string();
            // It is one line by itself, so only the column says something.
            if let Some(at) = what.rfind(" at line ") {
                what.truncate(at);
            }
            match error.classify() {
                serde_json::error::Category::Data => what,
                _ => format!(
                    "it is no JSON: {what} at column {}; a line is one whole object",
                    error.column()
                ),
            }
        })
    }

    /// Takes a field out; `None` where it is not there or null.
    pub(super) fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        let at = self.values.iter().position(|(found, _)| found == name)?;
        Some(self.values.swap_remove(at).1).filter(|value| !value.is_null())
    }

    /// Takes a field that must be there.
    ///
    /// # Errors
    ///
    /// It is not.
    pub(super) fn need(&mut self, name: &'static str) -> Result<Value, String> {
        self.take(name).ok_or_else(|| format!("it has no “{name}”; {}", self.there_is()))
    }

    /// A name: a text, or a whole number as a text.
    ///
    /// # Errors
    ///
    /// It is not there, empty or of another kind.
    pub(super) fn name(&mut self, name: &'static str) -> Result<String, String> {
        let value = self.need(name)?;
        as_name(name, value)
    }

    /// A name that need not be there.
    ///
    /// # Errors
    ///
    /// It is empty or of another kind.
    pub(super) fn maybe_name(&mut self, name: &'static str) -> Result<Option<String>, String> {
        self.take(name).map(|value| as_name(name, value)).transpose()
    }

    /// A probability, 0..=1.
    ///
    /// # Errors
    ///
    /// It is not there, or none.
    pub(super) fn probability(&mut self, name: &'static str) -> Result<f64, String> {
        let value = self.need(name)?;
        as_share(name, &value)
    }

    /// A share of 0..=1, or false and true as 0 and 1.
    ///
    /// # Errors
    ///
    /// It is not there, or neither.
    pub(super) fn share(&mut self, name: &'static str) -> Result<f64, String> {
        let value = self.need(name)?;
        as_truth_or_share(name, &value)
    }

    /// The same where it need not be there.
    ///
    /// # Errors
    ///
    /// It is there, and neither.
    pub(super) fn maybe_share(&mut self, name: &'static str) -> Result<Option<f64>, String> {
        self.take(name).map(|value| as_truth_or_share(name, &value)).transpose()
    }

    /// True or false, or 1 or 0.
    ///
    /// # Errors
    ///
    /// It is there, and neither.
    pub(super) fn maybe_truth(&mut self, name: &'static str) -> Result<Option<bool>, String> {
        let truth = |value: Value| match (value.as_bool(), value.as_f64()) {
            (Some(truth), _) => Ok(truth),
            (None, Some(number)) if number.abs() < f64::EPSILON => Ok(false),
            (None, Some(number)) if (number - 1.0).abs() < f64::EPSILON => Ok(true),
            _ => Err(format!("“{name}” is {}, not true or false (or 1 or 0)", shown(&value))),
        };
        self.take(name).map(truth).transpose()
    }

    /// The same where it must be there.
    ///
    /// # Errors
    ///
    /// It is not there, or neither.
    pub(super) fn truth(&mut self, name: &'static str) -> Result<bool, String> {
        match self.maybe_truth(name)? {
            Some(truth) => Ok(truth),
            None => Err(format!("it has no “{name}”; {}", self.there_is())),
        }
    }

    /// A length: a number of 0 or more.
    ///
    /// # Errors
    ///
    /// It is not there, or none.
    pub(super) fn length(&mut self, name: &'static str) -> Result<f64, String> {
        let value = self.need(name)?;
        let wrong = || format!("“{name}” is {}, not a length of 0 or more", shown(&value));
        value.as_f64().filter(|length| *length >= 0.0).ok_or_else(wrong)
    }

    /// The same where it need not be there.
    ///
    /// # Errors
    ///
    /// It is there, and none.
    pub(super) fn maybe_length(&mut self, name: &'static str) -> Result<Option<f64>, String> {
        if self.values.iter().any(|(found, value)| found == name && !value.is_null()) {
            return self.length(name).map(Some);
        }
        self.take(name);
        Ok(None)
    }

    /// Ends the line.
    ///
    /// # Errors
    ///
    /// A field is left that nobody asked for.
    pub(super) fn end(self) -> Result<(), String> {
        let Some((name, _)) = self.values.first() else { return Ok(()) };
        let hint = match nearest(name, &self.known) {
            Some(near) => format!("is “{near}” meant?"),
            None => format!("leave it out; a line has {}", self.known.join(", ")),
        };
        Err(format!("“{name}” is unknown here; {hint}"))
    }

    fn there_is(&self) -> String {
        if self.values.is_empty() {
            return "add it".to_owned();
        }
        let names: Vec<&str> = self.values.iter().map(|(name, _)| name.as_str()).take(8).collect();
        format!("add it, or rename one of {}", names.join(", "))
    }
}

/// What a value is, in a message: itself, where it is short.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        value => {
            let text = value.to_string();
            let mut short: String = text.chars().take(40).collect();
            if short.len() < text.len() {
                short.push('…');
            }
            short
        }
    }
}

fn as_name(name: &str, value: Value) -> Result<String, String> {
    match value {
        Value::String(text) if text.trim().is_empty() => {
            Err(format!("“{name}” is empty; give it a name, or leave it out of every line"))
        }
        Value::String(text) => Ok(text),
        Value::Number(number) if number.is_i64() || number.is_u64() => Ok(number.to_string()),
        other => Err(format!("“{name}” is {}, not a text or a whole number", shown(&other))),
    }
}

fn as_share(name: &str, value: &Value) -> Result<f64, String> {
    let wrong = || {
        let hint = match value.as_f64() {
            Some(number) if number > 1.0 && number <= 100.0 => "; per cent are divided by 100",
            _ => "",
        };
        format!("“{name}” is {}, not a number of 0 to 1{hint}", shown(value))
    };
    value.as_f64().filter(|share| (0.0..=1.0).contains(share)).ok_or_else(wrong)
}

fn as_truth_or_share(name: &str, value: &Value) -> Result<f64, String> {
    match value.as_bool() {
        Some(truth) => Ok(f64::from(u8::from(truth))),
        None => as_share(name, value),
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one object, as in {\"item\": …}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut values: Vec<(String, Value)> = Vec::with_capacity(6);
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if values.iter().any(|(known, _)| *known == name) {
                return Err(A::Error::custom(format!("“{name}” is there twice; keep one of them")));
            }
            // A line of a million fields would take as long as their square.
            if values.len() > 64 {
                return Err(A::Error::custom("it has more than 64 fields; keep those needed"));
            }
            values.push((name, value));
        }
        Ok(Fields { values, known: Vec::with_capacity(6) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Fields {
        Fields::of_line(text).unwrap()
    }

    #[test]
    fn a_line_that_is_no_object_of_single_fields_is_refused() {
        for (text, word) in [
            ("{", "column"),
            ("{\"p\": NaN}", "no JSON"),
            ("{\"p\": 1e999}", "out of range"),
            ("[1, 2]", "one object"),
            ("7", "one object"),
            ("{\"p\": 1, \"p\": 1}", "“p” is there twice"),
            ("{\"p\": 1} {}", "no JSON"),
        ] {
            let error = Fields::of_line(text).unwrap_err();
            assert!(error.contains(word), "{text}: {error}");
            assert!(!error.contains(" at line "), "{text}: {error}");
        }
        let many: Vec<String> = (0..70).map(|n| format!("\"f{n}\":0")).collect();
        assert!(Fields::of_line(&format!("{{{}}}", many.join(","))).is_err());
    }

    #[test]
    fn values_outside_of_their_range_are_named() {
        let line = r#"{"p": 1.01, "q": -0.1, "t": "yes", "l": -3, "n": 1.5, "e": " ", "s": 55}"#;
        let mut all = fields(line);
        assert!(all.probability("p").unwrap_err().contains("“p” is 1.01"));
        assert!(all.probability("q").unwrap_err().contains("-0.1"));
        assert!(all.truth("t").unwrap_err().contains("true or false"));
        assert!(all.length("l").unwrap_err().contains("-3"));
        assert!(all.name("n").unwrap_err().contains("1.5"));
        assert!(all.name("e").unwrap_err().contains("empty"));
        assert!(all.share("s").unwrap_err().contains("per cent"));
        assert!(all.probability("x").unwrap_err().contains("no “x”"));
        assert!(all.end().is_ok());
    }

    #[test]
    fn null_is_not_there_and_what_nobody_asked_for_is_told() {
        let mut all = fields(r#"{"human": null, "judge": 1, "len": null, "y": true}"#);
        assert_eq!(all.maybe_truth("human"), Ok(None));
        assert_eq!(all.maybe_truth("judge"), Ok(Some(true)));
        assert_eq!(all.maybe_length("len"), Ok(None));
        assert_eq!(all.share("y"), Ok(1.0));
        assert!(all.end().is_ok());
        let mut all = fields(r#"{"p_b": 0.5, "lenb": 3}"#);
        all.probability("p_b").unwrap();
        all.maybe_length("len_b").unwrap();
        assert!(all.end().unwrap_err().contains("is “len_b” meant?"));
    }
}
