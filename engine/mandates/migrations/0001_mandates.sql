-- Who acts for whom, in which items, until when. Names and the number lie encrypted.
CREATE TABLE mandate (
    id TEXT NOT NULL PRIMARY KEY,
    principal TEXT NOT NULL,
    -- Keyed digests of identity numbers: of another proof than it was given with it does not count.
    principal_digest TEXT NOT NULL,
    principal_name TEXT NOT NULL,
    agent_digest TEXT NOT NULL,
    agent_name TEXT NOT NULL,
    agent_number TEXT NOT NULL,
    -- Codes as a JSON list; nothing where it is for all items.
    items TEXT,
    last_day TEXT NOT NULL,
    invited_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    -- The account that has confirmed.
    agent TEXT,
    answered_at BIGINT,
    -- Declined, ended by one of the two, or over.
    ended_at BIGINT,
    ended_by TEXT,
    mark TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX mandate_open ON mandate (principal, agent_digest) WHERE ended_at IS NULL;
CREATE INDEX mandate_principal ON mandate (principal, invited_at);
CREATE INDEX mandate_agent_digest ON mandate (agent_digest, invited_at);
CREATE INDEX mandate_agent ON mandate (agent, invited_at) WHERE agent IS NOT NULL;
