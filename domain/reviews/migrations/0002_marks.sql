-- A rating and what became of it carry a mark of the store.
ALTER TABLE review ADD COLUMN mark TEXT NOT NULL DEFAULT '';
