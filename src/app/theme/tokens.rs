//! Every colour of the window, by what it is for, in four themes.

use egui::{Color32, Stroke};

/// The colours of one theme.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tokens {
    /// Behind everything.
    pub bg: Color32,
    /// Cards, fields and panels that hold text.
    pub surface: Color32,
    /// Buttons, selected rows and what lies above the surface.
    pub raised: Color32,
    /// A raised thing under the pointer.
    pub hovered: Color32,
    /// The chosen one of a list or of several buttons.
    pub selected: Color32,
    /// Hairlines between areas; never the only mark of a control.
    pub line: Color32,
    /// Text.
    pub text: Color32,
    /// Text of lesser rank; still readable.
    pub weak: Color32,
    /// The edge of a control.
    pub border: Color32,
    /// Primary button, focus ring, links, the selected area.
    pub accent: Color32,
    /// A primary button under the pointer.
    pub accent_hovered: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// Before, A, deleted.
    pub before: Color32,
    /// After, B, inserted.
    pub after: Color32,
    /// A change for the better.
    pub better: Color32,
    /// A change for the worse, and failures.
    pub worse: Color32,
    /// Needs a look.
    pub warning: Color32,
    /// Behind inserted text.
    pub insert_bg: Color32,
    /// Inserted text; underlined, too.
    pub insert_text: Color32,
    /// Behind deleted text.
    pub delete_bg: Color32,
    /// Deleted text; struck through, too.
    pub delete_text: Color32,
    /// Behind quoted evidence.
    pub evidence_bg: Color32,
    /// Quoted evidence.
    pub evidence_text: Color32,
    /// Principles and criteria, by [`Hue`].
    pub hues: [Color32; 8],
    /// Width of edges and hairlines, in points.
    pub line_width: f32,
    /// Whether a pattern says what a fill's colour says.
    pub patterns: bool,
}

/// A categorical colour: the same name in both themes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumIter, strum::Display)]
pub enum Hue {
    /// Blue.
    Blue,
    /// Orange.
    Orange,
    /// Green.
    Green,
    /// Purple.
    Purple,
    /// Olive.
    Olive,
    /// Rose.
    Rose,
    /// Cyan.
    Cyan,
    /// Grey.
    Grey,
}

impl Hue {
    const ALL: [Self; 8] = [
        Self::Blue,
        Self::Orange,
        Self::Green,
        Self::Purple,
        Self::Olive,
        Self::Rose,
        Self::Cyan,
        Self::Grey,
    ];

    /// The hue of the n-th group; grey, which stands for “no group”, is never given.
    pub fn nth(index: usize) -> Self {
        Self::ALL[index % (Self::ALL.len() - 1)]
    }

    /// The hue of a group's name: the same name has the same hue on every screen.
    ///
    /// Grey for an empty name. Takes the name's place among the sorted names when they are known
    /// (see [`Hue::of_group_in`]), so that few groups never share a hue.
    pub fn of_group_in(group: &str, groups: &[&str]) -> Self {
        if group.is_empty() {
            return Self::Grey;
        }
        groups.iter().position(|name| *name == group).map_or(Self::Grey, Self::nth)
    }
}

impl Tokens {
    /// A hairline between areas.
    pub fn hairline(&self) -> Stroke {
        Stroke::new(self.line_width, self.line)
    }

    /// The edge of a control.
    pub fn edge(&self) -> Stroke {
        Stroke::new(self.line_width, self.border)
    }

