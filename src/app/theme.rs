//! Every colour, size and font of the window, by name.
//!
//! Screens and widgets never write a raw colour: they take it from [`tokens`]. One meaning for
//! the pair everywhere: orange = before, A, deleted; blue = after, B, inserted. A colour is never
//! the only mark: inserted text is also underlined, deleted text also struck through, principles
//! carry their code. The ratios are checked by the tests below.

use std::sync::Arc;

use egui::style::{ScrollStyle, Selection, WidgetVisuals, Widgets};
use egui::{
    Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, Shadow, Stroke,
    Style, TextStyle, Theme, ThemePreference, Visuals, vec2,
};

mod tokens;

pub use tokens::{DARK, HIGH_CONTRAST, HIGH_CONTRAST_LIGHT, Hue, LIGHT, THEMES, Tokens};

/// Steps of the 4-point grid, in points.
pub mod space {
    /// 4: between a label and its field.
    pub const XS: f32 = 4.0;
    /// 8: between controls, and between cards.
    pub const S: f32 = 8.0;
    /// 12: inside panels and cards.
    pub const M: f32 = 12.0;
    /// 16: between groups.
    pub const L: f32 = 16.0;
    /// 24: between sections.
    pub const XL: f32 = 24.0;
    /// 32: around an empty state.
    pub const XXL: f32 = 32.0;
}

/// Sizes in points.
pub mod size {
    /// The height of a control.
    pub const CONTROL: f32 = 28.0;
    /// The height of a compact control, and the least side of anything that can be clicked.
    pub const COMPACT: f32 = 24.0;
    /// The height of a line of labels.
    pub const LINE: f32 = 20.0;
    /// The height of a row with one line.
    pub const ROW: f32 = 28.0;
    /// The height of a row with two lines.
    pub const ROW_TWO_LINES: f32 = 48.0;
    /// The widest column of text for reading: 60 to 75 characters.
    pub const READING_WIDTH: f32 = 760.0;
    /// Line height of replies over their font size.
    pub const READING_LEADING: f32 = 1.45;
    /// The least size of text for reading.
    pub const READING_MIN: f32 = 13.0;
    /// The usual size of text for reading.
    pub const READING: f32 = 15.0;
    /// The greatest size of text for reading.
    pub const READING_MAX: f32 = 20.0;
    /// Corner radius of controls.
    pub const RADIUS: u8 = 6;
    /// Corner radius of cards.
    pub const RADIUS_CARD: u8 = 8;
    /// Width of a focus ring.
    pub const FOCUS_RING: f32 = 2.0;
}

/// The colours of the theme in use.
pub fn tokens(ui: &egui::Ui) -> &'static Tokens {
    tokens_in(ui.visuals())
}

/// egui knows light and dark only: the accent tells the contrast apart.
fn tokens_in(visuals: &Visuals) -> &'static Tokens {
    let (usual, high): (&Tokens, &Tokens) =
        if visuals.dark_mode { (&DARK, &HIGH_CONTRAST) } else { (&LIGHT, &HIGH_CONTRAST_LIGHT) };
    if visuals.hyperlink_color == high.accent { high } else { usual }
}

/// The colours of the theme in use, where there is no `Ui`.
pub fn tokens_of(ctx: &egui::Context) -> &'static Tokens {
    tokens_in(&ctx.global_style().visuals)
}

/// Text styles beside egui's own: [`TextStyle::Heading`] is 16 semibold, [`TextStyle::Body`] 14,
/// [`TextStyle::Small`] the label of 12 medium, [`TextStyle::Monospace`] 13.
pub mod text {
    use egui::{RichText, TextStyle};

    /// 20 semibold: the screen's name.
    pub fn title_style() -> TextStyle {
        TextStyle::Name("title".into())
    }

    /// 15 regular, or what the user chose: prompts, replies, critiques.
    pub fn reading_style() -> TextStyle {
        TextStyle::Name("reading".into())
    }

    /// 14 semibold: a name within a panel.
    pub fn strong_style() -> TextStyle {
        TextStyle::Name("strong".into())
    }

    /// The screen's name.
    pub fn title(text: impl Into<String>) -> RichText {
        RichText::new(text).text_style(title_style())
    }

