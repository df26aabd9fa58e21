//! What is asked about a principle: its own words, or generated from its text by a template.

use minijinja::{Value, context};

use crate::domain::Principle;

use super::template::{TemplateError, Templates};

/// What the critic is asked.
///
/// # Errors
///
/// The template's, where the principle has no request of its own.
pub fn critique_request(
    principle: &Principle,
    templates: &Templates,
) -> Result<String, TemplateError> {
    written_or(&principle.critique_request, "critique_request", principle, templates)
}

/// What the reviser is asked.
///
/// # Errors
///
/// The template's, where the principle has no request of its own.
pub fn revision_request(
    principle: &Principle,
    templates: &Templates,
) -> Result<String, TemplateError> {
    written_or(&principle.revision_request, "revision_request", principle, templates)
}

/// What a judge of two responses is asked.
///
/// # Errors
///
/// The template's, where the principle has no question of its own.
pub fn comparison_question(
    principle: &Principle,
    templates: &Templates,
) -> Result<String, TemplateError> {
    written_or(&principle.comparison_question, "comparison_question", principle, templates)
}

/// The principle as templates see it.
pub fn principle_values(principle: &Principle) -> Value {
    context! {
        id => principle.id.as_str(),
        title => principle.title.trim(),
        text => principle.text.trim()
    }
}

fn written_or(
    own: &str,
    template: &str,
    principle: &Principle,
    templates: &Templates,
) -> Result<String, TemplateError> {
    let own = own.trim();
    if !own.is_empty() {
        return Ok(own.to_owned());
    }
    templates.render_text(template, &context! { principle => principle_values(principle) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_words_come_first_and_text_is_never_a_template() {
        let templates = Templates::default();
        let mut principle =
            Principle { text: "Say {{ what }} is true.".to_owned(), ..Principle::default() };
        for generate in [critique_request, revision_request, comparison_question] {
            let request = generate(&principle, &templates).unwrap();
            assert!(request.contains("Say {{ what }} is true."), "{request}");
        }
        principle.critique_request = " What {% if %} is false? ".to_owned();
        assert_eq!(
            critique_request(&principle, &templates).unwrap(),
            "What {% if %} is false?",
            "as written, only trimmed"
        );
    }
}
