//! Service items: the directory, the guide, what a citizen can apply for.
