-- The guide of one procedure in one division, in versions: what it says otherwise than the first guide, which stands in
-- the file of the procedure.
CREATE TABLE guide (
    procedure TEXT NOT NULL,
    division TEXT NOT NULL,
    version BIGINT NOT NULL,
    organisation TEXT NOT NULL,
    effective_from TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    texts JSON NOT NULL,
    mark TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (procedure, division, version)
);
