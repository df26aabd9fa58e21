//! What models are told: visible, editable templates.
//!
//! A template is minijinja text cut into messages by section lines:
//!
//! ```text
//! --- system ---                        what follows is a system message
//! --- user ---                          … a user's message
//! --- assistant ---                     … a model's message
//! --- conversation ---                  the prompt's own messages, as they are
//! --- for example in examples ---       the sections up to `--- end ---`, once for each
//! --- end ---
//! ```
//!
//! The *source* is cut before anything is rendered and each section is rendered by itself, so a
//! prompt or response can forge neither a section nor a hole: `{{ }}` in data stays text. Nothing
//! is escaped, nothing is loaded, an unknown variable is an error, and fuel and size are limited.
//! Sections that render to nothing are left out. The filter `quoted` puts `> ` before each line of
//! a text, so that what is judged can't pass for what the judge is told.

mod fence;
mod neutral;
mod quote;
mod registry;
mod source;

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};

use crate::domain::{Message, Problem};

pub use fence::fence;
pub use neutral::neutral;
pub(crate) use neutral::original;
pub use quote::quoted;
pub use registry::{TEMPLATES, TemplateInfo, TemplateKind, info};
use source::{Parsed, Part, Section};

/// Instructions that one section may take to render; the defaults take below 1,000.
const FUEL: u64 = 50_000;

/// Bytes that one section may render to (judgement: beyond any model's context).
const LONGEST: usize = 8 << 20;

/// The name under which a conversation is handed to a template.
const MESSAGES: &str = "messages";

/// A template that can't be used, or could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template {template}{}: {what}", .line.map(|line| format!(", line {line}")).unwrap_or_default())]
pub struct TemplateError {
    /// The template's name.
    pub template: String,
    /// The line in its source, counted from 1, where known.
    pub line: Option<usize>,
    /// What is wrong, lower-case, no period.
    pub what: String,
    /// How to mend it.
    pub hint: String,
}

impl TemplateError {
    fn new(
        template: &str,
        line: impl Into<Option<usize>>,
        what: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            template: template.to_owned(),
            line: line.into(),
            what: what.into(),
            hint: hint.into(),
        }
    }

    fn problem(&self) -> Problem {
        let mut problem = Problem::error(self.template.clone(), self.what.clone(), &self.hint);
        problem.position = self.line.map(|line| (line, 1));
        problem
    }
}

/// One template as it is used.
#[derive(Debug, Clone)]
struct Entry {
    source: Arc<str>,
    overridden: bool,
    /// A broken override stays broken: falling back to the default would send another text than
    /// the one its author sees.
    parsed: Result<Arc<Parsed>, TemplateError>,
}

/// All templates: the defaults, with a project's own in place of some.
#[derive(Debug, Clone)]
pub struct Templates {
    entries: BTreeMap<&'static str, Entry>,
    environment: Arc<Environment<'static>>,
}

impl Default for Templates {
    fn default() -> Self {
        Self::with_overrides(BTreeMap::new()).0
    }
}

impl Templates {
    /// The defaults with these sources in place of those of the same name, and what is wrong with
    /// them. An override that is wrong is kept, and rendering it fails by name.
    pub fn with_overrides(mut overrides: BTreeMap<String, String>) -> (Self, Vec<Problem>) {
        let environment = Arc::new(environment());
        let mut problems = Vec::new();
        let entries = TEMPLATES
            .iter()
            .map(|info| {
                let own = overrides.remove(info.name);
                let overridden = own.as_deref().is_some_and(|own| own != info.source);
                let source: Arc<str> = own.map_or_else(|| info.source.into(), Arc::from);
                let parsed = checked(info, &source, &environment).map(Arc::new);
                if let Err(error) = &parsed {
                    problems.push(error.problem());
                }
                (info.name, Entry { source, overridden, parsed })
            })
            .collect();
        for name in overrides.keys() {
            let names: Vec<&str> = TEMPLATES.iter().map(|info| info.name).collect();
            problems.push(Problem::warning(
                name.clone(),
                format!("there is no template called {name}, so it is not used"),
                &format!("name it as one of: {}", names.join(", ")),
            ));
        }
        (Self { entries, environment }, problems)
    }

    /// Those of these names only; what asks by another fails by name.
    pub fn only(mut self, is_kept: impl Fn(&str) -> bool) -> Self {
        self.entries.retain(|name, _| is_kept(name));
        self
    }