    /// A panel's name.
    pub fn heading(text: impl Into<String>) -> RichText {
        RichText::new(text).text_style(TextStyle::Heading)
    }

    /// A name within a panel; unlike egui's `strong`, this changes the weight.
    pub fn strong(text: impl Into<String>) -> RichText {
        RichText::new(text).text_style(strong_style())
    }

    /// Prompts, replies, critiques.
    pub fn reading(text: impl Into<String>) -> RichText {
        RichText::new(text).text_style(reading_style())
    }

    /// Column heads, badges, notes.
    pub fn label(text: impl Into<String>) -> RichText {
        RichText::new(text).text_style(TextStyle::Small)
    }

    /// A note of lesser rank.
    pub fn weak_label(text: impl Into<String>) -> RichText {
        label(text).weak()
    }

    /// Ids, JSON, prompts as they were sent.
    pub fn mono(text: impl Into<String>) -> RichText {
        RichText::new(text).text_style(TextStyle::Monospace)
    }
}

/// The margin of a screen's main area, in points.
pub const AREA_MARGIN: Margin = Margin::symmetric(16, 12);

/// The margin of a side panel, in points.
pub const PANEL_MARGIN: Margin = Margin::same(12);

/// The frame of a side panel.
pub fn panel_frame(t: &Tokens) -> egui::Frame {
    egui::Frame::new().fill(t.bg).inner_margin(PANEL_MARGIN)
}

/// The frame of a screen's main area.
pub fn area_frame(t: &Tokens) -> egui::Frame {
    egui::Frame::new().fill(t.bg).inner_margin(AREA_MARGIN)
}

/// What a user may choose about how the window looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Appearance {
    /// Light, dark, or what the system says.
    pub theme: ThemePreference,
    /// Black and white, thick edges, patterns beside colours.
    pub high_contrast: bool,
    /// Nothing moves by itself.
    pub reduced_motion: bool,
    /// Size of text for reading, in points; kept within 13..=20.
    pub reading_size: f32,
}

impl Default for Appearance {
    fn default() -> Self {
        Self {
            theme: ThemePreference::System,
            high_contrast: false,
            reduced_motion: false,
            reading_size: size::READING,
        }
    }
}

/// The family of the regular weight is [`FontFamily::Proportional`].
pub fn medium_family() -> FontFamily {
    FontFamily::Name("medium".into())
}

/// The semibold weight: headings and names.
pub fn semibold_family() -> FontFamily {
    FontFamily::Name("semibold".into())
}

/// Installs fonts and both themes; call once, before the first frame.
pub fn install(ctx: &egui::Context, appearance: Appearance) {
    ctx.set_fonts(fonts());
    apply(ctx, appearance);
}

/// Applies a changed choice; cheap enough for every change of a slider.
pub fn apply(ctx: &egui::Context, appearance: Appearance) {
    let reading = appearance.reading_size.clamp(size::READING_MIN, size::READING_MAX);
    let (light, dark) = if appearance.high_contrast {
        (&HIGH_CONTRAST_LIGHT, &HIGH_CONTRAST)
    } else {
        (&LIGHT, &DARK)
    };
    let motion = !appearance.reduced_motion;
    for (theme, tokens) in [(Theme::Light, light), (Theme::Dark, dark)] {
        let mut style = style(tokens, theme == Theme::Dark, reading);
        if !motion {
            style.animation_time = 0.0;
            style.scroll_animation = egui::style::ScrollAnimation::none();
        }
        ctx.set_style_of(theme, style);
    }
    ctx.set_theme(appearance.theme);
}

/// The fonts that ship with the program, before egui's own and those of the system.
pub fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let files: [(&str, &[u8]); 4] = [
        ("Inter-Regular", include_bytes!("../../assets/fonts/Inter-Regular.otf")),
        ("Inter-Medium", include_bytes!("../../assets/fonts/Inter-Medium.otf")),
        ("Inter-SemiBold", include_bytes!("../../assets/fonts/Inter-SemiBold.otf")),
        // Without ligatures: a `!=` that was sent must not be shown as another sign.
        ("JetBrainsMonoNL", include_bytes!("../../assets/fonts/JetBrainsMonoNL-Regular.ttf")),
    ];
    for (name, bytes) in files {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let fallbacks = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    let families = [
        (FontFamily::Proportional, "Inter-Regular"),
        (medium_family(), "Inter-Medium"),
        (semibold_family(), "Inter-SemiBold"),
    ];
    for (family, first) in families {
        let mut names = vec![first.to_owned()];
        names.extend(fallbacks.iter().cloned());
        fonts.families.insert(family, names);
    }
    let mono = fonts.families.entry(FontFamily::Monospace).or_default();
    mono.insert(0, "JetBrainsMonoNL".to_owned());
    fonts
}

