-- Of which last day the holder of a licence was told.
CREATE TABLE licence_reminder (
    licence_id TEXT NOT NULL REFERENCES licence (id),
    valid_to TEXT NOT NULL,
    told_at BIGINT NOT NULL,
    PRIMARY KEY (licence_id, valid_to)
);
CREATE INDEX licence_ending ON licence (valid_to, id) WHERE status = 'valid';
