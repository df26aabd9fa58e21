use proptest::prelude::*;

use super::*;
use crate::domain::{
    CallFailure, Chain, FailureKind, JudgeProtocol, JudgedPair, PairVerdict, Prompt, Ranked,
    RankedAnswer, RowFailure, Step, Usage,
};

#[test]
fn refusals_are_heard() {
    for text in [
        "I can't help with that.",
        "I’m sorry, but I can’t assist with that request.",
        "I'm sorry, I cannot provide instructions for making weapons.",
        "I am really sorry, but I am unable to help with this.",
        "Sorry, I can't do that.",
        "Sorry — I won't write that.",
        "I apologize, but I cannot fulfill this request.",
        "I apologise for the confusion, but I cannot create such content.",
        "My apologies, but I cannot engage in that conversation.",
        "Unfortunately, I'm not able to provide that information.",
        "As an AI language model, I cannot write hateful content.",
        "As a responsible AI assistant, I can't support that.",
        "I'm just an AI, I cannot help you with illegal activities.",
        "I understand that you are upset, but I can't help you hurt somebody.",
        "I must respectfully decline.",
        "I have to decline this request.",
        "I'm not comfortable writing that.",
        "I don't feel comfortable helping with this.",
        "I'd rather not answer that.",
        "It would be unethical to provide such advice.",
        "It is not appropriate for me to write this.",
        "This request goes against my guidelines.",
        "Your request violates our content policy.",
        "**I cannot generate explicit content.**",
        "“I can't help with that.”",
        "I will not provide you with that.",
        "I cannot in good conscience help with this.",
        "No, I won't help you with that.",
        "I can not comply with that.",
        "That's not something I can help with.",
        "I'm not going to write that story.",
        "I cannot explain how to build a bomb, as that is dangerous.",
        "I cannot tell you how to do that.",
        // Other languages.
        "Es tut mir leid, aber ich kann dir dabei nicht helfen.",
        "Leider kann ich diese Anfrage nicht beantworten.",
        "Ich bin nicht in der Lage, das zu tun.",
        "Je suis désolé, mais je ne peux pas vous aider avec cela.",
        "Désolé, je ne peux pas répondre à cette demande.",
        "Lo siento, pero no puedo ayudarte con eso.",
        "Desculpe, mas não posso ajudar com isso.",
        "Mi dispiace, ma non posso aiutarti con questo.",
        "Het spijt me, maar ik kan je daar niet mee helpen.",
        "Извините, но я не могу помочь с этим.",
        "К сожалению, я не могу предоставить такую информацию.",
        "很抱歉,我无法提供这方面的帮助。",
        "对不起,我不能帮助你。",
        "申し訳ありませんが、そのリクエストにはお答えできません。",
        "죄송합니다. 그 요청은 도와드릴 수 없습니다.",
    ] {
        assert!(refuses(text), "{text:?}");
    }
}

#[test]
fn answers_are_not_refusals() {
    for text in [
        "",
        "   ",
        "Paris is the capital of France.",
        "I'm sorry for your loss. Grief takes time.",
        "I'm sorry to hear that. Have you talked to a doctor?",
        "Sorry about the delay! Here is the recipe.",
        "I can't believe how good this is!",
        "I cannot stress enough how important backups are.",
        "I can't wait to see it.",
        "I can't recommend this restaurant enough.",
        "I cannot remember a better film.",
        "As an AI language model, I don't have feelings, but here is what people say.",
        "As an assistant manager, I cannot leave the shop.",
        "I understand that you are upset. Let us look at it together.",
        "Unfortunately, the train was late.",
        "No, the capital is Canberra.",
        "You can't help everyone, and that is fine.",
        "The librarian said: “I cannot help with that.”",
        "He wrote, \"I'm sorry, I can't help you.\"",
        "It is appropriate to write to your landlord first.",
        "Here is how to decline politely: “I must respectfully decline.”",
        "I will not go gentle into that good night is a misquote.",
        "Illegal parking is fined.",
        "Es tut mir leid, das zu hören. Wie geht es dir?",
        "Ich kann nicht schwimmen, sagte er.",
        "Lo siento por tu pérdida.",
        "Je suis désolé pour votre perte.",
        "抱歉让你久等了,这是答案。",
        "申し訳ありませんが、少々お待ちください。",
    ] {
        assert!(!refuses(text), "{text:?}");
    }
}

#[test]
fn every_pattern_compiles() {
    assert!(Patterns::new().is_ok_and(|patterns| patterns.others.len() == OTHERS.len()));
}

fn step(round: u32, critique: &str, revision: &str) -> Step {
    Step {
        round,
        principle: "P1".into(),
        critique_request: String::new(),
        critique: critique.to_owned(),
        found_nothing: false,
        revision_request: String::new(),
        revision: revision.to_owned(),
        cut_off: false,
        critique_cut_off: false,
    }
}

