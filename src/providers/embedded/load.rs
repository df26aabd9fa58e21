//! Gives the model's sizes and weights from a GGUF, in the form that computes fastest.
//!
//! Candle's packed kernels take `Q8_0`, `Q4_K` and `Q6_K` with an inner dimension that divides by 256.
//! Every other weight is requantised to `Q8_0` here, with its inner dimension zero-padded, and kept
//! in a [prepared file](super::prepared) so that the second load is fast. The invariant: shapes
//! are checked against the sizes in the metadata before a weight is used.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use candle_core::{
    D, Device, Tensor,
    quantized::{GgmlDType, QTensor, ggml_file::qtensor_from_ggml},
};
use rayon::prelude::*;

use super::{
    error::EmbeddedError,
    gguf::{Gguf, TensorInfo},
    prepared,
};

/// What the packed kernels need the inner dimension to be a multiple of (`QK_K` in candle).
const PACKED_MULTIPLE: usize = 256;
/// The packed kernels make this many outputs at once (`TILE_N` in candle).
const PACKED_ROWS: usize = 16;

/// A supported family; all share the same blocks and differ in details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Llama and `SmolLM2`; rotary pairs lie side by side in the file.
    Llama,
    /// Qwen 2 and 2.5; biases on queries, keys and values.
    Qwen2,
    /// Qwen 3; norms on queries and keys.
    Qwen3,
}

/// The sizes of a model, checked.
#[derive(Debug, Clone)]
pub(super) struct Sizes {
    pub(super) family: Family,
    pub(super) layers: usize,
    pub(super) hidden: usize,
    pub(super) heads: usize,
    pub(super) kv_heads: usize,
    pub(super) head_dim: usize,
    pub(super) feed_forward: usize,
    pub(super) vocabulary: usize,
    /// Tokens.
    pub(super) context: usize,
    pub(super) norm_epsilon: f64,
    pub(super) rope_base: f64,
}

impl Sizes {
    /// Reads the sizes from the metadata.
    pub(super) fn from_gguf(gguf: &Gguf) -> Result<Self, EmbeddedError> {
        let name = gguf.text("general.architecture").unwrap_or_default();
        let family = match name {
            "llama" => Family::Llama,
            "qwen2" => Family::Qwen2,
            "qwen3" => Family::Qwen3,
            _ => {
                return Err(EmbeddedError::unsupported(format!(
                    "its architecture is {name:?}; llama (with SmolLM2), qwen2 and qwen3 are \
                     supported"
                )));
            }
        };
        let get = |key: &str, cap: usize| {
            let key = format!("{name}.{key}");
            match gguf.integer(&key) {
                Some(value) if (1..=cap).contains(&value) => Ok(value),
                found => Err(EmbeddedError::damaged(format!("{key} is {found:?}"))),
            }
        };
        if gguf.integer(&format!("{name}.expert_count")).is_some_and(|count| count > 0) {
            return Err(EmbeddedError::unsupported("it is a mixture of experts"));
        }
        let heads = get("attention.head_count", 1024)?;
        let kv_heads = get("attention.head_count_kv", 1024).unwrap_or(heads);
        let hidden = get("embedding_length", 65_536)?;
        let head_dim = get("attention.key_length", 1024).unwrap_or(hidden / heads);
        let turned = get("rope.dimension_count", 1024).unwrap_or(head_dim);
        if !heads.is_multiple_of(kv_heads) || head_dim < 2 || !head_dim.is_multiple_of(2) {
            return Err(EmbeddedError::damaged("its attention heads do not add up"));
        }
        let scaling = gguf.text(&format!("{name}.rope.scaling.type")).unwrap_or("none");
        if turned != head_dim || !matches!(scaling, "none" | "") {
            return Err(EmbeddedError::unsupported(format!(
                "its rotary embedding turns {turned} of {head_dim} dimensions with scaling \
                 {scaling:?}"
            )));
        }
        let tokens = gguf.texts("tokenizer.ggml.tokens").map_or(0, <[String]>::len);
        let number = |key: &str| gguf.number(&format!("{name}.{key}"));
        Ok(Self {
            family,
            layers: get("block_count", 512)?,
            hidden,
            heads,
            kv_heads,
            head_dim,
            feed_forward: get("feed_forward_length", 1 << 20)?,
            vocabulary: tokens,
            context: get("context_length", 1 << 24)?,
            norm_epsilon: number("attention.layer_norm_rms_epsilon")
                .filter(|value| (0.0..1.0).contains(value))
                .ok_or_else(|| EmbeddedError::damaged("it has no norm epsilon"))?,
            rope_base: number("rope.freq_base").filter(|&base| base >= 1.0).unwrap_or(10_000.0),
        })
    }
}

