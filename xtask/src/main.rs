//! Tasks of the workshop: tidy, coverage.

fn main() {}
