-- Where a file was taken from: the number of an earlier case of the same applicant.
ALTER TABLE material_file ADD COLUMN origin TEXT;
