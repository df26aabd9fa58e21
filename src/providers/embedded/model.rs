//! The forward pass: tokens of several sequences in, logits out.
//!
//! All sequences of a step go through the linear layers as rows of one matrix; attention runs over
//! each sequence's own [`KvCache`].
//!
//! **What is repeatable.** Every row's result depends on that row's sequence alone, bit for bit:
//! the packed integer kernels add up each output in one order however many rows there are, norms
//! and rotations go row by row, and attention reads keys in blocks with fixed bounds whose padding
//! adds exact zeros. So a call gives the same logits alone, in any batch, in any cut of its prompt
//! into chunks and with or without a shared prefix. It does *not* give the same bits on another
//! kind of processor (other kernels) or after an update of the tensor library.
//!
//! Blocks as in Touvron et al. 2023 (`LLaMA`), section 2.2, with grouped queries; Qwen's differences
//! as in `qwen2.cpp` and `qwen3.cpp` of llama.cpp.

use std::ops::Range;

use candle_core::{D, Device, Result, Tensor};
use candle_nn::{
    ops::{rms_norm, softmax_last_dim},
    rotary_emb::rope_thd,
};
use rayon::prelude::*;

use super::{
    kv::{KvCache, STEP},
    load::{Layer, Linear, Sizes, Weights},
};

/// What one sequence adds to a step.
#[derive(Debug)]
pub(super) struct Run<'a> {
    /// The sequence so far; grows by the tokens of this step.
    pub(super) cache: &'a mut KvCache,
    /// The next tokens, at least one.
    pub(super) tokens: &'a [u32],
    /// Which of `tokens` need logits (of what follows them).
    pub(super) wanted: Range<usize>,
}

/// A model ready to run.
#[derive(Debug)]
pub(super) struct Model {
    sizes: Sizes,
    weights: Weights,
    /// Shape: context × half the head dimension.
    cosines: Tensor,
    sines: Tensor,
}

/// The per-step tensors that all layers share.
struct Step {
    /// Shape: rows × half the head dimension.
    cosines: Tensor,
    sines: Tensor,
    /// First row and number of rows of each sequence.
    spans: Vec<(usize, usize)>,
    /// Additive masks of each sequence, where one is needed.
    masks: Vec<Option<Tensor>>,
}

impl Model {
    /// Takes the weights; `context` is the number of positions to provide for.
    pub(super) fn new(sizes: Sizes, weights: Weights, context: usize) -> Result<Self> {
        let half = sizes.head_dim / 2;
        let divisors = weights.rope_divisors.clone().unwrap_or_else(|| vec![1.0; half]);
        let frequencies: Vec<f64> = divisors
            .iter()
            .enumerate()
            .map(|(i, &divisor)| {
                let exponent = -2.0 * i as f64 / sizes.head_dim as f64;
                sizes.rope_base.powf(exponent) / f64::from(divisor)
            })
            .collect();
        let table = |f: fn(f64) -> f64| {
            let values: Vec<f32> = (0..context)
                .flat_map(|position| {
                    frequencies.iter().map(move |frequency| f(position as f64 * frequency) as f32)
                })
                .collect();
            Tensor::from_vec(values, (context, half), &Device::Cpu)
        };
        Ok(Self { cosines: table(f64::cos)?, sines: table(f64::sin)?, sizes, weights })
    }

    /// Gives an empty cache for a sequence of this model.
    pub(super) fn empty_cache(&self) -> KvCache {
        KvCache::new(&self.sizes)
    }

