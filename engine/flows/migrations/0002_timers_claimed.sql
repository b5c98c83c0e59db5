ALTER TABLE flow_token ADD COLUMN signed_by TEXT;
CREATE INDEX flow_token_signed ON flow_token (signed_by, instance_id)
    WHERE signed_by IS NOT NULL AND consumed_by IS NULL AND undone = 0;
ALTER TABLE flow_timer ADD COLUMN started BIGINT;
