-- Contents of files of packs and releases, each once, by the digest that releases name.
CREATE TABLE pack_file (
    digest TEXT NOT NULL PRIMARY KEY,
    content BYTEA NOT NULL
);

-- What is offered under a code from a day on: the index of what was published. `until` is the day from which the next
-- one counts, `ends` the last day on which it can be applied for.
CREATE TABLE offer (
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    begins TEXT NOT NULL,
    until TEXT,
    ends TEXT,
    is_out BIGINT NOT NULL,
    hash TEXT NOT NULL REFERENCES release (hash),
    face JSON NOT NULL,
    mark TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (kind, code, begins)
);
CREATE INDEX offer_until ON offer (kind, until);
CREATE INDEX offer_hash ON offer (hash);
