-- The case that started it.
ALTER TABLE case_record ADD COLUMN parent TEXT;
CREATE INDEX case_parent ON case_record (parent, submitted_at) WHERE parent IS NOT NULL;
