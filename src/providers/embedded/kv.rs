//! Keys and values of a sequence, in blocks that forks share.
//!
//! A cache is a list of blocks of [`BLOCK`] positions per layer. Full blocks are never written
//! again, so forks share them by reference count; only the last, partly filled block is copied.
//! The invariant: the block that is written to belongs to one sequence alone.
//! Blocks begin at fixed positions, which also fixes the order in which attention adds up, so
//! that a prefix computed once or again gives the same bits (see [`super::model`]).

use candle_core::{DType, Device, Result, Tensor};

use super::load::Sizes;

/// Positions in a block. At most 512, above which the matrix kernel would add up in parts whose
/// bounds depend on the number of positions.
pub(super) const BLOCK: usize = 256;
/// Attention reads keys in multiples of this many positions, the rest masked.
pub(super) const STEP: usize = 32;

/// One block of one layer. Shapes: capacity × (key heads · head dimension).
#[derive(Debug, Clone)]
struct Block {
    keys: Tensor,
    values: Tensor,
}

impl Block {
    fn zeros(capacity: usize, width: usize) -> Result<Self> {
        let shape = (capacity, width);
        Ok(Self {
            keys: Tensor::zeros(shape, DType::F32, &Device::Cpu)?,
            values: Tensor::zeros(shape, DType::F32, &Device::Cpu)?,
        })
    }

    fn capacity(&self) -> usize {
        self.keys.dims().first().copied().unwrap_or_default()
    }

    /// Gives a block of its own storage with the first `len` positions of this one.
    fn copied(&self, len: usize, capacity: usize) -> Result<Self> {
        let width = self.keys.dim(1)?;
        let copy = Self::zeros(capacity, width)?;
        if len > 0 {
            copy.keys.slice_set(&self.keys.narrow(0, 0, len)?, 0, 0)?;
            copy.values.slice_set(&self.values.narrow(0, 0, len)?, 0, 0)?;
        }
        Ok(copy)
    }
}

/// The keys and values of one sequence.
#[derive(Debug)]
pub(super) struct KvCache {
    /// Outer: layers; inner: blocks in order of position.
    layers: Vec<Vec<Block>>,
    width: usize,
    len: usize,
}

impl KvCache {
    /// Gives an empty cache for a model of these sizes.
    pub(super) fn new(sizes: &Sizes) -> Self {
        Self {
            layers: vec![Vec::new(); sizes.layers],
            width: sizes.kv_heads * sizes.head_dim,
            len: 0,
        }
    }

    /// Counts the positions held.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Estimates the bytes that this cache alone keeps alive.
    pub(super) fn n_bytes(&self) -> usize {
        self.len.next_multiple_of(STEP) * self.width * self.layers.len() * 2 * size_of::<f32>()
    }

    /// Gives a cache with the first `len` positions of this one.
    pub(super) fn fork(&self, len: usize) -> Result<Self> {
        let len = len.min(self.len);
        let (full, rest) = (len / BLOCK, len % BLOCK);
        let layers = self
            .layers
            .iter()
            .map(|blocks| {
                let mut forked = blocks[..full].to_vec();
                if let Some(block) = blocks.get(full).filter(|_| rest > 0) {
                    forked.push(block.copied(rest, capacity_for(rest))?);
                }
                Ok(forked)
            })
            .collect::<Result<_>>()?;
        Ok(Self { layers, width: self.width, len })
    }

    /// Writes the keys and values of the next positions of one layer.
    ///
    /// Shapes: positions × (key heads · head dimension). [`Self::advance`] follows once all layers
    /// are written.
    pub(super) fn append(&mut self, layer: usize, keys: &Tensor, values: &Tensor) -> Result<()> {
        let n = keys.dim(0)?;
        let mut done = 0;
        let blocks = &mut self.layers[layer];
        while done < n {
            let (index, at) = ((self.len + done) / BLOCK, (self.len + done) % BLOCK);
            let part = (BLOCK - at).min(n - done);
            if index == blocks.len() {
                blocks.push(Block::zeros(capacity_for(part), self.width)?);
            }
            let block = &mut blocks[index];
            if block.capacity() < at + part {
                *block = block.copied(at, capacity_for(at + part))?;
            }
            block.keys.slice_set(&keys.narrow(0, done, part)?, 0, at)?;
            block.values.slice_set(&values.narrow(0, done, part)?, 0, at)?;
            done += part;
        }
        Ok(())
    }

    /// Counts `n` positions as written in every layer.
    pub(super) fn advance(&mut self, n: usize) {
        self.len += n;
    }

    /// Gives the blocks of a layer that cover `len` positions: keys, values and how many positions
    /// of each to read, a multiple of [`STEP`].
    pub(super) fn blocks(
        &self,
        layer: usize,
        len: usize,
    ) -> impl Iterator<Item = (&Tensor, &Tensor, usize)> {
        self.layers[layer].iter().take(len.div_ceil(BLOCK)).enumerate().map(
            move |(index, block)| {
                let read = (len - index * BLOCK).min(BLOCK).next_multiple_of(STEP);
                (&block.keys, &block.values, read)
            },
        )
    }
}

/// Gives the capacity of a block for `len` positions: it grows in powers of two.
fn capacity_for(len: usize) -> usize {
    len.next_power_of_two().clamp(STEP, BLOCK)
}