    /// The colour of a hue in this theme.
    pub fn hue(&self, hue: Hue) -> Color32 {
        self.hues[hue as usize]
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where colours are made")]
pub(super) const fn hex(rgb: u32) -> Color32 {
    Color32::from_rgb((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
}

/// Light.
pub static LIGHT: Tokens = Tokens {
    bg: hex(0xFA_FAF8),
    surface: hex(0xFF_FFFF),
    raised: hex(0xF1_F2F0),
    hovered: hex(0xE6_E8E5),
    selected: hex(0xE2_E8FB),
    line: hex(0xDD_DFDC),
    text: hex(0x1B_1F24),
    weak: hex(0x57_606A),
    border: hex(0x85_8C96),
    accent: hex(0x3B_5BDB),
    accent_hovered: hex(0x2F_4AB8),
    on_accent: hex(0xFF_FFFF),
    before: hex(0x75_3B00),
    after: hex(0x10_4992),
    better: hex(0x2E_7F7C),
    worse: hex(0xC2_0054),
    warning: hex(0x8F_6E05),
    insert_bg: hex(0xCF_E3FF),
    insert_text: hex(0x0B_2F66),
    delete_bg: hex(0xFF_D9B8),
    delete_text: hex(0x6E_2A00),
    evidence_bg: hex(0xFF_F1B8),
    evidence_text: hex(0x1B_1F24),
    hues: [
        hex(0x22_68BA),
        hex(0x8E_5920),
        hex(0x0D_401E),
        hex(0x53_2D69),
        hex(0xA2_902B),
        hex(0xE5_1578),
        hex(0x2E_9DB1),
        hex(0x3F_4145),
    ],
    line_width: 1.0,
    patterns: false,
};

/// Dark.
pub static DARK: Tokens = Tokens {
    bg: hex(0x15_171C),
    surface: hex(0x1C_1F26),
    raised: hex(0x26_2A33),
    hovered: hex(0x30_3541),
    selected: hex(0x2A_3354),
    line: hex(0x2E_333D),
    text: hex(0xE6_E9EF),
    weak: hex(0x9A_A4B2),
    border: hex(0x6F_7887),
    accent: hex(0x8F_A8FF),
    accent_hovered: hex(0xA9_BCFF),
    on_accent: hex(0x10_131A),
    before: hex(0xFF_B166),
    after: hex(0x5B_8EE4),
    better: hex(0x96_F2E9),
    worse: hex(0xE3_537A),
    warning: hex(0x9C_8800),
    insert_bg: hex(0x14_3A6E),
    insert_text: hex(0xCF_E2FF),
    delete_bg: hex(0x5E_2C0A),
    delete_text: hex(0xFF_D9BF),
    evidence_bg: hex(0x4A_3D0C),
    evidence_text: hex(0xF4_E9C1),
    hues: [
        hex(0x22_6EB2),
        hex(0xF4_8300),
        hex(0x5E_AF86),
        hex(0xD1_80F4),
        hex(0xEB_EA98),
        hex(0xB6_404E),
        hex(0x9E_F5FF),
        hex(0x82_8894),
    ],
    line_width: 1.0,
    patterns: false,
};

/// White on black. What means something keeps its colour; edges are white and thick.
pub static HIGH_CONTRAST: Tokens = Tokens {
    bg: hex(0x00_0000),
    surface: hex(0x00_0000),
    raised: hex(0x1A_1A1A),
    hovered: hex(0x33_3333),
    selected: hex(0x33_2B00),
    line: hex(0xFF_FFFF),
    text: hex(0xFF_FFFF),
    weak: hex(0xE0_E0E0),
    border: hex(0xFF_FFFF),
    accent: hex(0xFF_D400),
    accent_hovered: hex(0xFF_E566),
    on_accent: hex(0x00_0000),
    insert_bg: hex(0x00_2A66),
    insert_text: hex(0xFF_FFFF),
    delete_bg: hex(0x66_2A00),
    delete_text: hex(0xFF_FFFF),
    evidence_bg: hex(0x4A_3D00),
    evidence_text: hex(0xFF_FFFF),
    line_width: 2.0,
    patterns: true,
    ..DARK
};

/// Black on white, likewise. Yellow can't be seen on white, so the accent is a dark blue.
pub static HIGH_CONTRAST_LIGHT: Tokens = Tokens {
    bg: hex(0xFF_FFFF),
    surface: hex(0xFF_FFFF),
    raised: hex(0xF0_F0F0),
    hovered: hex(0xD9_D9D9),
    selected: hex(0xD6_E0FF),
    line: hex(0x00_0000),
    text: hex(0x00_0000),
    weak: hex(0x2B_2B2B),
    border: hex(0x00_0000),
    accent: hex(0x00_2FA7),
    accent_hovered: hex(0x00_1F70),
    on_accent: hex(0xFF_FFFF),
    insert_bg: hex(0xCF_E3FF),
    insert_text: hex(0x00_0000),
    delete_bg: hex(0xFF_D9B8),
    delete_text: hex(0x00_0000),
    evidence_bg: hex(0xFF_F1B8),
    evidence_text: hex(0x00_0000),
    line_width: 2.0,
    patterns: true,
    ..LIGHT
};

/// All themes, each with its name.
pub static THEMES: [(&str, &Tokens); 4] = [
    ("light", &LIGHT),
    ("dark", &DARK),
    ("high contrast", &HIGH_CONTRAST),
    ("high contrast, light", &HIGH_CONTRAST_LIGHT),
];
