-- Who has the app, and of whom Teams does not call the bot, has their chat looked for. A release that does not know of it leaves the defaults:
-- they are looked for at once when it is gone. Of those who have the app due_at is since when, as Graph said it.

-- +goose Up
ALTER TABLE installation_people ADD COLUMN chat_at BIGINT NOT NULL DEFAULT 0;          -- when to look, of those who have the app
ALTER TABLE installation_people ADD COLUMN chat_tries BIGINT NOT NULL DEFAULT 0;       -- that found none
ALTER TABLE installation_people ADD COLUMN chat_done BOOLEAN NOT NULL DEFAULT FALSE;   -- not looked for any more, or there was no need
CREATE INDEX installation_people_chats ON installation_people (tenant_id, installation, chat_at) WHERE state IN ('installed', 'already') AND NOT chat_done;

-- +goose Down
SELECT 1 / 0; -- there is no way back: restore a backup
