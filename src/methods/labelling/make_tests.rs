use super::make::*;
use crate::domain::{
    Aspect, Chain, Constitution, Criterion, CriterionId, JudgeProtocol, JudgedPair, LabelTask,
    PairVerdict, Principle, PrincipleId, Prompt, Row, Rubric, Scale, Score, ScoredResponse, Step,
};

fn verdict() -> PairVerdict {
    crate::methods::preference::verdict_on_equals(JudgeProtocol::Pairwise)
}

fn pair(id: &str, a: &str, b: &str) -> Row {
    let mut row = Row::empty(&Prompt::of_text(id, format!("Question {id}?")));
    row.provenance.models = vec![("writer".to_owned(), "small".to_owned())];
    row.pair = Some(JudgedPair {
        a: a.to_owned(),
        b: b.to_owned(),
        a_cut_off: false,
        b_cut_off: false,
        a_model: String::new(),
        b_model: "large".to_owned(),
        verdict: verdict(),
    });
    row
}

fn chain(id: &str, draft: &str, revisions: &[&str]) -> Row {
    let mut row = Row::empty(&Prompt::of_text(id, "Question?"));
    let step = |(n, text): (usize, &&str)| Step {
        round: n as u32 + 1,
        principle: PrincipleId::from("P1"),
        critique_request: String::new(),
        critique: String::new(),
        found_nothing: false,
        revision_request: String::new(),
        revision: (*text).to_owned(),
        cut_off: false,
        critique_cut_off: false,
    };
    row.chain = Some(Chain {
        draft: draft.to_owned(),
        draft_cut_off: false,
        steps: revisions.iter().enumerate().map(step).collect(),
    });
    row
}

fn constitution(n: usize) -> Constitution {
    let mut constitution = Constitution::named("c");
    constitution.principles = (1..=n)
        .map(|n| Principle {
            id: PrincipleId(format!("P{n}")),
            text: format!(" Text {n}. "),
            ..Principle::default()
        })
        .collect();
    constitution
}

#[test]
fn pairs_come_from_judged_pairs_and_from_chains() {
    let mut dropped = pair("p4", "x", "y");
    dropped.by_hand.is_dropped = true;
    let rows = [
        pair("p1", "yes", "no"),
        pair("p2", "same ", "same"),
        chain("p3", "draft", &["first", "last"]),
        dropped,
        chain("p5", "draft", &[]),
        Row::empty(&Prompt::of_text("p6", "?")),
        pair("p1", "yes", "no"),
    ];
    let made = pairs(&rows, By::AllInAll, None);
    let shown: Vec<(&str, &str)> =
        made.items.iter().map(|i| (i.a.as_str(), i.b.as_deref().unwrap())).collect();
    assert_eq!(shown, [("yes", "no"), ("draft", "last")]);
    assert_eq!(
        (made.items[0].a_model.as_str(), made.items[0].b_model.as_str()),
        ("small", "large")
    );
    let left: Vec<(&str, LeftOut)> =
        made.left_out.iter().map(|(id, why)| (id.as_str(), *why)).collect();
    assert_eq!(
        left,
        [
            ("p2", LeftOut::Identical),
            ("p4", LeftOut::Dropped),
            ("p5", LeftOut::NoPair),
            ("p6", LeftOut::NoPair),
            ("p1", LeftOut::Twice),
        ]
    );
    assert_eq!(made.counts()[&LeftOut::NoPair], 2);
    let again = pairs(&rows, By::AllInAll, None);
    assert_eq!(made, again, "the same rows make the same ids");
    let named = pairs(&rows, By::AllInAll, Some(("v9", "v12")));
    assert_eq!((named.items[0].a_model.as_str(), named.items[0].b_model.as_str()), ("v9", "large"));
    assert!(!serde_json::to_string(&made.items).unwrap().contains("verdict"));
}

#[test]
fn principles_are_drawn_for_each_pair_as_a_judges_are() {
    let constitution = constitution(5);
    let rows: Vec<Row> = (0..40).map(|n| pair(&format!("p{n}"), "yes", "no")).collect();
    let by = By::Sampled { constitution: &constitution, many: 2, seed: 3 };
    let made = pairs(&rows, by, None);
    assert_eq!(made.items.len(), 80);
    for (two, row) in made.items.chunks(2).zip(&rows) {
        let drawn =
            crate::methods::draw::distinct_principles_for(&constitution, &row.prompt.id, 3, 2);
        let ids: Vec<&str> = two.iter().map(|i| i.aspect.as_ref().unwrap().id.as_str()).collect();
        assert_eq!(ids, [drawn[0].id.as_str(), drawn[1].id.as_str()]);
        assert_ne!(two[0].id, two[1].id);
        assert!(two[0].aspect.as_ref().unwrap().text.starts_with("Text "), "trimmed");
    }
    let all = aspects_of_constitution(&constitution);
    assert_eq!(pairs(&rows, By::Each(&all), None).items.len(), 200);
    let none = pairs(&rows[..1], By::Each(&[]), None);
    assert_eq!(none.counts()[&LeftOut::NoAspect], 1);
}

