-- +goose Up

-- What people did in the host product, as it tells. They are no part of the audit
-- log: they are not chained, they end with the account of who did them, and what
-- is old is dropped. told_by is the token that told it, '' for an operator.
CREATE TABLE events (
    id              TEXT NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    user_id         TEXT NOT NULL REFERENCES users (id),
    at              BIGINT NOT NULL,
    action          TEXT NOT NULL,
    resource        TEXT NOT NULL DEFAULT '',
    told_by         TEXT NOT NULL DEFAULT '',
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (user_id, organization_id, at, id)
);
CREATE INDEX events_old ON events (organization_id, at);

-- When what is old is dropped next; 0 where an organization has no events.
ALTER TABLE organizations ADD COLUMN events_trim_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX organizations_events ON organizations (events_trim_at, id) WHERE events_trim_at > 0;