    /// The source in use.
    pub fn source(&self, name: &str) -> Option<&str> {
        self.entries.get(name).map(|entry| &*entry.source)
    }

    /// Whether the project has its own in place of the default.
    pub fn is_overridden(&self, name: &str) -> bool {
        self.entries.get(name).is_some_and(|entry| entry.overridden)
    }

    /// BLAKE3 of all names and sources in use, as 64 hexadecimal digits.
    pub fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"preamble-templates-1");
        for (name, entry) in &self.entries {
            for text in [name.as_bytes(), entry.source.as_bytes()] {
                hasher.update(&(text.len() as u64).to_le_bytes());
                hasher.update(text);
            }
        }
        hasher.finalize().to_hex().to_string()
    }

    /// The messages that a template makes of `values`.
    ///
    /// # Errors
    ///
    /// An unknown or broken template, an unknown variable, fuel or size used up, or no message at
    /// all: with the line and how to mend it.
    pub fn render(&self, name: &str, values: &Value) -> Result<Vec<Message>, TemplateError> {
        let entry = self.entry(name)?;
        let parsed = entry.parsed.as_ref().map_err(Clone::clone)?;
        let rendering = Rendering { template: name, environment: &self.environment };
        let mut messages = Vec::new();
        for part in &parsed.parts {
            rendering.part(part, values, &mut messages)?;
        }
        if messages.is_empty() {
            return Err(TemplateError::new(
                name,
                None,
                "every section of it came out empty, so there is nothing to ask",
                "write at least one section with text, such as --- user ---",
            ));
        }
        Ok(messages)
    }

    /// The text that a template without sections makes of `values`, trimmed.
    ///
    /// # Errors
    ///
    /// As for [`Self::render`].
    pub fn render_text(&self, name: &str, values: &Value) -> Result<String, TemplateError> {
        let messages = self.render(name, values)?;
        Ok(messages.into_iter().map(|message| message.content).collect::<Vec<_>>().join("\n\n"))
    }

    fn entry(&self, name: &str) -> Result<&Entry, TemplateError> {
        self.entries.get(name).ok_or_else(|| {
            TemplateError::new(name, None, "there is no template of this name", "check its name")
        })
    }
}

/// What is wrong with a source meant for the template of that name; empty when nothing is. Each
/// problem's position is the line in the source.
pub fn check(name: &str, source: &str) -> Vec<Problem> {
    Templates::with_overrides(BTreeMap::from([(name.to_owned(), source.to_owned())])).1
}

/// The environment that every section is rendered in.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(50);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_debug(true);
    environment.add_filter("quoted", quoted);
    environment
}

/// Cuts a source and tries it: every variable must be known, and it must render with sample
/// values.
fn checked(
    info: &TemplateInfo,
    text: &str,
    environment: &Environment<'static>,
) -> Result<Parsed, TemplateError> {
    let parsed = source::parse(info, text)?;
    let rendering = Rendering { template: info.name, environment };
    for part in &parsed.parts {
        match part {
            Part::Section(section) => rendering.variables(section, info, None)?,
            Part::Loop { variable, list, line, sections } => {
                if !info.variables.contains(&list.as_str()) {
                    return Err(unknown(info, list, *line));
                }
                for section in sections {
                    rendering.variables(section, info, Some(variable))?;
                }
            }
            Part::Conversation if !info.variables.contains(&MESSAGES) => {
                return Err(TemplateError::new(
                    info.name,
                    None,
                    "--- conversation --- has no place in this template",
                    "write {{ conversation }} inside a section",
                ));
            }
            Part::Conversation => {}
        }
    }
    let mut messages = Vec::new();
    let sample = registry::sample_values();
    for part in &parsed.parts {
        rendering.part(part, &sample, &mut messages)?;
    }
    if messages.is_empty() {
        return Err(TemplateError::new(
            info.name,
            None,
            "it has no text",
            "write at least one section with text, or remove the file to use the default",
        ));
    }
    Ok(parsed)
}

fn unknown(info: &TemplateInfo, variable: &str, line: usize) -> TemplateError {
    TemplateError::new(
        info.name,
        line,
        format!("it uses {variable}, which this template does not have"),
        format!("use one of: {}", info.variables.join(", ")),
    )
}

