CREATE TABLE draft (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    item_code TEXT NOT NULL,
    release_hash TEXT NOT NULL,
    answers TEXT NOT NULL,
    form TEXT NOT NULL,
    division TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX draft_account ON draft (account, updated_at);

CREATE TABLE case_record (
    id TEXT NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    code TEXT NOT NULL UNIQUE,
    item_code TEXT NOT NULL,
    item_name TEXT NOT NULL,
    release_hash TEXT NOT NULL,
    account TEXT NOT NULL,
    -- Encrypted, like answers and form; looked up by the keyed digest of the whole name.
    applicant TEXT NOT NULL,
    applicant_digest TEXT NOT NULL,
    organisation TEXT NOT NULL,
    division TEXT NOT NULL,
    status TEXT NOT NULL,
    answers TEXT NOT NULL,
    form TEXT NOT NULL,
    correction JSON,
    submitted_at BIGINT NOT NULL,
    accepted_at BIGINT,
    due_on TEXT,
    closed_at BIGINT,
    result TEXT,
    paused TEXT,
    -- One draft becomes one case, whoever presses how often.
    draft_id TEXT NOT NULL UNIQUE REFERENCES draft (id),
    event_seq BIGINT NOT NULL,
    event_hash TEXT NOT NULL
);
CREATE INDEX case_account ON case_record (account, submitted_at);
CREATE INDEX case_applicant ON case_record (applicant_digest, submitted_at);
CREATE INDEX case_office ON case_record (organisation, division, submitted_at);
CREATE INDEX case_due ON case_record (closed_at, due_on);

CREATE TABLE case_event (
    case_id TEXT NOT NULL REFERENCES case_record (id),
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT,
    actor_name TEXT NOT NULL,
    data JSON NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (case_id, seq)
);

CREATE TABLE material_file (
    id TEXT NOT NULL PRIMARY KEY,
    draft_id TEXT NOT NULL REFERENCES draft (id),
    material TEXT NOT NULL,
    object TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    uploaded_at BIGINT NOT NULL,
    removed_at BIGINT
);
CREATE INDEX material_file_draft ON material_file (draft_id, material);

CREATE TABLE case_document (
    id TEXT NOT NULL PRIMARY KEY,
    -- A flow may make a document before its new case is written, at the end of the same transaction.
    case_id TEXT NOT NULL REFERENCES case_record (id) DEFERRABLE INITIALLY DEFERRED,
    template TEXT NOT NULL,
    title TEXT NOT NULL,
    number TEXT NOT NULL UNIQUE,
    data TEXT NOT NULL,
    status TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    pdf TEXT,
    ofd TEXT
);
CREATE INDEX case_document_case ON case_document (case_id, made_at);
