-- Lists: addresses with values. Whom an address belongs to is found when it is read, by people.mail_key and upn_key, so
-- that a list is right whenever the directory changes.

-- +goose Up
INSERT INTO counters (name, value) VALUES ('list', 0);

CREATE TABLE lists (
    num             BIGINT PRIMARY KEY,     -- unique over all tenants, never used again
    tenant_id       TEXT NOT NULL,
    id              TEXT NOT NULL,
    name            TEXT NOT NULL,
    name_key        TEXT NOT NULL,          -- lower case
    columns         TEXT NOT NULL,          -- JSON
    members         BIGINT NOT NULL DEFAULT 0,
    last_seq        BIGINT NOT NULL DEFAULT 0,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    created_by_id   TEXT NOT NULL,
    created_by_name TEXT NOT NULL,
    version         BIGINT NOT NULL         -- of name and columns
);
CREATE UNIQUE INDEX lists_id ON lists (tenant_id, id);
CREATE UNIQUE INDEX lists_name ON lists (tenant_id, name_key);

CREATE TABLE list_members (
    tenant_id   TEXT NOT NULL,
    list        BIGINT NOT NULL,            -- lists.num
    seq         BIGINT NOT NULL,            -- within the list, never used again
    address_key TEXT NOT NULL,              -- lower case
    email       TEXT NOT NULL,
    cells       TEXT NOT NULL,              -- JSON object of texts: FIRSTNAME, LASTNAME and the columns
    search_key  TEXT NOT NULL,              -- lower case address and names
    PRIMARY KEY (list, seq)
);
CREATE UNIQUE INDEX list_members_address ON list_members (list, address_key);

-- Whom a campaign that is being planned leaves out; empty again when it is planned.
CREATE TABLE campaign_exclusions (
    tenant_id TEXT NOT NULL,
    campaign  BIGINT NOT NULL,              -- campaigns.num
    recipient TEXT NOT NULL,                -- as in deliveries
    PRIMARY KEY (campaign, recipient)
);

-- The list's names and values for this recipient as they were when the campaign was planned: list_members.cells; '' is none.
ALTER TABLE deliveries ADD COLUMN cells TEXT NOT NULL DEFAULT '';

-- +goose Down
SELECT 1 / 0; -- there is no way back: restore a backup
