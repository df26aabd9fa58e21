//! A judge whose faults are known, many times over: each planted value is found inside its
//! interval, and nothing is found where nothing was planted.
//!
//! The seeds are 0, 1, 2, … in their order. What the project promises, 93 of 100, is asked of the
//! whole way from an answer to the report in `engine/judging/join/planted_tests.rs`. Here 200
//! trials of each value are to show an interval that is too narrow: of 182 held (91 of 100), which
//! one that holds 95 of 100 misses once in 150, and one that holds 88 nine times in ten. At most 8
//! of 100 may be flagged for nothing.

use super::super::agreement::{Scale, TwoRaters, judge_agreement};
use super::super::bootstrap::{Clusters, Draws};
use super::super::calibration::{Forecasts, Gold, corrected_rate, temperature};
use super::super::estimate::{Estimate, Flag, Measured};
use super::super::logistic::sigmoid;
use super::super::ranking::{Game, Games, rank};
use super::planted::{BIASED, FAIR, Faults, PEOPLE_LONGER};
use super::*;

/// 200, or as many as `PLANTED_TRIALS` says: with 1,000 the share that hold is known to ±1.4
/// points.
fn trials() -> u64 {
    std::env::var("PLANTED_TRIALS").ok().and_then(|text| text.parse().ok()).unwrap_or(200)
}

/// How many of so many trials must hold the planted value.
fn least() -> u64 {
    91 * trials() / 100
}

/// How many of so many trials may flag what was not planted.
fn most() -> u64 {
    8 * trials() / 100
}

const PAIRS: usize = 160;

/// Of these so many at least are decided alike in both orders.
const DECIDED: usize = 99;

impl Faults {
    fn pair(&self, n: usize, draws: &mut Draws) -> PanelRow {
        let mut is = |p: f64| draws.share() < p;
        let human_b = is(0.5);
        let longer_b = is(PEOPLE_LONGER) == human_b;
        let own_b = is(0.5);
        let mind_b = self.likes((own_b, longer_b, human_b), &mut is);
        let mut says_b = |first_b: bool| self.takes_first(mind_b == first_b, &mut is) == first_b;
        let p_a = |says_b: bool| Some(if says_b { 0.1 } else { 0.9 });
        let words = |n| Style { words: n, ..Style::default() };
        PanelRow {
            item: n.to_string(),
            p_ab: p_a(says_b(false)),
            p_ba: p_a(says_b(true)),
            mass: None,
            human_b: Some(f64::from(u8::from(human_b))),
            styles: Some(if longer_b {
                (words(100), words(140))
            } else {
                (words(140), words(100))
            }),
            own: Some(if own_b { Side::B } else { Side::A }),
        }
    }

    fn pairs(&self, seed: u64) -> Vec<PanelRow> {
        let mut draws = Draws::new(seed);
        (0..PAIRS).map(|n| self.pair(n, &mut draws)).collect()
    }
}

/// The first pairs on which the judge says the same in both orders, as many in each trial.
fn decided(rows: &[PanelRow]) -> impl Iterator<Item = &PanelRow> {
    rows.iter().filter(|row| row.judge_b().is_some_and(|p| (p - 0.5).abs() > 1e-9)).take(DECIDED)
}

/// Judge and people where the judge says the same in both orders.
fn raters(rows: &[PanelRow]) -> TwoRaters {
    let labels: Vec<(usize, usize)> = decided(rows)
        .map(|row| {
            let is_b = |p: Option<f64>| usize::from(p.unwrap() > 0.5);
            (is_b(row.judge_b()), is_b(row.human_b))
        })
        .collect();
    TwoRaters::new(2, labels, Clusters::each(DECIDED)).unwrap()
}

fn holds(measured: &Measured, planted: f64) -> u64 {
    let found: Estimate = measured.unwrap();
    u64::from(found.interval.unwrap().contains(planted))
}

/// All that is measured of a judge's pairs, of as many as are [`decided`]; the bootstrap's seed is
/// the same for all trials, whose data are not.
fn measured(rows: &[PanelRow]) -> (Position, LengthBias, SelfPreference) {
    let orders: Vec<BothOrders> = rows
        .iter()
        .map(|row| BothOrders { p_ab: row.p_ab.unwrap(), p_ba: row.p_ba.unwrap() })
        .collect();
    // Fewer than the length-controlled rate's model is fitted to, which is not asked about here.
    let (lengths, own): (Vec<LengthRow>, Vec<OwnPair>) = decided(rows)
        .map(|row| {
            let (a, b) = row.styles.unwrap();
            let judge_b = row.judge_b().unwrap();
            let length = LengthRow {
                judge_b,
                human_b: row.human_b,
                len_a: f64::from(a.words),
                len_b: f64::from(b.words),
            };
            let own_b = row.own == Some(Side::B);
            let own = OwnPair {
                judge_own: (judge_b > 0.5) == own_b,
                human_own: (row.human_b.unwrap() > 0.5) == own_b,
            };
            (length, own)
        })
        .unzip();
    let clusters = Clusters::each(lengths.len());
    (
        position(&orders, &Clusters::each(PAIRS), 0).unwrap(),
        length_bias(&lengths, &clusters, 0).unwrap(),
        self_preference(&own, &clusters, 0).unwrap(),
    )
}

