-- Counts every change of an application and of its files: whoever checked it under another number checks again.
ALTER TABLE draft ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
