-- +goose Up

-- One portable text for SQLite and PostgreSQL: TEXT ids made in Go, BIGINT UTC
-- milliseconds (0 where a moment never came, so that it sorts), CHECKed words.

CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    email         TEXT NOT NULL,
    email_key     TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    password_hash TEXT NOT NULL DEFAULT '',
    verified_at   BIGINT NOT NULL DEFAULT 0,
    vouched_by    TEXT NOT NULL DEFAULT '',
    epoch         BIGINT NOT NULL DEFAULT 0,
    operator      BOOLEAN NOT NULL DEFAULT FALSE,
    time_zone     TEXT NOT NULL DEFAULT '',
    theme         TEXT NOT NULL DEFAULT '' CHECK (theme IN ('', 'light', 'dark')),
    sign_in_at    BIGINT NOT NULL DEFAULT 0,
    created_at    BIGINT NOT NULL,
    disabled_at   BIGINT NOT NULL DEFAULT 0,
    deleted_at    BIGINT NOT NULL DEFAULT 0,
    quiet         TEXT NOT NULL DEFAULT ''
);
CREATE INDEX users_created ON users (created_at, id);

-- One row for each purpose a user has a link for; a newer one ends the older.
CREATE TABLE account_links (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id),
    purpose    TEXT NOT NULL CHECK (purpose IN ('password-reset', 'address-verify')),
    generation BIGINT NOT NULL DEFAULT 1,
    email      TEXT NOT NULL,
    epoch      BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL DEFAULT 0,
    UNIQUE (user_id, purpose)
);

