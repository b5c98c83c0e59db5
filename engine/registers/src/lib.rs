//! Registers: collections of records with a schema and a history.
