//! R12: the cost on screen is the provider's bill, to the token and the cent's fractions.

use serde_json::Value;

use crate::faultd::ledger::{Bill, Outcome};
use crate::faultd::mix::Mix;
use crate::faultd::{Faultd, Settings};
use crate::house::{House, PRICES, run_words, settle};

/// US dollars of a bill at the model's two prices; what is cached has the full price unless the
/// model says otherwise, and what is put into the cache a quarter more in Anthropic's dialect.
fn dollars(bill: Bill) -> f64 {
    let read = bill.prompt as f64 + bill.cache_write as f64 * 0.25;
    (read * PRICES.0 + bill.completion as f64 * PRICES.1) / 1e6
}

fn same(summary: &Value, bill: Bill) {
    let shown = &summary["usage"];
    for (name, value) in bill.json().as_object().unwrap() {
        // Sums that are 0 may be left out.
        let found = shown.get(name).and_then(Value::as_u64).unwrap_or(0);
        assert_eq!(Some(found), value.as_u64(), "{name}: {summary}");
    }
}

fn close(shown: &Value, dollars: f64) {
    let shown = shown.as_f64().unwrap();
    assert!((shown - dollars).abs() < 1e-9, "{shown} USD on screen, {dollars} USD on the bill");
}

#[test]
fn the_bill_on_screen_is_the_bill() {
    for (is_anthropic, more) in [(false, &[][..]), (false, &["--no-stream"]), (true, &[])] {
        let server = Faultd::start(Settings::default());
        let model = if is_anthropic { server.anthropic() } else { server.openai() };
        let house = House::new();
        house.project(&model, 40);
        house.model(&model, more);
        house.expect(0, &run_words("8"));
        settle(&server);
        let (requests, bill) = server.look(|ledger| ledger.total(Outcome::Paid));
        assert_eq!(requests, 120);
        assert!(bill.cached > 0, "nothing was read from the cache, so nothing is compared");
        assert!(bill.cache_write > 0 || !is_anthropic);
        assert!(bill.reasoning > 0 || is_anthropic);
        let summary = house.summary();
        same(&summary, bill);
        close(&summary["cost_usd"], dollars(bill));
        // The books that others read are the books.
        let ledger = server.ledger();
        assert_eq!(ledger["paid"]["bill"], bill.json());
        assert_eq!(ledger["in_flight"], 0);
    }
}

#[test]
fn the_books_tell_when_a_used_answer_is_asked_for_again() {
    use std::io::{Read as _, Write as _};
    let server = Faultd::start(Settings::default());
    let address = server.openai().split_once("://").unwrap().1.trim_end_matches("/v1").to_owned();
    let ask = |content: &str| {
        let body = serde_json::json!({
            "model": "m", "messages": [{"role": "user", "content": content}],
        })
        .to_string();
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        write!(
            stream,
            "POST /v1/chat/completions HTTP/1.1\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let value: Value = serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap();
        value["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
    };
    let first = ask("one");
    assert_eq!(ask("one"), first, "the same question, the same answer");
    assert!(server.look(|ledger| ledger.in_vain().is_empty()), "nobody has used it yet");
    assert_ne!(ask(&format!("two, after: {first}")), first);
    ask("one");
    assert_eq!(server.ledger()["in_vain"].as_array().unwrap().len(), 1);
    assert_eq!(server.ledger()["requests"], 4);
}

#[test]
fn failed_requests_are_billed_by_rule_and_apart() {
    for more in [&[][..], &["--no-stream"]] {
        failed_requests(more);
    }
}

fn failed_requests(more: &[&str]) {
    let server = Faultd::start(Settings {
        mix: Mix { truncated: 0.15, broken: 0.1, reset: 0.1, ..Mix::default() },
        ..Settings::default()
    });
    let house = House::new();
    house.project(&server.openai(), 60);
    house.model(&server.openai(), more);
    house.expect(0, &run_words("8"));
    settle(&server);
    let summary = house.summary();
    let (_, paid) = server.look(|ledger| ledger.total(Outcome::Paid));
    let (lost_count, lost) = server.look(|ledger| ledger.total(Outcome::Lost));
    same(&summary, paid);
    assert!(lost_count > 5, "too few were broken off to say anything");
    // An answer that broke off may be billed in full: what is set aside covers it.
    let shown = summary["cost_usd"].as_f64().unwrap();
    let least = dollars(paid) + dollars(lost);
    assert!(shown >= least, "{shown} USD on screen, up to {least} USD on the bill");
}
