-- Where people are, for campaigns that reach each at a moment of their own.

-- +goose Up
ALTER TABLE people ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';    -- IANA; what their Teams client last told the bot
ALTER TABLE people ADD COLUMN mailbox_zone TEXT NOT NULL DEFAULT ''; -- IANA; of their mailbox, '' when it has none
ALTER TABLE people ADD COLUMN mailbox_zone_at BIGINT;                -- when Graph was last asked for it

-- +goose Down
SELECT 1 / 0; -- there is no way back: restore a backup
