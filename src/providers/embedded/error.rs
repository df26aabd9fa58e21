//! What can go wrong with the embedded model, each with a hint of how to mend it.

use std::{io, path::PathBuf};

/// A failure of loading or asking the embedded model.
///
/// Each variant stands for one treatment by the caller; [`Self::hint`] gives the sentence to show
/// below the message.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// The model file or the prepared weights could not be read or written.
    #[error("could not read the model file: {}", path.display())]
    Read {
        /// The file that was tried.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The file is no GGUF, is cut short, or contradicts itself.
    #[error("the model file is damaged or is no GGUF: {reason}")]
    Damaged {
        /// What was found, with the place in the file where that helps.
        reason: String,
    },
    /// The file is in order, but this program has no code for what it holds.
    #[error("this model cannot be opened: {reason}")]
    Unsupported {
        /// What is not supported, and what is.
        reason: String,
    },
    /// The model's own chat template failed or dropped a message.
    #[error("the model's chat template failed: {reason}")]
    Template {
        /// What the template engine said.
        reason: String,
    },
    /// The prompt and the room asked for the answer exceed the context.
    #[error(
        "the prompt has {prompt_tokens} tokens and {max_tokens} more were asked for, \
         but the model's context holds {context}"
    )]
    TooLong {
        /// Tokens of the prompt, template included.
        prompt_tokens: usize,
        /// Tokens asked for at most.
        max_tokens: usize,
        /// Tokens that fit.
        context: usize,
    },
    /// The request contradicts itself (for example an empty option list).
    #[error("the request to the embedded model is not valid: {reason}")]
    Request {
        /// Which part, and why.
        reason: String,
    },
    /// The caller cancelled before anything was produced.
    #[error("the call was cancelled")]
    Cancelled,
    /// The thread that owns the model has ended.
    #[error("the embedded model has stopped")]
    Stopped,
    /// The arithmetic failed; the text is that of the tensor library.
    #[error("the embedded model could not compute: {reason}")]
    Compute {
        /// What the tensor library said.
        reason: String,
    },
}

impl EmbeddedError {
    /// Gives one sentence on how to mend the failure.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Read { .. } => "check that the file exists and that you may read it",
            Self::Damaged { .. } => "delete the file and download it again",
            Self::Unsupported { .. } => {
                "choose a GGUF of one of the named architectures, or run this model in a local \
                 server and add that server"
            }
            Self::Template { .. } => "choose another instruction-tuned GGUF",
            Self::TooLong { .. } => {
                "shorten the prompt, lower the answer's token limit, or choose a model with a \
                 longer context"
            }
            Self::Request { .. } => "change the request",
            Self::Cancelled => "start the call again when you want it",
            Self::Stopped => "open the model again",
            Self::Compute { .. } => {
                "open the model again; if it fails again the file may be damaged"
            }
        }
    }

    /// Wraps a reason as [`Self::Damaged`].
    pub(super) fn damaged(reason: impl Into<String>) -> Self {
        Self::Damaged { reason: reason.into() }
    }

    /// Wraps a reason as [`Self::Unsupported`].
    pub(super) fn unsupported(reason: impl Into<String>) -> Self {
        Self::Unsupported { reason: reason.into() }
    }
}

impl From<candle_core::Error> for EmbeddedError {
    fn from(error: candle_core::Error) -> Self {
        Self::Compute { reason: error.to_string() }
    }
}
