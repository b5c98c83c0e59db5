//! What tests share: databases of their own, actors, pages read by CSS selection, claims of requirements. Only for tests.
