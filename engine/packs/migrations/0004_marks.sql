-- A setting decides: it carries a mark of the store.
ALTER TABLE setting ADD COLUMN mark TEXT NOT NULL DEFAULT '';
