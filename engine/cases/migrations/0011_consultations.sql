-- Why an officer without a task in a case reads it, and until when.
CREATE TABLE case_consultation (
    case_id TEXT NOT NULL REFERENCES case_record (id),
    account TEXT NOT NULL,
    reason TEXT NOT NULL,
    stated_at BIGINT NOT NULL,
    lasts_until BIGINT NOT NULL,
    mark TEXT NOT NULL,
    PRIMARY KEY (case_id, account)
);
