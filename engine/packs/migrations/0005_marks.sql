-- What was published decides how items run: it carries a mark of the store.
ALTER TABLE release ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE publication ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE pack_in_force ADD COLUMN mark TEXT NOT NULL DEFAULT '';
