-- The app, installed for an audience by an administrator.

-- +goose Up
CREATE TABLE installations (
    tenant_id       TEXT NOT NULL,
    id              TEXT NOT NULL,              -- UUIDv7: sorts by time
    audience        TEXT NOT NULL,              -- JSON, without typed addresses
    typed           BIGINT NOT NULL,            -- how many addresses were typed
    removed_too     BOOLEAN NOT NULL,           -- also for those who had removed the app
    state           TEXT NOT NULL,
    reason          TEXT NOT NULL,
    n_total         BIGINT NOT NULL,
    n_pending       BIGINT NOT NULL,
    n_installed     BIGINT NOT NULL,
    n_already       BIGINT NOT NULL,
    n_failed        BIGINT NOT NULL,
    created_by_id   TEXT NOT NULL,
    created_by_name TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    ended_at        BIGINT,
    resume_at       BIGINT,                     -- until when it pauses
    people_removed  BOOLEAN NOT NULL DEFAULT FALSE, -- by the retention
    PRIMARY KEY (tenant_id, id)
);
-- One runs at a time in a tenant.
CREATE UNIQUE INDEX installations_running ON installations (tenant_id) WHERE state = 'running';
CREATE INDEX installations_kept ON installations (ended_at) WHERE ended_at IS NOT NULL AND NOT people_removed;

CREATE TABLE installation_people (
    tenant_id    TEXT NOT NULL,
    installation TEXT NOT NULL,
    person_id    TEXT NOT NULL,
    state        TEXT NOT NULL,
    reason       TEXT NOT NULL,
    attempts     BIGINT NOT NULL,
    due_at       BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, installation, person_id)
);
CREATE INDEX installation_people_due ON installation_people (tenant_id, installation, due_at) WHERE state = 'pending';
CREATE INDEX installation_people_person ON installation_people (tenant_id, person_id);

-- +goose Down
SELECT 1 / 0; -- there is no way back: restore a backup
