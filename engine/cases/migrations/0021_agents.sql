-- Whoever fills it in and files it for somebody else, by a mandate: the account, and, encrypted, who that is.
ALTER TABLE draft ADD COLUMN agent TEXT;
ALTER TABLE draft ADD COLUMN agency TEXT;
ALTER TABLE case_record ADD COLUMN agent TEXT;
ALTER TABLE case_record ADD COLUMN agency TEXT;
CREATE INDEX draft_agent ON draft (agent, updated_at) WHERE agent IS NOT NULL;
CREATE INDEX case_agent ON case_record (agent, submitted_at) WHERE agent IS NOT NULL;
