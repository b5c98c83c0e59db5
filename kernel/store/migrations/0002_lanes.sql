ALTER TABLE job ADD COLUMN lane TEXT NOT NULL DEFAULT 'short';
ALTER TABLE job ADD COLUMN holder TEXT;
ALTER TABLE job ADD COLUMN cause TEXT;
ALTER TABLE job ADD COLUMN failing_since BIGINT;
DROP INDEX job_due;
CREATE INDEX job_lane ON job (lane, dead, run_at, id);
CREATE INDEX job_holder ON job (holder);

CREATE TABLE heartbeat (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);