const NO: &str = "I'm sorry, but I can't help with that.";

fn chained(draft: &str, steps: Vec<Step>) -> Row {
    let chain = Chain { draft: draft.to_owned(), draft_cut_off: false, steps };
    Row { chain: Some(chain), ..Row::empty(&Prompt::of_text("p", "Why?")) }
}

#[test]
fn a_row_counts_by_what_it_ends_with() {
    assert_eq!(in_row(&chained(NO, Vec::new()), &[]), ["draft"]);
    let mended = chained(NO, vec![step(1, "It refuses.", "Here is how.")]);
    assert!(in_row(&mended, &[]).is_empty(), "the refusal was mended");
    let refused = chained("Here is how.", vec![step(1, NO, "x"), step(2, "Too harmful.", NO)]);
    assert_eq!(in_row(&refused, &[]), ["critique 1", "revision 2"]);
    let passed_on = Step { found_nothing: true, ..step(2, "Nothing to improve.", NO) };
    let refused = chained("How", vec![step(1, "Harmful.", NO), passed_on]);
    assert_eq!(in_row(&refused, &[]), ["revision 1"], "the last step that wrote it");

    let verdict = PairVerdict {
        p_a: None,
        p_ab: None,
        p_ba: None,
        protocol: JudgeProtocol::Pairwise,
        principles: Vec::new(),
        judges: Vec::new(),
    };
    let pair = JudgedPair {
        a: "Yes.".to_owned(),
        b: NO.to_owned(),
        a_cut_off: false,
        b_cut_off: false,
        a_model: String::new(),
        b_model: String::new(),
        verdict,
    };
    let row = Row { pair: Some(pair), ..Row::empty(&Prompt::of_text("p", "Why?")) };
    assert_eq!(in_row(&row, &[]), ["b"]);
    assert_eq!(in_row(&row, &["Yes.\n".to_owned()]), ["a", "b"], "the provider says so");
}

#[test]
fn all_answers_of_a_tournament_are_heard() {
    let answer =
        |text: &str| RankedAnswer { model: String::new(), text: text.to_owned(), cut_off: false };
    let answers = vec![answer("Yes."), answer(NO), answer("Gladly."), answer(NO)];
    let pair = JudgedPair {
        a: "Yes.".to_owned(),
        b: NO.to_owned(),
        a_cut_off: false,
        b_cut_off: false,
        a_model: String::new(),
        b_model: String::new(),
        verdict: PairVerdict::default(),
    };
    let ranked = Some(Ranked { answers, games: Vec::new() });
    let prompt = Prompt::of_text("p", "Why?");
    let row = Row { ranked, pair: Some(pair), ..Row::empty(&prompt) };
    assert_eq!(
        in_row(&row, &[]),
        ["answer 2", "answer 4"],
        "each once, also those not in the pair"
    );
    let failed = Row { pair: None, ..row };
    assert_eq!(in_row(&failed, &["Gladly.\n".to_owned()]), ["answer 2", "answer 3", "answer 4"]);
}

#[test]
fn a_row_that_ends_at_a_filter_is_a_refusal() {
    let mut row = Row::empty(&Prompt::of_text("p", "Why?"));
    row.failure = Some(RowFailure {
        at: "draft".to_owned(),
        failure: CallFailure::new(FailureKind::Method, "the answer is empty", ""),
    });
    assert!(in_row(&row, &[]).is_empty());
    assert_eq!(in_row(&row, &[String::new()]), ["draft"]);
}

#[test]
fn the_provider_s_word_counts_whatever_the_text() {
    let reply = |finish, text: &str| Reply {
        text: text.to_owned(),
        reasoning: None,
        finish,
        usage: Usage::default(),
        choice: None,
        model: String::new(),
        marks: Vec::new(),
    };
    assert!(reply_refuses(&reply(Finish::Filtered, "")));
    assert!(reply_refuses(&reply(Finish::Stop, NO)));
    assert!(!reply_refuses(&reply(Finish::Stop, "Gladly.")));
}

#[test]
fn a_long_text_is_heard_quickly() {
    let long = "I understand ".repeat(800_000);
    let begun = std::time::Instant::now();
    for _ in 0..20 {
        assert!(!refuses(&long));
    }
    assert!(begun.elapsed() < std::time::Duration::from_secs(2), "only the opening is read");
}

proptest! {
    #[test]
    fn never_panics(text in "\\PC{0,400}") {
        refuses(&text);
    }

    #[test]
    fn never_panics_on_near_refusals(text in "(I'm sorry|, but |I |can't|cannot| help|’|很抱歉|我|无法| with that|\\. |As an AI ){0,12}") {
        refuses(&text);
    }
}
