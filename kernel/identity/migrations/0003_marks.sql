-- Rows that decide who somebody is carry a mark of the store; the one of officers is of the same kind now.
ALTER TABLE account ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE staff ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE staff DROP COLUMN mac;
ALTER TABLE login_guard ADD COLUMN mark TEXT NOT NULL DEFAULT '';
