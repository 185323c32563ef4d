-- When a draft should go out, as its author chose, and who last wrote it.

-- +goose Up
ALTER TABLE campaigns ADD COLUMN timing TEXT NOT NULL DEFAULT '{}'; -- JSON
ALTER TABLE campaigns ADD COLUMN updated_by_id TEXT NOT NULL DEFAULT '';
ALTER TABLE campaigns ADD COLUMN updated_by_name TEXT NOT NULL DEFAULT '';

-- +goose Down
SELECT 1 / 0; -- there is no way back: restore a backup
