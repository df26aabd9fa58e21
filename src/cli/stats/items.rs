//! Which lines are of one prompt.

use std::collections::HashMap;

use super::fields::Fields;
use crate::stats::Clusters;

/// The items of all lines, as numbers.
#[derive(Debug, Default)]
pub(super) struct Items {
    numbers: Names,
    /// The item of each line; empty where no line names one.
    rows: Vec<u32>,
    /// Lines taken.
    lines: usize,
}

impl Items {
    /// Takes a line's item. Either all lines name theirs or none does: half of them would leave
    /// open which lines belong together.
    ///
    /// # Errors
    ///
    /// The item is of a wrong kind, or lines differ in whether there is one.
    pub(super) fn take(&mut self, fields: &mut Fields) -> Result<(), String> {
        let item = fields.maybe_name("item")?;
        match item {
            None if !self.rows.is_empty() => {
                return Err(
                    "it has no “item”, but lines before it have one; name it in all lines \
                            or in none"
                        .to_owned(),
                );
            }
            Some(_) if self.rows.len() < self.lines => {
                return Err("it has an “item”, but lines before it have none; name it in all \
                            lines or in none"
                    .to_owned());
            }
            None => {}
            Some(item) => self.rows.push(self.numbers.number(item)),
        }
        self.lines += 1;
        Ok(())
    }

    /// Lines of one item together; each line by itself where no item is named.
    pub(super) fn clusters(&self) -> Clusters {
        if self.rows.is_empty() {
            return Clusters::each(self.lines);
        }
        Clusters::by(self.rows.iter().copied())
    }

    /// How many lines there are.
    pub(super) fn lines(&self) -> usize {
        self.lines
    }
}

/// Names as numbers, in the order in which they come.
#[derive(Debug, Default)]
pub(super) struct Names {
    numbers: HashMap<String, u32>,
}

impl Names {
    /// The number of a name.
    pub(super) fn number(&mut self, name: String) -> u32 {
        let next = self.numbers.len() as u32;
        *self.numbers.entry(name).or_insert(next)
    }

    /// The number of a name that is known.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// How many names there are.
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The names by their numbers.
    pub(super) fn in_order(&self) -> Vec<&str> {
        let mut all: Vec<(&str, u32)> =
            self.numbers.iter().map(|(name, number)| (name.as_str(), *number)).collect();
        all.sort_unstable_by_key(|(_, number)| *number);
        all.into_iter().map(|(name, _)| name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(items: &mut Items, line: &str) -> Result<(), String> {
        items.take(&mut Fields::of_line(line).unwrap())
    }

    #[test]
    fn lines_of_one_item_are_together_and_numbers_are_names() {
        let mut items = Items::default();
        for line in ["{\"item\":7}", "{\"item\":\"x\"}", "{\"item\":\"7\"}"] {
            take(&mut items, line).unwrap();
        }
        assert_eq!((items.lines(), items.clusters()), (3, Clusters::by([0, 1, 0])));
        assert!(take(&mut items, "{}").unwrap_err().contains("all lines"));
    }

    #[test]
    fn without_items_each_line_is_one() {
        let mut items = Items::default();
        take(&mut items, "{}").unwrap();
        take(&mut items, "{\"item\":null}").unwrap();
        assert_eq!(items.clusters(), Clusters::each(2));
        assert!(take(&mut items, "{\"item\":1}").unwrap_err().contains("before it have none"));
    }
}
