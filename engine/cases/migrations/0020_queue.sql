-- Steps that wait already are ordered by the last day of their case too.
UPDATE flow_task SET danger = COALESCE(
    (SELECT CASE WHEN c.paused IS NOT NULL THEN '9999-12-31' WHEN flow_task.due_on < c.due_on THEN flow_task.due_on
         ELSE COALESCE(c.due_on, flow_task.due_on) END FROM case_record c WHERE c.id = flow_task.subject),
    flow_task.due_on, '9999-12-31') WHERE closed_at IS NULL;
