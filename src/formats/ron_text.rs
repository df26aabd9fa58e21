//! RON as text: tokens with places, so that comments are seen, errors find their word and output
//! reads well.
//!
//! It splits any text, broken ones as well, and never fails: what is no token is passed on as it
//! stands.

use std::fmt::Write as _;
use std::ops::Range;

/// What a stretch of RON text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// White space.
    Space,
    /// `// …` or `/* … */`.
    Comment,
    /// `"…"` or `r#"…"#`, with its quotes.
    Text,
    /// A name, number or keyword.
    Word,
    /// One character of punctuation, or anything else.
    Mark,
}

/// A stretch of RON text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its bytes in the text.
    pub at: Range<usize>,
}

/// Splits a text into tokens that together are the whole text.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let (kind, length) = next(rest, first);
        let length = length.max(first.len_utf8());
        found.push(Token { kind, at: at..at + length });
        at += length;
    }
    found
}

fn next(rest: &str, first: char) -> (TokenKind, usize) {
    if first.is_whitespace() {
        let end = rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len());
        return (TokenKind::Space, end);
    }
    if rest.starts_with("//") {
        return (TokenKind::Comment, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (TokenKind::Comment, block_comment(rest));
    }
    if first == '"' {
        return (TokenKind::Text, quoted(rest, '"'));
    }
    if let Some(length) = raw_string(rest) {
        return (TokenKind::Text, length);
    }
    if first == '\'' {
        // A character; a lone quote is passed on as a mark.
        let length = quoted(rest, '\'');
        return if rest[..length].chars().count() <= 14 {
            (TokenKind::Mark, length)
        } else {
            (TokenKind::Mark, 1)
        };
    }
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '+' | '-');
    if is_word(first) {
        return (TokenKind::Word, rest.find(|c| !is_word(c)).unwrap_or(rest.len()));
    }
    (TokenKind::Mark, first.len_utf8())
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    let bytes = rest.as_bytes();
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => {
                depth += 1;
                at += 2;
            }
            Some(b"*/") => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    rest.len()
}

/// The length of a text or character with escapes, its quotes included.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return at + c.len_utf8();
        }
    }
    rest.len()
}

fn raw_string(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let start = rest.len() - after.len();
    let hashes = after.bytes().take_while(|byte| *byte == b'#').count();
    let body = after[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let end = body.find(&close).map_or(body.len(), |at| at + close.len());
    Some(start + hashes + 1 + end)
}

/// Whether a text has a comment.
pub fn has_comments(text: &str) -> bool {
    tokens(text).iter().any(|token| token.kind == TokenKind::Comment)
}

/// Line and column, counted from 1 (columns in characters), of a byte offset.
pub fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset.min(text.len())).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (line, before[start..].chars().count() + 1)
}

/// The byte offset of a line and column, counted from 1.
pub fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    start + rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at)
}

/// The value of `field` at the outermost level of `( … )`, as it stands in the text, and where.
pub fn outer_field<'t>(text: &'t str, field: &str) -> Option<(&'t str, usize)> {
    let mut depth = 0_usize;
    let meaningful: Vec<Token> = tokens(text)
        .into_iter()
        .filter(|token| !matches!(token.kind, TokenKind::Space | TokenKind::Comment))
        .collect();
    for (index, token) in meaningful.iter().enumerate() {
        let word = &text[token.at.clone()];
        match word {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ if depth == 1 && token.kind == TokenKind::Word && word == field => {
                let colon = meaningful.get(index + 1)?;
                if &text[colon.at.clone()] == ":" {
                    let value = meaningful.get(index + 2)?;
                    return Some((&text[value.at.clone()], value.at.start));
                }
            }
            _ => {}
        }
    }
    None
}

/// Where a word stands last before an offset (or, failing that, first after it).
pub fn find_word(text: &str, word: &str, near: usize) -> Option<usize> {
    let places: Vec<usize> = tokens(text)
        .into_iter()
        .filter(|token| {
            let found = &text[token.at.clone()];
            match token.kind {
                TokenKind::Word => found == word,
                TokenKind::Text => found.trim_matches('"') == word,
                TokenKind::Space | TokenKind::Comment | TokenKind::Mark => false,
            }
        })
        .map(|token| token.at.start)
        .collect();
    let before = places.iter().rev().find(|at| **at <= near);
    before.or_else(|| places.first()).copied()
}

/// Lays pretty RON out for people: texts of several lines stand as lines, texts with quotes need
/// no backslash, letters of all scripts stand as they are, short lists of texts share a line.
///
/// The value stays the same; `pretty` must be valid RON whose texts are escaped.
pub fn lay_out(pretty: &str) -> String {
    let all = tokens(pretty);
    let mut out = String::with_capacity(pretty.len());
    let mut index = 0;
    while let Some(token) = all.get(index) {
        let word = &pretty[token.at.clone()];
        if word == "["
            && let Some((line, next)) = short_list(pretty, &all, index)
        {
            out.push_str(&line);
            index = next;
            continue;
        }
        match token.kind {
            TokenKind::Text => out.push_str(&relay_text(word)),
            _ => out.push_str(word),
        }
        index += 1;
    }
    out
}

/// The most characters a list of texts may take to stand on one line (chosen by eye).
const SHORT_LIST: usize = 72;

fn short_list(pretty: &str, all: &[Token], open: usize) -> Option<(String, usize)> {
    let mut texts = Vec::new();
    for (index, token) in all.iter().enumerate().skip(open + 1) {
        let word = &pretty[token.at.clone()];
        match token.kind {
            TokenKind::Space => {}
            TokenKind::Text => texts.push(relay_text(word)),
            TokenKind::Mark if word == "," => {}
            TokenKind::Mark if word == "]" => {
                let line = format!("[{}]", texts.join(", "));
                let fits = line.chars().count() <= SHORT_LIST && !line.contains('\n');
                return (fits && !texts.is_empty()).then_some((line, index + 1));
            }
            TokenKind::Comment | TokenKind::Word | TokenKind::Mark => return None,
        }
    }
    None
}

fn relay_text(token: &str) -> String {
    match ron::from_str::<String>(token) {
        Ok(text) => write_text(&text),
        Err(_) => token.to_owned(),
    }
}

/// Writes a text as RON reads it.
fn write_text(text: &str) -> String {
    // What is invisible or reorders the line is escaped, so that a reviewer sees it.
    if text.chars().any(|c| (c.is_control() && c != '\n') || is_hidden(c)) {
        let mut out = String::from("\"");
        for c in text.chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                c if c.is_control() || is_hidden(c) => {
                    write!(out, "\\u{{{:x}}}", u32::from(c)).ok();
                }
                c => out.push(c),
            }
        }
        out.push('"');
        return out;
    }
    if !text.contains(['"', '\\', '\n']) {
        return format!("\"{text}\"");
    }
    let mut hashes = 0;
    while text.contains(&format!("\"{}", "#".repeat(hashes))) {
        hashes += 1;
    }
    let fence = "#".repeat(hashes);
    format!("r{fence}\"{text}\"{fence}")
}

/// Line and paragraph separators, the byte order mark, and marks that turn the writing direction.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
