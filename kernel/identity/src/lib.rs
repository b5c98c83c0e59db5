//! Accounts, sessions, real names, staff and their scopes.
