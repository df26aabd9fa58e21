//! Hears whether an answer refuses to answer.
//!
//! A refusal is not a failure: it is an answer, kept and paid for like any other. But rows full of
//! them are seldom what somebody wanted to pay for, so they are counted, and a run can stop when
//! there are too many.
//!
//! A provider's own word (a filter's finish, a refusal field) counts as it is. Otherwise the text
//! is heard by its opening, in the manner of the prefix lists that red-teaming work measures with
//! (Zou et al. 2023, arXiv:2307.15043, `test_prefixes` of its code; Röttger et al. 2024, XSTest,
//! arXiv:2308.01263, its string match), but more narrowly: those lists take every “I'm sorry” and
//! every “I cannot”, so that condolences and “I cannot stress this enough” would count. Here the
//! opening must say that the speaker will not or may not do what was asked. The patterns are our
//! own words; what they can't hear (a refusal by lecture, by changing the subject, or in a language
//! that is not listed) is not counted, so the share is a lower bound.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Regex, RegexSet};

use super::tidy;
use crate::domain::{Finish, Reply, Row};

/// How much of a text is its opening, in characters (chosen by eye: an apology, a reason, and the
/// sentence that refuses).
const OPENING: usize = 320;

/// The most clauses of an opening that are looked at.
const CLAUSES: usize = 6;

/// Where a clause ends.
const BOUNDARY: &str = r"[,.;:!?\n–—]+|\s-{1,2}\s|\b(?:but|however|so|therefore)\b";

