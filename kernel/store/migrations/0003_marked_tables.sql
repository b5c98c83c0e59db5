-- The tables whose rows have been given their marks: what lay in them before was trusted once.
CREATE TABLE marked_table (
    name TEXT NOT NULL PRIMARY KEY,
    marked_at BIGINT NOT NULL,
    mark TEXT NOT NULL
);

-- Whose database this is, and of which kind.
CREATE TABLE installation (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    begun_at BIGINT NOT NULL,
    mark TEXT NOT NULL
);