/// Renders the sections of one template.
struct Rendering<'a> {
    template: &'a str,
    environment: &'a Environment<'static>,
}

impl Rendering<'_> {
    fn part(
        &self,
        part: &Part,
        values: &Value,
        messages: &mut Vec<Message>,
    ) -> Result<(), TemplateError> {
        match part {
            Part::Section(section) => self.section(section, values, messages),
            Part::Conversation => {
                let own: Vec<Message> = values
                    .get_attr(MESSAGES)
                    .map_err(|error| self.error(&error, 1))
                    .and_then(|value| {
                        serde::Deserialize::deserialize(value)
                            .map_err(|error: minijinja::Error| self.error(&error, 1))
                    })?;
                messages.extend(own);
                Ok(())
            }
            Part::Loop { variable, list, line, sections } => {
                let items = values
                    .get_attr(list)
                    .and_then(|value| value.try_iter())
                    .map_err(|error| self.error(&error, *line))?;
                for item in items {
                    let with_item = context! { ..Value::from_iter([(variable.clone(), item)]), ..values.clone() };
                    for section in sections {
                        self.section(section, &with_item, messages)?;
                    }
                }
                Ok(())
            }
        }
    }

    fn section(
        &self,
        section: &Section,
        values: &Value,
        messages: &mut Vec<Message>,
    ) -> Result<(), TemplateError> {
        let text = self.text(section, values)?;
        let text = text.trim();
        if !text.is_empty() {
            messages.push(Message::new(section.role, text));
        }
        Ok(())
    }

    fn text(&self, section: &Section, values: &Value) -> Result<String, TemplateError> {
        let template = self
            .environment
            .template_from_named_str(self.template, &section.body)
            .map_err(|error| self.error(&error, section.line))?;
        let mut bytes = Capped { bytes: Vec::new() };
        template
            .render_captured_to(values, &mut bytes)
            .map_err(|error| self.error(&error, section.line))?;
        String::from_utf8(bytes.bytes).map_err(|error| {
            TemplateError::new(self.template, section.line, error.to_string(), "write it as UTF-8")
        })
    }

    fn variables(
        &self,
        section: &Section,
        info: &TemplateInfo,
        loop_variable: Option<&str>,
    ) -> Result<(), TemplateError> {
        let template = self
            .environment
            .template_from_named_str(self.template, &section.body)
            .map_err(|error| self.error(&error, section.line))?;
        let mut used: Vec<String> = template.undeclared_variables(false).into_iter().collect();
        used.sort();
        let globals: Vec<&str> = self.environment.globals().map(|(name, _)| name).collect();
        for name in used {
            let known = info.variables.contains(&name.as_str())
                || globals.contains(&name.as_str())
                || loop_variable == Some(name.as_str());
            if !known {
                let line = section
                    .body
                    .lines()
                    .position(|text| text.contains(&name))
                    .map_or(section.line, |index| section.line + index);
                return Err(unknown(info, &name, line));
            }
        }
        Ok(())
    }

    /// A minijinja error, its line counted in the whole source.
    fn error(&self, error: &minijinja::Error, first_line: usize) -> TemplateError {
        use minijinja::ErrorKind;
        let line = error.line().map_or(first_line, |line| first_line + line - 1);
        let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
        let hint = match error.kind() {
            ErrorKind::SyntaxError => {
                "check that every {{ has its }} and every {% if %} its {% endif %}"
            }
            ErrorKind::UndefinedError => "check the variable's spelling after the dot",
            ErrorKind::OutOfFuel => "take out loops that repeat very often",
            ErrorKind::TemplateNotFound => {
                "include and extends do not work here; write the text out"
            }
            ErrorKind::WriteFailure => {
                "take out loops that repeat very often: the text grows too long"
            }
            _ => "see the list of variables and mend the expression",
        };
        TemplateError::new(self.template, line, format!("{}{detail}", error.kind()), hint)
    }
}

/// A buffer that refuses to grow beyond [`LONGEST`].
struct Capped {
    bytes: Vec<u8>,
}

impl std::io::Write for Capped {
    fn write(&mut self, piece: &[u8]) -> std::io::Result<usize> {
        if self.bytes.len() + piece.len() > LONGEST {
            return Err(std::io::Error::other("the text grows too long"));
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