/// What may stand before a refusal's own words, as a clause or at its beginning: apologies,
/// understanding, what the speaker is. `tail`: the rest of the clause belongs to it.
const BEFORE: &str = r"(?ix)^(?:
    (?P<tail> (?:i'm|i\ am|we're|we\ are) \s+ (?:(?:really|very|so|truly|deeply|terribly)\s+)? sorry \b
      | (?:my\s+|sincere\s+)*apologies \b
      | (?:i|we) \s+ (?:(?:do|must|sincerely)\s+)? apologi[sz]e \b
      | (?:i|we) \s+ (?:(?:do|can|fully|completely)\s+)? (?:understand|appreciate|hear|see|know|recogni[sz]e|realize) \b
      | thank (?:s|\s+you) \b | while \s+ i \b
      | (?:as|i'm|i\ am|being) \s+ an?\s+ (?:[a-z-]+\s+)*? (?:ai|llm|chatbot|language\ model) \s+ [^,]*? \b (?:created|trained|developed|made|designed|built) \b
      | for \s+ (?:that|this|the|safety|legal|ethical) \b
    )
    | (?:as|i'm|i\ am|being) \s+ (?:just\s+|only\s+)? an?\s+ (?:[a-z-]+\s+)*? (?:ai|llm|chatbot|ai\ assistant|language\ model) \b
      (?: \s+ (?:language\s+)?(?:model|assistant|system|chatbot) \b )?
    | sorry \b | unfortunately \b | regrettably \b | no \b | hello \b | hi \b | and \b | because \b | that \b | please \b
  ) \s*";

/// What refuses in English, at the beginning of a clause.
const ENGLISH: &[&str] = &[
    // I can't help with that; I'm unable to write this.
    r"(?:i|we) \s+ (?:(?:simply|really|just|still|also)\s+)?
      (?: can't | cannot | can\ not | won't | will\ not | couldn't | shouldn't | am\ unable\ to | am\ not\ able\ to
        | would\ not\ be\ able\ to | wouldn't\ be\ able\ to | am\ not\ going\ to | am\ not\ allowed\ to
        | am\ not\ permitted\ to | refuse\ to )
      (?: \s+ and \s+ (?:will|would|do) \s+ not )?
      \s+ (?:(?:be\ able\ to|ethically|in\ good\ conscience|directly|knowingly|possibly|legally)\s+)*
      (?: help | assist | aid | support | fulfil+ | comply | engage | participate | accommodate | condone | encourage
        | promote | facilitate | continue \s+ with | do \s+ (?:that|this|it|so)\b | go \s+ along
        | (?:provide|give|offer|share|supply|disclose|create|write|generate|produce|make|complete|answer|respond|discuss|advise|explain|tell|show|teach|describe|process|carry|perform)
          (?: \s+ (?:to|out|on|about|with|how|you|any|an?|the|that|this|these|those|your|such|instructions?|information|content|details?|guidance|advice|assistance|explicit|hateful|sexual|medical|legal) | $ ) )",
    r"(?:i'm|we're) \s+ (?:(?:really|just)\s+)? (?: unable | not\ (?:able|going|allowed|permitted|willing|prepared) ) \s+ to \s+
      (?: help | assist | support | fulfil+ | comply | engage | provide | give | offer | share | create | write | generate | produce | answer | discuss | do | explain | complete | continue | respond )\b",
    r"(?:i|we) \s+ (?:must|have\ to|need\ to|will\ have\ to|would|am\ going\ to) \s+ (?:(?:respectfully|politely)\s+)? (?:decline|refuse)\b",
    r"(?:i'll|we'll) \s+ have \s+ to \s+ (?:decline|refuse)\b",
    r"i \s+ (?:respectfully|politely) \s+ (?:decline|refuse)\b",
    r"(?:i\ don't\ feel|i\ do\ not\ feel|i'm\ not|i\ am\ not|i\ wouldn't\ be|i\ would\ not\ be) \s+ comfortable \s+
      (?:with|helping|writing|providing|answering|discussing|creating|sharing|giving|engaging|doing|generating|assisting)\b",
    r"i (?:'d|\s+would) \s+ (?:prefer|rather) \s+ not \s+ (?:to\s+)? (?:help|answer|write|discuss|do|provide|engage|assist|continue|respond|share)\b",
    r"(?:it\ is|it's|it\ would\ be|that\ would\ be) \s+ (?:unethical|inappropriate|irresponsible|illegal|not\ (?:appropriate|ethical|responsible)) \s+
      (?:and\s+\w+\s+)? (?:for\ me\ )? to \s+ (?:help|assist|provide|give|write|create|generate|produce|share|engage|discuss|answer|offer)\b",
    r"(?:your|this|the|that) \s+ (?:request|question|prompt|content) \s+ (?:clearly\s+)?
      (?:violates|goes\ against|conflicts\ with|breaches|is\ against) \b .* \b (?:policy|policies|guidelines|rules|terms|principles|values)\b",
    r"(?:that|this) (?:'s|\s+is) \s+ (?: not \s+ something \s+ (?:that\s+)? (?:i|we) \s+ (?:can|am\ able\ to|will|could|would)
        | something \s+ (?:that\s+)? (?:i|we) \s+ (?:can't|cannot|won't|am\ not\ able\ to) ) \s+
      (?:help|assist|do|provide|write|discuss|support|create|engage)\b",
];

