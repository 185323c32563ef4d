-- Surveys: what is asked, and the versions of it that campaigns ask.

-- +goose Up
CREATE TABLE surveys (
    tenant_id       TEXT NOT NULL,
    id              TEXT NOT NULL,
    name            TEXT NOT NULL,
    name_key        TEXT NOT NULL,          -- lower case, for the search
    definition      TEXT NOT NULL,          -- JSON
    version         BIGINT NOT NULL,
    closes_at       BIGINT,
    closed_at       BIGINT,                 -- by hand
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    created_by_id   TEXT NOT NULL,
    created_by_name TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX surveys_updated ON surveys (tenant_id, updated_at, id);

-- Written when a campaign is scheduled, and never changed.
CREATE TABLE survey_versions (
    tenant_id  TEXT NOT NULL,
    survey_id  TEXT NOT NULL,
    version    BIGINT NOT NULL,
    definition TEXT NOT NULL,
    PRIMARY KEY (tenant_id, survey_id, version)
);

-- Copied out of content and audience, where no index finds them; '' is none.
ALTER TABLE campaigns ADD COLUMN survey_id TEXT NOT NULL DEFAULT '';
ALTER TABLE campaigns ADD COLUMN root_id TEXT NOT NULL DEFAULT ''; -- the campaign that a reminder reminds of
CREATE INDEX campaigns_survey ON campaigns (tenant_id, survey_id) WHERE survey_id <> '';
CREATE INDEX campaigns_root ON campaigns (tenant_id, root_id) WHERE root_id <> '';

-- +goose Down
SELECT 1 / 0; -- there is no way back: restore a backup
