//! A part of a file: which rows, from where, and in how little memory.

use std::io::{Read, Write as _};

use super::*;

/// So many rows of JSON lines, made as they are read.
struct Endless {
    next: usize,
    rows: usize,
    left: Vec<u8>,
}

impl Endless {
    fn of(rows: usize) -> Self {
        Self { next: 0, rows, left: Vec::new() }
    }
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.left.len() < buffer.len() && self.next < self.rows {
            let n = self.next;
            writeln!(self.left, "{{\"id\":\"q{n:08}\",\"prompt\":\"What is question {n:08}?\"}}")?;
            self.next += 1;
        }
        let read = self.left.len().min(buffer.len());
        buffer[..read].copy_from_slice(&self.left[..read]);
        self.left.drain(..read);
        Ok(read)
    }
}

fn taken(rows: usize, part: Part) -> Imported<PromptSet> {
    prompt_part(Endless::of(rows), "x.jsonl", None, part).unwrap().unwrap()
}

fn ids(imported: &Imported<PromptSet>) -> Vec<&str> {
    imported.value.prompts.iter().map(|prompt| prompt.id.as_str()).collect()
}

#[test]
fn the_first_rows_are_taken_and_the_rest_is_not_looked_at() {
    let first = taken(9, Part::First(3));
    assert_eq!(ids(&first), ["q00000000", "q00000001", "q00000002"]);
    assert!(first.notes[0].contains("The first 3 rows"), "{:?}", first.notes);
    let all = taken(3, Part::First(9));
    assert_eq!((all.value.prompts.len(), all.notes[0].as_str()), (3, "All 3 rows were taken."));
    // What is behind them may be broken.
    let text = b"\xef\xbb\xbf\r\n{\"prompt\":\"A\"}\r\n\r\n{\"prompt\":\"B\"}\r\nno JSON";
    let two = prompt_part(&text[..], "x", None, Part::First(2)).unwrap().unwrap();
    assert_eq!(two.value.prompts.len(), 2);
    for bad in [Part::First(0), Part::First(MOST_ROWS + 1), Part::Random { rows: 0, seed: 1 }] {
        let problem = prompt_part(&text[..], "x", None, bad).unwrap_err();
        assert_eq!(problem.hint, "take 1 to 2,000,000");
    }
}

#[test]
fn a_draw_is_even_seeded_and_in_the_files_order() {
    let draw = |seed| taken(1_000, Part::Random { rows: 100, seed });
    let one = draw(7);
    assert_eq!(one, draw(7), "the same seed draws the same");
    assert_ne!(ids(&one), ids(&draw(8)));
    assert!(ids(&one).is_sorted() && ids(&one).len() == 100);
    assert_eq!(one.notes[0], "100 of 1,000 rows were drawn at random with the seed 7.");
    // Each tenth of the file has its share: 200 draws of 10 expected in each, standard deviation
    // 40; four of them are let be.
    let mut tenths = [0_i32; 10];
    for seed in 0..200 {
        for id in ids(&draw(seed)) {
            tenths[id[1..].parse::<usize>().unwrap() / 100] += 1;
        }
    }
    assert_eq!(tenths.iter().sum::<i32>(), 20_000);
    assert!(tenths.iter().all(|count| (count - 2_000).abs() < 160), "{tenths:?}");
    // Prompts that were read whole are drawn the same way.
    let mut prompts = taken(1_000, Part::First(1_000)).value.prompts;
    let told = keep(&mut prompts, Part::Random { rows: 100, seed: 7 });
    assert_eq!(prompts, one.value.prompts);
    assert_eq!(told, "100 of 1,000 prompts were drawn at random with the seed 7.");
    assert_eq!(keep(&mut prompts, Part::First(2)), "The first 2 of 100 prompts were taken.");
    assert_eq!(prompts, one.value.prompts[..2]);
}

#[test]
fn what_is_wrong_is_told_with_its_line_in_the_whole_file() {
    let rows = (0..50).map(|n| format!("{{\"prompt\":\"{n}\"}}\n\n"));
    let mut text = rows.collect::<Vec<_>>().concat();
    text.push_str("{\"answer\":\"x\"}\n");
    let draw = |seed| {
        let part = Part::Random { rows: 10, seed };
        prompt_part(text.as_bytes(), "x.jsonl", None, part).unwrap().unwrap()
    };
    let with_it = (0..99).map(draw).find(|drawn| !drawn.dropped.is_empty()).unwrap();
    assert_eq!(with_it.dropped[0].0, "record 101");
    let broken = text.replace("{\"answer\":\"x\"}", "{\"prompt\": }");
    let refused = (0..99).find_map(|seed| {
        prompt_part(broken.as_bytes(), "x.jsonl", None, Part::Random { rows: 10, seed }).err()
    });
    assert_eq!(refused.unwrap().position, Some((101, 12)));
    // A row that is too long is named, whether it was drawn or stands among the first.
    let giant = format!("{{\"prompt\":\"A\"}}\n{{\"prompt\":\"{}\"}}\n", "x".repeat(17 << 20));
    let long = prompt_part(giant.as_bytes(), "x.jsonl", None, Part::First(2)).unwrap_err();
    assert!(long.what.contains("it has 18 MB"), "{}", long.what);
    assert_eq!(long.position, Some((2, 1)));
    assert_eq!(size(giant.as_bytes(), "x.jsonl").unwrap().unwrap().rows, 2);
}

