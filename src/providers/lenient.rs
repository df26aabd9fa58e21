//! Reading JSON that servers write carelessly: a byte order mark, `NaN`, lone surrogates, broken
//! UTF-8, numbers as strings.

use std::borrow::Cow;

use serde_json::Value;

/// Parses a body; where strict parsing fails, once more with the usual slips mended.
///
/// # Errors
///
/// What is wrong with the body as it came, with line and column.
pub(super) fn parse(body: &[u8]) -> Result<Value, serde_json::Error> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    match serde_json::from_slice(body) {
        Ok(value) => Ok(value),
        // The mended text has other columns, so the first error is the one to tell.
        Err(error) => {
            serde_json::from_str(&mended(&String::from_utf8_lossy(body))).map_err(|_second| error)
        }
    }
}

/// The largest count that is believed: sums of such stay far from where numbers end, and no
/// answer has as many tokens.
const LARGEST_COUNT: u64 = 1_000_000_000_000;

/// Whole, non-negative numbers, also as strings or floats; none above [`LARGEST_COUNT`].
pub(super) fn count(value: Option<&Value>) -> Option<u64> {
    let count = match value? {
        Value::Number(number) => number.as_u64().or_else(|| {
            number.as_f64().filter(|f| f.is_finite() && *f >= 0.0).map(|f| f.round() as u64)
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    count.filter(|count| *count <= LARGEST_COUNT)
}

/// Numbers, also as strings; never NaN.
pub(super) fn number(value: Option<&Value>) -> Option<f64> {
    let number = match value? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|f| !f.is_nan())
}

/// A text: a string, or the `text` of a list's parts one after another; `None` for null.
pub(super) fn text(value: Option<&Value>) -> Option<Cow<'_, str>> {
    match value? {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Array(parts) => {
            let mut whole = String::new();
            for part in parts {
                match part {
                    Value::String(text) => whole.push_str(text),
                    _ => whole.push_str(part.get("text").and_then(Value::as_str).unwrap_or("")),
                }
            }
            Some(Cow::Owned(whole))
        }
        _ => None,
    }
}

/// The same JSON with `NaN`, infinities and numbers too large to hold (`1e999`) as null, and lone
/// surrogates as U+FFFD.
fn mended(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_string = false;
    while let Some(first) = rest.chars().next() {
        if in_string && first == '\\' {
            rest = escape(rest, &mut out);
            continue;
        }
        if first == '"' {
            in_string = !in_string;
        } else if !in_string
            && let Some(after) = ["-Infinity", "Infinity", "NaN"]
                .into_iter()
                .find_map(|word| rest.strip_prefix(word))
        {
            out.push_str("null");
            rest = after;
            continue;
        }
        if !in_string && (first == '-' || first.is_ascii_digit()) {
            let end = rest
                .find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c)))
                .unwrap_or(rest.len());
            let number = &rest[..end];
            let is_too_large = number.parse::<f64>().is_ok_and(f64::is_infinite);
            out.push_str(if is_too_large { "null" } else { number });
            rest = &rest[end..];
            continue;
        }
        out.push(first);
        rest = &rest[first.len_utf8()..];
    }
    out
}

/// Copies the escape that `rest` starts with and gives what follows it.
fn escape<'a>(rest: &'a str, out: &mut String) -> &'a str {
    const REPLACEMENT: &str = "\\ufffd";
    match unit(rest) {
        Some(0xD800..=0xDBFF) if matches!(rest.get(6..).and_then(unit), Some(0xDC00..=0xDFFF)) => {
            out.push_str(&rest[..12]);
            &rest[12..]
        }
        Some(0xD800..=0xDFFF) => {
            out.push_str(REPLACEMENT);
            &rest[6..]
        }
        _ => {
            let len = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
            out.push_str(&rest[..len]);
            &rest[len..]
        }
    }
}

/// The UTF-16 unit of a `\uXXXX` at the start.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mends_what_servers_write_carelessly() {
        for (body, expected) in [
            (&b"\xEF\xBB\xBF{\"a\":1}"[..], r#"{"a":1}"#),
            (br#"{"a":NaN,"b":-Infinity,"c":"NaN"}"#, r#"{"a":null,"b":null,"c":"NaN"}"#),
            (
                br#"{"a":1e999,"b":[-1E400,1e2],"c":"1e999"}"#,
                r#"{"a":null,"b":[null,100.0],"c":"1e999"}"#,
            ),
            (br#"{"a":"x\ud83dy"}"#, "{\"a\":\"x\u{fffd}y\"}"),
            (br#"{"a":"\ud83d\ude00\udc00 \"q\" \\"}"#, "{\"a\":\"😀\u{fffd} \\\"q\\\" \\\\\"}"),
            (b"{\"a\":\"\xFF\"}", "{\"a\":\"\u{fffd}\"}"),
        ] {
            assert_eq!(parse(body).unwrap().to_string(), expected);
        }
        assert!(parse(b"<html>").is_err());
        assert!(parse(b"").is_err());
        assert!(parse(b"\"\\").is_err());
    }

    #[test]
    fn reads_numbers_that_are_strings() {
        let value = parse(br#"{"a":"12","b":12.0,"c":-1,"d":"x","e":" -0.5 "}"#).unwrap();
        assert_eq!(count(value.get("a")), Some(12));
        assert_eq!(count(value.get("b")), Some(12));
        assert_eq!(count(value.get("c")), None);
        let huge = parse(b"[18446744073709551615, 1e300, \"99999999999999\"]").unwrap();
        assert!((0..3).all(|index| count(huge.get(index)).is_none()), "sums must not overflow");
        assert_eq!(count(value.get("d")), None);
        assert_eq!(number(value.get("e")), Some(-0.5));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(body in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            drop(parse(&body));
        }

        #[test]
        fn never_panics_on_nearly_json(body in "[{}\\[\\]\",:\\\\uUdDcC0-9NaIinfty é-]{0,60}") {
            drop(parse(body.as_bytes()));
        }
    }
}
