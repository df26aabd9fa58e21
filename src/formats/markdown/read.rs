//! Reading what [`super::write`] wrote, edited or not.

use super::MARK;
use crate::domain::{Case, Constitution, Example, FORMAT, Principle, PrincipleId, Problem};

pub(super) fn constitution(text: &str) -> Result<Constitution, Problem> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let mut reader = Reader { document: Constitution::named(""), part: Part::Head };
    let mut lines = text.split('\n').enumerate().peekable();
    let mut label = String::new();
    while let Some((index, line)) = lines.next() {
        let number = index + 1;
        if line.trim().is_empty() {
            continue;
        }
        if let Some(mark) = line.strip_prefix(MARK) {
            check_format(mark, number)?;
        } else if line.starts_with('>') {
            let mut quoted = vec![unquote(line)];
            while let Some((_, next)) = lines.next_if(|(_, next)| next.starts_with('>')) {
                quoted.push(unquote(next));
            }
            reader.text(&label, &quoted.join("\n"), number)?;
            label.clear();
        } else if let Some(heading) = line.strip_prefix("### ") {
            reader.section(heading);
            label.clear();
        } else if let Some(heading) = line.strip_prefix("## ") {
            reader.chapter(heading.trim(), number)?;
            label.clear();
        } else if let Some(name) = line.strip_prefix("# ") {
            name.clone_into(&mut reader.document.name);
        } else if let Some(fact) = line.strip_prefix("- ") {
            reader.fact(fact, number)?;
        } else if let Some(bold) = line.trim().strip_prefix("**").and_then(|l| l.strip_suffix("**"))
        {
            bold.clone_into(&mut label);
        } else {
            return Err(wrong(
                number,
                "this line belongs to nothing",
                "begin it with “> ” to make it part of a text",
            ));
        }
    }
    Ok(reader.document)
}

fn check_format(mark: &str, line: usize) -> Result<(), Problem> {
    let digits: String = mark.chars().take_while(char::is_ascii_digit).collect();
    match digits.parse::<u64>() {
        Ok(format) if format <= u64::from(FORMAT) => Ok(()),
        _ => Err(wrong(
            line,
            &format!("it has format {digits}, and this version reads up to {FORMAT}"),
            "open it with a newer version of Preamble",
        )),
    }
}

fn wrong(line: usize, what: &str, hint: &str) -> Problem {
    let mut problem = Problem::error(format!("line {line}"), what, hint);
    problem.position = Some((line, 1));
    problem
}

fn unquote(line: &str) -> &str {
    let line = line.strip_prefix('>').unwrap_or(line);
    line.strip_prefix(' ').unwrap_or(line)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Head,
    Principles,
    Examples,
}

struct Reader {
    document: Constitution,
    part: Part,
}

impl Reader {
    fn chapter(&mut self, heading: &str, line: usize) -> Result<(), Problem> {
        self.part = match heading {
            "Principles" => Part::Principles,
            "Examples" => Part::Examples,
            other => {
                return Err(wrong(
                    line,
                    &format!("the chapter “{other}” is not known"),
                    "chapters are “Principles” and “Examples”; a principle is a “###” heading",
                ));
            }
        };
        Ok(())
    }

    fn section(&mut self, heading: &str) {
        if self.part == Part::Examples {
            self.document.examples.push(Example::default());
            return;
        }
        // A principle before the chapter's heading is a principle all the same.
        self.part = Part::Principles;
        let (id, title) = heading.split_once(" · ").unwrap_or((heading, ""));
        self.document.principles.push(Principle {
            id: PrincipleId::new(id),
            title: title.to_owned(),
            ..Principle::default()
        });
    }

    fn fact(&mut self, fact: &str, line: usize) -> Result<(), Problem> {
        let unknown = || {
            wrong(
                line,
                "this list item belongs to nothing",
                "known are “- Tags: `a`, `b`”, “- Weight: 2”, “- Priority: 1”, “- Enabled: no”",
            )
        };
        let (name, value) = fact.split_once(':').ok_or_else(unknown)?;
        let value = value.trim();
        if self.part == Part::Examples {
            let example = self.document.examples.last_mut().ok_or_else(unknown)?;
            if name != "Principle" {
                return Err(unknown());
            }
            example.principle = PrincipleId::new(value);
            return Ok(());
        }
        let principle = self.document.principles.last_mut().ok_or_else(unknown)?;
        let number = || wrong(line, &format!("“{value}” is no number"), "write one such as 2");
        match name {
            "Tags" => principle.tags = tags(value),
            "Weight" => principle.weight = value.parse().map_err(|_ignored| number())?,
            "Priority" => principle.priority = value.parse().map_err(|_ignored| number())?,
            "Enabled" => principle.enabled = value != "no",
            _ => return Err(unknown()),
        }
        Ok(())
    }

    fn text(&mut self, label: &str, text: &str, line: usize) -> Result<(), Problem> {
        let text = text.to_owned();
        let slot = match self.part {
            Part::Head => match label {
                "Description" => Some(&mut self.document.description),
                "Preface" | "" => Some(&mut self.document.preface),
                _ => None,
            },
            Part::Examples => self.document.examples.last_mut().and_then(|example| match label {
                "Prompt" => Some(&mut example.prompt),
                "Draft" => Some(&mut example.draft),
                "Critique" => Some(&mut example.critique),
                "Revision" => Some(&mut example.revision),
                _ => None,
            }),
            Part::Principles => self.document.principles.last_mut().and_then(|principle| {
                if label == "Case" {
                    principle.cases.push(Case::default());
                    return principle.cases.last_mut().map(|case| &mut case.prompt);
                }
                match label {
                    "" => Some(&mut principle.text),
                    "Critique request" => Some(&mut principle.critique_request),
                    "Revision request" => Some(&mut principle.revision_request),
                    "Comparison question" => Some(&mut principle.comparison_question),
                    "Expect" => principle.cases.last_mut().map(|case| &mut case.expect),
                    "Notes" => Some(&mut principle.notes),
                    _ => None,
                }
            }),
        };
        let slot = slot.ok_or_else(|| {
            wrong(
                line,
                &format!("the text under “{label}” belongs to nothing"),
                "a principle's own text comes first under its “###” heading",
            )
        })?;
        if slot.is_empty() {
            *slot = text;
        } else {
            slot.push_str("\n\n");
            slot.push_str(&text);
        }
        Ok(())
    }
}

/// Tags between backticks; without backticks, between commas.
fn tags(value: &str) -> Vec<String> {
    let parts: Vec<&str> = if value.contains('`') {
        value.split('`').skip(1).step_by(2).collect()
    } else {
        value.split(',').map(str::trim).collect()
    };
    parts.into_iter().filter(|tag| !tag.is_empty()).map(ToOwned::to_owned).collect()
}