#[test]
fn answers_are_asked_about_by_each_criterion() {
    let level = |anchors: &[&str]| Scale::Levels {
        lowest: 0,
        anchors: anchors.iter().map(|&anchor| anchor.to_owned()).collect(),
    };
    let criterion = |id: &str, name: &str, scale| Criterion {
        id: CriterionId::from(id),
        name: name.to_owned(),
        description: "how".to_owned(),
        scale,
        ..Criterion::default()
    };
    let mut rubric = Rubric::named("r");
    rubric.criteria = vec![
        criterion("C1", "Clear", level(&["muddy", "", "clear"])),
        criterion("C2", "", Scale::Points(-2.0)),
    ];
    let scores = aspects_of_rubric(&rubric, LabelTask::Scores);
    assert_eq!(scores[0].text, "Clear: how");
    assert_eq!(scores[0].levels, ["muddy", "1", "clear"]);
    assert_eq!(scores[1].levels, ["not met", "met"]);
    assert_eq!((scores[0].level_count(), scores[1].level_count()), (3, 2));
    let passes = aspects_of_rubric(&rubric, LabelTask::PassFail);
    assert!(passes.iter().all(|aspect| aspect.levels.is_empty()));

    let mut scored = Row::empty(&Prompt::of_text("p9", "?"));
    scored.scores = ["draft", "response"]
        .map(|name| ScoredResponse {
            name: name.to_owned(),
            text: format!("{name} text"),
            score: Score {
                reward: None,
                criteria: Vec::new(),
                gates_failed: Vec::new(),
                unparsed: Vec::new(),
            },
            cut_off: false,
            judges: Vec::new(),
        })
        .to_vec();
    let rows = [chain("p1", "draft", &["last"]), pair("p2", "yes", "no"), scored];
    let texts = |which| -> Vec<String> {
        let made = responses(&rows, which, By::Each(&scores));
        assert!(made.items.iter().all(|item| item.b.is_none()));
        made.items.chunks(2).map(|two| two[0].a.clone()).collect()
    };
    assert_eq!(texts(Which::Last), ["last", "yes", "no", "response text"]);
    assert_eq!(texts(Which::All), ["draft", "last", "yes", "no", "draft text", "response text"]);
}

#[test]
fn answers_beside_prompts_become_items() {
    let with = |id: &str, columns: &[(&str, &str)]| {
        let mut prompt = Prompt::of_text(id, "Question?");
        let text = |text: &str| serde_json::Value::from(text);
        prompt.extra.extend(columns.iter().map(|(name, value)| ((*name).to_owned(), text(value))));
        prompt
    };
    let prompts = [
        with("1", &[("a", "yes"), ("b", "no"), ("a_model", "m"), ("topic", "t")]),
        with("2", &[("response_a", "same"), ("response_b", "same")]),
        with("3", &[("a", "alone")]),
        with("4", &[("response", "one")]),
    ];
    let made = of_prompts(&prompts, LabelTask::Pairwise, By::AllInAll);
    assert_eq!(made.items.len(), 1);
    assert_eq!(made.items[0].a_model, "m");
    assert_eq!(made.items[0].prompt.extra.keys().collect::<Vec<_>>(), ["topic"]);
    let why: Vec<LeftOut> = made.left_out.iter().map(|(_, why)| *why).collect();
    assert_eq!(why, [LeftOut::Identical, LeftOut::NoPair, LeftOut::NoPair]);
    let made = of_prompts(&prompts, LabelTask::PassFail, By::AllInAll);
    assert_eq!(made.items.iter().map(|item| item.a.as_str()).collect::<Vec<_>>(), ["one"]);
}

#[test]
fn a_limit_keeps_whole_prompts_drawn_by_the_seed() {
    let constitution = constitution(3);
    let rows: Vec<Row> = (0..30).map(|n| pair(&format!("p{n}"), "yes", "no")).collect();
    let by = By::Sampled { constitution: &constitution, many: 3, seed: 3 };
    let all = pairs(&rows, by, None);
    let kept = |most, seed| {
        let mut made = all.clone();
        made.limit(most, seed);
        made.items
    };
    let ten = kept(10, 1);
    assert_eq!(ten.len(), 9, "three prompts with three principles each");
    assert_eq!(ten, kept(10, 1));
    assert_ne!(ten, kept(10, 2));
    assert_eq!(kept(1, 1).len(), 3, "at least one prompt");
    assert_eq!(kept(900, 1), all.items);
}

#[test]
fn renewed_texts_reach_their_items() {
    let rows = [pair("p1", "yes", "no")];
    let mut constitution = constitution(2);
    let mut items = pairs(&rows, By::Each(&aspects_of_constitution(&constitution)), None).items;
    let ids: Vec<String> = items.iter().map(|item| item.id.clone()).collect();
    assert_eq!(renew(&mut items, &aspects_of_constitution(&constitution)), 0);
    constitution.principles[1].text = "Another text.".to_owned();
    assert_eq!(renew(&mut items, &aspects_of_constitution(&constitution)), 1);
    assert_eq!(items[1].aspect.as_ref().unwrap().text, "Another text.");
    assert_eq!(ids, items.iter().map(|item| item.id.clone()).collect::<Vec<_>>());
    let gone: [Aspect; 0] = [];
    assert_eq!(renew(&mut items, &gone), 0);
}
