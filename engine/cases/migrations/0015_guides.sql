-- Which guides whoever fills it in has read and confirmed, in which version and when.
ALTER TABLE draft ADD COLUMN guides TEXT NOT NULL DEFAULT '[]';