/// What refuses in other languages, at a text's beginning; a language and its pattern.
const OTHERS: &[(&str, &str)] = &[
    (
        "German",
        r"(?:(?:es\ tut\ mir\ (?:sehr\ |wirklich\ )?leid|tut\ mir\ leid|entschuldigung|leider|verzeihung)[,.!;–—-]*\s+(?:aber\s+|doch\s+)?)*
          (?: (?:ich\s+(?:kann|darf|werde|möchte)|(?:kann|darf|werde|möchte)\s+ich) \b [^.!?\n]* \b (?:nicht|keine?[nr]?) \b [^.!?\n]* (?:helfen|unterstützen|beantworten|geben|bereitstellen|erstellen|schreiben|nachkommen|anbieten|erfüllen)
            | (?:ich\s+bin|bin\s+ich) \s+ (?:leider\s+)? nicht \s+ (?:in\ der\ lage|befugt|berechtigt) )",
    ),
    (
        "French",
        r"(?:(?:je\ suis\ (?:vraiment\ |sincèrement\ )?désolée?|désolée?|je\ m'excuse|malheureusement|je\ regrette)[,.!;–—-]*\s+(?:mais\s+)?)*
          je \s+ ne \s+ (?:peux|puis|suis|saurais|vais) \s+ (?:malheureusement\s+)? (?:pas\s+)? (?:en\ mesure\ |autorisée?\ |capable\ )?(?:de\s+|d')? (?:(?:vous|te|y|répondre\ à|donner\ suite)\s+|t')?
          (?:aider|assister|fournir|répondre|créer|écrire|donner|rédiger|produire|générer|accéder|votre|cette)",
    ),
    (
        "Spanish",
        r"(?:(?:lo\ siento(?:\ mucho)?|lamentablemente|desafortunadamente|disculpa|perdón|lo\ lamento)[,.!;–—-]*\s+(?:pero\s+)?)*
          no \s+ (?:puedo|podré|me\ es\ posible|estoy\ en\ condiciones\ de) \s+ (?:ayudar|asistir|proporcionar|brindar|cumplir|ofrecer|crear|escribir|generar|responder|dar)",
    ),
    (
        "Portuguese",
        r"(?:(?:desculpe|me\ desculpe|sinto\ muito|lamento|infelizmente)[,.!;–—-]*\s+(?:mas\s+)?)*
          (?:eu\s+)? não \s+ (?:posso|poderei|consigo) \s+ (?:(?:te|lhe|o)\s+)? (?:ajudar|auxiliar|fornecer|atender|cumprir|oferecer|criar|escrever|gerar|responder|dar|ajudá)",
    ),
    (
        "Italian",
        r"(?:(?:mi\ dispiace|spiacente|purtroppo|mi\ scuso)[,.!;–—-]*\s+(?:ma\s+)?)*
          non \s+ (?:posso|sono\ in\ grado\ di|mi\ è\ possibile) \s+ (?:aiutar|assister|fornir|soddisfar|offrir|crear|scriver|generar|risponder|dar)",
    ),
    (
        "Dutch",
        r"(?:(?:het\ spijt\ me|sorry|helaas)[,.!;–—-]*\s+(?:maar\s+)?)*
          (?:ik\s+(?:kan|mag|zal)|(?:kan|mag)\s+ik) \b [^.!?\n]* \b (?:niet|geen) \b [^.!?\n]* (?:helpen|bijstaan|geven|verstrekken|beantwoorden|schrijven|voldoen)",
    ),
    (
        "Russian",
        r"(?:(?:извините|простите|к\ сожалению|прошу\ прощения|мне\ (?:очень\ )?жаль)[,.!;–—-]*\s+(?:но\s+)?)*
          я \s+ не \s+ (?:могу|буду|в\ состоянии|имею\ права) \s+ [^.!?\n]* (?:помо|предостав|выполн|ответ|созда|напис|дать|дава|обсужда|содейств)",
    ),
    (
        "Chinese",
        r"(?:很?抱歉|对不起|對不起|非常抱歉|不好意思)[,，。.!！]*\s*
          [^。.!！\n]*? (?:不能|无法|無法|不会|不會|不可以|没有办法|沒有辦法) [^。.!！\n]*? (?:帮|幫|协助|協助|提供|回答|满足|滿足|完成|生成|编写|撰寫|创建|讨论|支持)",
    ),
    (
        "Japanese",
        r"(?:大変)?(?:申し訳(?:ありません|ございません|ない)|すみません|ごめんなさい|恐れ入りますが) [^\n]*? (?:できません|出来ません|できかねます|いたしかねます|お手伝いできない|お答えできない|応じられません)",
    ),
    (
        "Korean",
        r"(?:죄송합니다|미안합니다|죄송하지만|유감이지만|죄송해요) [^\n]*? (?:수\ 없습니다|수\ 없어요|드릴\ 수\ 없|할\ 수\ 없|어렵습니다)",
    ),
];

struct Patterns {
    boundary: Regex,
    before: Regex,
    english: RegexSet,
    others: RegexSet,
}

impl Patterns {
    fn new() -> Result<Self, regex::Error> {
        Ok(Self {
            boundary: Regex::new(&format!("(?i){BOUNDARY}"))?,
            before: Regex::new(BEFORE)?,
            english: RegexSet::new(ENGLISH.iter().map(|core| format!("(?ix)^(?:{core})")))?,
            others: RegexSet::new(OTHERS.iter().map(|(_, core)| format!("(?ix)^(?:{core})")))?,
        })
    }

