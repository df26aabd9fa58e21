use super::tokens::hex;
use super::*;

mod colour;

/// WCAG 2.2, “relative luminance”.
fn luminance(colour: Color32) -> f64 {
    let linear = |channel: u8| {
        let c = f64::from(channel) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(colour.r()) + 0.7152 * linear(colour.g()) + 0.0722 * linear(colour.b())
}

fn contrast(a: Color32, b: Color32) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn contrast_is_as_wcag_defines_it() {
    assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 1e-9);
    // WebAIM's checker gives 4.54 for this grey.
    assert!((contrast(hex(0x76_7676), Color32::WHITE) - 4.54).abs() < 0.01);
}

#[test]
fn text_can_be_read_on_what_it_lies_on() {
    for (theme, t) in THEMES {
        let mut pairs = Vec::new();
        for (name, back) in [
            ("bg", t.bg),
            ("surface", t.surface),
            ("raised", t.raised),
            ("hovered", t.hovered),
            ("selected", t.selected),
        ] {
            pairs.push((format!("text on {name}"), t.text, back));
            pairs.push((format!("weak on {name}"), t.weak, back));
        }
        for (name, back) in [("bg", t.bg), ("surface", t.surface)] {
            pairs.push((format!("accent on {name}"), t.accent, back));
            pairs.push((format!("before on {name}"), t.before, back));
            pairs.push((format!("after on {name}"), t.after, back));
            pairs.push((format!("better on {name}"), t.better, back));
            pairs.push((format!("warning on {name}"), t.warning, back));
            pairs.push((format!("worse on {name}"), t.worse, back));
        }
        pairs.push(("on accent".to_owned(), t.on_accent, t.accent));
        pairs.push(("on hovered accent".to_owned(), t.on_accent, t.accent_hovered));
        pairs.push(("insert".to_owned(), t.insert_text, t.insert_bg));
        pairs.push(("delete".to_owned(), t.delete_text, t.delete_bg));
        pairs.push(("evidence".to_owned(), t.evidence_text, t.evidence_bg));
        for (name, text, back) in pairs {
            let ratio = contrast(text, back);
            assert!(ratio >= 4.5, "{theme}: {name} is {ratio:.2}");
        }
    }
}

#[test]
fn graphics_stand_out() {
    for (theme, t) in THEMES {
        for (name, back) in [("bg", t.bg), ("surface", t.surface)] {
            assert!(contrast(t.border, back) >= 3.0, "{theme}: border on {name}");
            assert!(contrast(t.accent, back) >= 3.0, "{theme}: focus ring on {name}");
            for (index, hue) in t.hues.iter().enumerate() {
                let ratio = contrast(*hue, back);
                assert!(ratio >= 3.0, "{theme}: hue {index} on {name} is {ratio:.2}");
            }
        }
    }
}

#[test]
fn every_weight_is_a_family_of_its_own() {
    let fonts = fonts();
    for family in [FontFamily::Proportional, medium_family(), semibold_family()] {
        assert!(fonts.families[&family].len() > 1, "{family:?} has no fallback");
        assert!(fonts.families[&family][0].starts_with("Inter"), "{family:?}");
    }
    assert_eq!(fonts.families[&FontFamily::Monospace][0], "JetBrainsMonoNL");
}

#[test]
fn the_reading_size_stays_within_its_bounds() {
    let ctx = egui::Context::default();
    install(
        &ctx,
        Appearance { theme: ThemePreference::Dark, reading_size: 90.0, ..Appearance::default() },
    );
    let style = ctx.style_of(Theme::Dark);
    let reading = style.text_styles[&text::reading_style()].size;
    assert!((reading - size::READING_MAX).abs() < f32::EPSILON);
}

#[test]
fn few_groups_never_share_a_hue() {
    let groups = ["care", "honesty", "safety"];
    let hues: Vec<Hue> = groups.iter().map(|g| Hue::of_group_in(g, &groups)).collect();
    assert_eq!(hues, [Hue::Blue, Hue::Orange, Hue::Green]);
    assert_eq!(Hue::of_group_in("", &groups), Hue::Grey);
}

#[test]
fn meanings_and_hues_are_told_apart_by_everybody() {
    for (theme, t) in THEMES {
        let meanings = [
            ("better", t.better),
            ("worse", t.worse),
            ("before", t.before),
            ("after", t.after),
            ("warning", t.warning),
        ];
        let hues: Vec<(String, Color32)> = <Hue as strum::IntoEnumIterator>::iter()
            .map(|hue| (hue.to_string(), t.hue(hue)))
            .collect();
        let meanings: Vec<(String, Color32)> =
            meanings.iter().map(|(name, colour)| ((*name).to_owned(), *colour)).collect();
        for group in [meanings, hues] {
            for (place, (one, a)) in group.iter().enumerate() {
                for (other, b) in &group[place + 1..] {
                    for vision in colour::Vision::ALL {
                        let distance = colour::distance(*a, *b, vision);
                        assert!(
                            distance >= 12.0,
                            "{theme}: {one} and {other} are {distance:.1} apart with {vision:?}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn inserted_and_deleted_text_lie_on_different_grounds() {
    for (theme, t) in THEMES {
        for vision in colour::Vision::ALL {
            let distance = colour::distance(t.insert_bg, t.delete_bg, vision);
            assert!(distance >= 12.0, "{theme}: {distance:.1} with {vision:?}");
        }
    }
}

#[test]
fn a_context_tells_its_theme() {
    let ctx = egui::Context::default();
    for high_contrast in [false, true] {
        for (theme, tokens) in [
            (ThemePreference::Light, if high_contrast { &HIGH_CONTRAST_LIGHT } else { &LIGHT }),
            (ThemePreference::Dark, if high_contrast { &HIGH_CONTRAST } else { &DARK }),
        ] {
            apply(&ctx, Appearance { theme, high_contrast, ..Appearance::default() });
            assert_eq!(tokens_of(&ctx), tokens);
        }
    }
}

#[test]
fn with_reduced_motion_nothing_moves() {
    let ctx = egui::Context::default();
    for (reduced_motion, time) in [(false, 0.1), (true, 0.0)] {
        apply(&ctx, Appearance { reduced_motion, ..Appearance::default() });
        let style = ctx.style_of(Theme::Dark);
        assert!((style.animation_time - time).abs() < f32::EPSILON);
    }
}
