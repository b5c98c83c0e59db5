CREATE TABLE flow_instance (
    id TEXT NOT NULL PRIMARY KEY,
    release_hash TEXT NOT NULL,
    subject TEXT NOT NULL,
    organisation TEXT NOT NULL,
    division TEXT NOT NULL,
    status TEXT NOT NULL,
    held_since BIGINT,
    last_firing BIGINT NOT NULL,
    last_token BIGINT NOT NULL,
    plans JSON NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    version BIGINT NOT NULL
);
CREATE INDEX flow_instance_subject ON flow_instance (subject);

CREATE TABLE flow_firing (
    instance_id TEXT NOT NULL REFERENCES flow_instance (id),
    no BIGINT NOT NULL,
    kind TEXT NOT NULL,
    element TEXT,
    name TEXT NOT NULL,
    net BIGINT NOT NULL,
    consumes JSON NOT NULL,
    needs JSON NOT NULL,
    produces JSON NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    decision TEXT NOT NULL,
    opinion TEXT NOT NULL,
    data JSON NOT NULL,
    operation JSON,
    restores BIGINT,
    undone_by BIGINT,
    PRIMARY KEY (instance_id, no)
);

CREATE TABLE flow_token (
    instance_id TEXT NOT NULL REFERENCES flow_instance (id),
    no BIGINT NOT NULL,
    place TEXT NOT NULL,
    net BIGINT NOT NULL,
    produced_by BIGINT NOT NULL,
    consumed_by BIGINT,
    undone BIGINT NOT NULL,
    note JSON NOT NULL,
    PRIMARY KEY (instance_id, no)
);
CREATE INDEX flow_token_live ON flow_token (instance_id, no) WHERE consumed_by IS NULL AND undone = 0;

CREATE TABLE flow_task (
    id TEXT NOT NULL PRIMARY KEY,
    instance_id TEXT NOT NULL REFERENCES flow_instance (id),
    token BIGINT NOT NULL,
    subject TEXT NOT NULL,
    stage TEXT NOT NULL,
    element TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    organisation TEXT NOT NULL,
    division TEXT NOT NULL,
    limit_days BIGINT,
    decisions JSON NOT NULL,
    assignee TEXT,
    assignee_name TEXT,
    owner TEXT,
    owner_name TEXT,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    closed_how TEXT,
    closed_by TEXT,
    version BIGINT NOT NULL
);
CREATE INDEX flow_task_instance ON flow_task (instance_id, token);
CREATE INDEX flow_task_queue ON flow_task (role, organisation, division, id) WHERE closed_at IS NULL;
CREATE INDEX flow_task_assignee ON flow_task (assignee, id) WHERE closed_at IS NULL;

CREATE TABLE flow_timer (
    instance_id TEXT NOT NULL REFERENCES flow_instance (id),
    token BIGINT NOT NULL,
    element TEXT NOT NULL,
    due BIGINT NOT NULL,
    PRIMARY KEY (instance_id, token, element)
);
CREATE INDEX flow_timer_due ON flow_timer (due, instance_id);
