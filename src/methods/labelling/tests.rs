use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::domain::{Aspect, LabelAnswer, LabelTask, Prompt};

fn item(n: usize) -> LabelItem {
    LabelItem {
        id: format!("i{n}"),
        prompt: Prompt::of_text(format!("p{n}"), "Which?"),
        a: "first".to_owned(),
        b: Some("second".to_owned()),
        a_model: String::new(),
        b_model: String::new(),
        aspect: None,
    }
}

fn items(n: usize) -> Vec<LabelItem> {
    (0..n).map(item).collect()
}

fn set(repeats: f64) -> LabelSet {
    LabelSet { repeats, seed: 7, ..LabelSet::named("s", LabelTask::Pairwise) }
}

fn label(item: &str, labeller: &str, answer: LabelAnswer) -> Label {
    Label {
        item: item.to_owned(),
        labeller: labeller.to_owned(),
        answer: Some(answer),
        sure: None,
        comment: String::new(),
        first: None,
        again: false,
        guide: 1,
        aspect: String::new(),
        seconds: None,
        at: String::new(),
    }
}

fn done(items: &[LabelItem], turn: Turn) -> Label {
    Label { again: turn.again, ..label(&items[turn.item].id, "Ana", LabelAnswer::A) }
}

#[test]
fn gold_is_near_its_share_and_holds_whole_prompts() {
    let mut set = set(0.0);
    for share in [0.0, 0.2, 0.5, 1.0] {
        set.gold = share;
        let gold = (0..2_000)
            .filter(|n| split(&set, &PromptId::new(format!("p{n}"))) == Split::Gold)
            .count();
        let off = gold as f64 / 2_000.0 - share;
        assert!(off.abs() <= 1.96 * (share * (1.0 - share) / 2_000.0).sqrt(), "{share}: {off}");
    }
    // A larger share only adds prompts.
    let at = |share: f64, n: usize| {
        let set = LabelSet { gold: share, ..set.clone() };
        split(&set, &PromptId::new(format!("p{n}"))) == Split::Gold
    };
    assert!((0..500).all(|n| !at(0.3, n) || at(0.6, n)));
    // Another seed, another split.
    let other = LabelSet { seed: 8, gold: 0.5, ..set.clone() };
    let set = LabelSet { gold: 0.5, ..set };
    assert!((0..50).any(|n| {
        let id = PromptId::new(format!("p{n}"));
        split(&set, &id) != split(&other, &id)
    }));
}

#[test]
fn sides_are_even_settled_and_drawn_anew_for_labeller_and_repeat() {
    let (set, items) = (set(0.0), items(1_000));
    let left = |labeller: &str, again| {
        items
            .iter()
            .map(|item| side(&set, item, labeller, again) == FirstShown::Left)
            .collect::<Vec<_>>()
    };
    let (ana, ben, again) = (left("Ana", false), left("Ben", false), left("Ana", true));
    assert_eq!(ana, left("Ana", false));
    for (one, other) in [(&ana, &ben), (&ana, &again)] {
        let share = one.iter().filter(|left| **left).count();
        assert!((450..550).contains(&share), "{share}");
        let same = one.iter().zip(other.iter()).filter(|(one, other)| one == other).count();
        assert!((440..560).contains(&same), "{same}");
    }
    let alone = LabelItem { b: None, ..item(0) };
    assert!((0..20).all(|n| side(&set, &alone, &n.to_string(), false) == FirstShown::Left));
}

#[test]
fn a_tenth_comes_again_well_apart() {
    let (set, items) = (set(0.1), items(60));
    let turns = queue(&set, &items, &[], "Ana", &Order::AsIs);
    assert_eq!(turns.len(), 66);
    let firsts: Vec<usize> = turns.iter().filter(|t| !t.again).map(|t| t.item).collect();
    assert_eq!(firsts, (0..60).collect::<Vec<_>>(), "as they are");
    let at = |item, again| turns.iter().position(|t| t.item == item && t.again == again).unwrap();
    for turn in turns.iter().filter(|turn| turn.again && turn.item < 50) {
        let gap = at(turn.item, true) - at(turn.item, false);
        assert!((8..=20).contains(&gap), "{gap}");
    }
    let bens: Vec<usize> = queue(&set, &items, &[], "Ben", &Order::AsIs)
        .iter()
        .filter(|t| t.again)
        .map(|t| t.item)
        .collect();
    let anas: Vec<usize> = turns.iter().filter(|t| t.again).map(|t| t.item).collect();
    assert_ne!(anas, bens, "others repeat others");
}

