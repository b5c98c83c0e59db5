-- Every change of a setting. Rows are only added.
CREATE TABLE setting_change (
    code TEXT NOT NULL,
    number BIGINT NOT NULL,
    value JSON NOT NULL,
    reason TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    mark TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (code, number)
);
