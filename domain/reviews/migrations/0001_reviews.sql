CREATE TABLE review (
    id TEXT NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL,
    case_number TEXT NOT NULL,
    account TEXT NOT NULL,
    item_code TEXT NOT NULL,
    item_name TEXT NOT NULL,
    organisation TEXT NOT NULL,
    division TEXT NOT NULL,
    channel TEXT NOT NULL,
    level BIGINT NOT NULL CHECK (level BETWEEN 1 AND 5),
    tags JSON NOT NULL,
    words TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    finding TEXT NOT NULL DEFAULT '',
    ordered TEXT NOT NULL DEFAULT '',
    due_on TEXT,
    verified_at BIGINT,
    verified_by TEXT NOT NULL DEFAULT '',
    feedback TEXT NOT NULL DEFAULT '',
    reply TEXT NOT NULL DEFAULT '',
    closed_at BIGINT,
    closed_by TEXT NOT NULL DEFAULT '',
    CONSTRAINT review_once_per_channel UNIQUE (case_id, channel)
);
CREATE INDEX review_queue ON review (organisation, state, id);
CREATE INDEX review_state ON review (state, id);
CREATE INDEX review_item ON review (item_code);
