CREATE TABLE job (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    ordering_key TEXT,
    payload JSON NOT NULL,
    run_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    lease_until BIGINT NOT NULL DEFAULT 0,
    dead BIGINT NOT NULL DEFAULT 0,
    error TEXT
);
CREATE INDEX job_due ON job (dead, run_at, id);
CREATE INDEX job_ordering ON job (ordering_key, id);

CREATE TABLE counter (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);

CREATE TABLE object (
    id TEXT NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    media_type TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
