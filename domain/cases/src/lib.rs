//! Cases: applications on their way through an item.
