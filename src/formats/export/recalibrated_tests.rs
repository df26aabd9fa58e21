//! A judge's map in what is exported: on bytes, and where it must not be applied.

use super::tests::{pair_row, prompt, row, scored};
use super::*;
use crate::domain::*;

const JUDGE: &str = "openai:judge";

fn by_judge(mut row: Row) -> Row {
    row.provenance.models.push(("judge".to_owned(), JUDGE.to_owned()));
    row
}

fn halving() -> Recalibration {
    Recalibration {
        map: Map::Temperature { temperature: 2.0 },
        labels: 120,
        seed: Some(3),
        mirrored: true,
        judged_by: JudgedBy {
            models: vec![JUDGE.to_owned()],
            protocol: JudgeProtocol::Pairwise,
            asked: String::new(),
        },
        set: "honesty".to_owned(),
        day: String::new(),
    }
}

fn with(map: Recalibration) -> Options {
    Options { recalibration: Some(map), ..Options::default() }
}

fn lines(id: &str, row: Row, options: &Options) -> Result<String, ExportError> {
    let mut bytes = Vec::new();
    write_records(format(id).unwrap(), Container::Jsonl, [by_judge(row)], options, &mut bytes)?;
    Ok(String::from_utf8(bytes).unwrap())
}

#[test]
fn a_preference_goes_through_the_map_before_label_and_band() {
    let pair = || pair_row("p1", Some(0.9), Some(0.9));
    let said = lines("trl-preference", pair(), &Options::default()).unwrap();
    let meant = lines("trl-preference", pair(), &with(halving())).unwrap();
    // √9 = 3 to 1. What the judge said in each order stays as it said it.
    assert_eq!(meant, said.replace("\"p\":0.9,", "\"p\":0.75,"));
    assert_ne!(meant, said);
    // .54 of 2 to 1 is .52: inside the band now.
    let near = pair_row("p1", Some(0.56), Some(0.56));
    assert!(!lines("trl-preference", near.clone(), &Options::default()).unwrap().is_empty());
    assert!(lines("trl-preference", near, &with(halving())).unwrap().is_empty());
    // Clamped and hard labels are made of what it means.
    let mild = pair_row("p1", Some(0.64), Some(0.64));
    let clamped = Options { labels: LabelForm::Clamped, ..with(halving()) };
    assert!(lines("trl-preference", mild, &clamped).unwrap().contains("\"p\":0.5714"));
    let hard = Options { labels: LabelForm::Hard, ..with(halving()) };
    assert!(lines("trl-preference", pair(), &hard).unwrap().contains("\"p\":1.0,"));
}

#[test]
fn sides_stay_and_a_tie_stays_a_tie() {
    let b_wins = pair_row("p1", Some(0.1), Some(0.1));
    let line = lines("trl-preference", b_wins, &with(halving())).unwrap();
    assert!(line.contains("\"chosen\":[{\"role\":\"assistant\",\"content\":\"Answer B\"}]"));
    assert!(line.contains("\"p\":0.75,"), "{line}");
    let shifted = Recalibration { map: Map::Platt { slope: 1.0, shift: 0.001 }, ..halving() };
    let tie = pair_row("p1", Some(0.5), Some(0.5));
    let options = Options { drop_band: 0.0, ..with(shifted) };
    assert!(lines("trl-preference", tie, &options).unwrap().is_empty());
}

#[test]
fn another_judges_rows_are_refused_and_both_are_named() {
    let other = Recalibration {
        judged_by: JudgedBy { models: vec!["openai:other".to_owned()], ..halving().judged_by },
        ..halving()
    };
    let refused = lines("trl-preference", pair_row("p1", Some(0.9), Some(0.9)), &with(other));
    let message = refused.unwrap_err().to_string();
    assert!(message.contains(JUDGE) && message.contains("openai:other"), "{message}");
    let otherwise = Recalibration {
        judged_by: JudgedBy { protocol: JudgeProtocol::PointwiseYesNo, ..halving().judged_by },
        ..halving()
    };
    let refused = lines("trl-preference", pair_row("p1", Some(0.9), Some(0.9)), &with(otherwise));
    assert!(matches!(refused, Err(ExportError::OtherJudge { .. })), "asked another way");
    let first = first_line(
        format("trl-preference").unwrap(),
        [pair_row("p1", Some(0.9), Some(0.9))],
        &with(halving()),
    );
    assert!(matches!(first, Err(ExportError::OtherJudge { .. })), "a preview is refused, too");
}

