-- +goose Up

-- What programs sent with a key of their own, so that sending it again does
-- nothing a second time: by token and the hash of the key, with the hash of what
-- was sent. The answer is sealed, for it may hold a link; it is empty until then.
CREATE TABLE repeats (
    token_id   TEXT NOT NULL,
    key_hash   TEXT NOT NULL,
    sent_hash  TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    done_at    BIGINT NOT NULL DEFAULT 0,
    answer     BYTEA NOT NULL,
    PRIMARY KEY (token_id, key_hash)
);
CREATE INDEX repeats_started ON repeats (started_at);
