package store_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/infra/store"
)

// What was scheduled or being sent in a backup comes back stopped: whatever was sent after it is not sent again.
func TestRestoredCampaignsAreStopped(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		running := sending(t, db, tenant, 4)
		must(db.BeginAttempts(ctx, refs(running, 1, 2), nil, long, now, now))(t)
		must(db.Record(ctx, []delivery.Result{{Ref: refs(running, 1)[0], Number: 1, Status: campaigns.DeliverySent, At: now, ActivityID: "1"}}))(t)
		later := draft(t, db, tenant, "Later").Key()
		must(db.ScheduleCampaign(ctx, later, 0, now.Add(time.Hour), now))(t)
		foreign := draft(t, db, other, "Foreign").Key()
		must(db.ScheduleCampaign(ctx, foreign, 0, now.Add(time.Hour), now))(t)
		kept := draft(t, db, tenant, "Draft").Key()
		if r := must(db.LastRestore(ctx, tenant))(t); r != nil {
			t.Errorf("%+v before any restore", r)
		}
		numbered := campaignNumber(t, db, kept)

		at := now.Add(time.Minute)
		if n := must(db.MarkRestored(ctx, at))(t); n != 3 {
			t.Errorf("%d campaigns stopped", n)
		}
		c := must(db.Campaign(ctx, running))(t)
		if c.Status != campaigns.Stopped || !c.Restored || c.Counts != (campaigns.Counts{Total: 4, Sent: 1, Failed: 1, Cancelled: 2}) {
			t.Errorf("%+v", c)
		}
		if got := must(db.Reasons(ctx, running))(t); len(got) != 1 || got[0] != (campaigns.ReasonCount{Reason: campaigns.AfterRestore, Count: 3}) {
			t.Errorf("%+v", got)
		}
		if open := must(db.OpenCampaigns(ctx))(t); len(open) != 0 {
			t.Errorf("still open: %+v", open)
		}
		if _, _, err := db.Begin(ctx, later, now.Add(2*time.Hour)); campaigns.CodeOf(err) != campaigns.CodeConflict {
			t.Errorf("a scheduled campaign starts: %v", err)
		}
		if got := must(db.BeginAttempts(ctx, refs(running, 2, 3, 4), nil, at.Add(time.Hour), at, at))(t); len(got) != 0 {
			t.Errorf("sent again: %+v", got)
		}
		if c := must(db.Campaign(ctx, kept))(t); c.Status != campaigns.Draft || c.Restored {
			t.Errorf("%+v", c)
		}
		if r := must(db.LastRestore(ctx, tenant))(t); r == nil || !r.At.Equal(at) || r.Stopped != 2 {
			t.Errorf("%+v", r)
		}
		// The links of what was sent after the backup must not lead into a campaign that is made now.
		if n := campaignNumber(t, db, draft(t, db, tenant, "New").Key()); n < numbered+1000 {
			t.Errorf("number %d after %d", n, numbered)
		}
	})
}

func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "backup.db")
	db, err := store.Open(ctx, "", dir, nothing())
	ok(t, err)
	k := sending(t, db, tenant, 3)
	ok(t, store.Backup(ctx, dir, file)) // while it is open
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	must(db.BeginAttempts(ctx, refs(k, 1, 2, 3), nil, long, now, now))(t)
	after := draft(t, db, tenant, "Made after the backup").Key()

	refuses := func(want string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	restore := func(path string, force bool) (store.Restored, error) {
		return store.Restore(ctx, dir, path, force, now, nothing())
	}
	refuses("is there already", store.Backup(ctx, dir, file))
	refuses("no database in", store.Backup(ctx, t.TempDir(), file+"2"))
	_, err = restore(file, false)
	refuses("-force", err)
	_, err = restore(file, true)
	refuses("stop it first", err)
	must(db.Campaign(ctx, after))(t) // nothing was touched
	ok(t, db.Close())

	r, err := restore(file, true)
	ok(t, err)
	if r.Stopped != 1 || !strings.HasSuffix(r.Kept, ".bak") {
		t.Errorf("%+v", r)
	}
	db = open(t, "", dir)
	if c := must(db.Campaign(ctx, k))(t); c.Status != campaigns.Stopped || c.Counts.Cancelled != 3 {
		t.Errorf("%+v", c)
	}
	_, err = db.Campaign(ctx, after)
	code(t, err, campaigns.CodeNotFound)
	// What was set aside is whole, and can itself be restored.
	second := t.TempDir()
	_, err = store.Restore(ctx, second, r.Kept, false, now, nothing())
	ok(t, err)
	must(open(t, "", second).Campaign(ctx, after))(t)
}

func TestRestoreRefusesWhatIsNoBackup(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dir := t.TempDir()
	good := filepath.Join(t.TempDir(), "good.db")
	db := open(t, "", dir)
	sending(t, db, tenant, 500)
	ok(t, store.Backup(ctx, dir, good))
	variant := func(name string, change func(raw []byte) []byte) string {
		raw, err := os.ReadFile(good)
		ok(t, err)
		path := filepath.Join(t.TempDir(), name)
		ok(t, os.WriteFile(path, change(raw), 0o600))
		return path
	}
	altered := func(statement string) string {
		path := variant("altered.db", func(raw []byte) []byte { return raw })
		x, err := sql.Open("sqlite", path)
		ok(t, err)
		_, err = x.Exec(statement)
		ok(t, err)
		ok(t, x.Close())
		return path
	}
	for want, path := range map[string]string{
		"cannot be read": filepath.Join(dir, "nothing.db"),
		"damaged":        variant("half.db", func(raw []byte) []byte { return raw[:len(raw)/2] }),
		"no database":    variant("text.db", func([]byte) []byte { return []byte(strings.Repeat("not a database. ", 100)) }),
		"no backup":      altered(`DROP TABLE goose_db_version`),
		"a newer Herald": altered(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`),
	} {
		empty := t.TempDir()
		_, err := store.Restore(ctx, empty, path, false, now, nothing())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
		if left, _ := os.ReadDir(empty); len(left) > 0 {
			t.Errorf("%s left %v behind", want, left)
		}
	}
}