CREATE TABLE sessions (
    token      TEXT PRIMARY KEY,
    id         TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    address    TEXT NOT NULL,
    device     TEXT NOT NULL,
    data       BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX sessions_user ON sessions (user_id, seen_at, id);
CREATE INDEX sessions_end ON sessions (expires_at);

-- Which organizations a session was used in: the first use is an entry (A9).
CREATE TABLE session_uses (
    session_id      TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    at              BIGINT NOT NULL,
    PRIMARY KEY (session_id, organization_id)
);
CREATE INDEX session_uses_at ON session_uses (at);

CREATE TABLE sequences (
    name TEXT PRIMARY KEY,
    next BIGINT NOT NULL
);
INSERT INTO sequences (name, next) VALUES ('scope', 1);

-- owners counts those whose account is not disabled: there is always one who
-- can act.
CREATE TABLE organizations (
    id              TEXT PRIMARY KEY,
    slug            TEXT NOT NULL UNIQUE,
    name            TEXT NOT NULL,
    scheme          TEXT NOT NULL,
    plan            TEXT NOT NULL,
    extra_seats     BIGINT NOT NULL DEFAULT 0,
    personal_of     TEXT NOT NULL DEFAULT '',
    rev             BIGINT NOT NULL DEFAULT 0,
    owners          BIGINT NOT NULL DEFAULT 0 CHECK (owners >= 0),
    seats_used      BIGINT NOT NULL DEFAULT 0 CHECK (seats_used >= 0),
    seats_held      BIGINT NOT NULL DEFAULT 0 CHECK (seats_held >= 0),
    created_at      BIGINT NOT NULL,
    deleted_at      BIGINT NOT NULL DEFAULT 0,
    audit_days      BIGINT NOT NULL DEFAULT 0 CHECK (audit_days = 0 OR audit_days >= 90),
    audit_trim_at   BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX organizations_created ON organizations (created_at, id);
CREATE INDEX organizations_trim ON organizations (audit_trim_at, id) WHERE audit_days > 0 AND deleted_at = 0;
CREATE INDEX organizations_scheme ON organizations (scheme) WHERE deleted_at = 0;

CREATE TABLE old_slugs (
    slug            TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    created_at      BIGINT NOT NULL
);
CREATE INDEX old_slugs_organization ON old_slugs (organization_id, created_at, slug);

-- The organization itself is the scope with its own id; num numbers scopes and,
-- within one, memberships and invitations, for the search index.
CREATE TABLE scopes (
    id              TEXT PRIMARY KEY,
    num             BIGINT NOT NULL UNIQUE,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    parent_id       TEXT REFERENCES scopes (id),
    kind            TEXT NOT NULL,
    name            TEXT NOT NULL,
    next_num        BIGINT NOT NULL DEFAULT 1,
    created_at      BIGINT NOT NULL,
    archived_at     BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX scopes_tree ON scopes (organization_id, parent_id, name, id);

-- name_key and inactive repeat what users holds, so that every order and filter
-- of a members list has its index; a change of the account updates both.
CREATE TABLE memberships (
    scope_id        TEXT NOT NULL REFERENCES scopes (id),
    user_id         TEXT NOT NULL REFERENCES users (id),
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    num             BIGINT NOT NULL,
    role            TEXT NOT NULL,
    role_rank       BIGINT NOT NULL,
    modules         TEXT NOT NULL DEFAULT '',
    name_key        TEXT NOT NULL,
    inactive        BOOLEAN NOT NULL DEFAULT FALSE,
    invited_by      TEXT NOT NULL DEFAULT '',
    joined_at       BIGINT NOT NULL,
    last_seen_at    BIGINT NOT NULL DEFAULT 0,
    sign_in_at      BIGINT NOT NULL DEFAULT 0,
    expires_at      BIGINT NOT NULL DEFAULT 0,
    expires_role    TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (scope_id, user_id)
);
CREATE UNIQUE INDEX memberships_num ON memberships (scope_id, num);
CREATE INDEX memberships_role ON memberships (scope_id, role_rank, name_key, user_id);
CREATE INDEX memberships_name ON memberships (scope_id, name_key, user_id);
CREATE INDEX memberships_joined ON memberships (scope_id, joined_at, user_id);
CREATE INDEX memberships_seen ON memberships (scope_id, last_seen_at, user_id);
CREATE INDEX memberships_role_joined ON memberships (scope_id, role_rank, joined_at, user_id);
CREATE INDEX memberships_role_seen ON memberships (scope_id, role_rank, last_seen_at, user_id);
CREATE INDEX memberships_inactive ON memberships (scope_id, name_key, user_id) WHERE inactive;
CREATE INDEX memberships_user ON memberships (user_id, organization_id, scope_id);
CREATE INDEX memberships_used ON memberships (user_id, last_seen_at, scope_id);
CREATE INDEX memberships_end ON memberships (expires_at) WHERE expires_at > 0;

-- The first two letters of every word of a name or address: what one or two
-- letters typed into the search look up.
CREATE TABLE member_prefixes (
    scope_id TEXT NOT NULL,
    prefix   TEXT NOT NULL,
    num      BIGINT NOT NULL,
    PRIMARY KEY (scope_id, prefix, num)
);

-- Kept in the same transaction as what they count; roster doctor recounts them.
CREATE TABLE role_counts (
    scope_id TEXT NOT NULL,
    role     TEXT NOT NULL,
    members  BIGINT NOT NULL DEFAULT 0 CHECK (members >= 0),
    pending  BIGINT NOT NULL DEFAULT 0 CHECK (pending >= 0),
    PRIMARY KEY (scope_id, role)
);

CREATE TABLE invitations (
    id              TEXT PRIMARY KEY,
    num             BIGINT NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    email           TEXT NOT NULL,
    email_key       TEXT NOT NULL,
    message         TEXT NOT NULL DEFAULT '',
    status          TEXT NOT NULL CHECK (status IN ('pending', 'accepted', 'declined', 'revoked', 'expired')),
    generation      BIGINT NOT NULL DEFAULT 1,
    role            TEXT NOT NULL,
    sponsor_id      TEXT NOT NULL DEFAULT '',
    mail_id         TEXT NOT NULL DEFAULT '',
    delivery        TEXT NOT NULL CHECK (delivery IN ('none', 'queued', 'sent', 'retrying', 'failed', 'cancelled')),
    holds_seat      BOOLEAN NOT NULL,
    created_at      BIGINT NOT NULL,
    sent_at         BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    ended_at        BIGINT NOT NULL DEFAULT 0,
    accepted_by     TEXT NOT NULL DEFAULT '',
    renewal_at      BIGINT NOT NULL DEFAULT 0,
    grants          BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX invitations_pending ON invitations (organization_id, email_key) WHERE status = 'pending';
CREATE UNIQUE INDEX invitations_num ON invitations (organization_id, num);
CREATE INDEX invitations_list ON invitations (organization_id, status, sent_at, id);
CREATE INDEX invitations_role ON invitations (organization_id, status, role, sent_at, id);
CREATE INDEX invitations_delivery ON invitations (organization_id, status, delivery, sent_at, id);
CREATE INDEX invitations_role_delivery ON invitations (organization_id, status, role, delivery, sent_at, id);
CREATE INDEX invitations_end ON invitations (organization_id, status, expires_at, id);
CREATE INDEX invitations_due ON invitations (expires_at) WHERE status = 'pending';
CREATE INDEX invitations_address ON invitations (email_key, status, expires_at, id);
CREATE INDEX invitations_sponsor ON invitations (organization_id, sponsor_id) WHERE status = 'pending';

CREATE TABLE invitation_grants (
    invitation_id TEXT NOT NULL REFERENCES invitations (id),
    scope_id      TEXT NOT NULL REFERENCES scopes (id),
    position      BIGINT NOT NULL,
    role          TEXT NOT NULL,
    modules       TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (invitation_id, scope_id)
);
CREATE INDEX invitation_grants_scope ON invitation_grants (scope_id, invitation_id);

-- Tokens of the API (stored hashed, rule 5): of an organization, of a person in
-- one, or of the instance. Removing a person ends theirs.
CREATE TABLE tokens (
    hash            TEXT PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,
    organization_id TEXT NOT NULL DEFAULT '',
    user_id         TEXT NOT NULL DEFAULT '',
    name            TEXT NOT NULL,
    role            TEXT NOT NULL DEFAULT '',
    created_by      TEXT NOT NULL DEFAULT '',
    created_at      BIGINT NOT NULL,
    last_used_at    BIGINT NOT NULL DEFAULT 0,
    expires_at      BIGINT NOT NULL DEFAULT 0,
    revoked_at      BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX tokens_organization ON tokens (organization_id, user_id, created_at, id);

-- The audit log of an organization, or of the instance, as a chain under the
-- server's key. No foreign keys: a chain outlives what it tells about. The seal
-- covers where the chain ends, so that its last entries cannot be cut off.
CREATE TABLE audit_chains (
    id         TEXT PRIMARY KEY,
    seq        BIGINT NOT NULL DEFAULT 0,
    hash       BYTEA NOT NULL,
    first_seq  BIGINT NOT NULL DEFAULT 1,
    first_hash BYTEA NOT NULL,
    seal       BYTEA NOT NULL
);
CREATE TABLE audit_entries (
    chain_id    TEXT NOT NULL,
    seq         BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    actor_kind  TEXT NOT NULL,
    actor_id    TEXT NOT NULL,
    session_id  TEXT NOT NULL,
    address     TEXT NOT NULL,
    action      TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id   TEXT NOT NULL,
    scope_id    TEXT NOT NULL,
    changes     TEXT NOT NULL,
    result      TEXT NOT NULL CHECK (result IN ('success', 'failure')),
    code        TEXT NOT NULL,
    hash        BYTEA NOT NULL,
    PRIMARY KEY (chain_id, seq)
);
-- Every filter of the audit page, alone or with others, has an index in the
-- order of time; those for refusals are written for refusals alone.
CREATE INDEX audit_at ON audit_entries (chain_id, at, seq);
CREATE INDEX audit_actor ON audit_entries (chain_id, actor_id, at, seq);
CREATE INDEX audit_target ON audit_entries (chain_id, target_id, at, seq);
CREATE INDEX audit_action ON audit_entries (chain_id, action, at, seq);
CREATE INDEX audit_actor_action ON audit_entries (chain_id, actor_id, action, at, seq);
CREATE INDEX audit_target_action ON audit_entries (chain_id, target_id, action, at, seq);
CREATE INDEX audit_refused ON audit_entries (chain_id, at, seq) WHERE result = 'failure';
CREATE INDEX audit_refused_actor ON audit_entries (chain_id, actor_id, at, seq) WHERE result = 'failure';
CREATE INDEX audit_refused_target ON audit_entries (chain_id, target_id, at, seq) WHERE result = 'failure';
CREATE INDEX audit_refused_action ON audit_entries (chain_id, action, at, seq) WHERE result = 'failure';

-- Letters to send, in the same transaction as what they tell about. Ids only:
-- the text is made when a letter is due, and a link is signed then (trap 9).
CREATE TABLE outbox (
    id              TEXT PRIMARY KEY,
    kind            TEXT NOT NULL,
    organization_id TEXT NOT NULL DEFAULT '',
    invitation_id   TEXT NOT NULL DEFAULT '',
    generation      BIGINT NOT NULL DEFAULT 0,
    user_id         TEXT NOT NULL DEFAULT '',
    actor_id        TEXT NOT NULL DEFAULT '',
    recipient       TEXT NOT NULL,
    recipient_key   TEXT NOT NULL,
    detail          TEXT NOT NULL DEFAULT '',
    state           TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'failed', 'cancelled')),
    answer          TEXT NOT NULL DEFAULT '',
    attempts        BIGINT NOT NULL DEFAULT 0,
    created_at      BIGINT NOT NULL,
    due_at          BIGINT NOT NULL,
    leased_until    BIGINT NOT NULL DEFAULT 0,
    ended_at        BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX outbox_due ON outbox (due_at, id) WHERE state = 'queued';
CREATE INDEX outbox_ended ON outbox (ended_at) WHERE state <> 'queued';
CREATE INDEX outbox_failed ON outbox (ended_at, id) WHERE state = 'failed';
CREATE INDEX outbox_user ON outbox (user_id) WHERE user_id <> '';
CREATE INDEX outbox_recipient ON outbox (recipient_key);

-- Attempts within a window, for limits that every process shares.
CREATE TABLE limits (
    name    TEXT NOT NULL,
    "window" BIGINT NOT NULL,
    hits    BIGINT NOT NULL,
    PRIMARY KEY (name, "window")
);
CREATE INDEX limits_window ON limits ("window");

-- What the instance remembers about itself.
CREATE TABLE instance (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
