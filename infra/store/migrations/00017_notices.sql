-- What people are to see in their chats about approvals: messages still to be brought, and cards that are still to be settled.

-- +goose Up
CREATE TABLE notices (
    tenant_id   TEXT NOT NULL,
    campaign_id TEXT NOT NULL,
    round       BIGINT NOT NULL,                -- the campaign's version when it was asked
    person_id   TEXT NOT NULL,
    kind        TEXT NOT NULL,                  -- ask or tell
    says        TEXT NOT NULL,                  -- JSON: the campaign as it is to be shown; it outlives the campaign
    settled     BOOLEAN NOT NULL DEFAULT FALSE, -- of ask: nobody is to decide any more
    activity_id TEXT NOT NULL DEFAULT '',       -- of ask: the card in the chat
    attempts    BIGINT NOT NULL DEFAULT 0,
    made_at     BIGINT NOT NULL,                -- from then on it is tried
    due_at      BIGINT,                         -- NULL: nothing to do until it is settled
    PRIMARY KEY (tenant_id, campaign_id, round, person_id, kind)
);
CREATE INDEX notices_due ON notices (due_at) WHERE due_at IS NOT NULL;

-- The newest line about something, with which a line about the same work is compared.
CREATE INDEX audit_log_target ON audit_log (tenant_id, target_id, id);

-- +goose Down
SELECT 1 / 0; -- there is no way back: restore a backup