#[test]
fn orders_are_what_they_say() {
    let (set, items) = (set(0.0), items(40));
    let of = |order: &Order, labeller: &str| -> Vec<usize> {
        queue(&set, &items, &[], labeller, order).iter().map(|turn| turn.item).collect()
    };
    let random = of(&Order::Random, "Ana");
    assert_ne!(random, of(&Order::Random, "Ben"));
    let mut sorted = random.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (0..40).collect::<Vec<_>>());

    let said = |n: usize| Said { p: Some(n as f64 / 80.0), ..Said::default() };
    let useful: Vec<Usefulness> = (0..40).map(|n| Usefulness::of(&said(n))).collect();
    let first = of(&Order::MostUseful(useful), "Ana");
    let is_dev = |at: &&usize| split(&set, &items[**at].prompt.id) == Split::Dev;
    let dev: Vec<usize> = first.iter().take_while(is_dev).copied().collect();
    assert!(first[dev.len()..].iter().all(|at| !is_dev(&at)), "gold comes after");
    assert!(dev.windows(2).all(|two| two[0] > two[1]), "nearest to one half first: {dev:?}");
    let gold: Vec<usize> = first[dev.len()..].to_vec();
    let drawn: Vec<usize> = random.iter().filter(|at| !is_dev(at)).copied().collect();
    assert_eq!(gold, drawn, "gold is never chosen by the judge");
}

#[test]
fn the_allocation_holds_its_share_at_every_length() {
    let (set, items) = (set(0.0), items(90));
    let judged: Vec<Usefulness> = (0..90)
        .map(|n| Usefulness {
            passes: [Some(true), Some(false), None][n % 3],
            ..Usefulness::default()
        })
        .collect();
    let order = Order::Allocated { items: judged.clone(), failing: 0.25 };
    let turns = queue(&set, &items, &[], "Ana", &order);
    let fails = |n: usize| {
        turns[..n].iter().filter(|turn| judged[turn.item].passes == Some(false)).count() as f64
    };
    for n in 1..=40 {
        assert!((fails(n) - 0.25 * n as f64).abs() <= 1.0, "{} of {n}", fails(n));
    }
    assert_eq!(fails(60) as usize, 30, "all that are judged come");
    assert!(turns[60..].iter().all(|turn| judged[turn.item].passes.is_none()));
    for (failing, first) in [(0.0, Some(true)), (1.0, Some(false))] {
        let order = Order::Allocated { items: judged.clone(), failing };
        let turns = queue(&set, &items, &[], "Ana", &order);
        assert!(turns[..30].iter().all(|turn| judged[turn.item].passes == first), "{failing}");
    }
}

#[test]
fn the_most_useful_is_what_the_judge_doubts() {
    let of = |p, ab, ba, judges: &[f64]| {
        Usefulness::of(&Said { p, p_ab: ab, p_ba: ba, judges: judges.to_vec() })
    };
    let flips = of(Some(0.5), Some(1.0), Some(0.0), &[]);
    assert_eq!((flips.score, flips.why), (Some(1.0), Some(Why::OrdersDisagree)));
    let split = of(Some(0.7), Some(0.7), Some(0.7), &[1.0, 0.0, 1.0, 0.0]);
    assert_eq!((split.score, split.why), (Some(1.0), Some(Why::JudgesSplit)));
    let near = of(Some(0.45), Some(0.5), Some(0.4), &[]);
    assert_eq!(near.why, Some(Why::NearHalf));
    assert!((near.score.unwrap() - 0.9).abs() < 1e-12);
    assert_eq!(near.passes, Some(false));
    let sure = of(None, Some(0.98), Some(0.96), &[0.99, 0.97]);
    assert_eq!((sure.why, sure.passes), (None, Some(true)));
    assert!((sure.score.unwrap() - 0.06).abs() < 1e-12, "{sure:?}");
    assert_eq!(of(None, None, None, &[]), Usefulness::default());
    assert_eq!(of(None, None, None, &[0.2]).passes, Some(false));
}

