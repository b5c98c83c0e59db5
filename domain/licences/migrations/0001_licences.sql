-- One row per licence number. What its face says, and its files, stand in the edition of its version.
CREATE TABLE licence (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    type_code TEXT NOT NULL,
    title TEXT NOT NULL,
    number TEXT NOT NULL,
    verify_code TEXT NOT NULL UNIQUE,
    holder_account TEXT,
    holder_name TEXT NOT NULL,
    holder_name_masked TEXT NOT NULL,
    holder_number TEXT NOT NULL,
    holder_number_masked TEXT NOT NULL,
    holder_digest TEXT NOT NULL,
    organisation TEXT NOT NULL,
    issuer_name TEXT NOT NULL,
    division TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('valid', 'replaced', 'cancelled', 'revoked', 'void')),
    issued_on TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    version BIGINT NOT NULL,
    replaces TEXT REFERENCES licence (id),
    case_id TEXT,
    ended_on TEXT,
    ended_by TEXT,
    ended_basis TEXT,
    ended_reason TEXT,
    created_at BIGINT NOT NULL,
    CONSTRAINT licence_number UNIQUE (kind, number)
);
-- A person holds one licence of a kind at a time.
CREATE UNIQUE INDEX licence_in_force ON licence (holder_digest, kind) WHERE status = 'valid';
-- A case makes one licence, unless the first was taken back.
CREATE UNIQUE INDEX licence_of_case ON licence (case_id) WHERE case_id IS NOT NULL AND status <> 'void';
CREATE INDEX licence_holder ON licence (holder_digest, kind);
CREATE INDEX licence_account ON licence (holder_account, id);
CREATE INDEX licence_office ON licence (organisation, division, id);
CREATE INDEX licence_plain_number ON licence (number);
CREATE INDEX licence_replaces ON licence (replaces);

CREATE TABLE licence_edition (
    licence_id TEXT NOT NULL REFERENCES licence (id),
    version BIGINT NOT NULL,
    identifier TEXT NOT NULL UNIQUE,
    face TEXT NOT NULL,
    photo TEXT,
    photo_path TEXT,
    created_at BIGINT NOT NULL,
    made_at BIGINT,
    ofd_object TEXT,
    pdf_object TEXT,
    png_object TEXT,
    PRIMARY KEY (licence_id, version)
);

CREATE TABLE licence_event (
    id TEXT NOT NULL PRIMARY KEY,
    licence_id TEXT NOT NULL REFERENCES licence (id),
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT,
    actor_name TEXT NOT NULL,
    status_before TEXT,
    status_after TEXT NOT NULL,
    changes TEXT,
    basis TEXT,
    reason TEXT,
    case_id TEXT
);
CREATE INDEX licence_event_licence ON licence_event (licence_id, id);

-- Codes that a holder shows for a short time. Only their digests are kept.
CREATE TABLE licence_presentation (
    token_digest TEXT NOT NULL PRIMARY KEY,
    licence_id TEXT NOT NULL REFERENCES licence (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX licence_presentation_licence ON licence_presentation (licence_id, expires_at);

-- Keys lie sealed by the key ring; certificates and seals are public.
CREATE TABLE authority_key (
    name TEXT NOT NULL PRIMARY KEY,
    certificate TEXT NOT NULL,
    sealed_key BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE TABLE authority_seal (
    organisation TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    certificate TEXT NOT NULL,
    sealed_key BYTEA NOT NULL,
    seal BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);