fn style(t: &Tokens, dark: bool, reading: f32) -> Style {
    let mut style = Style {
        text_styles: [
            (text::title_style(), FontId::new(20.0, semibold_family())),
            (TextStyle::Heading, FontId::new(16.0, semibold_family())),
            (text::strong_style(), FontId::new(14.0, semibold_family())),
            (TextStyle::Body, FontId::new(14.0, FontFamily::Proportional)),
            (TextStyle::Button, FontId::new(14.0, medium_family())),
            (text::reading_style(), FontId::new(reading, FontFamily::Proportional)),
            (TextStyle::Small, FontId::new(12.0, medium_family())),
            (TextStyle::Monospace, FontId::new(13.0, FontFamily::Monospace)),
        ]
        .into(),
        drag_value_text_style: TextStyle::Body,
        visuals: visuals(t, dark),
        // Quick, and not at all noticed as waiting.
        animation_time: 0.1,
        ..Style::default()
    };
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(space::S, space::S);
    spacing.button_padding = vec2(10.0, 4.0);
    spacing.interact_size = vec2(size::CONTROL, size::CONTROL);
    spacing.window_margin = Margin::same(16);
    spacing.menu_margin = Margin::same(6);
    spacing.icon_width = 16.0;
    spacing.icon_width_inner = 9.0;
    spacing.icon_spacing = 6.0;
    spacing.combo_height = 360.0;
    spacing.tooltip_width = 420.0;
    spacing.scroll = ScrollStyle { bar_width: 8.0, ..ScrollStyle::thin() };
    style.interaction.tooltip_delay = 0.4;
    style
}

fn visuals(t: &Tokens, dark: bool) -> Visuals {
    let base = if dark { Visuals::dark() } else { Visuals::light() };
    let radius = CornerRadius::same(size::RADIUS);
    let widget = |fill, edge: Stroke, text: Stroke| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: edge,
        corner_radius: radius,
        fg_stroke: text,
        expansion: 0.0,
    };
    let ink = Stroke::new(1.0, t.text);
    // A focused widget is drawn as an active one: this edge is the focus ring.
    let ring = Stroke::new(size::FOCUS_RING.max(t.line_width + 1.0), t.accent);
    Visuals {
        dark_mode: dark,
        override_text_color: None,
        weak_text_color: Some(t.weak),
        widgets: Widgets {
            noninteractive: widget(t.surface, t.hairline(), ink),
            inactive: widget(t.raised, t.edge(), ink),
            hovered: widget(t.hovered, Stroke::new(t.line_width, t.text), ink),
            active: widget(t.hovered, ring, Stroke::new(1.5, t.text)),
            open: widget(t.hovered, t.edge(), ink),
        },
        selection: Selection { bg_fill: t.selected, stroke: Stroke::new(2.0, t.accent) },
        hyperlink_color: t.accent,
        faint_bg_color: t.raised,
        extreme_bg_color: t.surface,
        text_edit_bg_color: Some(t.surface),
        code_bg_color: t.raised,
        warn_fg_color: t.warning,
        error_fg_color: t.worse,
        window_corner_radius: CornerRadius::same(size::RADIUS_CARD),
        window_fill: t.surface,
        window_stroke: t.hairline(),
        window_shadow: shadow(dark, 24),
        popup_shadow: shadow(dark, 12),
        menu_corner_radius: radius,
        panel_fill: t.bg,
        slider_trailing_fill: true,
        ..base
    }
}

fn shadow(dark: bool, blur: u8) -> Shadow {
    let alpha = if dark { 120 } else { 40 };
    Shadow { offset: [0, 4], blur, spread: 0, color: Color32::from_black_alpha(alpha) }
}

#[cfg(test)]
mod tests;
