//! Buttons of three ranks, with the key that does the same printed on them.

use egui::{Color32, Response, RichText, Stroke, Ui, WidgetText, vec2};

use crate::app::theme::{self, size};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rank {
    Primary,
    Secondary,
    Quiet,
}

/// A button; at most one primary one on a screen.
///
/// A disabled one says why when it is hovered, and to a screen reader.
#[must_use = "call show"]
#[derive(Debug, Clone)]
pub struct Button<'a> {
    text: &'a str,
    rank: Rank,
    shortcut: Option<&'a str>,
    tip: Option<&'a str>,
    name: Option<&'a str>,
    disabled: Option<&'a str>,
    selected: Option<bool>,
    compact: bool,
    lit: bool,
    least: egui::Vec2,
}

impl<'a> Button<'a> {
    const fn of(rank: Rank, text: &'a str) -> Self {
        Self {
            text,
            rank,
            shortcut: None,
            tip: None,
            name: None,
            disabled: None,
            selected: None,
            compact: false,
            lit: false,
            least: egui::Vec2::ZERO,
        }
    }

    /// What the screen is there for.
    pub const fn primary(text: &'a str) -> Self {
        Self::of(Rank::Primary, text)
    }

    /// Everything else.
    pub const fn secondary(text: &'a str) -> Self {
        Self::of(Rank::Secondary, text)
    }

    /// Without a frame until it is hovered or focused: for what is rarely needed.
    pub const fn quiet(text: &'a str) -> Self {
        Self::of(Rank::Quiet, text)
    }

    /// The key that does the same, such as `Ctrl+Enter`.
    pub const fn shortcut(mut self, keys: &'a str) -> Self {
        self.shortcut = Some(keys);
        self
    }

    /// What it does, in a sentence, shown on hover.
    pub const fn tip(mut self, tip: &'a str) -> Self {
        self.tip = Some(tip);
        self
    }

    /// A name for the accessibility tree where the text alone does not tell buttons apart.
    pub const fn name(mut self, name: &'a str) -> Self {
        self.name = Some(name);
        self
    }

    /// Disabled for that reason; `None` leaves it enabled.
    pub const fn disabled_because(mut self, reason: Option<&'a str>) -> Self {
        self.disabled = reason;
        self
    }

    /// One of several that exclude each other, or a toggle.
    pub const fn selected(mut self, selected: bool) -> Self {
        self.selected = Some(selected);
        self
    }

    /// 24 high instead of 28.
    pub const fn compact(mut self) -> Self {
        self.compact = true;
        self
    }

    /// Filled with the accent: what it does has just been done.
    pub const fn lit(mut self, lit: bool) -> Self {
        self.lit = lit;
        self
    }

    /// At least so wide and high, in points.
    pub const fn least_size(mut self, size: egui::Vec2) -> Self {
        self.least = size;
        self
    }

    /// Draws it.
    pub fn show(self, ui: &mut Ui) -> Response {
        self.wrap(ui);
        ui.scope(|ui| {
            let shortcut_colour = self.recolour(ui);
            // Its words stay on one line; where there is no room, it has gone to the next.
            let mut button = egui::Button::new(WidgetText::from(self.text))
                .wrap_mode(egui::TextWrapMode::Extend);
            if let Some(keys) = self.shortcut {
                // Not through `shortcut_text`: that one makes it weak, unreadable on the accent.
                let keys = RichText::new(keys).small().color(shortcut_colour);
                button = button.right_text(WidgetText::from(keys));
            }
            let height = if self.compact { size::COMPACT } else { size::CONTROL };
            button = button.min_size(self.least.max(vec2(0.0, height)));
            if self.rank == Rank::Quiet && !self.lit {
                button = button.frame_when_inactive(self.selected == Some(true));
            }
            if let Some(selected) = self.selected {
                button = button.selected(selected);
            }
            let mut response = ui.add_enabled(self.disabled.is_none(), button);
            let name = self.name.unwrap_or(self.text);
            response = response.accessible_name(name);
            ui.ctx().accesskit_node_builder(response.id, |node| {
                if let Some(keys) = self.shortcut {
                    node.set_keyboard_shortcut(keys);
                }
                if let Some(why) = self.disabled.or(self.tip) {
                    node.set_description(why);
                }
            });
            if let Some(tip) = self.tip {
                response = response.on_hover_text(tip);
            }
            if let Some(reason) = self.disabled {
                response = response.on_disabled_hover_text(reason);
            }
            response
        })
        .inner
    }

    /// Goes to the next line of a layout that has lines, where this one has no room for it: a
    /// scope alone would stay, and reach beyond the edge.
    fn wrap(&self, ui: &mut Ui) {
        if !ui.layout().main_wrap() {
            return;
        }
        let font = egui::TextStyle::Button.resolve(ui.style());
        let small = egui::TextStyle::Small.resolve(ui.style());
        let width = |text: &str, font: egui::FontId| {
            ui.painter().layout_no_wrap(text.to_owned(), font, Color32::PLACEHOLDER).size().x
        };
        let spacing = ui.spacing();
        let mut wide = width(self.text, font) + 2.0 * spacing.button_padding.x;
        if let Some(keys) = self.shortcut {
            wide += width(keys, small) + 2.0 * spacing.item_spacing.x;
        }
        wide = wide.max(self.least.x);
        let is_first = ui.cursor().left() <= ui.max_rect().left() + 1.0;
        if !is_first && ui.available_size_before_wrap().x < wide {
            ui.end_row();
        }
    }

    /// Sets the rank's colours for this scope; gives the colour of the shortcut.
    fn recolour(&self, ui: &mut Ui) -> Color32 {
        let t = theme::tokens(ui);
        // The chosen one is marked by its fill; its words stay as readable as the others'.
        ui.visuals_mut().selection.stroke.color = t.text;
        if t.patterns && self.selected == Some(true) {
            // Where colours are few, the chosen one has an edge of its own.
            let edge = Stroke::new(t.line_width + 1.0, t.accent);
            ui.visuals_mut().widgets.inactive.bg_stroke = edge;
            ui.visuals_mut().widgets.hovered.bg_stroke = edge;
        }
        if self.rank != Rank::Primary && !self.lit {
            return t.weak;
        }
        let widgets = &mut ui.visuals_mut().widgets;
        let ink = Stroke::new(1.0, t.on_accent);
        for (state, fill, edge) in [
            (&mut widgets.inactive, t.accent, Stroke::new(1.0, t.accent)),
            (&mut widgets.hovered, t.accent_hovered, Stroke::new(1.0, t.accent_hovered)),
            // The ring must stand out from the accent that it lies on.
            (&mut widgets.active, t.accent_hovered, Stroke::new(size::FOCUS_RING, t.text)),
        ] {
            state.weak_bg_fill = fill;
            state.bg_fill = fill;
            state.bg_stroke = edge;
            state.fg_stroke = ink;
        }
        t.on_accent
    }
}

/// A row of choices that exclude each other, as buttons side by side; gives the one clicked.
pub fn segments<T: PartialEq + Copy>(ui: &mut Ui, chosen: T, all: &[(T, &str, &str)]) -> Option<T> {
    let mut clicked = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for (value, text, tip) in all {
            let button = Button::quiet(text).tip(tip).selected(*value == chosen).compact();
            if button.show(ui).clicked() {
                clicked = Some(*value);
            }
        }
    });
    clicked
}
