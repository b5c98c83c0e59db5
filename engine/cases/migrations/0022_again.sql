-- Where a file was taken from: the number of an earlier case of the same applicant.
ALTER TABLE material_file ADD COLUMN origin TEXT;
-- Which cases were mended is a list of its own.
CREATE INDEX case_event_corrected ON case_event (case_id) WHERE kind = 'case.corrected';
