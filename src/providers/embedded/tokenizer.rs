//! Turns text into tokens and back, by the vocabulary that the GGUF carries.
//!
//! The invariant: [`Tokenizer::encode`] can never give a control token, whatever the text says.
//! Control tokens are left out of the vocabulary that the byte-pair merges see, so `<|im_end|>` in
//! a user's text is eight ordinary pieces. Only [`Tokenizer::encode_markup`], which gets the chat
//! template's own words, gives control tokens.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tokenizers::{
    PreTokenizerWrapper, SplitDelimiterBehavior,
    models::bpe::{BPE, Vocab},
    pre_tokenizers::{
        byte_level::ByteLevel, digits::Digits, sequence::Sequence, split::Split,
        split::SplitPattern,
    },
};

use super::{error::EmbeddedError, gguf::Gguf};

/// Words that end an answer in the model families that this program opens.
const END_MARKERS: [&str; 7] = [
    "<|im_end|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|end_of_text|>",
    "<end_of_turn>",
    "</s>",
];

/// `Split` patterns by pre-tokenizer name, from `llama-vocab.cpp` of llama.cpp.
const LLAMA3_PATTERN: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const QWEN2_PATTERN: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// A byte-level byte-pair tokenizer.
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    /// The bytes that each token stands for; empty for control tokens.
    bytes: Vec<Vec<u8>>,
    /// Control tokens by their text, longest text first.
    markers: Vec<(String, u32)>,
    ends: BTreeSet<u32>,
    bos: Option<String>,
    eos: Option<String>,
}

impl std::fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokenizer").field("tokens", &self.bytes.len()).finish_non_exhaustive()
    }
}

impl Tokenizer {
    /// Builds the tokenizer from the metadata of a GGUF.
    pub(super) fn from_gguf(gguf: &Gguf) -> Result<Self, EmbeddedError> {
        let kind = gguf.text("tokenizer.ggml.model").unwrap_or_default();
        if kind != "gpt2" {
            return Err(EmbeddedError::unsupported(format!(
                "its tokenizer is of the kind {kind:?}; byte-level BPE (\"gpt2\") is supported"
            )));
        }
        let tokens = gguf
            .texts("tokenizer.ggml.tokens")
            .filter(|tokens| !tokens.is_empty() && tokens.len() < 1 << 22)
            .ok_or_else(|| EmbeddedError::damaged("it has no vocabulary"))?;
        let types = gguf.integers("tokenizer.ggml.token_type").unwrap_or_default();
        if !types.is_empty() && types.len() != tokens.len() {
            return Err(EmbeddedError::damaged("tokens and token types differ in number"));
        }
        let of_char = byte_of_char();
        let (mut vocab, mut bytes, mut markers) = (HashMap::new(), Vec::new(), Vec::new());
        for (id, token) in tokens.iter().enumerate() {
            let id = id as u32;
            // 3 is control, 4 user-defined, 5 unused (`llama_token_type` in llama.h).
            let is_marker = matches!(types.get(id as usize), Some(3..=5));
            if is_marker {
                bytes.push(Vec::new());
                if !token.is_empty() {
                    markers.push((token.clone(), id));
                }
            } else {
                bytes.push(token.chars().filter_map(|c| of_char.get(&c).copied()).collect());
                vocab.insert(token.clone(), id);
            }
        }
        let merges = gguf
            .texts("tokenizer.ggml.merges")
            .ok_or_else(|| EmbeddedError::damaged("its vocabulary has no merges"))?
            .iter()
            .map(|merge| merge.split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned())))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| EmbeddedError::damaged("a merge has no second part"))?;
        let known = |(a, b): &(String, String)| {
            vocab.contains_key(a) && vocab.contains_key(b) && vocab.contains_key(&format!("{a}{b}"))
        };
        if !merges.iter().all(known) {
            return Err(EmbeddedError::damaged("a merge names a piece that is no token"));
        }
        let (pre_tokenizer, whole_words) =
            pre_tokenizer(gguf.text("tokenizer.ggml.pre").unwrap_or("default"))?;
        let model = BPE::builder()
            .vocab_and_merges(vocab.into_iter().collect::<Vocab>(), merges)
            .ignore_merges(whole_words)
            .build()
            .map_err(|error| EmbeddedError::damaged(format!("its vocabulary: {error}")))?;
        let mut inner = tokenizers::Tokenizer::new(model);
        inner.with_pre_tokenizer(Some(pre_tokenizer));
        markers.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(a.1.cmp(&b.1)));
        let named =
            |key: &str| gguf.integer(key).filter(|&id| id < tokens.len()).map(|id| id as u32);
        let word = |id: Option<u32>| id.and_then(|id| tokens.get(id as usize)).cloned();
        let eos = named("tokenizer.ggml.eos_token_id");
        let mut ends: BTreeSet<u32> = markers
            .iter()
            .filter(|(text, _)| END_MARKERS.contains(&text.as_str()))
            .map(|(_, id)| *id)
            .collect();
        ends.extend(eos);
        ends.extend(named("tokenizer.ggml.eot_token_id"));
        Ok(Self {
            inner,
            bytes,
            markers,
            ends,
            bos: word(named("tokenizer.ggml.bos_token_id")),
            eos: word(eos),
        })
    }

    /// Gives the tokens of plain text; never a control token.
    ///
    /// # Errors
    ///
    /// [`EmbeddedError::Request`] if the vocabulary cannot express the text.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, EmbeddedError> {
        let encoding = self
            .inner
            .encode_fast(text, false)
            .map_err(|error| EmbeddedError::Request { reason: error.to_string() })?;
        let ids = encoding.get_ids().to_vec();
        let n_bytes: usize = ids.iter().map(|&id| self.bytes(id).len()).sum();
        if n_bytes != text.len() {
            return Err(EmbeddedError::Request {
                reason: "the text has characters that the model's vocabulary cannot express"
                    .to_owned(),
            });
        }
        Ok(ids)
    }

    /// Gives the tokens of a chat template's own words, where control tokens count as such.
    pub(super) fn encode_markup(&self, text: &str) -> Result<Vec<u32>, EmbeddedError> {
        let mut ids = Vec::new();
        let mut rest = text;
        while let Some((at, marker, id)) = self.next_marker(rest) {
            if at > 0 {
                ids.extend(self.encode(&rest[..at])?);
            }
            ids.push(id);
            rest = &rest[at + marker.len()..];
        }
        if !rest.is_empty() {
            ids.extend(self.encode(rest)?);
        }
        Ok(ids)
    }

    fn next_marker<'a>(&'a self, text: &str) -> Option<(usize, &'a str, u32)> {
        self.markers
            .iter()
            .filter_map(|(marker, id)| text.find(marker.as_str()).map(|at| (at, marker, *id)))
            // The sort is by length already and `min_by_key` keeps the first of equals.
            .min_by_key(|(at, ..)| *at)
            .map(|(at, marker, id)| (at, marker.as_str(), id))
    }

    /// Gives the bytes that a token stands for; none for control tokens and unknown ids.
    pub fn bytes(&self, id: u32) -> &[u8] {
        self.bytes.get(id as usize).map_or(&[], Vec::as_slice)
    }

    /// Gives the text of some tokens; incomplete UTF-8 is replaced.
    pub fn decode(&self, ids: &[u32]) -> String {
        let bytes: Vec<u8> = ids.iter().flat_map(|&id| self.bytes(id)).copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Says whether this token ends an answer.
    pub fn is_end(&self, id: u32) -> bool {
        self.ends.contains(&id)
    }

    /// Counts the vocabulary, control tokens included.
    pub fn n_tokens(&self) -> usize {
        self.bytes.len()
    }

    /// Gives the words that templates know as `bos_token` and `eos_token`.
    pub(super) fn edge_words(&self) -> (&str, &str) {
        (self.bos.as_deref().unwrap_or_default(), self.eos.as_deref().unwrap_or_default())
    }
}

