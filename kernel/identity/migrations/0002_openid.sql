CREATE TABLE openid_consent (
    client TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES account (id),
    asked TEXT NOT NULL,
    granted TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (client, account_id)
);
CREATE INDEX openid_consent_account ON openid_consent (account_id, client);

CREATE TABLE openid_code (
    digest TEXT NOT NULL PRIMARY KEY,
    client TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES account (id),
    session_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    challenge TEXT NOT NULL,
    scopes TEXT NOT NULL,
    nonce TEXT,
    signed_in_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX openid_code_account ON openid_code (account_id, client);
CREATE INDEX openid_code_expires ON openid_code (expires_at);

CREATE TABLE openid_token (
    digest TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    client TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES account (id),
    session_id TEXT NOT NULL,
    scopes TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX openid_token_code ON openid_token (code);
CREATE INDEX openid_token_account ON openid_token (account_id, client);
CREATE INDEX openid_token_expires ON openid_token (expires_at);
