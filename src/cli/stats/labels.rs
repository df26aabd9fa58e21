//! Labels of one kind: names, truths or numbers.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::fields::shown;

/// The most different labels; a table of two raters has the square of it.
const MOST: usize = 200;

/// Which labels a statistic can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Any: they are the same or not.
    Any,
    /// Numbers, or false and true: which is more.
    Numbers,
    /// Whole numbers, or false and true: steps of a scale.
    Steps,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Truth,
    Number,
}

impl Kind {
    fn words(self) -> &'static str {
        match self {
            Self::Text => "texts",
            Self::Truth => "true or false",
            Self::Number => "numbers",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Text(String),
    /// A number by its bits, so that 1 and 1.0 are one label.
    Number(u64),
}

/// All labels that were given, as numbers in the order in which they came.
#[derive(Debug)]
pub(super) struct Labels {
    wanted: Wanted,
    kind: Option<Kind>,
    numbers: HashMap<Key, u32>,
}

/// The labels in their scale's order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    /// The level of each label, by the number it came with.
    pub(super) level_of: Vec<usize>,
    /// What each level is called.
    pub(super) names: Vec<Value>,
    /// Its value; its place where labels are texts.
    pub(super) values: Vec<f64>,
}

impl Labels {
    pub(super) fn new(wanted: Wanted) -> Self {
        Self { wanted, kind: None, numbers: HashMap::new() }
    }

    /// The number of a label.
    ///
    /// # Errors
    ///
    /// It is of a kind that the statistic can't use or that lines before have not, or there are
    /// too many.
    pub(super) fn take(&mut self, name: &str, value: &Value) -> Result<u32, String> {
        let (kind, key) = match value {
            Value::String(text) if text.trim().is_empty() => {
                return Err(format!(
                    "“{name}” is empty; leave the line out where a label is missing"
                ));
            }
            Value::String(text) => (Kind::Text, Key::Text(text.clone())),
            Value::Bool(truth) => (Kind::Truth, Key::Number(f64::from(u8::from(*truth)).to_bits())),
            Value::Number(number) => {
                let number = number.as_f64().unwrap_or(f64::NAN);
                // −0 is 0.
                (Kind::Number, Key::Number((number + 0.0).to_bits()))
            }
            other => {
                return Err(format!("“{name}” is {}, not a text, number or truth", shown(other)));
            }
        };
        if kind == Kind::Text && self.wanted != Wanted::Any {
            return Err(format!(
                "“{name}” is the text {}, which has no order; use numbers, such as 1 to 5",
                shown(value)
            ));
        }
        let is_whole = value.as_f64().is_none_or(|v| v.fract().abs() < 1e-12 && v.abs() < 1e9);
        if self.wanted == Wanted::Steps && !is_whole {
            return Err(format!(
                "“{name}” is {}, not a step of a scale; use whole numbers (of half points, twice \
                 as many)",
                shown(value)
            ));
        }
        match self.kind {
            Some(known) if known != kind => {
                return Err(format!(
                    "“{name}” is {}, but labels before it are {}; use one kind throughout",
                    shown(value),
                    known.words()
                ));
            }
            _ => self.kind = Some(kind),
        }
        let next = self.numbers.len();
        if let Some(known) = self.numbers.get(&key) {
            return Ok(*known);
        }
        if next == MOST {
            return Err(format!(
                "“{name}” is {}, one more than {MOST} different labels; put scores into fewer \
                 classes, and check that “{name}” holds the label",
                shown(value)
            ));
        }
        self.numbers.insert(key, next as u32);
        Ok(next as u32)
    }

