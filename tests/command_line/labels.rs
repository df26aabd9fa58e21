//! Label sets: imported, made from runs, shown and checked.

use serde_json::Value;

use crate::program::server::{Manner, Server};
use crate::{number, project, text};

const VOTES: &str = "prompt,a,b,label,annotator\n\
                     Is it?,Yes.,No.,a,Ana\nIs it?,Yes.,No.,b,Ben\n\
                     Was it?,Yes.,No.,tie,Ana\nWill it?,Same,Same,a,Ana\n";

#[test]
fn labels_of_a_file_become_a_set_once() {
    let place = project();
    place.write("votes.csv", VOTES);
    let words = ["import", "p", "votes.csv", "--as", "labels", "--set", "Honesty", "--json"];
    let ended = place.expect(0, &words);
    assert!(ended.err.contains("left out: votes.csv: line 5: both answers"), "{}", ended.err);
    let added = ended.json();
    assert_eq!((text(&added, "/0/stem"), text(&added, "/0/format")), ("honesty", "records"));
    assert_eq!((number(&added, "/0/items"), number(&added, "/0/labels")), (2.0, 3.0));
    let again = place.expect(0, &words).json();
    assert_eq!((number(&again, "/0/items"), number(&again, "/0/labels")), (0.0, 0.0));
    assert_eq!((&again[0]["items_known"], &again[0]["labels_known"]), (&2.into(), &3.into()));
    assert_eq!(place.lines("p/labels/honesty/ana.jsonl").len(), 2);
    assert_eq!(place.lines("p/labels/honesty/items.jsonl")[0]["prompt"]["prompt"], "Is it?");

    let list = place.expect(0, &["labels", "p"]);
    assert!(list.out.contains("honesty") && list.out.contains("Honesty"), "{}", list.out);
    let one = place.expect(0, &["labels", "p", "Honesty"]);
    assert!(one.out.contains("Honesty (honesty): pairs, 2 items of 2 prompts"), "{}", one.out);
    assert!(one.out.contains("(too few to tell: 1 of at least 20)"), "{}", one.out);
    let one = place.expect(0, &["labels", "p", "honesty", "--json"]).json();
    assert_eq!(text(&one, "/labellers/0/labeller"), "Ana");
    assert_eq!(one["labellers"][1]["labels"], 1);
    // Nobody labels on as somebody whose labels came with a file.
    assert_eq!(
        (&one["labellers"][0]["left"], &one["labellers"][0]["imported"]),
        (&Value::Null, &true.into())
    );
    assert_eq!(one["people"]["kappa"]["value"], Value::Null);
    assert!((number(&one, "/gold/items") + number(&one, "/dev/items") - 2.0).abs() < 1e-9);

    // Who labels here has the rest of the set left.
    let second = place.lines("p/labels/honesty/items.jsonl")[1]["id"].clone();
    let dora = "p/labels/honesty/dora.jsonl";
    place.write(
        dora,
        &format!(
            "{{\"item\":{second},\"labeller\":\"Dora\",\"answer\":\"a\",\
             \"at\":\"2026-01-02T03:04:05Z\"}}\n"
        ),
    );
    let one = place.expect(0, &["labels", "p", "honesty", "--json"]).json();
    assert_eq!(
        (&one["labellers"][2]["left"], &one["labellers"][2]["imported"]),
        (&1.into(), &false.into())
    );
    let shown = place.expect(0, &["labels", "p", "honesty"]).out;
    let left = |name: &str| {
        let line = shown.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(3).unwrap().to_owned()
    };
    assert_eq!((left("Ana").as_str(), left("Dora").as_str()), ("–", "1"), "{shown}");
    std::fs::remove_file(place.path(dora)).unwrap();

    // A file of somebody else, copied in, just counts; a torn line and a stranger are named.
    let file = "p/labels/honesty/cem.jsonl";
    let first = place.lines("p/labels/honesty/items.jsonl")[0]["id"].clone();
    place.write(
        file,
        &format!(
            "{{\"item\":{first},\"labeller\":\"Cem\",\"answer\":\"a\"}}\n\
             {{\"item\":\"gone\",\"labeller\":\"Cem\",\"answer\":\"a\"}}\n{{\"item\":\"to"
        ),
    );
    let one = place.expect(0, &["labels", "p", "honesty", "--json"]).json();
    assert_eq!((&one["labellers"][2]["labels"], &one["stray_labels"]), (&1.into(), &1.into()));
    let check = place.expect(0, &["check", "p"]);
    assert!(
        check.out.contains("cem.jsonl:3:1: warning: the last line was cut off"),
        "{}",
        check.out
    );
    assert!(check.out.contains("cem.jsonl:2:1: warning: 1 labels are of items"), "{}", check.out);
    place.write(file, "nonsense\n");
    place.expect(1, &["check", "p"]);
}