    /// Runs the tokens of all sequences and gives the wanted logits.
    ///
    /// Shape: wanted rows × vocabulary, in the order of `runs`; `None` if none are wanted.
    pub(super) fn forward(&self, runs: &mut [Run<'_>]) -> Result<Option<Tensor>> {
        let step = self.step(runs)?;
        let ids: Vec<u32> = runs.iter().flat_map(|run| run.tokens).copied().collect();
        let ids = Tensor::new(ids, &Device::Cpu)?;
        let embedding = &self.weights.embedding;
        let mut rows = embedding.weight.embedding(&ids)?;
        if embedding.padded() != embedding.inner {
            rows = rows.narrow(1, 0, embedding.inner)?.contiguous()?;
        }
        for (index, layer) in self.weights.layers.iter().enumerate() {
            let attended = self.attend(index, layer, &rows, &step, runs)?;
            rows = (rows + attended)?;
            let fed = self.feed(layer, &rows)?;
            rows = (rows + fed)?;
        }
        for run in runs.iter_mut() {
            run.cache.advance(run.tokens.len());
        }
        let wanted: Vec<u32> = runs
            .iter()
            .zip(&step.spans)
            .flat_map(|(run, (start, _))| run.wanted.clone().map(move |i| (start + i) as u32))
            .collect();
        if wanted.is_empty() {
            return Ok(None);
        }
        let rows = rows.index_select(&Tensor::new(wanted, &Device::Cpu)?, 0)?;
        let rows = self.norm(&rows, &self.weights.norm)?;
        let head = &self.weights.head;
        let [logits] = linear([head], &padded(&rows, head)?)?;
        Ok(Some(logits))
    }

    fn step(&self, runs: &[Run<'_>]) -> Result<Step> {
        let group = self.sizes.heads / self.sizes.kv_heads;
        let (mut spans, mut positions, mut masks) = (Vec::new(), Vec::new(), Vec::new());
        for run in runs {
            let (start, n) = (run.cache.len(), run.tokens.len());
            spans.push((positions.len(), n));
            positions.extend((start..start + n).map(|position| position as u32));
            masks.push(mask(start, n, group)?);
        }
        let positions = Tensor::new(positions, &Device::Cpu)?;
        Ok(Step {
            cosines: self.cosines.index_select(&positions, 0)?,
            sines: self.sines.index_select(&positions, 0)?,
            spans,
            masks,
        })
    }

    fn norm(&self, rows: &Tensor, weight: &Tensor) -> Result<Tensor> {
        rms_norm(rows, weight, self.sizes.norm_epsilon as f32)
    }

    fn feed(&self, layer: &Layer, rows: &Tensor) -> Result<Tensor> {
        let rows = self.norm(rows, &layer.feed_norm)?;
        let rows = padded(&rows, &layer.gate)?;
        let [gate, up] = linear([&layer.gate, &layer.up], &rows)?;
        let fed = (gate.silu()? * up)?;
        let [down] = linear([&layer.down], &padded(&fed, &layer.down)?)?;
        Ok(down)
    }

    fn attend(
        &self,
        index: usize,
        layer: &Layer,
        rows: &Tensor,
        step: &Step,
        runs: &mut [Run<'_>],
    ) -> Result<Tensor> {
        let rows = self.norm(rows, &layer.attention_norm)?;
        let rows = padded(&rows, &layer.query)?;
        let [query, key, value] = linear([&layer.query, &layer.key, &layer.value], &rows)?;
        let query = self.turned(&query, self.sizes.heads, layer.query_norm.as_ref(), step)?;
        let query = (query * (self.sizes.head_dim as f64).powf(-0.5))?;
        let key = self.turned(&key, self.sizes.kv_heads, layer.key_norm.as_ref(), step)?;
        let one =
            |(run, (&(start, n), mask)): (&mut Run<'_>, (&(usize, usize), &Option<Tensor>))| {
                let part = |rows: &Tensor| rows.narrow(0, start, n);
                run.cache.append(index, &part(&key)?, &part(&value)?)?;
                self.attend_one(index, &part(&query)?, mask.as_ref(), run.cache)
            };
        let spans: Vec<_> = step.spans.iter().zip(&step.masks).collect();
        let attended = if let [run] = runs {
            one((run, spans[0]))?
        } else {
            let parts: Vec<Tensor> =
                runs.par_iter_mut().zip(spans.into_par_iter()).map(one).collect::<Result<_>>()?;
            Tensor::cat(&parts, 0)?
        };
        let [output] = linear([&layer.output], &padded(&attended, &layer.output)?)?;
        Ok(output)
    }

    /// Norms heads where the family does, and turns them by their positions.
    fn turned(
        &self,
        rows: &Tensor,
        heads: usize,
        norm: Option<&Tensor>,
        step: &Step,
    ) -> Result<Tensor> {
        let n = rows.dim(0)?;
        let mut rows = rows.reshape((1, n, heads, self.sizes.head_dim))?;
        if let Some(norm) = norm {
            rows = self.norm(&rows, norm)?;
        }
        rope_thd(&rows, &step.cosines, &step.sines)?.reshape((n, heads * self.sizes.head_dim))
    }

    /// Attends over one sequence. Shapes: query and result rows × (heads · head dimension).
    fn attend_one(
        &self,
        layer: usize,
        query: &Tensor,
        mask: Option<&Tensor>,
        cache: &KvCache,
    ) -> Result<Tensor> {
        let Sizes { heads, kv_heads, head_dim, .. } = self.sizes;
        let (n, group) = (query.dim(0)?, heads / kv_heads);
        let rows = n * group;
        // Columns first: row by row, the matrix library would add up small products with another
        // kernel in another order, and a token would depend on how many are computed with it.
        let mut query = query
            .reshape((n, kv_heads, group, head_dim))?
            .permute((1, 3, 0, 2))?
            .contiguous()?
            .reshape((kv_heads, head_dim, rows))?;
        if rows == 1 {
            // A single row would take a third kernel.
            query = Tensor::cat(&[&query, &query], 2)?;
        }
        let query = query.transpose(1, 2)?;
        let len = cache.len() + n;
        let mut scores = Vec::new();
        for (keys, _, read) in cache.blocks(layer, len) {
            let keys = keys.narrow(0, 0, read)?.reshape((read, kv_heads, head_dim))?;
            scores.push(query.matmul(&keys.permute((1, 2, 0))?)?);
        }
        let mut scores = if scores.len() == 1 {
            scores.swap_remove(0)
        } else {
            Tensor::cat(&scores, D::Minus1)?
        };
        if let Some(mask) = mask {
            scores = scores.broadcast_add(mask)?;
        }
        let weights = softmax_last_dim(&scores)?;
        let (mut sum, mut at): (Option<Tensor>, usize) = (None, 0);
        for (_, values, read) in cache.blocks(layer, len) {
            let values = values.narrow(0, 0, read)?.reshape((read, kv_heads, head_dim))?;
            let part = weights.narrow(2, at, read)?.matmul(&values.permute((1, 0, 2))?)?;
            sum = Some(match sum {
                Some(sum) => (sum + part)?,
                None => part,
            });
            at += read;
        }
        let sum = sum.ok_or_else(|| candle_core::Error::msg("attention over no positions"))?;
        sum.narrow(1, 0, rows)?
            .reshape((kv_heads, n, group, head_dim))?
            .permute((1, 0, 2, 3))?
            .reshape((n, heads * head_dim))
    }
}

/// Gives the additive mask of `n` rows from position `start`, `group` query heads each.
///
/// Shape: (rows · group, or 1 for one row) × positions rounded up to [`STEP`]; `None` where every
/// position read is to be seen.
fn mask(start: usize, n: usize, group: usize) -> Result<Option<Tensor>> {
    let len = (start + n).next_multiple_of(STEP);
    if n == 1 && len == start + 1 {
        return Ok(None);
    }
    let group = if n == 1 { 1 } else { group };
    let mut mask = vec![f32::NEG_INFINITY; n * group * len];
    for (row, mask) in mask.chunks_exact_mut(len).enumerate() {
        mask[..=start + row / group].fill(0.0);
    }
    Ok(Some(Tensor::from_vec(mask, (n * group, len), &Device::Cpu)?))
}

/// Pads rows with zeros up to what the weight takes.
fn padded(rows: &Tensor, linear: &Linear) -> Result<Tensor> {
    match linear.padded() - linear.inner {
        0 => rows.contiguous(),
        padding => rows.pad_with_zeros(D::Minus1, 0, padding),
    }
}

/// Applies weights that take the same rows, quantising the rows once where that is possible.
fn linear<const N: usize>(linears: [&Linear; N], rows: &Tensor) -> Result<[Tensor; N]> {
    let weights = linears.map(|linear| linear.weight.as_ref());
    let fused = if N > 1 {
        candle_core::quantized::QTensor::gemv_fused_shared_lhs(&weights, rows)?
    } else {
        None
    };
    let outputs = match fused {
        Some(outputs) => outputs,
        None => weights
            .iter()
            .map(|weight| rows.apply_op1_no_bwd(*weight))
            .collect::<Result<Vec<_>>>()?,
    };
    let outputs = outputs
        .into_iter()
        .zip(linears)
        .map(|(output, linear)| match &linear.bias {
            Some(bias) => output.broadcast_add(bias),
            None => Ok(output),
        })
        .collect::<Result<Vec<_>>>()?;
    outputs.try_into().map_err(|_outputs| candle_core::Error::msg("a weight gave no output"))
}
