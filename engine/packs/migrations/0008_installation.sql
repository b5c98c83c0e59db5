-- What packs bring of an installation's own data, a list of each kind, as the last start found it.
CREATE TABLE installation_seed (
    kind TEXT NOT NULL PRIMARY KEY CHECK (kind IN ('division', 'organisation', 'role', 'year')),
    body JSON NOT NULL,
    seeded_at BIGINT NOT NULL,
    mark TEXT NOT NULL DEFAULT ''
);

-- What administrators did to an entry: the last of it counts, and goes before the lists. Rows are only added.
CREATE TABLE installation_change (
    kind TEXT NOT NULL CHECK (kind IN ('division', 'organisation', 'role', 'year')),
    code TEXT NOT NULL,
    number BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('changed', 'ended', 'seeded')),
    body JSON NOT NULL,
    reason TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    mark TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (kind, code, number)
);
