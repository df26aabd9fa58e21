//! ICAI's tables (rdnfn/icai): `text_a`, `text_b`, `preferred_text`.

use serde_json::{Map, Value};

use super::gather::{Gather, Said};
use super::{Confidence, Format, Imported, ImportedLabels, NOBODY_NAMED, Problem, Source};
use crate::domain::{LabelAnswer, LabelTask, Prompt};
use crate::formats::import::prompts::each_row;
use crate::formats::lenient;

/// A table of pairs.
pub(super) struct Icai;

const COLUMNS: [&str; 3] = ["text_a", "text_b", "preferred_text"];

impl Format<ImportedLabels> for Icai {
    fn id(&self) -> &'static str {
        "icai"
    }
    fn title(&self) -> &'static str {
        "ICAI's table of pairs"
    }
    fn doc(&self) -> &'static str {
        "CSV with text_a, text_b and preferred_text: text_a, text_b, tie or tie (bothbad).\n\nThe \
         prompt is the column `input`, or what both texts begin with as “Instruction: … Output: \
         …”. The labeller is called “imported”."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["csv"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        let header = source.readable().and_then(|text| text.lines().next()).unwrap_or_default();
        let header = header.trim_start_matches('\u{feff}');
        let has = |wanted: &&str| header.split(',').any(|name| name.trim_matches('"') == *wanted);
        if COLUMNS.iter().all(has) { Confidence::Sure } else { Confidence::No }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<ImportedLabels>, Problem> {
        let mut gather = Gather::new();
        let check = |header: &csv::StringRecord| match COLUMNS
            .iter()
            .find(|wanted| !header.iter().any(|name| name == **wanted))
        {
            Some(missing) => Err(lenient::at_line(
                1,
                format!("there is no column {missing}"),
                "name the columns text_a, text_b and preferred_text",
            )),
            None => Ok(()),
        };
        each_row(source.text()?, check, &mut |line, row| {
            let place = format!("line {line}");
            match row {
                Ok(fields) => pair(&mut gather, line, &place, &fields)?,
                Err(why) => gather.drop(&place, why),
            }
            Ok(())
        })?;
        let hint = "the table needs rows with text_a, text_b and preferred_text";
        gather.finish(self.id(), source, LabelTask::Pairwise, hint)
    }
}

fn pair(
    gather: &mut Gather,
    line: usize,
    place: &str,
    fields: &Map<String, Value>,
) -> Result<(), Problem> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let said = match text("preferred_text") {
        "text_a" => vec![LabelAnswer::A],
        "text_b" => vec![LabelAnswer::B],
        "tie" => vec![LabelAnswer::Tie],
        "tie (bothbad)" => vec![LabelAnswer::BothBad],
        "" => Vec::new(),
        other => {
            let what = format!("“preferred_text” is “{other}”");
            let hint = "it is text_a, text_b, tie or tie (bothbad)";
            return Err(lenient::at_line(line, what, hint));
        }
    };
    let (whole_a, whole_b) = (text("text_a"), text("text_b"));
    let (question, a, b) = match (text("input"), parted(whole_a), parted(whole_b)) {
        ("", Some((one, a)), Some((other, b))) if one == other => (one, a, b),
        (input, _, _) => (input, whole_a, whole_b),
    };
    let mut item = Gather::bare(Prompt::of_text("", question), a, Some(b));
    item.a_model = text("model_a").to_owned();
    item.b_model = text("model_b").to_owned();
    gather.item(place, item, said.into_iter().map(|one| Said::of(NOBODY_NAMED, one)).collect());
    Ok(())
}

/// A text that brings its prompt with it, as AlpacaFarm's do.
fn parted(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("Instruction:")?;
    let (question, answer) = rest.split_once("\n\nOutput:")?;
    Some((question.trim(), answer.trim()))
}
