-- Where the office of whoever acted lies, so that readers see the entries of their own division.
ALTER TABLE audit_entry ADD COLUMN division TEXT NOT NULL DEFAULT '';
