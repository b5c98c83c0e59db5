-- What somebody did is looked for by his name.
CREATE INDEX audit_entry_actor_name ON audit_entry (actor_name, id);
