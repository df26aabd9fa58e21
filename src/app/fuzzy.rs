//! How well a text fits a few letters: what the palette sorts by.
//!
//! Every word typed must be found; its letters in order, not necessarily side by side. Letters
//! that begin words and stand together weigh most. Long texts (prompts, principles) are not
//! searched letter by letter, where anything would fit: there each word must stand as it is.

/// A match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    /// How well it fits; greater is better.
    pub score: i32,
    /// The places of the letters that matched, counted in characters, ascending.
    pub places: Vec<usize>,
}

/// What was typed, made ready.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needle {
    words: Vec<Vec<char>>,
}

/// A letter that begins a word.
const AT_WORD: i32 = 12;
/// A letter right behind the one before.
const TOGETHER: i32 = 8;
/// Any letter.
const LETTER: i32 = 4;
/// Each letter skipped between two that matched, at most so many.
const GAP: (i32, i32) = (1, 12);
/// The text begins with the word typed.
const AT_START: i32 = 10;
/// The word typed is a whole word of the text.
const WHOLE: i32 = 6;
/// Of a long text only so many characters are looked at.
const LOOKED_AT: usize = 400;

impl Needle {
    /// Makes what was typed ready.
    pub fn new(typed: &str) -> Self {
        let words = typed
            .split_whitespace()
            .map(|word| word.chars().map(lower).collect())
            .filter(|word: &Vec<char>| !word.is_empty())
            .collect();
        Self { words }
    }

    /// Whether nothing was typed: everything fits.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// How well a name or title fits; `None`: not at all.
    pub fn fit(&self, text: &str) -> Option<Fit> {
        let letters: Vec<char> = text.chars().take(LOOKED_AT).collect();
        let small: Vec<char> = letters.iter().copied().map(lower).collect();
        self.all_words(&letters, &small, |word| {
            together(word, &letters, &small).or_else(|| apart(word, &letters, &small))
        })
    }

    /// How well a long text fits: each word typed must stand in it as it is.
    pub fn fit_prose(&self, text: &str) -> Option<Fit> {
        let letters: Vec<char> = text.chars().take(LOOKED_AT).collect();
        let small: Vec<char> = letters.iter().copied().map(lower).collect();
        self.all_words(&letters, &small, |word| together(word, &letters, &small))
    }

    fn all_words(
        &self,
        letters: &[char],
        small: &[char],
        mut find: impl FnMut(&[char]) -> Option<Fit>,
    ) -> Option<Fit> {
        if self.words.is_empty() {
            return Some(Fit { score: 0, places: Vec::new() });
        }
        let mut whole = Fit { score: 0, places: Vec::new() };
        for word in &self.words {
            let found = find(word)?;
            whole.score += found.score;
            whole.places.extend(found.places);
        }
        if small.starts_with(&self.words[0]) {
            whole.score += AT_START;
        }
        // Of two that fit alike the shorter one was meant.
        whole.score -= (letters.len() / 16) as i32;
        whole.places.sort_unstable();
        whole.places.dedup();
        Some(whole)
    }
}

