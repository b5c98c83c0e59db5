-- Keys lie sealed by the key ring; certificates and seals are public. Databases from before have these tables already.
CREATE TABLE IF NOT EXISTS authority_key (
    name TEXT NOT NULL PRIMARY KEY,
    certificate TEXT NOT NULL,
    sealed_key BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    mark TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS authority_seal (
    organisation TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    certificate TEXT NOT NULL,
    sealed_key BYTEA NOT NULL,
    seal BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    mark TEXT NOT NULL DEFAULT ''
);
