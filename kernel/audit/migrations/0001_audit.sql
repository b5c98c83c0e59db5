CREATE TABLE audit_entry (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT,
    actor_name TEXT NOT NULL,
    address TEXT NOT NULL,
    request_id TEXT NOT NULL,
    event TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    mac TEXT NOT NULL,
    sequence BIGINT UNIQUE,
    chain TEXT
);
CREATE INDEX audit_entry_subject ON audit_entry (subject_kind, subject_id, id);
CREATE INDEX audit_entry_event ON audit_entry (event, id);
CREATE INDEX audit_entry_actor ON audit_entry (actor_id, id);
CREATE INDEX audit_entry_unsealed ON audit_entry (id) WHERE sequence IS NULL;

CREATE TABLE audit_head (
    name TEXT NOT NULL PRIMARY KEY,
    sequence BIGINT NOT NULL,
    chain TEXT NOT NULL,
    mac TEXT NOT NULL
);
