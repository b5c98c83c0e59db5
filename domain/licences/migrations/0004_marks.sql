-- What decides of a licence carries a mark of the store; a licence has the number of its last event.
ALTER TABLE licence ADD COLUMN event_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE licence ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE licence_edition ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE licence_event ADD COLUMN seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE licence_event ADD COLUMN mark TEXT NOT NULL DEFAULT '';
UPDATE licence_event SET seq = (SELECT COUNT(*) FROM licence_event e
    WHERE e.licence_id = licence_event.licence_id AND e.id <= licence_event.id);
UPDATE licence SET event_seq = (SELECT COUNT(*) FROM licence_event e WHERE e.licence_id = licence.id);
CREATE UNIQUE INDEX licence_event_seq ON licence_event (licence_id, seq);
DROP INDEX licence_event_licence;
ALTER TABLE authority_key ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE authority_seal ADD COLUMN mark TEXT NOT NULL DEFAULT '';
