-- +goose Up

-- The pending invitations into a scope are listed from their grants: pending
-- repeats what the invitation says. outsiders: an address that is nobody's in the
-- organization may be invited straight into scopes for its people; carried
-- marks the least role there, which such an invitation brings along.
ALTER TABLE invitation_grants ADD COLUMN pending BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE invitation_grants ADD COLUMN carried BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE invitation_grants SET pending = FALSE WHERE invitation_id IN (SELECT i.id FROM invitations i WHERE i.status <> 'pending');
CREATE INDEX invitation_grants_pending ON invitation_grants (scope_id, invitation_id) WHERE pending;
CREATE INDEX invitation_grants_role ON invitation_grants (scope_id, role, invitation_id) WHERE pending;

-- All pending invitations of an organization are counted under no role.
INSERT INTO role_counts (scope_id, role, members, pending)
    SELECT organization_id, '', 0, COUNT(*) FROM invitations WHERE status = 'pending' GROUP BY organization_id
    ON CONFLICT (scope_id, role) DO UPDATE SET pending = EXCLUDED.pending;

ALTER TABLE organizations ADD COLUMN outsiders BOOLEAN NOT NULL DEFAULT FALSE;
