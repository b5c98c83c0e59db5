//! The only program: command line, configuration, wiring of modules.

fn main() {}
