-- Which case wrote a record is shown to whoever decides: the link carries a mark of the store.
ALTER TABLE case_wrote ADD COLUMN mark TEXT NOT NULL DEFAULT '';
