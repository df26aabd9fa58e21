//! The templates there are: name, documentation, default source, variables.

use minijinja::{Value, context};

/// Whether a template makes messages or one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateKind {
    /// Messages, cut by section lines.
    Conversation,
    /// One text, without sections, which becomes a value of other templates.
    Text,
}

/// One template, as menus, help and checks know it.
#[derive(Debug, Clone, Copy)]
pub struct TemplateInfo {
    /// Its name; a project's own is `templates/<name>.j2`.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// What it is for, in one sentence.
    pub doc: &'static str,
    /// The default source.
    pub source: &'static str,
    /// The variables that it may use; [`describe`](TemplateInfo::describe) says what they hold.
    pub variables: &'static [&'static str],
    /// Whether it makes messages or one text.
    pub kind: TemplateKind,
}

impl TemplateInfo {
    /// What a variable holds, for help beside the editor; `None` for an unknown one.
    pub fn describe(variable: &str) -> Option<&'static str> {
        VARIABLES.iter().find(|(name, _)| *name == variable).map(|(_, doc)| *doc)
    }
}

/// The template of that name.
pub fn info(name: &str) -> Option<&'static TemplateInfo> {
    TEMPLATES.iter().find(|info| info.name == name)
}

const VARIABLES: &[(&str, &str)] = &[
    ("messages", "the prompt's own messages; --- conversation --- puts them in as they are"),
    ("conversation", "the prompt as one text; several messages have their speaker before them"),
    ("preface", "what the constitution says before any principle; may be empty"),
    (
        "examples",
        "the constitution's examples, each with prompt, draft, critique, revision, request, \
         revision_request and fence",
    ),
    ("principle", "the principle, with id, title and text"),
    ("request", "what is asked: the principle's own words, or generated from its text"),
    ("may_stop", "whether the chain ends when the critic finds nothing"),
    ("response", "the response that is criticised, revised or judged"),
    ("critique", "what the critic wrote"),
    ("critique_request", "what the critic was asked"),
    ("response_a", "the response shown first"),
    ("response_b", "the response shown second"),
    ("verdict", "the verdict that is looked at again, such as A or Yes"),
    (
        "shots",
        "the judge's labelled examples, each with message, response_a, response_b, request, \
         reason, answer and fence",
    ),
    ("reasoned_shots", "those of the shots that have a reason"),
    ("ties", "whether the judge may answer that neither is better"),
    ("fence", "six digits that occur in none of the texts, for the tags around them"),
    ("reason", "what the judge wrote as its reason; empty where it was not asked"),
    ("reason_fence", "the same as fence, for the tags around the reason"),
    ("reference", "a known good answer; may be empty"),
    (
        "criterion",
        "the criterion, with id, name, description, fault (whether its points are negative), \
         levels (each with level and anchor), lowest and highest",
    ),
    ("criteria", "all criteria, each as criterion"),
    ("reaction", "how a person reacts to the response: praise, complaint or rewrite"),
    ("said", "what a person says of the response, or a judge as its reason; may be empty"),
    ("rewrite", "the response as the person would have it; empty unless the reaction is a rewrite"),
    ("rules", "the principles, each with number and text"),
    ("reason_first", "whether a reason is wanted before each verdict"),
];

const CRITIQUE: &[&str] = &[
    "messages",
    "conversation",
    "response",
    "preface",
    "principle",
    "request",
    "examples",
    "may_stop",
    "fence",
];
const REVISION: &[&str] = &[
    "messages",
    "conversation",
    "response",
    "critique",
    "critique_request",
    "preface",
    "principle",
    "request",
    "examples",
    "fence",
];
const PRINCIPLE: &[&str] = &["principle"];
const PAIR: &[&str] = &[
    "conversation",
    "response_a",
    "response_b",
    "preface",
    "principle",
    "request",
    "reason",
    "reason_fence",
    "fence",
];
const FENCED_PAIR: &[&str] = &[
    "conversation",
    "response_a",
    "response_b",
    "preface",
    "principle",
    "request",
    "reason",
    "reason_fence",
    "fence",
    "shots",
    "reasoned_shots",
    "ties",
];
const PAIR_AGAIN: &[&str] = &[
    "conversation",
    "response_a",
    "response_b",
    "preface",
    "principle",
    "request",
    "reason",
    "reason_fence",
    "fence",
    "verdict",
];
const POINT_AGAIN: &[&str] = &[
    "conversation",
    "response",
    "preface",
    "principle",
    "reason",
    "reason_fence",
    "fence",
    "verdict",
];
const META: &[&str] = &[
    "conversation",
    "response_a",
    "response_b",
    "principle",
    "request",
    "verdict",
    "said",
    "reason",
    "reason_fence",
    "fence",
];
const PROMETHEUS_PAIR: &[&str] =
    &["conversation", "response_a", "response_b", "principle", "reference"];
