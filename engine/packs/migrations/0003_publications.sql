-- What was published, in its order: from then on a code is this release, or no longer offered (no hash).
CREATE TABLE publication (
    position BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    hash TEXT REFERENCES release (hash),
    published_at BIGINT NOT NULL
);
CREATE INDEX publication_kind ON publication (kind, position);
CREATE INDEX publication_hash ON publication (hash, position);
INSERT INTO publication (position, kind, code, hash, published_at)
    SELECT ROW_NUMBER() OVER (ORDER BY published_at, hash), kind, code, hash, published_at FROM release;

-- One row that counts changes of publications and settings: whoever read them under another number reads again.
CREATE TABLE pack_stamp (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    number BIGINT NOT NULL
);
INSERT INTO pack_stamp (one, number) VALUES (1, 1);
