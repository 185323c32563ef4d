package e2e

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"herald/infra/queue/redistest"
	"herald/infra/store/pgtest"
)

// previous builds the release that this one is upgraded from; the file upgrade-from names its commit.
func previous(t *testing.T) (program string) {
	t.Helper()
	text, err := os.ReadFile("upgrade-from")
	if err != nil {
		t.Fatal(err)
	}
	commit, _, _ := strings.Cut(string(text), "\n")
	var files, complaint bytes.Buffer
	git := exec.Command("git", "archive", "--format=tar", commit)
	git.Dir, git.Stdout, git.Stderr = "../..", &files, &complaint // of the whole tree
	if err := git.Run(); err != nil {
		t.Fatalf("the previous release, commit %s in infra/e2e/upgrade-from, is not in this clone (%v: %s). If the clone is shallow, \"git fetch --unshallow\" brings it", commit, err, &complaint)
	}
	dir := t.TempDir()
	for archive := tar.NewReader(&files); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, h.Name)
		switch h.Typeflag {
		case tar.TypeDir:
			err = os.MkdirAll(path, 0o755)
		case tar.TypeReg:
			var raw []byte
			if raw, err = io.ReadAll(archive); err == nil {
				err = os.WriteFile(path, raw, 0o644)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	program = filepath.Join(dir, "herald")
	if err := build(dir, program); err != nil {
		t.Fatalf("build of the previous release: %v", err)
	}
	return program
}

// An upgrade without a pause, and the way back. The previous release sends a campaign; this one starts beside it, changes
// the schema and helps. A process of the previous release still takes campaigns, one that is started anew comes up on the
// changed schema, and all of them end as they should. Then only the new ones run, and at last only the old ones again, with
// a campaign that the new ones took. Everybody has each message exactly once, and nobody is even marked as repeated.
//
// Checked: it fails with a migration that renames deliveries.repeated, or that drops conversation_references.welcomed.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	const people, rate = 1000, 125
	before, now := previous(t), Binary(t)
	database, redis := pgtest.Database(t), redistest.Start(t)
	cloud := StartSandbox(t, map[string]string{"HERALD_SANDBOX_USERS": strconv.Itoa(people)})
	env := func(role string) map[string]string {
		return map[string]string{
			"HERALD_ADDR": "127.0.0.1:0", "HERALD_SANDBOX_URL": cloud.URL, "HERALD_DATA_DIR": t.TempDir(), "HERALD_ROLE": role,
			"HERALD_DATABASE_URL": database, "HERALD_REDIS_URL": redis.URL(), "HERALD_RATE": strconv.Itoa(rate), "HERALD_PUBLIC_URL": "http://127.0.0.1:9",
		}
	}
	web := func(program string) *Herald {
		return &Herald{Process: startProgram(t, program, "Herald listens", env("web")), Cloud: cloud}
	}
	worker := func(program string) *Process {
		return startProgram(t, program, "Herald listens", env("worker"))
	}
	send := func(api *API, name string) (id string) {
		id = api.Create(name, "message", text(name+" for [FIRSTNAME]"), all)
		api.OK(202, "POST", "/campaigns/"+id+"/send", map[string]any{"at": nil})
		return id
	}
	until := func(api *API, id string, fifths int) {
		api.Follow(id, func(p Progress) bool { return p.Done()*5 >= people*fifths })
	}
	end := func(what string, p *Process) { // and it has sent something
		if _, metrics := body(t, p.URL+"/metrics"); !someSent.MatchString(metrics) {
			t.Errorf("%s sent nothing", what)
		}
		p.Stop()
	}

	oldWeb := web(before)
	cloud.SetBot(oldWeb.URL)
	cloud.Install(people)
	oldAPI := oldWeb.Author(t)
	for count := (map[string]any{}); count["installed"] != float64(people); {
		count = oldAPI.OK(200, "POST", "/audience/count", all)
	}
	db := open(t, "pgx", database)
	schema := func() (n int) {
		if err := db.QueryRowContext(t.Context(), `SELECT max(version_id) FROM goose_db_version`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	oldSchema := schema()
	oldWorker, other := worker(before), worker(before)
	first := send(oldAPI, "Before")
	witness := NewWitness(t, db, first)
	until(oldAPI, first, 1)

	newWeb := web(now)
	newAPI := newWeb.Author(t)
	newWorker := worker(now)
	t.Logf("the schema was %d and is %d", oldSchema, schema())
	second := send(oldAPI, "During")
	until(newAPI, first, 2)
	witness.Look()
	end("a worker of the previous release", other)
	other = worker(before)
	until(newAPI, second, 1)
	if n := counts(t, oldAPI.OK(200, "GET", "/campaigns/"+second+"/report", nil)); n["total"] != people {
		t.Errorf("the previous release reports %v", n)
	}
	cloud.SetBot(newWeb.URL)
	oldWeb.Stop()
	end("a worker of the previous release", oldWorker)
	until(newAPI, second, 3)
	end("a worker of the previous release, started on the new schema,", other)
	newAPI.Await(first, "completed")
	newAPI.Await(second, "completed")

	third := send(newAPI, "After")
	until(newAPI, third, 1)
	end("the worker of this release", newWorker)
	newWeb.Stop()
	oldWeb = web(before)
	cloud.SetBot(oldWeb.URL)
	oldAPI = oldWeb.Author(t)
	oldWorker = worker(before)
	oldAPI.Await(third, "completed")
	end("the worker of the way back", oldWorker)

	newWeb = web(now)
	newAPI = newWeb.Author(t)
	for i, id := range []string{first, second, third} {
		w := witness
		if i > 0 {
			w = NewWitness(t, db, id)
		}
		a := w.Audit(newAPI)
		if a.Counts["sent"] != people || a.Twice != 0 || a.Repeated != 0 {
			t.Errorf("campaign %d: %+v", i+1, a)
		}
		if old := counts(t, oldAPI.OK(200, "GET", "/campaigns/"+id+"/report", nil)); old["sent"] != people {
			t.Errorf("campaign %d, as the previous release reports it: %v", i+1, old)
		}
	}
	if st := cloud.Stats(); st.Duplicates != 0 {
		t.Errorf("the cloud: %+v", st)
	}
}