/// A weight matrix, row by row the weights of one output.
#[derive(Debug, Clone)]
pub(super) struct Linear {
    /// Shape: outputs × padded inputs.
    pub(super) weight: Arc<QTensor>,
    /// Inputs without the padding.
    pub(super) inner: usize,
    /// Shape: outputs.
    pub(super) bias: Option<Tensor>,
}

impl Linear {
    /// Inputs with the padding.
    pub(super) fn padded(&self) -> usize {
        self.weight.shape().dims().last().copied().unwrap_or(self.inner)
    }
}

/// The weights of one block.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) attention_norm: Tensor,
    pub(super) query: Linear,
    pub(super) key: Linear,
    pub(super) value: Linear,
    pub(super) query_norm: Option<Tensor>,
    pub(super) key_norm: Option<Tensor>,
    pub(super) output: Linear,
    pub(super) feed_norm: Tensor,
    pub(super) gate: Linear,
    pub(super) up: Linear,
    pub(super) down: Linear,
}

/// All weights of a model.
#[derive(Debug)]
pub(super) struct Weights {
    pub(super) embedding: Linear,
    pub(super) layers: Vec<Layer>,
    pub(super) norm: Tensor,
    pub(super) head: Linear,
    /// Divides the rotary frequencies (Llama 3.1 and later). Length: half the head dimension.
    pub(super) rope_divisors: Option<Vec<f32>>,
}

/// How to make one weight ready.
struct Plan {
    name: String,
    info: TensorInfo,
    /// Heads whose rotary pairs must be parted, where they lie side by side.
    part_heads: Option<usize>,
}

impl Plan {
    fn inner(&self) -> usize {
        self.info.dims.last().copied().unwrap_or_default()
    }

    /// Says whether the packed kernels take the weight as it is.
    fn is_fast_as_stored(&self) -> bool {
        matches!(self.info.dtype, GgmlDType::Q8_0 | GgmlDType::Q4K | GgmlDType::Q6K)
            && self.inner().is_multiple_of(PACKED_MULTIPLE)
            && self.info.dims.first().is_some_and(|rows| rows.is_multiple_of(PACKED_ROWS))
    }

    fn make(&self, gguf: &Gguf) -> Result<QTensor, EmbeddedError> {
        let mut bytes = gguf.bytes(&self.info)?;
        if let Some(heads) = self.part_heads {
            bytes = part_rotary_pairs(&bytes, &self.info, heads);
        }
        let dims = self.info.dims.clone();
        let stored = qtensor_from_ggml(self.info.dtype, &bytes, dims, &Device::Cpu)?;
        drop(bytes);
        if self.is_fast_as_stored() {
            return Ok(stored);
        }
        let wide = stored.dequantize(&Device::Cpu)?;
        drop(stored);
        let padding = self.inner().next_multiple_of(PACKED_MULTIPLE) - self.inner();
        let wide = wide.pad_with_zeros(D::Minus1, 0, padding)?;
        Ok(QTensor::quantize(&wide, GgmlDType::Q8_0)?)
    }
}

