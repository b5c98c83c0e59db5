-- A licence whose files are being made does not count yet: it is void, and `making` says that it may still come into force.
ALTER TABLE licence ADD COLUMN making BIGINT NOT NULL DEFAULT 0;
DROP INDEX licence_of_case;
CREATE UNIQUE INDEX licence_of_case ON licence (case_id)
    WHERE case_id IS NOT NULL AND (status <> 'void' OR making = 1);

-- The case that waits for the files; since when they are waited for, while they are; why they could not be made.
ALTER TABLE licence_edition ADD COLUMN case_id TEXT;
ALTER TABLE licence_edition ADD COLUMN asked_at BIGINT;
ALTER TABLE licence_edition ADD COLUMN state TEXT NOT NULL DEFAULT 'pending';
ALTER TABLE licence_edition ADD COLUMN fault TEXT;
ALTER TABLE licence_edition ADD COLUMN fault_words TEXT;
ALTER TABLE licence_edition ADD COLUMN fault_since BIGINT;
UPDATE licence_edition SET state = 'ready' WHERE made_at IS NOT NULL;
UPDATE licence_edition SET asked_at = created_at,
    case_id = (SELECT l.case_id FROM licence l WHERE l.id = licence_edition.licence_id)
WHERE made_at IS NULL AND EXISTS (
    SELECT 1 FROM licence l WHERE l.id = licence_edition.licence_id AND l.version = licence_edition.version
        AND l.status <> 'void' AND l.case_id IS NOT NULL);
CREATE INDEX licence_edition_asked ON licence_edition (asked_at, licence_id) WHERE asked_at IS NOT NULL;
CREATE INDEX licence_edition_case ON licence_edition (case_id) WHERE asked_at IS NOT NULL;
