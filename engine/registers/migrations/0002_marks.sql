-- What a record says carries a mark of the store, and so does every line of its history.
ALTER TABLE register_record ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE register_history ADD COLUMN mark TEXT NOT NULL DEFAULT '';
