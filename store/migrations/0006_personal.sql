-- +goose Up

-- An account has one personal organization at most, however many invitations it
-- accepts at once (C2).
CREATE UNIQUE INDEX organizations_personal ON organizations (personal_of) WHERE personal_of <> '' AND deleted_at = 0;
