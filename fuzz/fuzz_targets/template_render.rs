//! Templates and what goes into them: neither data nor a source can forge a message, hang or
//! panic.
#![no_main]
use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use minijinja::context;
use preamble_fuzz::methods::template::{self, TEMPLATES, Templates};

fuzz_target!(|data: &str| {
    let (source, text) = data.split_once('\u{1}').unwrap_or((data, data));
    for info in TEMPLATES.iter().take(6) {
        template::check(info.name, source);
    }
    // The built-in draft with a hostile text: as many messages as with a harmless one.
    let fence = template::fence(&[text]);
    assert!(!text.contains(&fence), "the fence is not in what it goes around");
    template::quoted(text);
    let overrides = BTreeMap::from([("critique".to_owned(), source.to_owned())]);
    let (templates, _) = Templates::with_overrides(overrides);
    let values = context! {
        conversation => text, response => text, draft => text, fence => fence, critique => text,
        request => text, principle => text, preface => text, reason => text,
    };
    templates.render("critique", &values).ok();
});