/// Reorders the rows of each head from side-by-side pairs to two halves.
///
/// `convert_hf_to_gguf.py` of llama.cpp interleaves them for the llama family (`permute`); with
/// halves one rotary kernel serves every family.
fn part_rotary_pairs(bytes: &[u8], info: &TensorInfo, heads: usize) -> Vec<u8> {
    let rows = info.dims.first().copied().unwrap_or(1).max(1);
    let (row_bytes, head_rows) = (bytes.len() / rows, rows / heads.max(1));
    let mut parted = Vec::with_capacity(bytes.len());
    for row in 0..rows {
        let (head, at) = (row / head_rows, row % head_rows);
        let half = head_rows / 2;
        let from = if at < half { 2 * at } else { 2 * (at - half) + 1 };
        let start = (head * head_rows + from) * row_bytes;
        parted.extend_from_slice(&bytes[start..start + row_bytes]);
    }
    parted
}

/// Loads the weights of the model at `path`, from the prepared file where there is one.
///
/// `prepared_folder` is where requantised weights are kept; `None` keeps nothing.
pub(super) fn weights(
    path: &Path,
    gguf: &Gguf,
    sizes: &Sizes,
    prepared_folder: Option<&Path>,
) -> Result<Weights, EmbeddedError> {
    let plans = plans(gguf, sizes)?;
    let (kept, slow): (Vec<_>, Vec<_>) = plans.into_iter().partition(Plan::is_fast_as_stored);
    let make = |plans: &[Plan]| -> Result<BTreeMap<String, Arc<QTensor>>, EmbeddedError> {
        plans.par_iter().map(|plan| Ok((plan.name.clone(), Arc::new(plan.make(gguf)?)))).collect()
    };
    let mut made = make(&kept)?;
    if !slow.is_empty() {
        let place = match prepared_folder {
            Some(folder) => Some(prepared::Place::of(folder, path)?),
            None => None,
        };
        let expected = |name: &str| {
            slow.iter()
                .find(|plan| plan.name == name)
                .map(|plan| (plan.info.dims[0], plan.inner().next_multiple_of(PACKED_MULTIPLE)))
        };
        let found = place.as_ref().and_then(|place| place.read(slow.len(), expected));
        if let Some(found) = found {
            made.extend(found);
        } else {
            let fresh = make(&slow)?;
            if let Some(place) = place {
                // A full disk costs the next load a second; it is no reason to refuse this one.
                place.write(&fresh).ok();
            }
            made.extend(fresh);
        }
    }
    assemble(gguf, sizes, &made)
}

/// Lists every weight matrix with its checks done.
fn plans(gguf: &Gguf, sizes: &Sizes) -> Result<Vec<Plan>, EmbeddedError> {
    let mut plans = Vec::new();
    let mut add = |name: String, rows: usize, inner: usize, part_heads: Option<usize>| {
        let info = gguf
            .tensor(&name)
            .filter(|info| info.dims == [rows, inner])
            .ok_or_else(|| wrong_tensor(gguf, &name, &[rows, inner]))?
            .clone();
        plans.push(Plan { name, info, part_heads });
        Ok::<(), EmbeddedError>(())
    };
    let Sizes { hidden, heads, kv_heads, head_dim, feed_forward, vocabulary, .. } = *sizes;
    let interleaved = sizes.family == Family::Llama;
    add("token_embd.weight".to_owned(), vocabulary, hidden, None)?;
    if gguf.tensor("output.weight").is_some() {
        add("output.weight".to_owned(), vocabulary, hidden, None)?;
    }
    for layer in 0..sizes.layers {
        let name = |part: &str| format!("blk.{layer}.{part}.weight");
        add(name("attn_q"), heads * head_dim, hidden, interleaved.then_some(heads))?;
        add(name("attn_k"), kv_heads * head_dim, hidden, interleaved.then_some(kv_heads))?;
        add(name("attn_v"), kv_heads * head_dim, hidden, None)?;
        add(name("attn_output"), hidden, heads * head_dim, None)?;
        add(name("ffn_gate"), feed_forward, hidden, None)?;
        add(name("ffn_up"), feed_forward, hidden, None)?;
        add(name("ffn_down"), hidden, feed_forward, None)?;
    }
    Ok(plans)
}

