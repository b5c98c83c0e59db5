-- The calendar under which the last day was worked out; null when nothing is left to do. What was written before is
-- worked out anew by the next look for what is late.
ALTER TABLE case_record ADD COLUMN counted_by TEXT;
UPDATE case_record SET counted_by = '' WHERE status IN ('submitted', 'correcting', 'accepted', 'granted', 'closed');
-- A last day is kept only while its period runs.
UPDATE case_record SET due_on = NULL WHERE closed_at IS NOT NULL OR paused IS NOT NULL OR status = 'correcting';
CREATE INDEX case_counted ON case_record (counted_by, id);
CREATE INDEX case_running ON case_record (due_on, id);

-- The end of the known calendar of which the administrators were told.
CREATE TABLE calendar_notice (
    known_until TEXT NOT NULL PRIMARY KEY,
    told_at BIGINT NOT NULL
);
