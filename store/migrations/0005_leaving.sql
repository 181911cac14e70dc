-- +goose Up

-- What was deleted is shut at once, and emptied some rows at a time: a scope is
-- leaving until nobody and no pending invitation is left in it. A deleted
-- organization leaves with all its scopes.
ALTER TABLE scopes ADD COLUMN leaving BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX scopes_leaving ON scopes (organization_id, id) WHERE leaving;

-- Who left an organization with more pending invitations than one transaction
-- takes, and who takes them over; nobody where heir_id is empty.
CREATE TABLE handovers (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    sponsor_id      TEXT NOT NULL,
    scope_id        TEXT NOT NULL,
    heir_id         TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (organization_id, sponsor_id)
);