#[test]
fn tables_are_taken_apart_with_their_header_and_packed_files_unpacked() {
    let rows = (0..40).map(|n| format!("r{n:02};\"Line one;\nline {n}\";x\r\n"));
    let text = format!("id;Prompt;note\r\n{}", rows.collect::<Vec<_>>().concat());
    let zst = zstd::encode_all(text.as_bytes(), 1).unwrap();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(text.as_bytes()).unwrap();
    let gz = gz.finish().unwrap();
    let part = Part::Random { rows: 5, seed: 3 };
    let plain = prompt_part(text.as_bytes(), "t.csv", None, part).unwrap().unwrap();
    assert_eq!((plain.value.prompts.len(), plain.value.name.as_str()), (5, "t"));
    for prompt in &plain.value.prompts {
        let n = &prompt.id.as_str()[1..];
        assert_eq!(prompt.text(), format!("Line one;\nline {}", n.parse::<u32>().unwrap()));
        assert_eq!(prompt.extra["note"], "x");
    }
    for (bytes, name) in [(&zst, "t.csv.zst"), (&gz, "t.csv.gz")] {
        assert_eq!(prompt_part(&bytes[..], name, None, part).unwrap().unwrap(), plain);
        let size = size(&bytes[..], name).unwrap().unwrap();
        assert_eq!((size.rows, size.bytes), (40, text.len() as u64));
    }
    // A row of another shape is left out by its line in the whole file.
    let odd = text.replace("\";x\r\n", "\";x;y\r\n").replacen("\";x;y", "\";x", 39);
    for odd in [odd.clone(), odd.replace("\r\n", "\n")] {
        let part = prompt_part(odd.as_bytes(), "t.csv", None, Part::First(40)).unwrap().unwrap();
        let whole = prompt_set(odd.as_bytes(), "t.csv", None).unwrap();
        assert_eq!(part.dropped[0].0, "line 80");
        assert_eq!(part.dropped, whole.dropped);
    }
    let open = format!("prompt\n\"Why?\n{}", "line\n".repeat((40 << 20) / 5));
    let problem = prompt_part(open.as_bytes(), "x.csv", None, Part::First(9)).unwrap_err();
    assert!(problem.hint.contains("never closed"), "{}", problem.hint);
    // What has not a row for each record is read whole or not at all.
    for (bytes, name) in [(&b"[{\"prompt\":\"A\"}]"[..], "x.jsonl"), (b"A\nB\n", "x.txt")] {
        assert_eq!(prompt_part(bytes, name, None, part).unwrap(), None);
        assert_eq!(size(bytes, name).unwrap(), None);
    }
}

#[test]
fn ten_million_rows_go_by_in_little_memory() {
    let rows = odd_tests::size(300_000, 10_000_000);
    let before = odd_tests::peak();
    let begun = std::time::Instant::now();
    let size = size(Endless::of(rows), "x.jsonl").unwrap().unwrap();
    assert_eq!((size.rows, size.bytes), (rows as u64, rows as u64 * 57));
    let is_large = rows > MOST_ROWS;
    assert_eq!(size.is_too_large(), is_large);
    if is_large {
        assert_eq!(
            size.refusal(),
            "it has 10,000,000 rows and 544 MB, and at most 2,000,000 rows and 512 MB are read at \
             once"
        );
    }
    let part = Part::Random { rows: 10_000, seed: 1 };
    let drawn = taken(rows, part);
    assert_eq!(drawn.value.prompts.len(), 10_000);
    assert!(drawn.value.prompts.last().unwrap().id.0 > format!("q{:08}", rows / 100 * 99));
    let more = odd_tests::peak().saturating_sub(before);
    println!("{rows} rows: {:?}, {} MB more", begun.elapsed(), more >> 20);
    // Other tests of this process run beside it.
    assert!(more < 600 << 20, "{} MB more", more >> 20);
}
