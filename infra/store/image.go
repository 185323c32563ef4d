package store

import (
	"context"
	"database/sql"
	"errors"

	"herald/campaigns"
)

const imageColumns = `tenant_id, name, type, width, height, size, hash, created_at, created_by_id, created_by_name`

func scanImage(row scanner, more ...any) (*campaigns.Image, error) {
	i := &campaigns.Image{}
	var created int64
	err := row.Scan(append([]any{&i.TenantID, &i.Name, &i.Type, &i.Width, &i.Height, &i.Size, &i.Hash, &created, &i.CreatedBy.ID, &i.CreatedBy.DisplayName}, more...)...)
	i.CreatedAt = moment(created)
	return i, err
}

// AddImage implements campaigns.ImageStore.
func (db *DB) AddImage(ctx context.Context, i *campaigns.Image, maxImages int, maxBytes int64) (stored *campaigns.Image, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		same := func() error {
			stored, err = scanImage(tx.QueryRowContext(ctx, db.q(`SELECT `+imageColumns+` FROM images WHERE tenant_id = $1 AND hash = $2`), i.TenantID, i.Hash))
			return err
		}
		if err := same(); !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		// Two at the same moment may both still fit: the limit is against abuse, and not exact.
		var images int
		var bytes int64
		if err := tx.QueryRowContext(ctx, db.q(`SELECT COUNT(*), CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM images WHERE tenant_id = $1`), i.TenantID).Scan(&images, &bytes); err != nil {
			return err
		}
		if images >= maxImages || bytes+int64(i.Size) > maxBytes {
			return campaigns.Errorf(campaigns.CodeInvalid, "image_limit", "no room for another image")
		}
		if _, err := tx.ExecContext(ctx, db.q(`INSERT INTO images (`+imageColumns+`, bytes) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11) ON CONFLICT (tenant_id, hash) DO NOTHING`),
			i.TenantID, i.Name, i.Type, i.Width, i.Height, i.Size, i.Hash, millis(i.CreatedAt), i.CreatedBy.ID, i.CreatedBy.DisplayName, i.Bytes); err != nil {
			return err
		}
		if err := same(); err != nil {
			return err
		}
		return db.note(ctx, tx, i.TenantID, campaigns.ImageAdded, campaigns.Target{Kind: "image", ID: stored.Name}, map[string]any{"size": stored.Size})
	})
	if err != nil {
		return nil, err
	}
	return stored, nil
}

// Image implements campaigns.ImageStore. It alone names no tenant: Teams fetches images without saying for whom, and who
// knows the name was shown it.
func (db *DB) Image(ctx context.Context, name string) (*campaigns.Image, error) {
	var bytes []byte
	i, err := scanImage(db.read.QueryRowContext(ctx, db.q(`SELECT `+imageColumns+`, bytes FROM images WHERE name = $1`), name), &bytes)
	if err != nil {
		return nil, ifNone(err, errNotFound("image"))
	}
	i.Bytes = bytes
	return i, nil
}

// FindImages implements campaigns.ImageStore.
func (db *DB) FindImages(ctx context.Context, tenantID string, names []string) (map[string]*campaigns.Image, error) {
	out := map[string]*campaigns.Image{}
	return out, db.eachOf(ctx, tenantID, names, imageColumns, "images", "name", func(rows *sql.Rows) error {
		i, err := scanImage(rows)
		out[i.Name] = i
		return err
	})
}
