-- What the health page remembers: when something last happened.

-- +goose Up
CREATE TABLE marks (
    tenant_id TEXT NOT NULL,
    name      TEXT NOT NULL,                -- 'bot': Teams called; 'page': the tab's page asked
    at        BIGINT NOT NULL,
    detail    TEXT NOT NULL,
    PRIMARY KEY (tenant_id, name)
);

-- +goose Down
SELECT 1 / 0; -- there is no way back: restore a backup
