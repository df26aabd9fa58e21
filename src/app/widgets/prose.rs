//! Text for reading, of any length: paragraph by paragraph, only the visible ones laid out.

use std::hash::Hash;
use std::sync::Arc;

use egui::mutex::Mutex;
use egui::text::{LayoutJob, TextFormat};
use egui::{
    Color32, FontId, Id, IdSalt, Label, Rect, Response, Role, Sense, Stroke, TextStyle, Ui,
    WidgetInfo, vec2,
};

use crate::app::theme::{self, size, text};

/// A paragraph longer than this is drawn in pieces: one galley of 200 kB takes 0.1 s.
const LONGEST_PIECE: usize = 4_000;
/// How much text out of sight may be measured in one frame, in bytes.
const MEASURED_A_FRAME: usize = 20_000;

/// Text for reading; `salt` tells apart the texts of one screen.
#[must_use = "call show"]
#[derive(Debug, Clone)]
pub struct Prose<'a> {
    salt: IdSalt,
    text: &'a str,
    style: TextStyle,
    weak: bool,
    streaming: bool,
}

impl<'a> Prose<'a> {
    /// A text in the reading style.
    pub fn new(salt: impl Hash + std::fmt::Debug, text: &'a str) -> Self {
        Self {
            salt: IdSalt::new(salt),
            text,
            style: text::reading_style(),
            weak: false,
            streaming: false,
        }
    }

    /// Exact bytes: prompts as they were sent, JSON.
    pub fn mono(mut self) -> Self {
        self.style = TextStyle::Monospace;
        self
    }

    /// In the size of the interface.
    pub fn body(mut self) -> Self {
        self.style = TextStyle::Body;
        self
    }

    /// Of lesser rank.
    pub fn weak(mut self) -> Self {
        self.weak = true;
        self
    }

    /// Still being written: a bar marks its end (it doesn't blink: an idle window costs nothing).
    pub fn streaming(mut self, streaming: bool) -> Self {
        self.streaming = streaming;
        self
    }

    /// Draws it, as wide as what is available but no wider than can be read well.
    pub fn show(self, ui: &mut Ui) -> Response {
        let t = theme::tokens(ui);
        let colour = if self.weak { t.weak } else { t.text };
        let format = format_of(ui, &self.style, colour);
        let key = egui::util::hash((self.text, self.streaming, &format));
        let id = ui.scope_id().with(self.salt);
        let paragraphs = cached(ui, id, key, || {
            let mut jobs: Vec<Paragraph> = pieces(self.text)
                .map(|piece| {
                    Paragraph::of(LayoutJob::single_section(piece.to_owned(), format.clone()))
                })
                .collect();
            if self.streaming {
                let caret = TextFormat { color: t.accent, ..format.clone() };
                let mut job = jobs.pop().map(|last| (*last.job).clone()).unwrap_or_default();
                job.append("▍", 0.0, caret);
                jobs.push(Paragraph::of(job));
            }
            jobs
        });
        draw(ui, &paragraphs)
    }
}

/// [`Prose`] in the reading style.
pub fn prose(ui: &mut Ui, salt: impl Hash + std::fmt::Debug, text: &str) -> Response {
    Prose::new(salt, text).show(ui)
}

/// The format of a style in this `ui`, with the line height for reading.
pub(super) fn format_of(ui: &Ui, style: &TextStyle, color: Color32) -> TextFormat {
    let font_id: FontId = style.resolve(ui.style());
    let leading = if *style == text::reading_style() { size::READING_LEADING } else { 1.35 };
    let line_height = Some((font_id.size * leading).round());
    TextFormat { font_id, color, line_height, ..TextFormat::default() }
}

/// Lines, the long ones cut at a space.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| {
        let mut rest = Some(line);
        std::iter::from_fn(move || {
            let line = rest?;
            if line.len() <= LONGEST_PIECE {
                rest = None;
                return Some(line);
            }
            let (head, tail) = line.split_at(cut(line));
            rest = Some(tail);
            Some(head)
        })
    })
}

/// Where to cut a long line: after the last space that fits, else between two characters.
fn cut(line: &str) -> usize {
    let end = line.floor_char_boundary(LONGEST_PIECE);
    line[..end].rfind(' ').map_or(end, |space| space + 1)
}

/// One paragraph, laid out when it is seen.
#[derive(Debug, Clone)]
pub(super) struct Paragraph {
    hash: u64,
    job: Arc<LayoutJob>,
    /// What a screen reader reads instead of the text, where that would mislead.
    spoken: Option<String>,
}

impl Paragraph {
    pub(super) fn of(job: LayoutJob) -> Self {
        Self { hash: egui::util::hash(&job), job: Arc::new(job), spoken: None }
    }

    pub(super) fn spoken(job: LayoutJob, spoken: String) -> Self {
        Self { spoken: Some(spoken), ..Self::of(job) }
    }
}

