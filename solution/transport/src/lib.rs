//! Transport practitioners: a pack of definitions and the few computations only it needs.
