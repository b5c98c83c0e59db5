//! One interface to SQLite and PostgreSQL: reads, writes with group commit, migrations, jobs, objects. Knows no table of a business.
