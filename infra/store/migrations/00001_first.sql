-- Portable between SQLite and PostgreSQL. Moments are milliseconds since 1970 in UTC;
-- NULL is "not yet". Every table carries the tenant.

-- +goose Up
CREATE TABLE people (
    tenant_id    TEXT NOT NULL,
    person_id    TEXT NOT NULL,           -- Entra object id
    upn          TEXT NOT NULL DEFAULT '',
    mail         TEXT NOT NULL DEFAULT '',
    upn_key      TEXT NOT NULL DEFAULT '', -- lower case, for look-ups
    mail_key     TEXT NOT NULL DEFAULT '',
    display_name TEXT NOT NULL DEFAULT '',
    given_name   TEXT NOT NULL DEFAULT '',
    surname      TEXT NOT NULL DEFAULT '',
    locale       TEXT NOT NULL DEFAULT '',
    walk         BIGINT NOT NULL DEFAULT 0, -- last directory walk that saw the person; 0: only the bot did
    gone         BOOLEAN NOT NULL DEFAULT FALSE, -- left the tenant
    PRIMARY KEY (tenant_id, person_id)
);
CREATE INDEX people_mail ON people (tenant_id, mail_key);
CREATE INDEX people_upn ON people (tenant_id, upn_key);

CREATE TABLE directory_syncs (
    tenant_id TEXT PRIMARY KEY,
    token     TEXT NOT NULL,
    walk      BIGINT NOT NULL,
    synced_at BIGINT NOT NULL
);

CREATE TABLE conversation_references (
    tenant_id       TEXT NOT NULL,
    person_id       TEXT NOT NULL,
    user_id         TEXT NOT NULL,
    bot_id          TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    service_url     TEXT NOT NULL,
    app_version     TEXT NOT NULL,
    locale          TEXT NOT NULL,
    state           TEXT NOT NULL,
    welcomed        BOOLEAN NOT NULL,
    updated_at      BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, person_id)
);

CREATE TABLE campaigns (
    tenant_id       TEXT NOT NULL,
    id              TEXT NOT NULL,
    name            TEXT NOT NULL,
    name_key        TEXT NOT NULL,          -- lower case, for the search
    format          TEXT NOT NULL,
    content         TEXT NOT NULL,          -- JSON
    audience        TEXT NOT NULL,          -- JSON
    status          TEXT NOT NULL,
    send_at         BIGINT,
    started_at      BIGINT,
    completed_at    BIGINT,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    created_by_id   TEXT NOT NULL,
    created_by_name TEXT NOT NULL,
    version         BIGINT NOT NULL,
    plan_cursor     TEXT NOT NULL DEFAULT '',
    planned         BOOLEAN NOT NULL DEFAULT FALSE,
    -- Kept in the transaction that changes a delivery, so that they always add up
    -- and progress never counts a million rows.
    n_total         BIGINT NOT NULL DEFAULT 0,
    n_pending       BIGINT NOT NULL DEFAULT 0,
    n_sending       BIGINT NOT NULL DEFAULT 0,
    n_sent          BIGINT NOT NULL DEFAULT 0,
    n_failed        BIGINT NOT NULL DEFAULT 0,
    n_skipped       BIGINT NOT NULL DEFAULT 0,
    n_rescheduled   BIGINT NOT NULL DEFAULT 0,
    n_cancelled     BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX campaigns_by_status ON campaigns (tenant_id, status, updated_at, id);

CREATE TABLE deliveries (
    tenant_id       TEXT NOT NULL,
    campaign_id     TEXT NOT NULL,
    seq             BIGINT NOT NULL,        -- within the campaign, in the order of planning
    step            BIGINT NOT NULL,
    recipient       TEXT NOT NULL,          -- object id, or 'mail:' and an unknown address
    person_id       TEXT NOT NULL,          -- '' when nobody was found
    email           TEXT NOT NULL,          -- copied, so that the report outlives the person
    display_name    TEXT NOT NULL,
    search_key      TEXT NOT NULL,          -- lower case name and address
    status          TEXT NOT NULL,
    reason          TEXT NOT NULL,
    attempts        BIGINT NOT NULL DEFAULT 0,
    repeated        BOOLEAN NOT NULL DEFAULT FALSE,
    due_at          BIGINT NOT NULL,
    first_at        BIGINT,                 -- first attempt
    attempted_at    BIGINT,                 -- newest attempt
    sent_at         BIGINT,
    conversation_id TEXT NOT NULL DEFAULT '',
    activity_id     TEXT NOT NULL DEFAULT '',
    read_at         BIGINT,
    reaction        TEXT NOT NULL DEFAULT '',
    answered_at     BIGINT,
    answer          TEXT NOT NULL DEFAULT '', -- JSON that a card of the author's sent back
    PRIMARY KEY (tenant_id, campaign_id, seq)
);
CREATE UNIQUE INDEX deliveries_once ON deliveries (tenant_id, campaign_id, step, recipient);
-- The feeder and the reconciler read what is open in due order; final rows are not in it.
CREATE INDEX deliveries_open ON deliveries (tenant_id, campaign_id, due_at, seq)
    WHERE status IN ('pending', 'rescheduled', 'sending');
-- Reads and reactions arrive with a conversation and an activity.
CREATE INDEX deliveries_activity ON deliveries (tenant_id, conversation_id, activity_id)
    WHERE activity_id <> '';

-- +goose Down
DROP TABLE deliveries;
DROP TABLE campaigns;
DROP TABLE conversation_references;
DROP TABLE directory_syncs;
DROP TABLE people;
