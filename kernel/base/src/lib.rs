//! Errors, ids, time, working days, identity numbers, the request context and permits. Knows no database and no page.