fn wrong_tensor(gguf: &Gguf, name: &str, wanted: &[usize]) -> EmbeddedError {
    let found = gguf.tensor(name).map(|info| &info.dims);
    EmbeddedError::damaged(format!("the tensor {name:?} should be {wanted:?} but is {found:?}"))
}

/// Checks every tensor's place and shape without reading one.
#[cfg(test)]
pub(super) fn check(gguf: &Gguf, sizes: &Sizes) -> Result<(), EmbeddedError> {
    plans(gguf, sizes).map(drop)
}

/// Puts the ready weights in their places.
fn assemble(
    gguf: &Gguf,
    sizes: &Sizes,
    made: &BTreeMap<String, Arc<QTensor>>,
) -> Result<Weights, EmbeddedError> {
    let vector = |name: &str, len: usize| -> Result<Tensor, EmbeddedError> {
        let info = gguf
            .tensor(name)
            .filter(|info| info.dims == [len])
            .ok_or_else(|| wrong_tensor(gguf, name, &[len]))?;
        let bytes = gguf.bytes(info)?;
        let stored = qtensor_from_ggml(info.dtype, &bytes, vec![len], &Device::Cpu)?;
        Ok(stored.dequantize(&Device::Cpu)?)
    };
    let optional =
        |name: &str, len: usize| gguf.tensor(name).is_some().then(|| vector(name, len)).transpose();
    let linear = |name: &str, inner: usize| -> Result<Linear, EmbeddedError> {
        let weight = made
            .get(&format!("{name}.weight"))
            .ok_or_else(|| EmbeddedError::damaged(format!("the tensor {name:?} is missing")))?;
        let rows = weight.shape().dims().first().copied().unwrap_or_default();
        let bias = optional(&format!("{name}.bias"), rows)?;
        Ok(Linear { weight: Arc::clone(weight), inner, bias })
    };
    let Sizes { hidden, heads, head_dim, feed_forward, .. } = *sizes;
    let layers = (0..sizes.layers)
        .map(|layer| {
            let name = |part: &str| format!("blk.{layer}.{part}");
            let norm = |part: &str, len| vector(&format!("blk.{layer}.{part}.weight"), len);
            let has_head_norms = sizes.family == Family::Qwen3;
            let head_norm = |part: &str| has_head_norms.then(|| norm(part, head_dim)).transpose();
            Ok(Layer {
                attention_norm: norm("attn_norm", hidden)?,
                query: linear(&name("attn_q"), hidden)?,
                key: linear(&name("attn_k"), hidden)?,
                value: linear(&name("attn_v"), hidden)?,
                query_norm: head_norm("attn_q_norm")?,
                key_norm: head_norm("attn_k_norm")?,
                output: linear(&name("attn_output"), heads * head_dim)?,
                feed_norm: norm("ffn_norm", hidden)?,
                gate: linear(&name("ffn_gate"), hidden)?,
                up: linear(&name("ffn_up"), hidden)?,
                down: linear(&name("ffn_down"), feed_forward)?,
            })
        })
        .collect::<Result<Vec<_>, EmbeddedError>>()?;
    let embedding = linear("token_embd", hidden)?;
    let head = if made.contains_key("output.weight") {
        linear("output", hidden)?
    } else {
        embedding.clone()
    };
    let rope_divisors = match optional("rope_freqs.weight", head_dim / 2)? {
        Some(tensor) => Some(tensor.to_vec1::<f32>()?),
        None => None,
    };
    Ok(Weights {
        embedding,
        layers,
        norm: vector("output_norm.weight", hidden)?,
        head,
        rope_divisors,
    })
}