/// A text's paragraphs and the heights they turned out to have.
#[derive(Debug, Default)]
pub(super) struct Laid {
    key: u64,
    paragraphs: Vec<Paragraph>,
    /// Whether any of it is written from right to left.
    from_right: bool,
    /// For each paragraph: its hash, the width it was laid out in, and its height.
    heights: Vec<Option<(u64, f32, f32)>>,
}

/// The paragraphs kept for `id`, made anew when `key` has changed.
pub(super) fn cached(
    ui: &Ui,
    id: Id,
    key: u64,
    make: impl FnOnce() -> Vec<Paragraph>,
) -> Arc<Mutex<Laid>> {
    let laid: Arc<Mutex<Laid>> =
        ui.data_mut(|data| data.get_temp_mut_or_default::<Arc<Mutex<Laid>>>(id).clone());
    {
        let mut kept = laid.lock();
        if kept.key != key || kept.paragraphs.is_empty() {
            kept.key = key;
            kept.paragraphs = make();
            kept.from_right =
                kept.paragraphs.iter().any(|paragraph| is_from_right(&paragraph.job.text));
            let n = kept.paragraphs.len();
            // Heights of what did not change (all but the end of a streamed text) stay.
            kept.heights.resize(n, None);
        }
    }
    laid
}

pub(super) fn draw(ui: &mut Ui, laid: &Arc<Mutex<Laid>>) -> Response {
    draw_clickable(ui, laid, None).0
}

/// Draws the paragraphs; where `reacts` says that a character of one does something, the pointer
/// shows it, and a click on it gives paragraph and character.
pub(super) fn draw_clickable(
    ui: &mut Ui,
    laid: &Arc<Mutex<Laid>>,
    reacts: Option<&dyn Fn(usize, usize) -> bool>,
) -> (Response, Option<(usize, usize)>) {
    let mut clicked = None;
    let mut laid = laid.lock();
    let Laid { paragraphs, heights, from_right, .. } = &mut *laid;
    let response = ui.vertical(|ui| {
        ui.set_max_width(ui.available_width().min(size::READING_WIDTH));
        ui.spacing_mut().item_spacing.y = 0.0;
        let width = ui.available_width();
        let mut budget = MEASURED_A_FRAME;
        for (index, (paragraph, known)) in paragraphs.iter().zip(heights.iter_mut()).enumerate() {
            let height = known
                .filter(|(hash, at, _)| *hash == paragraph.hash && (*at - width).abs() < 0.5)
                .map(|(_, _, height)| height);
            let top = ui.cursor().min;
            let guess = height.unwrap_or_else(|| estimate(&paragraph.job, width));
            let visible = ui.is_rect_visible(Rect::from_min_size(top, vec2(width, guess)));
            let measured = height.is_none() && budget >= paragraph.job.text.len();
            if visible || measured {
                if !visible {
                    budget -= paragraph.job.text.len();
                }
                let response = ui.add(Label::new(Arc::clone(&paragraph.job)).wrap());
                if let Some(spoken) = &paragraph.spoken {
                    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, spoken));
                }
                *known = Some((paragraph.hash, width, response.rect.height()));
                if let Some(reacts) = reacts
                    && visible
                    && let Some((at, is_click)) = pointed_at(ui, &response, paragraph, width)
                    && reacts(index, at)
                {
                    ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
                    if is_click {
                        clicked = Some((index, at));
                    }
                }
            } else {
                ui.allocate_exact_size(vec2(width, guess), Sense::hover());
            }
        }
        if *from_right {
            let note = "Right-to-left text: its words are shown here in the wrong order. Models \
                        and files get it right.";
            ui.label(text::weak_label(note));
        }
    });
    (response.response, clicked)
}

/// The character of a paragraph under the pointer, and whether it was clicked just now.
fn pointed_at(
    ui: &Ui,
    drawn: &Response,
    paragraph: &Paragraph,
    width: f32,
) -> Option<(usize, bool)> {
    // Beside the label, whose own drags select its text; not a Tab stop of its own.
    let over = ui.interact(drawn.rect, drawn.id.with("click"), Sense::CLICK);
    let at = over.interact_pointer_pos().or_else(|| over.hover_pos())?;
    let mut job = (*paragraph.job).clone();
    job.wrap.max_width = width;
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    let inside = at - drawn.rect.min;
    if inside.x > galley.size().x || inside.y > galley.size().y {
        return None;
    }
    Some((galley.cursor_from_pos(inside).index.0, over.clicked()))
}

