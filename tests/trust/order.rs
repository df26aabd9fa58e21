//! Calls that begin alike go out together, the first one and then the rest, so that the provider's
//! cache pays; and the bill is the bill with it, too.

use std::time::Duration;

use crate::faultd::ledger::{Bill, Entry, Outcome};
use crate::faultd::mix::Mix;
use crate::faultd::{Faultd, Settings};
use crate::house::{House, PRICES, run_words, settle};

const ROWS: u64 = 30;
/// US dollars per million tokens read from the cache.
const CACHED: f64 = 0.3;
/// What the service takes for tokens put into it, as a share of any other token read.
const PUT: f64 = 1.25;

/// Long enough that others come while it is answered.
fn caching() -> Settings {
    Settings {
        has_cache: true,
        delay: (Duration::from_millis(30), Duration::from_millis(60)),
        ..Settings::default()
    }
}

/// Instructions of about so many tokens.
fn instructions(tokens: usize) -> String {
    "Be kind, be brief, and say what you do not know. ".repeat(tokens * 4 / 49)
}

/// Prompts that all have such instructions.
fn project(house: &House, model: &str, tokens: usize) {
    house.project(model, 0);
    let instructions = instructions(tokens);
    let prompts = (0..ROWS).map(|row| {
        let messages = serde_json::json!([
            {"role": "system", "content": instructions},
            {"role": "user", "content": format!("Question {row}?")},
        ]);
        serde_json::json!({"id": format!("q-{row:05}"), "messages": messages}).to_string()
    });
    house.write("p/prompts/many.jsonl", &prompts.collect::<Vec<_>>().join("\n"));
    house.model(model, &["--price-cached", "0.3"]);
}

/// The drafts, in the order they came: instructions and a short question, and nothing else.
fn drafts(server: &Faultd, tokens: usize) -> Vec<Entry> {
    let least = instructions(tokens).len() as u64 / 4;
    let all = server.look(|ledger| ledger.entries().to_vec());
    all.into_iter().filter(|entry| (least..least + 30).contains(&entry.bill.prompt)).collect()
}

fn dollars(bill: Bill, put: f64) -> f64 {
    let plain = (bill.prompt - bill.cached - bill.cache_write) as f64;
    let read = plain * PRICES.0 + bill.cached as f64 * CACHED;
    let written = bill.cache_write as f64 * PRICES.0 * put;
    (read + written + bill.completion as f64 * PRICES.1) / 1e6
}

#[test]
fn the_first_call_goes_alone_and_the_rest_find_the_cache_warm() {
    for is_anthropic in [false, true] {
        let server = Faultd::start(caching());
        let model = if is_anthropic { server.anthropic() } else { server.openai() };
        let house = House::new();
        project(&house, &model, 3_000);
        house.expect(0, &run_words("8"));
        settle(&server);
        let drafts = drafts(&server, 3_000);
        assert_eq!(drafts.len() as u64, ROWS);
        for (nth, draft) in drafts.iter().enumerate() {
            let Bill { prompt, cached, cache_write, .. } = draft.bill;
            assert_eq!(cached > 0, nth > 0, "draft {nth}: {:?}", draft.bill);
            assert_eq!(cache_write > 0, nth == 0 && is_anthropic, "draft {nth}");
            assert!(nth == 0 || cached * 10 > prompt * 9, "draft {nth}: {:?}", draft.bill);
        }
        let (requests, bill) = server.look(|ledger| ledger.total(Outcome::Paid));
        assert_eq!(requests, 3 * ROWS);
        let summary = house.summary();
        assert_eq!(summary["usage"]["cached_tokens"], bill.cached);
        let put = if is_anthropic { PUT } else { 1.0 };
        let (shown, billed) = (summary["cost_usd"].as_f64().unwrap(), dollars(bill, put));
        assert!((shown - billed).abs() < 1e-9, "{shown} USD on screen, {billed} USD on the bill");
        let words = house.expect(0, &["runs", "p", "1"]).out;
        let share = (bill.cached as f64 * 100.0 / bill.prompt as f64).round();
        let said = format!("cached {} of {} prompt tokens ({share} %)", bill.cached, bill.prompt);
        assert!(words.contains(&said), "{said} is not in\n{words}");
        // Marks are no part of what was asked: the journal answers all of it.
        house.expect(0, &run_words("8"));
        assert_eq!(server.look(|ledger| ledger.entries().len()) as u64, 3 * ROWS);
    }
}

#[test]
fn short_prompts_wait_for_nobody_and_have_no_marks() {
    let server = Faultd::start(caching());
    let house = House::new();
    project(&house, &server.anthropic(), 200);
    house.expect(0, &run_words("8"));
    settle(&server);
    let (_, bill) = server.look(|ledger| ledger.total(Outcome::Paid));
    assert_eq!((bill.cached, bill.cache_write), (0, 0));
    assert_eq!(server.look(crate::faultd::ledger::Ledger::most_in_flight), 8);
}

#[test]
fn a_cap_holds_with_what_is_put_into_the_cache() {
    for cap in ["0.04", "0.06", "0.1"] {
        let settings = Settings { mix: Mix { broken: 0.1, ..Mix::default() }, ..caching() };
        let server = Faultd::start(settings);
        let house = House::new();
        project(&house, &server.anthropic(), 2_000);
        let mut words = run_words("8");
        words.extend(["--max-cost", cap]);
        house.expect(3, &words);
        settle(&server);
        let cap: f64 = cap.parse().unwrap();
        let (_, bill) = server.look(|ledger| ledger.total(Outcome::Paid));
        let (shown, billed) = (house.summary()["cost_usd"].as_f64().unwrap(), dollars(bill, PUT));
        assert!(shown <= cap + 1e-9, "{shown} USD of {cap}");
        assert!((shown - billed).abs() < 1e-9, "{shown} USD on screen, {billed} USD on the bill");
    }
}
