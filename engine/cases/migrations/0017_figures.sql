-- 1 where the office closed a case after its last day; nothing where it kept it.
ALTER TABLE case_record ADD COLUMN late BIGINT;
CREATE INDEX case_accepted ON case_record (organisation, accepted_at);
CREATE INDEX case_closed ON case_record (organisation, closed_at);
-- Who decided steps, and when.
CREATE INDEX case_event_decided ON case_event (actor_id, at) WHERE kind = 'task.completed';