/// Whether the text has letters of Hebrew, Arabic or their kin (Unicode's blocks from Hebrew to
/// Arabic Extended-A, and the presentation forms), which egui draws from the left.
fn is_from_right(text: &str) -> bool {
    text.chars().any(|letter| {
        matches!(letter, '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
    })
}

/// A height good enough for a scroll bar.
fn estimate(job: &LayoutJob, width: f32) -> f32 {
    let format = job.sections.first().map(|section| &section.format);
    let (font, line) = format.map_or((15.0, 22.0), |format| {
        let font = format.font_id.size;
        (font, format.line_height.unwrap_or(font * 1.3))
    });
    let per_line = (width / (font * 0.5)).max(1.0);
    let lines = (job.text.chars().count() as f32 / per_line).ceil().max(1.0);
    lines * line
}

/// A quotation: prose with a stripe at its left, for critiques and reasons.
pub fn quote(
    ui: &mut Ui,
    salt: impl Hash + std::fmt::Debug,
    text: &str,
    stripe: Color32,
) -> Response {
    let inner = egui::Frame::new()
        .inner_margin(egui::Margin { left: 12, right: 0, top: 2, bottom: 2 })
        .show(ui, |ui| Prose::new(salt, text).body().show(ui));
    let rect = inner.response.rect;
    let line = [rect.left_top() + vec2(1.5, 0.0), rect.left_bottom() + vec2(1.5, 0.0)];
    ui.painter().line_segment(line, Stroke::new(3.0, stripe));
    inner.response
}

/// A [`quote`] of which only the beginning is shown until the reader asks for all of it.
pub fn folded_quote(
    ui: &mut Ui,
    salt: impl Hash + std::fmt::Debug,
    name: &str,
    text: &str,
    stripe: Color32,
) {
    /// Longer quotes are folded, to this many bytes (chosen by eye: about five lines).
    const SHOWN: usize = 200;
    let salt = IdSalt::new(salt);
    if text.len() <= SHOWN + 60 {
        quote(ui, salt, text, stripe);
        return;
    }
    let id = ui.scope_id().with(salt);
    let mut open = ui.data(|data| data.get_temp::<bool>(id)).unwrap_or(false);
    if open {
        quote(ui, salt, text, stripe);
    } else {
        let end = text.floor_char_boundary(SHOWN);
        let end = text[..end].rfind(' ').unwrap_or(end);
        quote(ui, salt, &format!("{} …", &text[..end]), stripe);
    }
    let (words, name) = if open {
        ("Show less", format!("Show less of {name}"))
    } else {
        ("Show all", format!("Show all of {name}"))
    };
    if super::Button::quiet(words).name(&name).compact().show(ui).clicked() {
        open = !open;
        ui.data_mut(|data| data.insert_temp(id, open));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_lose_nothing() {
        let long = "word ".repeat(5_000);
        let solid = "汉".repeat(5_000);
        for text in ["", "one", "one\n\ntwo", long.as_str(), solid.as_str()] {
            let pieces: Vec<&str> = pieces(text).collect();
            assert!(pieces.iter().all(|piece| piece.len() <= LONGEST_PIECE));
            let joined: String = pieces.concat();
            assert_eq!(joined, text.replace('\n', ""));
        }
    }

    #[test]
    fn right_to_left_text_is_known() {
        assert!(is_from_right("هل هذه الشامة"));
        assert!(is_from_right("שלום"));
        assert!(!is_from_right("Is it? 这颗痣 😟"));
    }

    #[test]
    fn only_what_is_seen_is_laid_out_in_full() {
        let text = "A sentence of some length that is repeated.\n".repeat(5_000);
        let ctx = egui::Context::default();
        theme::install(&ctx, theme::Appearance::default());
        for _ in 0..30 {
            let input = egui::RawInput {
                screen_rect: Some(Rect::from_min_size(egui::Pos2::ZERO, vec2(800.0, 600.0))),
                ..Default::default()
            };
            let mut output = ctx.run_ui(input, |ui| {
                egui::ScrollArea::vertical().show(ui, |ui| prose(ui, "long", &text));
            });
            output.textures_delta.clear();
            let drawn = output
                .shapes
                .iter()
                .filter(|shape| matches!(shape.shape, egui::Shape::Text(_)))
                .count();
            // 600 points hold 28 lines; what is only measured is not drawn.
            assert!(drawn < 40, "{drawn}");
        }
    }

    #[test]
    fn markdown_from_a_model_is_text_without_pictures_and_links() {
        let text = "![x](http://evil.example/x.png) <img src='http://evil.example/y.png'>\n\
                    [click](http://evil.example) http://evil.example https://evil.example/z";
        let ctx = egui::Context::default();
        theme::install(&ctx, theme::Appearance::default());
        ctx.enable_accesskit();
        for _ in 0..3 {
            let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
                prose(ui, "untrusted", text);
            });
            output.textures_delta.clear();
            assert!(output.platform_output.commands.is_empty(), "nothing is opened or fetched");
            let tree = output.platform_output.accesskit_update.unwrap();
            for (_, node) in &tree.nodes {
                let is_active = matches!(
                    node.role(),
                    egui::accesskit::Role::Link | egui::accesskit::Role::Image
                );
                assert!(!is_active, "{node:?}");
            }
        }
    }
}
