-- A draft is open until a case came of it.
ALTER TABLE draft ADD COLUMN ended_at BIGINT;
UPDATE draft SET ended_at = (SELECT c.submitted_at FROM case_record c WHERE c.draft_id = draft.id);
-- What was begun twice before there was a rule against it goes on under its own id.
ALTER TABLE draft ADD COLUMN twin TEXT NOT NULL DEFAULT '';
UPDATE draft SET twin = id WHERE ended_at IS NULL AND EXISTS (
    SELECT 1 FROM draft d WHERE d.account = draft.account AND d.item_code = draft.item_code
        AND d.ended_at IS NULL AND d.id > draft.id);
CREATE UNIQUE INDEX draft_open ON draft (account, item_code, twin) WHERE ended_at IS NULL;

-- Whoever deletes a draft asks whether its files are handed in elsewhere.
CREATE INDEX material_file_object ON material_file (object);

ALTER TABLE case_record ADD COLUMN twin TEXT NOT NULL DEFAULT '';
UPDATE case_record SET twin = id WHERE closed_at IS NULL AND EXISTS (
    SELECT 1 FROM case_record c WHERE c.account = case_record.account AND c.item_code = case_record.item_code
        AND c.closed_at IS NULL AND c.id > case_record.id);
CREATE UNIQUE INDEX case_open ON case_record (account, item_code, twin) WHERE closed_at IS NULL;