#[test]
fn what_cant_be_taken_is_refused_with_a_hint() {
    let place = project();
    place.write("odd.csv", "prompt,a,b,label\nq,x,y,a\nr,x,y,perhaps\n");
    let refused = place.expect(1, &["import", "p", "odd.csv", "--as", "labels"]);
    assert!(refused.err.contains("odd.csv:3:1: line 3: “label” is"), "{}", refused.err);
    assert!(refused.err.contains("hint: write a, b, tie"), "{}", refused.err);
    assert!(!place.path("p/labels").exists(), "nothing is half made");
    place.write("ana.jsonl", "{\"item\":\"i1\",\"labeller\":\"Ana\",\"answer\":\"a\"}\n");
    let refused = place.expect(1, &["import", "p", "ana.jsonl", "--as", "labels"]);
    assert!(refused.err.contains("labels without their items"), "{}", refused.err);
    place.write("votes.csv", VOTES);
    place.expect(2, &["import", "p", "votes.csv", "--as", "prompts", "--set", "x"]);
    place.expect(2, &["import", "p", "votes.csv", "--as", "labels", "--labeller", "Ana"]);
    place.expect(2, &["labels", "p", "--limit", "3"]);
    let words = ["import", "p", "votes.csv", "--as", "labels", "--set", "honesty"];
    place.expect(0, &words);
    let refused = place.expect(1, &["labels", "p", "honsty"]);
    assert!(refused.err.contains("did you mean honesty?"), "{}", refused.err);
    place.write("pass.csv", "prompt,response,label\nq,x,pass\n");
    let words = ["import", "p", "pass.csv", "--as", "labels", "--set", "honesty"];
    let refused = place.expect(1, &words);
    assert!(refused.err.contains("the set asks for “Pairs”"), "{}", refused.err);

    // Somebody else writes the project.
    let lock = std::fs::File::options().write(true).open(place.path("p/.preamble.lock")).unwrap();
    lock.try_lock().unwrap();
    let words = ["import", "p", "votes.csv", "--as", "labels", "--set", "more"];
    let refused = place.expect(1, &words);
    assert!(refused.err.contains("open for writing elsewhere"), "{}", refused.err);
    place.expect(0, &["labels", "p", "honesty"]);
}

