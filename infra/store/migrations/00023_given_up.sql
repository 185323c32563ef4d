-- Cards that stand in the place of messages which do not come back any more are to say so: card_id is empty when they do.

-- +goose Up
CREATE INDEX snoozes_given_up ON snoozes (campaign, seq, n) WHERE state IN ('cancelled', 'failed') AND card_id <> '';

-- +goose Down
SELECT 1 / 0; -- there is no way back: restore a backup
