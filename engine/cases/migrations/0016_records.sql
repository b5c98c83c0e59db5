-- The records that a case wrote, as register/id.
CREATE TABLE case_wrote (
    about TEXT NOT NULL,
    case_id TEXT NOT NULL,
    PRIMARY KEY (about, case_id)
);
CREATE INDEX case_wrote_by_case ON case_wrote (case_id);