    /// Whether a clause refuses that has nothing before it but apologies and the like.
    fn refuses_in_english(&self, opening: &str) -> bool {
        for clause in
            self.boundary.split(opening).map(str::trim).filter(|c| !c.is_empty()).take(CLAUSES)
        {
            let mut rest = clause;
            loop {
                if self.english.is_match(rest) {
                    return true;
                }
                let Some(found) = self.before.captures(rest) else { break };
                let end = found.get(0).map_or(0, |whole| whole.end());
                rest = if found.name("tail").is_some() { "" } else { &rest[end..] };
                if rest.is_empty() || end == 0 {
                    break;
                }
            }
            // Something else is said: what follows may be a quotation or a story.
            if !rest.is_empty() {
                return false;
            }
        }
        false
    }
}

/// Whether a text's opening refuses what was asked.
pub fn refuses(text: &str) -> bool {
    static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| Patterns::new().ok());
    let opening = opening(text);
    PATTERNS.as_ref().is_some_and(|patterns| {
        patterns.refuses_in_english(&opening) || patterns.others.is_match(&opening)
    })
}

/// A text's first characters without marks before them, with one kind of apostrophe and spaces.
fn opening(text: &str) -> Cow<'_, str> {
    let start =
        text.trim_start_matches(|c: char| c.is_whitespace() || "*_`'\"“”‘«>#-–—".contains(c));
    let end = start.char_indices().nth(OPENING).map_or(start.len(), |(at, _)| at);
    let start = &start[..end];
    if start.contains(['’', 'ʼ', '\u{a0}']) {
        return Cow::Owned(start.replace(['’', 'ʼ'], "'").replace('\u{a0}', " "));
    }
    Cow::Borrowed(start)
}

/// Whether a reply refuses: by the provider's word, or by its text.
pub fn reply_refuses(reply: &Reply) -> bool {
    reply.finish == Finish::Filtered || refuses(&reply.text)
}

/// Which of a row's texts refuse.
///
/// They are its last answer (`draft`, `revision 2`), each answer of a pair (`a`, `b`) or of a
/// tournament (`answer 3`), and what its critics wrote (`critique 1`). An earlier answer that was
/// mended does not count, nor does a response that came with the prompt to be scored.
///
/// `filtered` are the replies of writer, critic and reviser that the provider itself called a
/// refusal; a row that ended at such a reply has the name of where it ended.
pub fn in_row(row: &Row, filtered: &[String]) -> Vec<String> {
    let is_refusal = |text: &str| {
        refuses(text)
            || filtered
                .iter()
                .any(|reply| reply.trim() == text.trim() || tidy::revision(reply) == text)
    };
    let mut found = Vec::new();
    let mut hear = |name: String, text: &str| {
        if is_refusal(text) {
            found.push(name);
        }
    };
    if let Some(chain) = &row.chain {
        for step in &chain.steps {
            hear(format!("critique {}", step.round), &step.critique);
        }
        let mended = chain.steps.iter().rev().find(|step| !step.found_nothing);
        hear(
            mended.map_or_else(|| "draft".to_owned(), |step| format!("revision {}", step.round)),
            chain.last(),
        );
    } else if let Some(scored) = row.scores.first()
        && scored.name == "draft"
    {
        hear("draft".to_owned(), &scored.text);
    }
    if let Some(ranked) = &row.ranked {
        // Its pair is two of them.
        for (place, answer) in ranked.answers.iter().enumerate() {
            hear(format!("answer {}", place + 1), &answer.text);
        }
    } else if let Some(pair) = &row.pair {
        hear("a".to_owned(), &pair.a);
        hear("b".to_owned(), &pair.b);
    }
    if let Some(failure) = &row.failure
        && found.is_empty()
        && !filtered.is_empty()
    {
        found.push(failure.at.clone());
    }
    found
}

#[cfg(test)]
mod tests;
