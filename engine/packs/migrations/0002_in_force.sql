-- The files of the pack that was last published without a fault: what is used when the one at hand has faults.
CREATE TABLE pack_in_force (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    files JSON NOT NULL,
    published_at BIGINT NOT NULL
);