const PROMETHEUS_GRADE: &[&str] = &["conversation", "response", "principle", "reference"];
const VOTES: &[&str] = &["conversation", "response_a", "response_b", "preface", "rules", "fence"];
const POINT: &[&str] =
    &["conversation", "response", "preface", "principle", "reason", "reason_fence", "fence"];
const CRITERION: &[&str] =
    &["conversation", "response", "reference", "criterion", "reason", "reason_fence", "fence"];
const CRITERIA: &[&str] =
    &["conversation", "response", "reference", "criteria", "reason_first", "fence"];

macro_rules! templates {
    ($($name:literal, $kind:ident, $variables:ident, $title:literal, $doc:literal;)*) => {
        /// All templates, in the order in which a run uses them.
        pub static TEMPLATES: &[TemplateInfo] = &[$(TemplateInfo {
            name: $name,
            title: $title,
            doc: $doc,
            source: include_str!(concat!("../../../assets/templates/", $name, ".j2")),
            variables: $variables,
            kind: TemplateKind::$kind,
        }),*];
    };
}

const REACT: &[&str] = &["conversation", "response", "reaction", "said", "rewrite"];
const DRAFT: &[&str] = &["messages", "conversation"];

templates! {
    "draft", Conversation, DRAFT, "Draft",
        "Asks the writer for the first answer";
    "critique_request", Text, PRINCIPLE, "Critique request",
        "Makes a principle's critique request from its text where it has none of its own";
    "critique", Conversation, CRITIQUE, "Critique",
        "Asks the critic what is wrong with the answer under one principle";
    "revision_request", Text, PRINCIPLE, "Revision request",
        "Makes a principle's revision request from its text where it has none of its own";
    "revision", Conversation, REVISION, "Revision",
        "Asks the reviser for the answer, rewritten";
    "comparison_question", Text, PRINCIPLE, "Comparison question",
        "Makes a principle's comparison question from its text where it has none of its own";
    "judge_pairwise_reason", Conversation, PAIR, "Reason, pairwise",
        "Asks the judge to compare two responses in words, before its verdict";
    "judge_pairwise", Conversation, PAIR, "Verdict, pairwise",
        "Asks the judge which of two responses is better under one principle: A or B";
    "votes", Conversation, VOTES, "Votes of principles",
        "Asks the judge which response each of many principles speaks for: A, B, both or none";
    "judge_yes_no_reason", Conversation, POINT, "Reason, yes or no",
        "Asks the judge in words whether a response does what a principle asks";
    "judge_yes_no", Conversation, POINT, "Verdict, yes or no",
        "Asks the judge whether a response does what a principle asks: Yes or No";
    "judge_scale_reason", Conversation, POINT, "Reason, 1 to 5",
        "Asks the judge in words how well a response does what a principle asks";
    "judge_scale", Conversation, POINT, "Verdict, 1 to 5",
        "Asks the judge how well a response does what a principle asks: 1 to 5";
    "judge_pairwise_fenced_reason", Conversation, FENCED_PAIR, "Reason, pairwise, in tags",
        "The same as judge_pairwise_reason for judges that read texts between tags";
    "judge_pairwise_fenced", Conversation, FENCED_PAIR, "Verdict, pairwise, in tags",
        "The same as judge_pairwise for judges that read texts between tags";
    "judge_yes_no_fenced_reason", Conversation, POINT, "Reason, yes or no, in tags",
        "The same as judge_yes_no_reason for judges that read texts between tags";
    "judge_yes_no_fenced", Conversation, POINT, "Verdict, yes or no, in tags",
        "The same as judge_yes_no for judges that read texts between tags";
    "judge_scale_fenced_reason", Conversation, POINT, "Reason, 1 to 5, in tags",
        "The same as judge_scale_reason for judges that read texts between tags";
    "judge_scale_fenced", Conversation, POINT, "Verdict, 1 to 5, in tags",
        "The same as judge_scale for judges that read texts between tags";
    "judge_pairwise_again", Conversation, PAIR_AGAIN, "Second reading, pairwise",
        "Has the judge read its reason and verdict on two responses again, and write the reason anew";
    "judge_response_again", Conversation, POINT_AGAIN, "Second reading, one response",
        "Has the judge read its reason and verdict on one response again, and write the reason anew";
    "judge_meta_reason", Conversation, META, "Reason, a judge's verdict",
        "Asks in words whether what a judge said of two responses holds";
    "judge_meta", Conversation, META, "Verdict on a judge's verdict",
        "Asks whether what a judge said of two responses is right: Yes or No";
    "prometheus_pair", Conversation, PROMETHEUS_PAIR, "Prometheus, two responses",
        "Asks a model of the Prometheus form for feedback and then A or B";
    "prometheus_grade", Conversation, PROMETHEUS_GRADE, "Prometheus, one response",
        "Asks a model of the Prometheus form for feedback and then a grade from 1 to 5";
    "score_levels_reason", Conversation, CRITERION, "Reason, levels",
        "Asks the judge in words which level of a criterion a response reaches";
    "score_levels", Conversation, CRITERION, "Verdict, levels",
        "Asks the judge which level of a criterion a response reaches";
    "score_met_reason", Conversation, CRITERION, "Reason, points",
        "Asks the judge in words whether a criterion is met";
    "score_met", Conversation, CRITERION, "Verdict, points",
        "Asks the judge whether a criterion is met (for a fault: whether it is there)";
    "score_batch", Conversation, CRITERIA, "All criteria at once",
        "Asks the judge for a verdict on every criterion in one answer";
    "score_levels_fenced_reason", Conversation, CRITERION, "Reason, levels, in tags",
        "The same as score_levels_reason for judges that read texts between tags";
    "score_levels_fenced", Conversation, CRITERION, "Verdict, levels, in tags",
        "The same as score_levels for judges that read texts between tags";
    "score_met_fenced_reason", Conversation, CRITERION, "Reason, points, in tags",
        "The same as score_met_reason for judges that read texts between tags";
    "score_met_fenced", Conversation, CRITERION, "Verdict, points, in tags",
        "The same as score_met for judges that read texts between tags";
    "score_batch_fenced", Conversation, CRITERIA, "All criteria at once, in tags",
        "The same as score_batch for judges that read texts between tags";
    "react", Conversation, REACT, "Principles from a reaction",
        "Asks the critic for principles that answer what a person says of a response";
}

