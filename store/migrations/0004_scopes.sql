-- +goose Up

-- Children are listed by name and found again after they were put away. A
-- deleted one keeps its row: the audit log and old invitations tell of it.
ALTER TABLE scopes ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
ALTER TABLE scopes ADD COLUMN deleted_at BIGINT NOT NULL DEFAULT 0;

DROP INDEX scopes_tree;
CREATE INDEX scopes_children ON scopes (parent_id, name_key, id) WHERE archived_at = 0 AND deleted_at = 0;
CREATE INDEX scopes_archived ON scopes (parent_id, name_key, id) WHERE archived_at > 0 AND deleted_at = 0;
CREATE INDEX scopes_organization ON scopes (organization_id);
CREATE UNIQUE INDEX scopes_name ON scopes (parent_id, name_key) WHERE parent_id IS NOT NULL AND deleted_at = 0;