#[test]
fn a_set_is_made_from_a_run_and_grows_without_doubles() {
    let (place, server) = (project(), Server::start(Manner::default()));
    let model = server.openai();
    place.expect(0, &["run", "p", "--recipe", "critique", "--limit", "4", "--model", &model]);
    let asked = server.count();
    let words = ["labels", "p", "Drafts", "--from-run", "latest", "--principles", "2", "--json"];
    let made = place.expect(0, &words).json();
    assert_eq!((text(&made, "/stem"), text(&made, "/task")), ("drafts", "pairwise"));
    assert_eq!((number(&made, "/items"), &made["new"]), (8.0, &true.into()));
    let items = place.lines("p/labels/drafts/items.jsonl");
    assert!(items.iter().all(|item| item["aspect"]["id"].is_string()), "{items:?}");
    assert!(items.iter().all(|item| item["a"] != item["b"]), "{items:?}");
    let again = place.expect(0, &words).json();
    assert_eq!((number(&again, "/items"), number(&again, "/items_known")), (0.0, 8.0));
    let words = ["labels", "p", "few", "--from-run", "1", "--limit", "2", "--seed", "3", "--json"];
    assert!((number(&place.expect(0, &words).json(), "/items") - 2.0).abs() < 1e-9);
    let scores =
        ["labels", "p", "scores", "--from-run", "1", "--rubric", "helpful-honest", "--json"];
    let made = place.expect(0, &scores).json();
    assert_eq!(text(&made, "/task"), "scores");
    let first = &place.lines("p/labels/scores/items.jsonl")[0];
    assert!(first["b"].is_null() && !first["aspect"]["levels"].as_array().unwrap().is_empty());
    place.expect(0, &["check", "p"]);
    assert_eq!(server.count(), asked, "making a set asks no model");
    let refused =
        place.expect(2, &["labels", "p", "drafts", "--from-run", "1", "--task", "scores"]);
    assert!(refused.err.contains("asks for pairs"), "{}", refused.err);
    place.expect(
        1,
        &["labels", "p", "x", "--from-run", "1", "--principles", "1", "--constitution", "no"],
    );
    place.expect(2, &["labels", "p", "--from-run", "1"]);
}

/// Real files, where `PREAMBLE_INTEROP_DATA` names a folder of them.
#[test]
fn real_files_of_labels_are_imported_and_shown() {
    let Some(data) = std::env::var_os("PREAMBLE_INTEROP_DATA").map(std::path::PathBuf::from) else {
        println!("skipped: PREAMBLE_INTEROP_DATA names no folder of real files");
        return;
    };
    let place = project();
    for (file, items, labels, people) in [
        ("preferences/hh_harmless_base_first600.jsonl", 600, 600, 1),
        ("preferences/pandalm_testset_even.json", 288, 897, 3),
        ("preferences/llmbar_natural.json", 100, 100, 1),
        ("preferences/faireval_processed.json", 66, 66, 1),
        ("preferences/alpaca_eval_gpt4_annotations_first150.json", 150, 150, 0),
        ("icai/synthetic_orthogonal.csv", 30, 30, 1),
        ("icai/example_annotated_pairs.json", 1, 1, 1),
    ] {
        let path = data.join(file).to_string_lossy().into_owned();
        let added = place.expect(0, &["import", "p", &path, "--as", "labels", "--json"]).json();
        assert_eq!(
            (number(&added, "/0/items"), number(&added, "/0/labels")),
            (f64::from(items), f64::from(labels)),
            "{file}"
        );
        let shown = place.expect(0, &["labels", "p", text(&added, "/0/stem"), "--json"]).json();
        assert_eq!(shown["items"], items, "{file}");
        assert_eq!(shown["labellers"].as_array().unwrap().len(), people, "{file}");
        assert_eq!(shown["problems"], 0, "{file}");
    }
    // Worked out from the definitions over the first labels of the 288 pairs, apart from this code.
    let panda = place.expect(0, &["labels", "p", "pandalm_testset_even", "--json"]).json();
    assert_eq!(panda["people"]["shared_items"], 288);
    assert!((number(&panda, "/people/kappa/value") - PANDA_KAPPA).abs() < 1e-6, "{panda}");
    assert!((number(&panda, "/people/krippendorff_alpha/value") - PANDA_ALPHA).abs() < 1e-6);
    assert!((number(&panda, "/labellers/0/repeats/n") - 11.0).abs() < 1e-9);
    place.expect(0, &["check", "p"]);
}

const PANDA_KAPPA: f64 = 0.829_527_751_685_772_8;
const PANDA_ALPHA: f64 = 0.829_607_529_122_699_2;
