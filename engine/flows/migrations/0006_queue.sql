-- The day by which an open task has to be done, whoever set the limit; what has none, or stands still, comes last.
-- Only the order of queues goes by it, so it carries no mark.
ALTER TABLE flow_task ADD COLUMN danger TEXT NOT NULL DEFAULT '9999-12-31';
UPDATE flow_task SET danger = due_on WHERE due_on IS NOT NULL AND closed_at IS NULL;
DROP INDEX flow_task_queue;
CREATE INDEX flow_task_queue ON flow_task (organisation, role, danger, id) WHERE closed_at IS NULL;
CREATE INDEX flow_task_arrival ON flow_task (organisation, role, id) WHERE closed_at IS NULL;
