-- A record of any register. What it says is encrypted; what it is found by stands in register_value.
CREATE TABLE register_record (
    id TEXT NOT NULL PRIMARY KEY,
    register TEXT NOT NULL,
    key_digest TEXT NOT NULL,
    title TEXT NOT NULL,
    organisation TEXT NOT NULL,
    division TEXT NOT NULL,
    data TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX register_record_key ON register_record (register, key_digest);
CREATE INDEX register_record_list ON register_record (register, id);
CREATE INDEX register_record_office ON register_record (register, organisation, id);

-- What must not occur twice, as a keyed digest. A deleted record gives its place up.
CREATE TABLE register_unique (
    register TEXT NOT NULL,
    digest TEXT NOT NULL,
    record_id TEXT NOT NULL REFERENCES register_record (id),
    CONSTRAINT register_unique_values PRIMARY KEY (register, digest)
);
CREATE INDEX register_unique_record ON register_unique (record_id);

-- Values that records are filtered by; personal numbers as keyed digests.
CREATE TABLE register_value (
    record_id TEXT NOT NULL REFERENCES register_record (id),
    register TEXT NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (record_id, field, value)
);
CREATE INDEX register_value_find ON register_value (register, field, value, record_id);

-- Who changed what and when. The values before and after are encrypted.
CREATE TABLE register_history (
    id TEXT NOT NULL PRIMARY KEY,
    record_id TEXT NOT NULL REFERENCES register_record (id),
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    changes TEXT,
    CONSTRAINT register_history_version UNIQUE (record_id, version)
);
