-- What proves a name and what applications may read carries a mark of the store. A token that has ended is no row.
ALTER TABLE real_name_check ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE assurance_change ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE openid_consent ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE openid_code ADD COLUMN mark TEXT NOT NULL DEFAULT '';
DELETE FROM openid_token WHERE ended_at IS NOT NULL;
ALTER TABLE openid_token DROP COLUMN ended_at;
ALTER TABLE openid_token ADD COLUMN mark TEXT NOT NULL DEFAULT '';
