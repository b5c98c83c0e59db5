-- What was done carries a mark of the store: what is undone is taken from it.
ALTER TABLE flow_firing ADD COLUMN mark TEXT NOT NULL DEFAULT '';