#[test]
fn people_count_once_each() {
    let mut ana_again = label("i0", "Ana", LabelAnswer::A);
    ana_again.again = true;
    let mut taken = label("i0", "Dan", LabelAnswer::A);
    taken.answer = None;
    let labels = [
        label("i0", "Ana", LabelAnswer::B),
        ana_again,
        label("i0", "Ben", LabelAnswer::Tie),
        label("i0", "Cem", LabelAnswer::Unsure),
        taken,
    ];
    assert_eq!(p_b_by_people(&labels), Some(0.75));
    assert_eq!(p_b_by_people(&labels[3..]), None);
}

#[test]
fn a_label_is_stale_under_a_newer_guide_or_another_text() {
    let mut set = set(0.0);
    set.guide.version = 3;
    let plain = item(0);
    let mut one = label("i0", "Ana", LabelAnswer::A);
    one.guide = 3;
    assert!(!stale(&set, &plain, &one));
    one.guide = 2;
    assert!(stale(&set, &plain, &one));
    one.guide = 0;
    assert!(!stale(&set, &plain, &one), "which guide it was is not known");
    let aspect = |text: &str| {
        Some(Aspect { id: "P1".to_owned(), text: text.to_owned(), levels: Vec::new() })
    };
    let mut item = LabelItem { aspect: aspect("Be kind."), ..item(0) };
    one.aspect = item.aspect_mark();
    assert_eq!(one.aspect.len(), 16);
    assert!(!stale(&set, &item, &one));
    item.aspect = aspect("Be kind and brief.");
    assert!(stale(&set, &item, &one));
    let turns = recheck(&set, &[item.clone()], &[one.clone()], "Ana");
    assert_eq!(turns.len(), 1);
    assert!(recheck(&set, &[item.clone()], &[one.clone()], "Ben").is_empty());
    one.aspect = item.aspect_mark();
    assert!(recheck(&set, &[item], &[one], "Ana").is_empty());
}

#[test]
fn what_is_left_is_told_by_the_median() {
    let items = items(10);
    let mut labels: Vec<Label> = [4.0, 900.0, 8.0]
        .iter()
        .enumerate()
        .map(|(n, seconds)| Label {
            seconds: Some(*seconds),
            ..label(&format!("i{n}"), "Ana", LabelAnswer::A)
        })
        .collect();
    labels.push(label("gone", "Ana", LabelAnswer::A));
    labels.push(label("i9", "Ben", LabelAnswer::A));
    let now = progress(&items, &labels, "Ana", 6);
    assert_eq!((now.done, now.total, now.seconds), (3, 9, Some(8.0)));
    assert!((now.minutes_left.unwrap() - 0.8).abs() < 1e-12);
    let new = progress(&items, &labels, "Cem", 11);
    assert_eq!((new.done, new.total, new.seconds, new.minutes_left), (0, 11, None, None));
}

#[test]
fn one_item_alone_is_not_asked_twice_in_a_row() {
    let (set, one) = (set(1.0), items(1));
    let turns = queue(&set, &one, &[], "Ana", &Order::AsIs);
    assert_eq!(turns.len(), 1);
    assert!(queue(&set, &one, &[done(&one, turns[0])], "Ana", &Order::AsIs).is_empty());
}

proptest! {
    #[test]
    fn repeats_are_never_adjacent_and_the_queue_holds_while_it_is_worked_off(
        n in 2_usize..24, repeats in 0.0_f64..=1.0, seed: u64, random: bool
    ) {
        let set = LabelSet { seed, ..set(repeats) };
        let items = items(n);
        let order = if random { Order::Random } else { Order::AsIs };
        let plan = queue(&set, &items, &[], "Ana", &order);
        let again = plan.iter().filter(|turn| turn.again).count();
        prop_assert_eq!(again, (repeats * n as f64).round() as usize);
        prop_assert_eq!(plan.len(), n + again);
        let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
        for (at, turn) in plan.iter().enumerate() {
            if turn.again {
                prop_assert!(seen[&turn.item] + 1 < at, "right after its first: {:?}", plan);
            } else {
                prop_assert_eq!(seen.insert(turn.item, at), None);
            }
        }
        let mut labels = Vec::new();
        for at in 0..plan.len() {
            let rest = queue(&set, &items, &labels, "Ana", &order);
            prop_assert_eq!(&rest[..], &plan[at..], "after {}", at);
            labels.push(done(&items, plan[at]));
        }
        prop_assert!(queue(&set, &items, &labels, "Ana", &order).is_empty());
        // Taking the last label back brings its turn back.
        labels.pop();
        let back = queue(&set, &items, &labels, "Ana", &order);
        prop_assert_eq!(&back[..], &plan[plan.len() - 1..]);
    }
}
