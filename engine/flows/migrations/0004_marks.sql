-- Where a flow stands and who has its steps carry a mark of the store.
ALTER TABLE flow_instance ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE flow_token ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE flow_task ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE flow_timer ADD COLUMN mark TEXT NOT NULL DEFAULT '';
-- The numbers of the live tokens, none in rows from before.
ALTER TABLE flow_instance ADD COLUMN live JSON;
