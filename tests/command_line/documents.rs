//! What comes in, goes out and is checked.

use crate::{project, text};

#[test]
fn check_says_where_and_how_to_mend() {
    let place = project();
    let good = place.expect(0, &["check", "p"]);
    assert!(good.out.contains("no problem"), "{}", good.out);
    place.write(
        "constitutions/bad.ron",
        "(\n    format: 1,\n    name: \"x\",\n    principels: [],\n)\n",
    );
    place.write("p/prompts/twice.jsonl", "{\"id\":\"a\",\"prompt\":\"x\"}\n{\"id\":\"a\"}\n");
    let bad = place.expect(1, &["check", "constitutions/bad.ron", "p"]);
    assert!(bad.out.contains("bad.ron:4:5: error:"), "{}", bad.out);
    assert!(bad.out.contains("principles"), "{}", bad.out);
    assert!(bad.out.contains("twice.jsonl:2"), "{}", bad.out);
    let report = place.expect(1, &["check", "constitutions/bad.ron", "--json"]).json();
    assert_eq!(report["errors"], 1);
    assert_eq!(report["problems"][0]["line"], 4);
    assert_ne!(text(&report, "/problems/0/hint"), "");
    place.expect(1, &["check", "not-there.ron"]);
}

#[test]
fn documents_come_in_go_out_and_come_back_the_same() {
    let place = project();
    let starter = "p/constitutions/general-assistant.ron";
    let markdown = place.expect(0, &["convert", starter, "--to", "markdown"]);
    place.write("c.md", &markdown.out);
    place.expect(0, &["convert", "c.md", "--to", "json", "--out", "c.json"]);
    let back = place.expect(0, &["convert", "c.json", "--to", "ron"]);
    let once = place.expect(0, &["convert", starter, "--to", "ron"]);
    assert_eq!(back.out, once.out);
    let refused = place.expect(1, &["convert", starter, "--to", "ron", "--out", "c.json"]);
    assert!(refused.err.contains("exists already"), "{}", refused.err);

    for stem in ["tone", "tone-2"] {
        place.write("tone.txt", "Be kind.\nBe brief.\n");
        let words = ["import", "p", "tone.txt", "--as", "constitution", "--json"];
        let added = place.expect(0, &words).json();
        assert_eq!(text(&added, "/0/stem"), stem);
    }
    place.write("q.csv", "prompt,tags\n\"What is rain?\",weather\n\"Why, then?\",why\n");
    let added = place.expect(0, &["import", "p", "q.csv"]);
    assert!(added.out.contains("2 prompts"), "{}", added.out);
    let set = place.lines("p/prompts/q.jsonl");
    assert_eq!(set[1]["prompt"], "Why, then?");
    place.expect(0, &["check", "p"]);

    place.write("page.html", "<!DOCTYPE html><html><body>x</body></html>");
    let refused = place.expect(1, &["import", "p", "page.html"]);
    assert!(refused.err.contains("hint: "), "{}", refused.err);
    place.expect(2, &["import", "p", "tone.txt"]);
}

#[test]
fn a_part_of_a_file_is_imported_also_where_the_whole_is_too_large() {
    let place = project();
    let lines = |rows: usize| "{\"prompt\":\"A\"}\n".repeat(rows);
    place.write("few.jsonl", &lines(50));
    let few = place.expect(0, &["import", "p", "few.jsonl", "--random", "7", "--seed", "3"]);
    assert!(few.out.contains("7 prompts"), "{}", few.out);
    assert!(
        few.err.contains("7 of 50 prompts were drawn at random with the seed 3"),
        "{}",
        few.err
    );
    place.expect(2, &["import", "p", "few.jsonl", "--random", "7", "--limit", "3"]);
    place.expect(2, &["import", "p", "few.jsonl", "--random", "0"]);
    place.expect(2, &["import", "p", "few.jsonl", "--limit", "0"]);

    place.write("many.jsonl", &lines(2_000_003));
    let refused = place.expect(1, &["import", "p", "many.jsonl"]);
    for words in ["2,000,003 rows", "at most 2,000,000 rows", "--limit N", "--random N"] {
        assert!(refused.err.contains(words), "{words}: {}", refused.err);
    }
    let words = ["import", "p", "many.jsonl", "--random", "5", "--json"];
    let drawn = place.expect(0, &words);
    assert!(drawn.err.contains("5 of 2,000,003 rows were drawn at random"), "{}", drawn.err);
    assert_eq!(text(&drawn.json(), "/0/what"), "5 prompts");
    let first = place.expect(0, &["import", "p", "many.jsonl", "--limit", "9"]);
    assert!(first.out.contains("9 prompts"), "{}", first.out);
    place.expect(0, &["check", "p"]);
}
