-- The account that a record came with: who entered it, or whose case brought it.
CREATE TABLE register_holder (
    record_id TEXT NOT NULL PRIMARY KEY REFERENCES register_record (id),
    account TEXT NOT NULL,
    mark TEXT NOT NULL DEFAULT ''
);
CREATE INDEX register_holder_account ON register_holder (account, record_id);

-- The files that a record names or has named: its history tells of them, so none goes.
CREATE TABLE register_file (
    record_id TEXT NOT NULL REFERENCES register_record (id),
    object TEXT NOT NULL,
    mark TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (record_id, object)
);
CREATE INDEX register_file_object ON register_file (object);
