//! Reviews of finished cases.
