-- Tracked links: who followed which.

-- +goose Up
-- What an installation keeps to itself, made once; several processes agree on it here.
CREATE TABLE secrets (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL                     -- base64
);

ALTER TABLE deliveries ADD COLUMN clicks BIGINT NOT NULL DEFAULT 0; -- on all links
ALTER TABLE deliveries ADD COLUMN clicked_at BIGINT;                -- the first

CREATE TABLE link_clicks (
    tenant_id TEXT NOT NULL,
    campaign  BIGINT NOT NULL,              -- campaigns.num
    link      BIGINT NOT NULL,              -- its number in the content, from 0
    seq       BIGINT NOT NULL,              -- deliveries.seq
    clicks    BIGINT NOT NULL,
    first_at  BIGINT NOT NULL,
    PRIMARY KEY (campaign, link, seq)
);

-- clicked_at and not clicks: the second click of a person then touches no index.
DROP INDEX deliveries_engaged;
CREATE INDEX deliveries_engaged ON deliveries (campaign) WHERE read_at IS NOT NULL OR reaction <> '' OR answered_at IS NOT NULL OR clicked_at IS NOT NULL;

-- +goose Down
SELECT 1 / 0; -- there is no way back: restore a backup
