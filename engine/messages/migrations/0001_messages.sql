CREATE TABLE message (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    recipient TEXT NOT NULL,
    channel TEXT NOT NULL,
    event TEXT NOT NULL,
    template TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    mobile TEXT,
    mobile_masked TEXT NOT NULL DEFAULT '',
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    link TEXT NOT NULL,
    state TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT '',
    attempts BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    sent_at BIGINT,
    delivered_at BIGINT,
    read_at BIGINT
);
CREATE INDEX message_inbox ON message (account, id) WHERE channel = 'site';
CREATE INDEX message_unread ON message (account) WHERE channel = 'site' AND read_at IS NULL;
CREATE INDEX message_subject ON message (subject_kind, subject_id, id);
