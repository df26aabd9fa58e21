//! State and message in, state and effects out.
