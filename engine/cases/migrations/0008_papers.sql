-- The flow waits before its next step until the papers of the case are made.
ALTER TABLE case_record ADD COLUMN waits BIGINT NOT NULL DEFAULT 0;

-- By the code anybody who holds a letter verifies it. Since when its file is waited for, while it is; why it is not there.
ALTER TABLE case_document ADD COLUMN code TEXT;
ALTER TABLE case_document ADD COLUMN asked_at BIGINT;
ALTER TABLE case_document ADD COLUMN fault TEXT;
ALTER TABLE case_document ADD COLUMN fault_words TEXT;
ALTER TABLE case_document ADD COLUMN fault_since BIGINT;
UPDATE case_document SET asked_at = made_at WHERE status = 'pending';
CREATE UNIQUE INDEX case_document_code ON case_document (code) WHERE code IS NOT NULL;
CREATE INDEX case_document_asked ON case_document (asked_at, id) WHERE asked_at IS NOT NULL;
CREATE INDEX case_document_pdf ON case_document (pdf) WHERE pdf IS NOT NULL;
CREATE INDEX case_document_ofd ON case_document (ofd) WHERE ofd IS NOT NULL;
