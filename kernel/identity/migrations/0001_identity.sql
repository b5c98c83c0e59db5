CREATE TABLE account (
    id TEXT NOT NULL PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL,
    mobile TEXT NOT NULL,
    mobile_digest TEXT NOT NULL UNIQUE,
    assurance BIGINT NOT NULL,
    name TEXT,
    id_number TEXT,
    id_number_digest TEXT UNIQUE,
    address TEXT,
    created_at BIGINT NOT NULL
);

CREATE TABLE assurance_change (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    before BIGINT NOT NULL,
    after BIGINT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX assurance_change_account ON assurance_change (account_id, id);

CREATE TABLE real_name_check (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    name TEXT NOT NULL,
    id_number TEXT NOT NULL,
    state TEXT NOT NULL,
    tries BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    answered_at BIGINT
);
CREATE INDEX real_name_check_account ON real_name_check (account_id, id);

CREATE TABLE staff (
    id TEXT NOT NULL PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password TEXT NOT NULL,
    organisation TEXT NOT NULL,
    division TEXT NOT NULL,
    roles TEXT NOT NULL,
    active BIGINT NOT NULL,
    mac TEXT NOT NULL
);

CREATE TABLE session (
    id TEXT NOT NULL PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX session_account ON session (account_id, id);

CREATE TABLE login_guard (
    subject TEXT NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_failed_at BIGINT NOT NULL,
    locked_until BIGINT NOT NULL
);
CREATE INDEX login_guard_last_failed ON login_guard (last_failed_at);
