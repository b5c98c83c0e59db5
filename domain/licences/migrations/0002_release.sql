-- The release under which an edition was made; none: by no case, or before this was recorded.
ALTER TABLE licence_edition ADD COLUMN release TEXT;
