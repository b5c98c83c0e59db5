-- What was found of the seals of a file when it was handed in.
ALTER TABLE material_file ADD COLUMN verdict TEXT;
