-- The organisation of the officer who files it; none for citizens. The record that it is about, as register/id.
ALTER TABLE draft ADD COLUMN unit TEXT;
ALTER TABLE draft ADD COLUMN about TEXT;
ALTER TABLE case_record ADD COLUMN unit TEXT;
ALTER TABLE case_record ADD COLUMN about TEXT;
-- Of what officers file: for whom, or about what, only one may be open.
ALTER TABLE case_record ADD COLUMN sole TEXT;
CREATE UNIQUE INDEX case_sole ON case_record (item_code, sole) WHERE closed_at IS NULL;
CREATE INDEX case_unit ON case_record (unit, submitted_at) WHERE unit IS NOT NULL;
CREATE INDEX case_about ON case_record (about, submitted_at) WHERE about IS NOT NULL;
