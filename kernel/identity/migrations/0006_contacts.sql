-- How an officer is reached; encrypted.
CREATE TABLE staff_contact (
    staff_id TEXT NOT NULL PRIMARY KEY REFERENCES staff (id),
    mobile TEXT NOT NULL,
    mark TEXT NOT NULL DEFAULT ''
);
