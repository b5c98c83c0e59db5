-- How officers have turned a file to read it.
CREATE TABLE file_turn (
    file_id TEXT NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL,
    turns BIGINT NOT NULL
);
CREATE INDEX file_turn_case ON file_turn (case_id);
