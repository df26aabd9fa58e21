//! What the model is asked for a principle: generated from its text, or written by hand.
//!
//! A prompt that can't be seen can't be trusted: the generated text is always shown.

use std::collections::BTreeMap;

use egui::Ui;

use super::editor::{Editing, mark, part};
use crate::app::command::PrincipleChange;
use crate::app::state::PrincipleField;
use crate::app::theme::{self, space, text};
use crate::app::views::attention::Attention;
use crate::app::widgets::{Button, Field, card};
use crate::domain::Principle;
use crate::methods::generated;
use crate::methods::template::Templates;

/// Generated texts of the principle last shown: rendering is done when it changes.
#[derive(Default)]
pub(super) struct Requests {
    templates: Option<(BTreeMap<String, String>, Templates)>,
    of: Option<Principle>,
    texts: Vec<Result<String, String>>,
}

struct Kind {
    field: PrincipleField,
    title: &'static str,
    tip: &'static str,
    own: fn(&Principle) -> &String,
    change: fn(String) -> PrincipleChange,
}

const KINDS: [Kind; 3] = [
    Kind {
        field: PrincipleField::CritiqueRequest,
        title: "Ask the critic",
        tip: "What the critic is asked about an answer",
        own: |principle| &principle.critique_request,
        change: PrincipleChange::CritiqueRequest,
    },
    Kind {
        field: PrincipleField::RevisionRequest,
        title: "Ask the reviser",
        tip: "How the reviser is asked to rewrite the answer",
        own: |principle| &principle.revision_request,
        change: PrincipleChange::RevisionRequest,
    },
    Kind {
        field: PrincipleField::ComparisonQuestion,
        title: "Compare two answers",
        tip: "What a judge of two answers is asked",
        own: |principle| &principle.comparison_question,
        change: PrincipleChange::ComparisonQuestion,
    },
];

impl Requests {
    pub(super) fn show(&mut self, ui: &mut Ui, edit: &Editing<'_>, attention: &mut Attention) {
        self.generate(edit);
        part(ui, "What the model is asked");
        for (kind, generated) in KINDS.iter().zip(&self.texts) {
            one(ui, edit, kind, generated, attention);
        }
    }

    fn generate(&mut self, edit: &Editing<'_>) {
        let Some(project) = &edit.state.project else { return };
        let known = self.templates.as_ref().is_some_and(|(of, _)| *of == project.templates);
        if !known {
            let (templates, _) = Templates::with_overrides(project.templates.clone());
            self.templates = Some((project.templates.clone(), templates));
            self.of = None;
        }
        let Some((_, templates)) = &self.templates else { return };
        if self.of.as_ref() == Some(edit.principle) {
            return;
        }
        // What would be asked if nothing were written by hand.
        let mut bare = edit.principle.clone();
        bare.critique_request.clear();
        bare.revision_request.clear();
        bare.comparison_question.clear();
        let words = |error: crate::methods::template::TemplateError| error.to_string();
        self.texts = vec![
            generated::critique_request(&bare, templates).map_err(words),
            generated::revision_request(&bare, templates).map_err(words),
            generated::comparison_question(&bare, templates).map_err(words),
        ];
        self.of = Some(edit.principle.clone());
    }
}

fn one(
    ui: &mut Ui,
    edit: &Editing<'_>,
    kind: &Kind,
    generated: &Result<String, String>,
    attention: &mut Attention,
) {
    let own = (kind.own)(edit.principle);
    let locked = (!edit.enabled).then_some("Nothing can be changed in this window");
    if !own.is_empty() {
        own_words(ui, edit, kind, attention);
        return;
    }
    let t = theme::tokens(ui);
    let inner = card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        ui.horizontal(|ui| {
            ui.label(text::label(kind.title)).on_hover_text(kind.tip);
            ui.label(text::weak_label("generated"));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let name = format!("Edit: {}", kind.title);
                let edit_button = Button::quiet("Edit")
                    .name(&name)
                    .tip("Write your own, beginning with the generated text")
                    .disabled_because(locked)
                    .compact();
                if edit_button.show(ui).clicked()
                    && let Ok(generated) = generated
                {
                    edit.send((kind.change)(generated.clone()));
                    edit.outbox.send(crate::app::command::GoCommand::To(edit.target(kind.field)));
                }
            });
        });
        match generated {
            Ok(words) => {
                ui.add(egui::Label::new(egui::RichText::new(words.trim()).color(t.weak)).wrap());
            }
            Err(problem) => {
                ui.label(text::label(problem).color(t.worse));
            }
        }
    });
    if attention.flash(ui, edit.state, &edit.target(kind.field), inner.response.rect) {
        inner.response.scroll_to_me(None);
    }
}

/// A request written by hand, with the way back to the generated one.
fn own_words(ui: &mut Ui, edit: &Editing<'_>, kind: &Kind, attention: &mut Attention) {
    let locked = (!edit.enabled).then_some("Nothing can be changed in this window");
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        ui.horizontal(|ui| {
            ui.label(text::label(kind.title)).on_hover_text(kind.tip);
            ui.label(text::weak_label("written by hand"));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let name = format!("Use generated text: {}", kind.title);
                let back = Button::quiet("Use generated text")
                    .name(&name)
                    .tip("Undo brings your own text back")
                    .disabled_because(locked)
                    .compact();
                if back.show(ui).clicked() {
                    edit.send((kind.change)(String::new()));
                }
            });
        });
        let mut words = (kind.own)(edit.principle).clone();
        let response = Field::new(kind.title)
            .hide_label()
            .rows(2)
            .id_salt(edit.principle.id.as_str())
            .enabled(edit.enabled)
            .show(ui, &mut words);
        mark(ui, edit, attention, kind.field, &response);
        if response.changed() {
            edit.send((kind.change)(words));
        }
    });
}
