//! Messages: templates per event, channels, and who was told what and when.
