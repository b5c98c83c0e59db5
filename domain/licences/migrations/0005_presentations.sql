-- A shown code says that a licence is in force: it carries a mark of the store.
ALTER TABLE licence_presentation ADD COLUMN mark TEXT NOT NULL DEFAULT '';
