//! Markdown as sections under headings, with fences, comments and front matter understood.

/// A heading and what stands under it, up to the next heading.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Section<'t> {
    /// 1..=6; 0 for what stands before the first heading.
    pub(super) level: usize,
    /// The heading's text without its attributes.
    pub(super) title: String,
    /// What stood in `{…}` behind the heading.
    pub(super) attributes: &'t str,
    /// The heading's line, counted from 1.
    pub(super) line: usize,
    /// The titles of the headings above it, outermost first.
    pub(super) parents: Vec<String>,
    /// Whether a deeper heading follows.
    pub(super) has_children: bool,
    /// Paragraphs, lists and fences.
    pub(super) blocks: Vec<Block<'t>>,
}

/// A block of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block<'t> {
    /// A paragraph, its lines joined by a space.
    Paragraph(String),
    /// The top-level items of a list, what is nested in them joined to them.
    List(Vec<String>),
    /// The lines inside a fence.
    Fence(Vec<&'t str>),
    /// `!!! meta "…"` with its indented lines.
    Commentary,
}

/// Splits a document.
pub(super) fn sections(text: &str) -> Vec<Section<'_>> {
    let mut found: Vec<Section<'_>> = vec![Section::default()];
    let mut reader = Blocks::default();
    let mut in_comment = false;
    for (index, line) in text.lines().enumerate().skip(front_matter(text)) {
        if reader.fence.is_none() {
            if in_comment || line.trim_start().starts_with("<!--") {
                in_comment = !line.contains("-->");
                continue;
            }
            if let Some((level, heading)) = heading(line) {
                finish(&mut found, &mut reader);
                open(&mut found, level, heading, index + 1);
                continue;
            }
        }
        reader.line(line);
    }
    finish(&mut found, &mut reader);
    found
}

/// The lines that YAML front matter takes.
fn front_matter(text: &str) -> usize {
    let mut lines = text.lines();
    if lines.next().map(str::trim_end) != Some("---") {
        return 0;
    }
    lines.position(|line| line.trim_end() == "---").map_or(0, |at| at + 2)
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let hashes = line.bytes().take_while(|byte| *byte == b'#').count();
    let rest = line.get(hashes..)?;
    ((1..=6).contains(&hashes) && rest.starts_with([' ', '\t']))
        .then(|| (hashes, rest.trim().trim_end_matches('#').trim_end()))
}

fn finish<'t>(found: &mut [Section<'t>], reader: &mut Blocks<'t>) {
    if let Some(last) = found.last_mut() {
        last.blocks = std::mem::take(reader).end();
    }
}

fn open<'t>(found: &mut Vec<Section<'t>>, level: usize, heading: &'t str, line: usize) {
    let (title, attributes) = match heading.rfind('{') {
        Some(at) if heading.ends_with('}') => {
            (heading[..at].trim_end(), &heading[at + 1..heading.len() - 1])
        }
        _ => (heading, ""),
    };
    let mut parents = Vec::new();
    let mut below = level;
    for section in found.iter_mut().rev() {
        if section.level > 0 && section.level < below {
            below = section.level;
            section.has_children = true;
            parents.push(section.title.clone());
        }
    }
    parents.reverse();
    let title = inline(title);
    found.push(Section { level, title, attributes, line, parents, ..Section::default() });
}

#[derive(Debug, Default)]
struct Blocks<'t> {
    done: Vec<Block<'t>>,
    paragraph: String,
    items: Vec<String>,
    fence: Option<(&'t str, Vec<&'t str>)>,
    commentary: bool,
    /// The last line was blank: an unindented line ends the list.
    blank: bool,
}

