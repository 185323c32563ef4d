package store_test

import (
	"bytes"
	"fmt"
	"testing"

	"herald/campaigns"
	"herald/infra/store"
)

func picture(tenantID, name string, size int) *campaigns.Image {
	return &campaigns.Image{
		TenantID: tenantID, Name: name, Type: "image/png", Bytes: bytes.Repeat([]byte{0, 0xff, 'x'}, size/3), Width: 3, Height: 2, Size: size, Hash: "hash of " + name,
		CreatedAt: now, CreatedBy: campaigns.Author{ID: "ann", DisplayName: "Ann"},
	}
}

func TestImages(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		add := func(i *campaigns.Image) *campaigns.Image {
			t.Helper()
			return must(db.AddImage(t.Context(), i, 3, 1000))(t)
		}
		first := picture(tenant, "first", 300)
		if got := add(first); got.Name != "first" || got.Bytes != nil {
			t.Errorf("%+v", got)
		}
		got := must(db.Image(t.Context(), "first"))(t)
		if !bytes.Equal(got.Bytes, first.Bytes) || got.Type != "image/png" || got.Width != 3 || got.Height != 2 || got.Size != 300 || got.TenantID != tenant || !got.CreatedAt.Equal(now) || got.CreatedBy.DisplayName != "Ann" {
			t.Errorf("%+v", got)
		}
		// The same once more is the first one; another tenant has its own.
		same := picture(tenant, "same", 300)
		same.Hash = first.Hash
		if got := add(same); got.Name != "first" {
			t.Errorf("stored as %s", got.Name)
		}
		foreign := picture(other, "foreign", 300)
		foreign.Hash = first.Hash
		add(foreign)
		found := must(db.FindImages(t.Context(), tenant, []string{"first", "same", "foreign", "none", "first"}))(t)
		if len(found) != 1 || found["first"] == nil || found["first"].Bytes != nil {
			t.Errorf("%+v", found)
		}
		_, err := db.Image(t.Context(), "none")
		code(t, err, campaigns.CodeNotFound)

		// Neither too many nor too large together; what is there already can still be used.
		_, err = db.AddImage(t.Context(), picture(tenant, "heavy", 900), 3, 1000)
		code(t, err, campaigns.CodeInvalid)
		add(picture(tenant, "second", 3))
		add(picture(tenant, "third", 3))
		_, err = db.AddImage(t.Context(), picture(tenant, "fourth", 3), 3, 1000)
		code(t, err, campaigns.CodeInvalid)
		if got := add(same); got.Name != "first" {
			t.Errorf("stored as %s", got.Name)
		}
		if found := must(db.FindImages(t.Context(), tenant, []string{"heavy", "fourth"}))(t); len(found) > 0 {
			t.Errorf("%+v", found)
		}
		add(picture(other, "of the other", 600)) // the limit is each tenant's own
	})
}

// Two who upload the same at the same moment get the same.
func TestTheSameImageAtOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		var got [4]string
		for _, err := range together(len(got), func(i int) error {
			p := picture(tenant, fmt.Sprintf("copy%d", i), 300)
			p.Hash = "the same"
			stored, err := db.AddImage(t.Context(), p, 10, 10_000)
			if err == nil {
				got[i] = stored.Name
			}
			return err
		}) {
			ok(t, err)
		}
		for _, name := range got {
			if name != got[0] || name == "" {
				t.Errorf("names %q", got)
			}
		}
	})
}
