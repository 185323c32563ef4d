-- How many messages left in which second. Written with the outcomes, one row for all that a campaign's batch has of a second, so that
-- a report draws its timeline from thousands of rows at most and never from a million deliveries.

-- +goose Up
CREATE TABLE campaign_pace (
    tenant_id TEXT NOT NULL,
    campaign  BIGINT NOT NULL,              -- campaigns.num
    at_second BIGINT NOT NULL,              -- seconds since 1970 in UTC
    sent      BIGINT NOT NULL,
    failed    BIGINT NOT NULL,              -- given up in this second, for whatever reason
    PRIMARY KEY (campaign, at_second)
);
INSERT INTO campaign_pace (tenant_id, campaign, at_second, sent, failed)
    SELECT tenant_id, campaign, COALESCE(sent_at, attempted_at) / 1000, COUNT(CASE status WHEN 'sent' THEN 1 END), COUNT(CASE status WHEN 'failed' THEN 1 END)
    FROM deliveries WHERE status IN ('sent', 'failed') AND reason <> 'stopped' AND COALESCE(sent_at, attempted_at) IS NOT NULL
    GROUP BY tenant_id, campaign, COALESCE(sent_at, attempted_at) / 1000;

-- Those who share a reason, in the order of planning, a page at a time. It also counts the reasons.
CREATE INDEX deliveries_why ON deliveries (campaign, reason, seq) WHERE reason <> '';
DROP INDEX deliveries_reasons;

-- +goose Down
CREATE INDEX deliveries_reasons ON deliveries (campaign, reason) WHERE reason <> '';
DROP INDEX deliveries_why;
DROP TABLE campaign_pace;
