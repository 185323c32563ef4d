-- The list of campaigns in each of its orders, with what it is narrowed by, so that a page of a hundred thousand campaigns
-- walks along one index and reads no row that it does not show. An attempt changes none of these columns.

-- +goose Up
CREATE INDEX campaigns_by_updated ON campaigns (tenant_id, status, updated_at, id, format, created_by_id, name_key);
CREATE INDEX campaigns_by_name ON campaigns (tenant_id, status, name_key, id, format, created_by_id);
CREATE INDEX campaigns_by_when ON campaigns (tenant_id, status, (CASE status
    WHEN 'draft' THEN updated_at
    WHEN 'scheduled' THEN COALESCE(send_at, updated_at)
    WHEN 'sending' THEN COALESCE(started_at, send_at, updated_at)
    WHEN 'completed' THEN COALESCE(started_at, completed_at, updated_at)
    ELSE COALESCE(completed_at, updated_at) END), id, format, created_by_id, name_key);
-- Who has campaigns, by the names that they had.
CREATE INDEX campaigns_by_author ON campaigns (tenant_id, created_by_id, created_by_name, created_at);
DROP INDEX campaigns_by_status; -- the first has all of it

-- +goose Down
CREATE INDEX campaigns_by_status ON campaigns (tenant_id, status, updated_at, id);
DROP INDEX campaigns_by_author;
DROP INDEX campaigns_by_when;
DROP INDEX campaigns_by_name;
DROP INDEX campaigns_by_updated;
