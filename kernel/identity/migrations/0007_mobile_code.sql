-- Codes by SMS: a mobile number is somebody's only once the code that was sent there came back.
CREATE TABLE mobile_code (
    id TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    account_id TEXT,
    login TEXT NOT NULL,
    password TEXT NOT NULL,
    mobile TEXT NOT NULL,
    mobile_digest TEXT NOT NULL,
    place TEXT NOT NULL,
    code TEXT NOT NULL,
    old_code TEXT NOT NULL,
    tries BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    mark TEXT NOT NULL DEFAULT ''
);
CREATE INDEX mobile_code_mobile ON mobile_code (mobile_digest, made_at);
CREATE INDEX mobile_code_made ON mobile_code (made_at);
