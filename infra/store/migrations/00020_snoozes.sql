-- People may ask for a timed campaign's message later. It was delivered once, and its delivery stays as it is: each return is a row here.

-- +goose Up
CREATE TABLE snoozes (
    tenant_id    TEXT NOT NULL,
    campaign     BIGINT NOT NULL,              -- campaigns.num
    seq          BIGINT NOT NULL,              -- deliveries.seq
    n            BIGINT NOT NULL,              -- from 1
    state        TEXT NOT NULL,                -- waiting, sending, returned, failed, cancelled
    reason       TEXT NOT NULL DEFAULT '',
    asked_at     BIGINT,
    until_at     BIGINT,                       -- as the person was told
    due_at       BIGINT NOT NULL DEFAULT 0,    -- of the next attempt; of what came back, when it did
    card_id      TEXT NOT NULL DEFAULT '',     -- activity that stands in the message's place
    attempts     BIGINT NOT NULL DEFAULT 0,
    first_at     BIGINT,                       -- when the first attempt began
    attempted_at BIGINT,                       -- when the last did
    repeated     BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (campaign, seq, n)
);
CREATE INDEX snoozes_due ON snoozes (due_at) WHERE state IN ('waiting', 'sending');

-- +goose Down
SELECT 1 / 0; -- there is no way back: restore a backup
