-- Timed campaigns: everybody has a moment of their own within a window. Until it comes their delivery is due in the year 9999, so
-- that nobody feeds it, and their moment stands here.

-- +goose Up
-- Goes out within the window in timing. plan_cursor begins with 'timed/' then, which an older Herald cannot read: it leaves the plan alone.
ALTER TABLE campaigns ADD COLUMN timed BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE campaigns ADD COLUMN n_unscheduled BIGINT NOT NULL DEFAULT 0;
ALTER TABLE campaigns ADD COLUMN n_replanned BIGINT NOT NULL DEFAULT 0; -- who got another moment because Herald did not run at theirs
ALTER TABLE campaigns ADD COLUMN replanned_at BIGINT;                  -- when that was last

CREATE TABLE timed_deliveries (
    tenant_id TEXT NOT NULL,
    campaign  BIGINT NOT NULL,              -- campaigns.num
    seq       BIGINT NOT NULL,              -- deliveries.seq
    moment    BIGINT NOT NULL,              -- when it is tried next
    round     BIGINT NOT NULL,              -- from 1
    step      BIGINT NOT NULL,              -- within the round, from 0
    first_at  BIGINT NOT NULL,              -- the moment with which the round began
    zone      TEXT NOT NULL,                -- IANA; '': the window's own
    PRIMARY KEY (campaign, seq)
);
CREATE INDEX timed_deliveries_next ON timed_deliveries (campaign, moment, seq);

-- Each look whether somebody was there. Which presence they had is kept nowhere.
CREATE TABLE delivery_checks (
    tenant_id TEXT NOT NULL,
    campaign  BIGINT NOT NULL,
    seq       BIGINT NOT NULL,
    n         BIGINT NOT NULL,              -- from 1
    at        BIGINT NOT NULL,
    found     TEXT NOT NULL,                -- present, absent, unknown, replanned, full
    PRIMARY KEY (campaign, seq, n)
);

-- How many of a campaign were let through for which hour, where only so many may be.
CREATE TABLE timed_hours (
    tenant_id TEXT NOT NULL,
    campaign  BIGINT NOT NULL,
    hour      BIGINT NOT NULL,              -- when it begins
    released  BIGINT NOT NULL,
    PRIMARY KEY (campaign, hour)
);

-- +goose Down
SELECT 1 / 0; -- there is no way back: restore a backup