#[test]
fn planted_faults_are_found_inside_their_intervals() {
    let planted = BIASED.planted();
    let mut held = [0; 5];
    for trial in 0..trials() {
        let rows = BIASED.pairs(trial);
        let (position, length, own) = measured(&rows);
        let kappa = judge_agreement(&raters(&rows), None, Scale::Nominal, 0).kappa;
        for (held, (measured, planted)) in held.iter_mut().zip([
            (&position.first, planted.first),
            (&position.consistency, planted.consistency),
            (&length.bias, planted.length),
            (&own.difference, planted.own),
            (&kappa, planted.kappa),
        ]) {
            *held += holds(measured, planted);
        }
    }
    eprintln!("held {held:?} of {}", trials());
    assert!(held.iter().all(|held| *held >= least()), "first, same, length, own, κ: {held:?}");
}

#[test]
fn nothing_is_found_where_nothing_was_planted() {
    let mut flagged = [0; 3];
    for trial in 0..trials() {
        let (position, length, own) = measured(&FAIR.pairs(trial));
        for (flagged, flag) in flagged.iter_mut().zip([position.flag, length.flag, own.flag]) {
            *flagged += u64::from(flag == Flag::Flagged);
        }
    }
    eprintln!("flagged {flagged:?} of {}", trials());
    assert!(flagged.iter().all(|n| *n <= most()), "place, length, own: {flagged:?}");
}

#[test]
fn plain_faults_are_flagged() {
    // One fault each, since its own answer on a judge's mind half of the time leaves half to length.
    let place = Faults { position: 0.25, ..FAIR };
    let long = Faults { length: 0.5, ..FAIR };
    let kin = Faults { own: 0.5, ..FAIR };
    for seed in 0..10 {
        let [place, long, kin] = [place, long, kin].map(|faults| measured(&faults.pairs(seed)));
        let flags = [place.0.flag, long.1.flag, kin.2.flag];
        assert_eq!(flags, [Flag::Flagged; 3], "seed {seed}");
    }
}

#[test]
fn a_planted_temperature_is_found_and_a_right_one_left_alone() {
    let mut held = 0;
    let mut flagged = 0;
    for trial in 0..trials() {
        for planted in [1.8, 1.0] {
            let mut draws = Draws::new(trial);
            let (said, was): (Vec<f64>, Vec<f64>) = (0..200)
                .map(|_| {
                    let odds = 5.0 * (draws.share() - 0.5);
                    (sigmoid(planted * odds), f64::from(u8::from(draws.share() < sigmoid(odds))))
                })
                .unzip();
            let all = Forecasts::new(said, was, Clusters::each(200)).unwrap();
            let found = temperature(&all, 0);
            if planted > 1.5 {
                held += holds(&found, planted);
            } else {
                flagged += u64::from(found.unwrap().excludes(1.0));
            }
        }
    }
    eprintln!("held {held}, flagged {flagged} of {}", trials());
    assert!(held >= least() && flagged <= most(), "held {held}, flagged {flagged}");
}

#[test]
fn a_planted_pass_rate_is_found_through_a_judge_that_errs() {
    let (rate, sensitivity, specificity) = (0.7, 0.9, 0.8);
    let mut held = 0;
    // Without a bootstrap ten times as many trials cost nothing, and seeds of the two parts are
    // apart.
    for trial in 0..10 * trials() {
        let mut draws = Draws::new(trial);
        let mut passes = |truth: bool| {
            let p = if truth { sensitivity } else { 1.0 - specificity };
            u64::from(draws.share() < p)
        };
        let passed: u64 = (0..60).map(|_| passes(true)).sum();
        let failed: u64 = (0..60).map(|_| 1 - passes(false)).sum();
        let gold = Gold { passing: 60, passed, failing: 60, failed };
        let mut truth = Draws::new(1_000_000 + trial);
        let passed = (0..500).map(|_| passes(truth.share() < rate)).sum();
        held += u64::from(corrected_rate(passed, 500, gold).unwrap().interval.contains(rate));
    }
    eprintln!("held {held} of {}", 10 * trials());
    assert!(held >= 10 * least(), "{held}");
}

#[test]
fn planted_strengths_are_found() {
    let strengths = [0.9, 0.2, -0.3, -0.8];
    let mut held = [0; 4];
    for trial in 0..trials() {
        let mut draws = Draws::new(trial);
        let games: Vec<Game> = (0..PAIRS)
            .map(|_| {
                let a = draws.below(4);
                let b = (a + 1 + draws.below(3)) % 4;
                let p = sigmoid(strengths[a] - strengths[b]);
                Game::new(a, b, f64::from(u8::from(draws.share() < p)))
            })
            .collect();
        let clusters = Clusters::each(games.len());
        let ranking = rank(&Games::new(4, games, clusters).unwrap(), None, 0).unwrap();
        for standing in ranking.standings {
            let inside = standing.interval.unwrap().contains(strengths[standing.player]);
            held[standing.player] += u64::from(inside);
        }
    }
    eprintln!("held {held:?} of {}", trials());
    assert!(held.iter().all(|held| *held >= least()), "{held:?}");
}