#[test]
fn a_judge_that_is_asked_otherwise_is_another() {
    let asked = |how: &str| {
        let mut row = pair_row("p1", Some(0.9), Some(0.9));
        row.provenance.judge = (!how.is_empty()).then(|| how.to_owned());
        row
    };
    let judged_by = JudgedBy { asked: "0123abcd".to_owned(), ..halving().judged_by };
    let map = with(Recalibration { judged_by, ..halving() });
    lines("trl-preference", asked("0123abcd"), &map).unwrap();
    for other in ["4567efab", ""] {
        let refused = lines("trl-preference", asked(other), &map).unwrap_err();
        assert!(matches!(refused, ExportError::OtherJudge { .. }), "{other}");
        assert!(refused.to_string().contains("asked as 0123abcd"), "{refused}");
    }
    // A map of before says nothing of it, and is applied as it was.
    lines("trl-preference", asked("4567efab"), &with(halving())).unwrap();
}

#[test]
fn a_map_is_for_what_it_was_fitted_to() {
    let pass = Recalibration { mirrored: false, ..halving() };
    let pair = || pair_row("p1", Some(0.9), Some(0.9));
    for (id, map) in [("trl-preference", pass.clone()), ("rewards", halving()), ("rows", halving())]
    {
        let refused = lines(id, pair(), &with(map));
        assert!(matches!(refused, Err(ExportError::NoProbabilities { .. })), "{id}: {refused:?}");
    }
    let broken = Recalibration { map: Map::Temperature { temperature: 0.0 }, ..halving() };
    assert!(matches!(lines("trl-preference", pair(), &with(broken)), Err(ExportError::NoMap)));
}

#[test]
fn a_reward_that_is_a_probability_of_being_met_goes_through_the_map() {
    let pass = Recalibration { mirrored: false, ..halving() };
    let of = |scored: ScoredResponse| Row { scores: vec![scored], ..row(prompt("p1", "Why?")) };
    let one = || of(scored("response", "Because.", Some(0.9)));
    let said = lines("rewards", one(), &Options::default()).unwrap();
    let meant = lines("rewards", one(), &with(pass.clone())).unwrap();
    assert_eq!(meant, said.replace("\"reward\":0.9,", "\"reward\":0.75,"));
    assert_ne!(meant, said);
    let mut two = scored("response", "Because.", Some(0.9));
    two.score.criteria.push(two.score.criteria[0].clone());
    let refused = lines("rewards", of(two), &with(pass));
    assert!(matches!(refused, Err(ExportError::SeveralCriteria)), "{refused:?}");
}

#[test]
fn the_card_tells_of_the_map() {
    let rows = [by_judge(pair_row("p1", Some(0.9), Some(0.9)))];
    let options = with(halving());
    let format = format("trl-preference").unwrap();
    let (files, _) = dataset(format, Container::Jsonl, rows, &options, &About::default()).unwrap();
    let card = String::from_utf8(files[0].bytes.clone()).unwrap();
    let told = "recalibrated by people's labels: temperature 2.00, fitted to 120 labels (one half \
                of the development labels, drawn by seed 3 of `honesty`, both sides of each alike) \
                of openai:judge (Pairwise A/B).";
    assert!(card.contains(told), "{card}");
    assert!(card.contains(&halving().hash()));
    // The manifest has it whole.
    let kept = serde_json::to_value(&options).unwrap();
    let again: Options = serde_json::from_value(kept).unwrap();
    assert_eq!(again, options);
    let without = serde_json::to_string(&Options::default()).unwrap();
    assert!(!without.contains("recalibration"), "{without}");
}

#[test]
fn a_judges_file_keeps_its_map() {
    for map in [
        Map::Identity,
        Map::Temperature { temperature: 1.5 },
        Map::Platt { slope: 0.7, shift: -0.25 },
        Map::Isotonic(Corners { said: vec![0.1, 0.5], was: vec![0.25, 0.5] }),
    ] {
        let recalibration = Some(Recalibration { map, ..halving() });
        let judge = JudgeSetup { recalibration, ..JudgeSetup::named("J") };
        let text = crate::formats::document::to_ron(&judge).unwrap();
        let again: JudgeSetup = crate::formats::document::parse(&text, "judge").unwrap();
        assert_eq!(again, judge, "{text}");
    }
}
