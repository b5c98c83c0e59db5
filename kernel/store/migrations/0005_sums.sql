-- What each committed group added to the sums of the marked tables and took away; folded into the total every second.
CREATE TABLE mark_note (
    writer TEXT NOT NULL,
    number BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (writer, number)
);

CREATE TABLE mark_total (
    id BIGINT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
);
