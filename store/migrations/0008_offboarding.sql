-- +goose Up

-- Who takes over what the heir of a handover may not grant: the remover, where
-- the heir is somebody else.
ALTER TABLE handovers ADD COLUMN second_id TEXT NOT NULL DEFAULT '';

-- What somebody made who leaves, without the tokens of everybody else.
CREATE INDEX tokens_maker ON tokens (organization_id, created_by, id) WHERE user_id = '' AND revoked_at = 0;
