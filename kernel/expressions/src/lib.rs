//! The one expression language: CEL, checked when a definition is loaded.
