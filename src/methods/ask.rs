//! The only thing that a method may await.

use std::future::Future;

use crate::domain::{Call, CallFailure, Reply};

/// Answers model calls.
///
/// The engine's own looks the call up in the journal first, so that a method started again pays
/// for nothing twice; a test's is a closure over strings (see [`FromFn`]).
pub trait Ask: Sync {
    /// Asks a model.
    ///
    /// # Errors
    ///
    /// The call's failure by name; a method passes it on, and the row keeps it.
    fn ask(&self, call: Call) -> impl Future<Output = Result<Reply, CallFailure>> + Send;
}

/// An [`Ask`] made of a function, for tests and for scoring what is already there.
pub struct FromFn<F>(pub F);

impl<F> Ask for FromFn<F>
where
    F: Fn(Call) -> Result<Reply, CallFailure> + Sync,
{
    async fn ask(&self, call: Call) -> Result<Reply, CallFailure> {
        (self.0)(call)
    }
}
