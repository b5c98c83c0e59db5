-- Whose message it is and what it says carry a mark of the store.
ALTER TABLE message ADD COLUMN mark TEXT NOT NULL DEFAULT '';
