CREATE TABLE release (
    hash TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    effective_from TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    body JSON NOT NULL
);
CREATE INDEX release_code ON release (kind, code, published_at);

CREATE TABLE setting (
    code TEXT NOT NULL PRIMARY KEY,
    value JSON NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL
);