    /// The labels in order: numbers rising, texts by their letters. Of steps those that nobody
    /// gave are levels as well, since 2 and 4 are two apart whether or not there was a 3.
    ///
    /// # Errors
    ///
    /// Steps span too many levels.
    pub(super) fn scale(&self) -> Result<Scale, String> {
        let mut order: Vec<(&Key, u32)> =
            self.numbers.iter().map(|(key, number)| (key, *number)).collect();
        order.sort_by(|(a, _), (b, _)| match (a, b) {
            (Key::Number(a), Key::Number(b)) => f64::from_bits(*a).total_cmp(&f64::from_bits(*b)),
            (Key::Text(a), Key::Text(b)) => a.cmp(b),
            (Key::Number(_), Key::Text(_)) => std::cmp::Ordering::Less,
            (Key::Text(_), Key::Number(_)) => std::cmp::Ordering::Greater,
        });
        let value = |place: usize, key: &Key| match key {
            Key::Number(bits) => f64::from_bits(*bits),
            Key::Text(_) => place as f64,
        };
        let mut values: Vec<f64> =
            order.iter().enumerate().map(|(place, (key, _))| value(place, key)).collect();
        let mut names: Vec<Value> = order.iter().map(|(key, _)| self.shown(key)).collect();
        let mut level_of = vec![0; order.len()];
        for (place, (_, number)) in order.iter().enumerate() {
            level_of[*number as usize] = place;
        }
        if let (Wanted::Steps, Some(first), Some(last)) =
            (self.wanted, values.first(), values.last())
        {
            let (first, last) = (*first, *last);
            let levels = (last - first) as usize + 1;
            if levels > MOST {
                return Err(format!(
                    "the labels span {levels} steps ({first} to {last}), more than {MOST}; look for \
                     a stray one, or put scores into fewer classes"
                ));
            }
            for (place, (_, number)) in order.iter().enumerate() {
                level_of[*number as usize] = (values[place] - first) as usize;
            }
            if self.kind == Some(Kind::Number) {
                names = (0..levels).map(|step| json!(first as i64 + step as i64)).collect();
            }
            values = (0..levels).map(|step| first + step as f64).collect();
        }
        Ok(Scale { level_of, names, values })
    }

    fn shown(&self, key: &Key) -> Value {
        match key {
            Key::Text(text) => json!(text),
            Key::Number(bits) => {
                let number = f64::from_bits(*bits);
                if self.kind == Some(Kind::Truth) {
                    json!(number > 0.5)
                } else if number.fract().abs() < 1e-12 && number.abs() < 1e15 {
                    json!(number as i64)
                } else {
                    json!(number)
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(wanted: Wanted, all: &[Value]) -> (Vec<u32>, Scale) {
        let mut labels = Labels::new(wanted);
        let numbers = all.iter().map(|label| labels.take("a", label).unwrap()).collect();
        (numbers, labels.scale().unwrap())
    }

    #[test]
    fn numbers_rise_and_one_is_one_however_it_is_written() {
        let (numbers, scale) = labels(Wanted::Numbers, &[json!(10), json!(1), json!(1.0)]);
        assert_eq!(numbers, [0, 1, 1]);
        assert_eq!(scale.level_of, [1, 0]);
        assert_eq!(scale.values, [1.0, 10.0]);
        assert_eq!(scale.names, [json!(1), json!(10)]);
    }

    #[test]
    fn steps_that_nobody_gave_are_levels() {
        let (_, scale) = labels(Wanted::Steps, &[json!(5), json!(2)]);
        assert_eq!((scale.level_of, scale.values.len()), (vec![3, 0], 4));
        assert_eq!(scale.names[1], 3);
        let mut wide = Labels::new(Wanted::Steps);
        wide.take("a", &json!(0)).unwrap();
        wide.take("a", &json!(1000)).unwrap();
        assert!(wide.scale().unwrap_err().contains("1001 steps"));
    }

    #[test]
    fn mixed_and_unfit_labels_are_named() {
        let mut any = Labels::new(Wanted::Any);
        any.take("a", &json!(1)).unwrap();
        assert!(any.take("b", &json!("1")).unwrap_err().contains("numbers"));
        assert!(any.take("b", &json!(true)).unwrap_err().contains("one kind"));
        assert!(any.take("b", &json!([1])).unwrap_err().contains("a list"));
        assert!(Labels::new(Wanted::Any).take("a", &json!("")).unwrap_err().contains("empty"));
        assert!(Labels::new(Wanted::Steps).take("a", &json!("ok")).unwrap_err().contains("order"));
        assert!(Labels::new(Wanted::Steps).take("a", &json!(2.5)).unwrap_err().contains("whole"));
        let mut many = Labels::new(Wanted::Any);
        for n in 0..MOST {
            many.take("a", &json!(n)).unwrap();
        }
        assert!(many.take("a", &json!(-1)).unwrap_err().contains("different labels"));
    }
}
