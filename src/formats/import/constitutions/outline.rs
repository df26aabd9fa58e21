//! Markdown of headings, lists and prose.

use super::{Confidence, Constitution, Format, Imported, Problem, Source};
use super::{of_principles, of_sentence};
use crate::domain::Principle;
use crate::formats::import::sections::{self, Block, Section};

/// Headings and lists.
pub(super) struct Outline;

/// A text longer than this is not one idea any more (chosen by eye), in characters.
const LONG: usize = 600;

impl Format<Constitution> for Outline {
    fn id(&self) -> &'static str {
        "outline"
    }
    fn title(&self) -> &'static str {
        "Markdown of headings and lists"
    }
    fn doc(&self) -> &'static str {
        "List items and sections become principles.\n\nEach item of a list becomes a principle \
         (“**Name**: text” gives its title); a section of prose without sections below it becomes \
         one as well. The headings above become tags. Introductions, tables and code are left out \
         and listed."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["md", "markdown"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        let Some(text) = source.readable() else { return Confidence::No };
        if source.ends_with(self.endings()) {
            return Confidence::Likely;
        }
        let has = |test: fn(&str) -> bool| text.lines().any(test);
        if has(|line| line.starts_with("# ") || line.starts_with("## "))
            && has(|line| sections::list_item(line).is_some())
        {
            Confidence::Likely
        } else {
            Confidence::No
        }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<Constitution>, Problem> {
        let text = source.text()?;
        let sections = sections::sections(text);
        let mut taken = Outlined::default();
        let name = document_title(&sections);
        for section in &sections {
            taken.section(section, name);
        }
        if taken.principles.is_empty() {
            return Err(nothing_found(&sections));
        }
        let (items, prose) = (taken.items, taken.prose);
        let mut value = of_principles(source, taken.principles)?;
        if let Some(name) = name {
            name.clone_into(&mut value.name);
        }
        value.description = taken.description;
        let long = value.principles.iter().filter(|p| p.text.chars().count() > LONG).count();
        let mut imported = Imported::of(self.id(), value);
        if items > 0 {
            imported = imported.note(format!("{items} list items became principles."));
        }
        if prose > 0 {
            imported =
                imported.note(format!("{prose} sections of prose became one principle each."));
        }
        if long > 0 {
            imported = imported.note(format!(
                "{long} principles are longer than {LONG} characters: shorten each to one idea, so \
                 that a model can act on it."
            ));
        }
        imported.dropped = taken.dropped;
        Ok(imported)
    }
}

/// The one heading above all others.
fn document_title<'s>(sections: &'s [Section<'_>]) -> Option<&'s str> {
    let mut top = sections.iter().filter(|section| section.level == 1);
    match (top.next(), top.next()) {
        (Some(only), None) if only.has_children || sections.len() <= 2 => Some(&only.title),
        _ => None,
    }
}

fn nothing_found(sections: &[Section<'_>]) -> Problem {
    let blocks = || sections.iter().flat_map(|section| &section.blocks);
    let examples = blocks()
        .filter(|block| matches!(block, Block::Paragraph(text) if text.starts_with("**Example**")))
        .count();
    if examples > 0 {
        return Problem::error(
            "file",
            format!("it holds {examples} evaluation examples and no principle"),
            "import the document that they belong to, such as model_spec.md",
        );
    }
    let prose = blocks().filter(|block| matches!(block, Block::Paragraph(_))).count();
    Problem::error(
        "file",
        format!("it has no heading or list to take principles from, only {prose} paragraphs"),
        "put a heading over each rule, or write the rules as a list",
    )
}

#[derive(Default)]
struct Outlined {
    principles: Vec<Principle>,
    dropped: Vec<(String, String)>,
    description: String,
    items: usize,
    prose: usize,
}

impl Outlined {
    fn section(&mut self, section: &Section<'_>, name: Option<&str>) {
        let place = if section.level == 0 {
            "before the first heading".to_owned()
        } else {
            format!("line {}, “{}”", section.line, section.title)
        };
        let is_document = section.level == 1 && name == Some(section.title.as_str());
        let mut tags: Vec<String> = section
            .parents
            .iter()
            .filter(|parent| name != Some(parent.as_str()))
            .map(|parent| parent.to_lowercase())
            .collect();
        let mut paragraphs = Vec::new();
        let mut items = Vec::new();
        for block in &section.blocks {
            match block {
                Block::Paragraph(text) => {
                    let text = sections::inline(text);
                    if text.starts_with('|') {
                        self.dropped.push((place.clone(), "a table".to_owned()));
                    } else if !text.is_empty() {
                        paragraphs.push(text);
                    }
                }
                Block::List(found) => items.extend(found.iter()),
                Block::Fence(_) => self.dropped.push((place.clone(), "a code block".to_owned())),
                Block::Commentary => self.dropped.push((place.clone(), "a commentary".to_owned())),
            }
        }
        let has_items = !items.is_empty();
        // “…:” only introduces the list below it.
        let states_something = paragraphs.iter().any(|text| !text.ends_with(':'));
        if is_document || section.level == 0 {
            self.description = paragraphs.join("\n\n");
        } else if section.has_children || (has_items && !states_something) {
            if !paragraphs.is_empty() {
                self.dropped.push((place, "an introduction to what follows".to_owned()));
            }
        } else if !paragraphs.is_empty() {
            self.prose += 1;
            self.principles.push(Principle {
                title: section.title.clone(),
                text: paragraphs.join("\n\n"),
                tags: tags.clone(),
                ..Principle::default()
            });
        }
        if !is_document && section.level > 0 {
            tags.push(section.title.to_lowercase());
        }
        for item in items {
            let mut principle = item_principle(item);
            if principle.text.is_empty() {
                continue;
            }
            principle.tags.clone_from(&tags);
            self.items += 1;
            self.principles.push(principle);
        }
    }
}

/// “**Name**: text” or “**Name:** text” with its title; other items as they are.
fn item_principle(item: &str) -> Principle {
    let item = sections::inline(item);
    if let Some(rest) = item.strip_prefix("**")
        && let Some((name, text)) = rest.split_once("**")
    {
        let text = text.trim_start_matches([':', '.', ',', ' ', '—', '–', '-']).trim();
        let name = name.trim().trim_end_matches([':', '.']);
        if !text.is_empty() && name.chars().count() <= 80 {
            return Principle { title: name.to_owned(), ..of_sentence(text) };
        }
        return of_sentence(&item.replace("**", ""));
    }
    of_sentence(&item)
}
