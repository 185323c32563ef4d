-- What people may ask for: no more messages, or to be forgotten; how long their data are kept; and what a restored backup must not do.

-- +goose Up
-- Not one of the columns that SaveReference writes: what Teams tells of a chat never changes what its person has said.
ALTER TABLE conversation_references ADD COLUMN opted_out BOOLEAN NOT NULL DEFAULT FALSE;

ALTER TABLE campaigns ADD COLUMN mandatory BOOLEAN NOT NULL DEFAULT FALSE; -- goes also to people who have opted out
ALTER TABLE campaigns ADD COLUMN people_removed_at BIGINT;                 -- when the retention removed its people
ALTER TABLE campaigns ADD COLUMN people_kept_days BIGINT NOT NULL DEFAULT 0; -- how long they were to be kept then
ALTER TABLE campaigns ADD COLUMN restored BOOLEAN NOT NULL DEFAULT FALSE;  -- stopped because the database came out of a backup
-- Those whose people are still to be removed, by the moment from which their age counts.
CREATE INDEX campaigns_kept ON campaigns (completed_at) WHERE people_removed_at IS NULL AND completed_at IS NOT NULL;

-- Whom the directory must not bring back: an HMAC of the object id, with the secret "forgotten".
CREATE TABLE forgotten (
    tenant_id    TEXT NOT NULL,
    person       TEXT NOT NULL,
    forgotten_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, person)
);

-- Work that one process at a time does.
CREATE TABLE leases (
    name   TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until  BIGINT NOT NULL
);

-- When the database came out of a backup, and how many campaigns were stopped because of it, over all tenants.
CREATE TABLE restores (
    epoch       BIGINT PRIMARY KEY,         -- counts up from 1
    restored_at BIGINT NOT NULL,
    stopped     BIGINT NOT NULL
);

-- +goose Down
SELECT 1 / 0; -- there is no way back: restore a backup
