-- +goose Up

-- Which key a chain is sealed under now, and up to which entry it was written
-- under earlier ones: number and hash of that entry, which the seal covers.
ALTER TABLE audit_chains ADD COLUMN key_id TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_chains ADD COLUMN key_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE audit_chains ADD COLUMN key_hash TEXT NOT NULL DEFAULT '';