/// One letter in lower case; the few that become two keep their first.
fn lower(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

/// Whether a word begins at that place: behind a space or sign, or a capital behind a small one.
fn begins_word(letters: &[char], place: usize) -> bool {
    let Some(before) = place.checked_sub(1).map(|before| letters[before]) else { return true };
    let here = letters[place];
    !before.is_alphanumeric() || (here.is_uppercase() && before.is_lowercase())
}

/// The word side by side: the place that scores best.
fn together(word: &[char], letters: &[char], small: &[char]) -> Option<Fit> {
    let last = small.len().checked_sub(word.len())?;
    let mut best: Option<(i32, usize)> = None;
    for place in 0..=last {
        if small[place] != word[0] || small[place..place + word.len()] != *word {
            continue;
        }
        let end = place + word.len();
        let begins = begins_word(letters, place);
        let ends = end == letters.len() || !letters[end].is_alphanumeric();
        let mut score = word.len() as i32 * (LETTER + TOGETHER) - TOGETHER;
        if begins {
            score += AT_WORD;
        }
        if begins && ends {
            score += WHOLE;
        }
        if best.is_none_or(|(known, _)| score > known) {
            best = Some((score, place));
        }
    }
    let (score, place) = best?;
    Some(Fit { score, places: (place..place + word.len()).collect() })
}

/// The word's letters in order with others between, the best way to place them.
fn apart(word: &[char], letters: &[char], small: &[char]) -> Option<Fit> {
    // best[i]: with the word's letters up to now ending at text letter i, its score and where
    // the letter before stands.
    let mut rows: Vec<Vec<Option<(i32, usize)>>> = Vec::with_capacity(word.len());
    for (n, wanted) in word.iter().enumerate() {
        let mut row = vec![None; small.len()];
        // The best of the row before at a distance, with what its gap costs by now.
        let mut behind: Option<(i32, usize)> = None;
        for place in 0..small.len() {
            if n > 0
                && place > 0
                && let Some((score, _)) = rows[n - 1][place - 1]
            {
                let known = behind.map(|(known, at)| known - cost(place - 1 - at));
                if known.is_none_or(|known| score >= known) {
                    behind = Some((score, place - 1));
                }
            }
            if small[place] != *wanted {
                continue;
            }
            let own = LETTER + if begins_word(letters, place) { AT_WORD } else { 0 };
            if n == 0 {
                row[place] = Some((own, place));
                continue;
            }
            let near = place.checked_sub(1).and_then(|before| {
                rows[n - 1][before].map(|(score, _)| (score + TOGETHER, before))
            });
            let far = behind.map(|(score, at)| (score - cost(place - 1 - at), at));
            let from = match (near, far) {
                (Some(near), Some(far)) => Some(if near.0 >= far.0 { near } else { far }),
                (near, far) => near.or(far),
            };
            row[place] = from.map(|(score, at)| (score + own, at));
        }
        if row.iter().all(Option::is_none) {
            return None;
        }
        rows.push(row);
    }
    let ends = rows.last()?.iter().enumerate();
    let (mut at, score) = ends
        .filter_map(|(place, found)| found.map(|(score, _)| (place, score)))
        .max_by_key(|(place, score)| (*score, std::cmp::Reverse(*place)))?;
    // Letters that are strewn over a text are no word of it.
    if score < word.len() as i32 * LETTER + AT_WORD / 2 {
        return None;
    }
    let mut places = vec![at];
    for row in rows.iter().skip(1).rev() {
        at = row[at].map_or(at, |(_, before)| before);
        places.push(at);
    }
    places.reverse();
    Some(Fit { score, places })
}

fn cost(skipped: usize) -> i32 {
    (skipped as i32 * GAP.0).min(GAP.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best<'a>(typed: &str, texts: &[&'a str]) -> Vec<&'a str> {
        let needle = Needle::new(typed);
        let mut fits: Vec<(i32, &str)> =
            texts.iter().filter_map(|text| Some((needle.fit(text)?.score, *text))).collect();
        fits.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        fits.into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn what_begins_with_it_comes_first() {
        let all = ["Redo", "Export…", "Dark colours", "Undo", "Import…", "Expand all"];
        assert_eq!(best("exp", &all), ["Export…", "Expand all"]);
        assert_eq!(best("undo", &all), ["Undo"]);
        assert_eq!(best("port", &all), ["Export…", "Import…"]);
    }

    #[test]
    fn the_letters_that_begin_words_are_enough() {
        let all = ["New constitution", "Next", "New project…", "Open the sample project"];
        assert_eq!(best("np", &all)[0], "New project…");
        assert_eq!(best("nc", &all)[0], "New constitution");
        assert_eq!(best("osp", &all), ["Open the sample project"]);
    }

    #[test]
    fn words_may_come_in_any_order_and_all_must_be_there() {
        let all = ["Save a named version…", "Save now", "Versions…"];
        assert_eq!(best("version save", &all), ["Save a named version…"]);
        assert!(best("save nothing", &all).is_empty());
    }

    #[test]
    fn strewn_letters_do_not_fit() {
        assert!(Needle::new("mole").fit("my old lamp needs electricity mole").is_some());
        assert!(Needle::new("xyz").fit("expansive rhythms of laziness").is_none());
        let prose = "My only lamp is broken, so what shall I do about it?";
        assert!(Needle::new("mole").fit_prose(prose).is_none());
        assert!(Needle::new("LAMP broken").fit_prose(prose).is_some());
    }

    #[test]
    fn the_places_are_those_of_the_letters() {
        let fit = Needle::new("np").fit("New project…").unwrap();
        assert_eq!(fit.places, [0, 4]);
        let fit = Needle::new("größe").fit("Die GRÖSSE, die Größe").unwrap();
        assert_eq!(fit.places, [16, 17, 18, 19, 20]);
        assert!(Needle::new("").fit("anything").unwrap().places.is_empty());
    }

    #[test]
    fn a_hundred_thousand_prompts_are_looked_through_in_no_time() {
        let texts: Vec<String> = (0..20_000)
            .map(|n| format!("Prompt {n}: how do I look after a plant that gets no sun at all?"))
            .collect();
        let needle = Needle::new("sun 19999");
        let found = texts.iter().filter(|text| needle.fit_prose(text).is_some()).count();
        assert_eq!(found, 1);
    }
}