impl<'t> Blocks<'t> {
    fn line(&mut self, line: &'t str) {
        let trimmed = line.trim();
        if let Some((mark, lines)) = &mut self.fence {
            if trimmed.starts_with(*mark) && trimmed.trim_start_matches(['`', '~']).is_empty() {
                let lines = std::mem::take(lines);
                self.fence = None;
                self.done.push(Block::Fence(lines));
            } else {
                lines.push(line);
            }
            return;
        }
        let indented = line.starts_with([' ', '\t']);
        if self.commentary {
            if indented || trimmed.is_empty() {
                return;
            }
            self.commentary = false;
        }
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            self.flush();
            let width = trimmed.bytes().take_while(|b| *b == b'`' || *b == b'~').count();
            self.fence = Some((&trimmed[..width], Vec::new()));
        } else if trimmed.starts_with("!!! ") {
            self.flush();
            self.done.push(Block::Commentary);
            self.commentary = true;
        } else if trimmed.is_empty() {
            self.blank = true;
            if self.items.is_empty() {
                self.flush();
            }
            return;
        } else if let Some(item) = list_item(trimmed) {
            if !self.paragraph.is_empty() {
                self.flush();
            }
            match self.items.last_mut() {
                Some(last) if indented => {
                    last.push('\n');
                    last.push_str("- ");
                    last.push_str(item);
                }
                _ => self.items.push(item.to_owned()),
            }
        } else if let Some(last) = self.items.last_mut().filter(|_| indented || !self.blank) {
            last.push(' ');
            last.push_str(trimmed);
        } else {
            if !self.items.is_empty() {
                self.flush();
            }
            if !self.paragraph.is_empty() {
                self.paragraph.push(' ');
            }
            self.paragraph.push_str(trimmed);
        }
        self.blank = false;
    }

    fn flush(&mut self) {
        if !self.paragraph.is_empty() {
            self.done.push(Block::Paragraph(std::mem::take(&mut self.paragraph)));
        }
        if !self.items.is_empty() {
            self.done.push(Block::List(std::mem::take(&mut self.items)));
        }
    }

    fn end(mut self) -> Vec<Block<'t>> {
        self.flush();
        // A fence that is never closed runs to the end.
        if let Some((_, lines)) = self.fence.take() {
            self.done.push(Block::Fence(lines));
        }
        self.done
    }
}

/// The text behind a bullet or number.
pub(super) fn list_item(line: &str) -> Option<&str> {
    for bullet in ["- ", "* ", "+ ", "• ", "– "] {
        if let Some(rest) = line.strip_prefix(bullet) {
            return Some(rest.trim());
        }
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = line.get(digits..)?;
    let rest = rest.strip_prefix(". ").or_else(|| rest.strip_prefix(") "))?;
    (1..=3).contains(&digits).then(|| rest.trim())
}

/// Text without images, footnote marks and links' addresses.
pub(super) fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['[', '!']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with("![")
            && let Some((_, after)) = link(&rest[1..])
        {
            rest = after;
        } else if rest.starts_with("[^") {
            // A footnote's mark has no spaces; anything else stays.
            let end = rest.find(|c: char| c == ']' || c.is_whitespace());
            if let Some(end) = end.filter(|end| rest[*end..].starts_with(']')) {
                rest = &rest[end + 1..];
            } else {
                out.push('[');
                rest = &rest[1..];
            }
        } else if rest.starts_with('[')
            && let Some((shown, after)) = link(rest)
        {
            out.push_str(shown);
            rest = after;
        } else {
            let c = rest.chars().next().map_or(1, char::len_utf8);
            out.push_str(&rest[..c]);
            rest = &rest[c..];
        }
    }
    out.push_str(rest);
    out.trim().to_owned()
}

/// `[shown](address)` at the start: what is shown, and what follows.
fn link(text: &str) -> Option<(&str, &str)> {
    // The first bracket decides, so that many open ones cost no more than one look each.
    let end = 1 + text.get(1..)?.find(['[', ']', '\n'])?;
    let shown = text.get(1..end)?;
    if !text[end..].starts_with("](") {
        return None;
    }
    let address = &text[end + 2..];
    let close = address.find(')')?;
    Some((shown, &address[close + 1..]))
}
