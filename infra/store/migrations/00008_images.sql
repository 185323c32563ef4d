-- Images that authors upload for their cards, as Teams takes them. They are served to everybody who knows the name.

-- +goose Up
CREATE TABLE images (
    name            TEXT PRIMARY KEY,       -- 128 random bits or more; unique over all tenants
    tenant_id       TEXT NOT NULL,
    type            TEXT NOT NULL,          -- image/png or image/jpeg
    bytes           BYTEA NOT NULL,         -- SQLite stores a blob under any name
    width           BIGINT NOT NULL,
    height          BIGINT NOT NULL,
    size            BIGINT NOT NULL,        -- of bytes
    hash            TEXT NOT NULL,          -- SHA-256 of bytes: the same image is kept once per tenant
    created_at      BIGINT NOT NULL,
    created_by_id   TEXT NOT NULL,
    created_by_name TEXT NOT NULL
);
CREATE UNIQUE INDEX images_hash ON images (tenant_id, hash);

-- +goose Down
SELECT 1 / 0; -- there is no way back: restore a backup
