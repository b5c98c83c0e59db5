-- Whose application it is carries a mark of the store.
ALTER TABLE draft ADD COLUMN mark TEXT NOT NULL DEFAULT '';
