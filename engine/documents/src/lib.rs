//! Documents: one template to PDF/A, PNG and OFD, sealed and verifiable.
