-- What decides of a case carries a mark of the store.
ALTER TABLE case_record ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE material_file ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE case_document ADD COLUMN mark TEXT NOT NULL DEFAULT '';