/// Values for every variable, with which a source is tried before it is used.
pub(super) fn sample_values() -> Value {
    let principle = context! { id => "P1", title => "Honest", text => "Say what is true." };
    let levels: Vec<Value> =
        (1..=5).map(|level| context! { level, anchor => format!("anchor {level}") }).collect();
    let criterion = context! {
        id => "C1", name => "Clarity", description => "Easy to follow.", fault => false,
        levels, lowest => 1, highest => 5
    };
    let example = context! {
        prompt => "prompt", draft => "draft", critique => "critique", revision => "revision",
        request => "request", revision_request => "revision request", fence => "abc123",
        principle => "P1"
    };
    let shot = context! {
        message => "prompt", response_a => "first", response_b => "second", request => "request",
        reason => "reason", answer => "A", fence => "abc123"
    };
    context! {
        verdict => "A", shots => vec![shot.clone()], reasoned_shots => vec![shot], ties => true,
        messages => [context! { role => "user", content => "prompt" }],
        conversation => "prompt", preface => "preface", examples => [example], principle,
        request => "request", may_stop => true, response => "response", critique => "critique",
        critique_request => "critique request", response_a => "first", response_b => "second", fence => "abc123", reason => "reason",
        reason_fence => "def456", reference => "reference", criteria => vec![criterion.clone()],
        rules => vec![context! { number => 1, text => "text" }],
        criterion, reason_first => true, reaction => "complaint", said => "too long",
        rewrite => "rewrite"
    }
}