/// Gives the pre-tokenizer by its GGUF name, and whether whole words skip the merges.
fn pre_tokenizer(name: &str) -> Result<(PreTokenizerWrapper, bool), EmbeddedError> {
    let split = |pattern: &str| {
        Split::new(SplitPattern::Regex(pattern.to_owned()), SplitDelimiterBehavior::Isolated, false)
            .map_err(|error| EmbeddedError::unsupported(format!("its pre-tokenizer: {error}")))
    };
    let parts: (Vec<PreTokenizerWrapper>, bool) = match name {
        "smollm" => {
            (vec![Digits::new(true).into(), ByteLevel::new(false, true, true).into()], false)
        }
        "default" | "gpt-2" => (vec![ByteLevel::new(false, true, true).into()], false),
        "llama-bpe" | "llama3" => {
            (vec![split(LLAMA3_PATTERN)?.into(), ByteLevel::new(false, true, false).into()], true)
        }
        "qwen2" => {
            (vec![split(QWEN2_PATTERN)?.into(), ByteLevel::new(false, true, false).into()], false)
        }
        _ => {
            return Err(EmbeddedError::unsupported(format!(
                "its pre-tokenizer is {name:?}; smollm, gpt-2, llama-bpe and qwen2 are supported"
            )));
        }
    };
    Ok((Sequence::new(parts.0).into(), parts.1))
}

/// Gives the byte that each character of the byte-level alphabet stands for.
///
/// Source: `bytes_to_unicode` in GPT-2's `encoder.py`.
fn byte_of_char() -> BTreeMap<char, u8> {
    let mut next = 256u32;
    (0..=255u8)
        .map(|byte| {
            let printable = matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
            let code = if printable {
                u32::from(byte)
            } else {
                next += 1;
                next - 1
            };
            (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), byte)
        })
        .collect()
}
