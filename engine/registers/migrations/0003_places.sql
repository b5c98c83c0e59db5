-- What a record is found by decides as much as what it says.
ALTER TABLE register_unique ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE register_value ADD COLUMN mark TEXT NOT NULL DEFAULT '';
