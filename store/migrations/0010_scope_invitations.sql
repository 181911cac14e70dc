-- +goose Up

-- The pending invitations into a scope are listed from their grants: pending
-- repeats what the invitation says. outsiders: an address that is nobody's in the
-- organization may be invited straight into scopes for its people.
ALTER TABLE invitation_grants ADD COLUMN pending BOOLEAN NOT NULL DEFAULT TRUE;
UPDATE invitation_grants SET pending = FALSE WHERE invitation_id IN (SELECT i.id FROM invitations i WHERE i.status <> 'pending');
CREATE INDEX invitation_grants_pending ON invitation_grants (scope_id, invitation_id) WHERE pending;
CREATE INDEX invitation_grants_role ON invitation_grants (scope_id, role, invitation_id) WHERE pending;

ALTER TABLE organizations ADD COLUMN outsiders BOOLEAN NOT NULL DEFAULT FALSE;
