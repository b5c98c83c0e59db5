//! Forms: JSON Schema plus layout, checks in words, rendered on the server.
