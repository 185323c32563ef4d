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
// Checked: it fails with a migration that drops conversation_references.welcomed, and with one that adds a column without a default to list_members.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	const people, rate = 600, 75
	before, now := previous(t), Binary(t)
	database, redis := pgtest.Database(t), redistest.Start(t)
	cloud := StartSandbox(t, map[string]string{"HERALD_SANDBOX_USERS": strconv.Itoa(people + 1)})
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

	users := cloud.Users()
	stranger := cloud.anybody(people) // never has the app while a campaign begins
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
	use(t, oldWeb, "the previous release on the new schema", users[1:4], stranger)
	second := send(oldAPI, "During")
	until(newAPI, first, 2)
	witness.Look()
	end("a worker of the previous release", other)
	other = worker(before)
	until(newAPI, second, 1)
	if n := counts(t, oldAPI.OK(200, "GET", "/campaigns/"+second+"/report", nil)); n["total"] != people+1 {
		t.Errorf("the previous release reports %v", n)
	}
	cloud.SetBot(newWeb.URL)
	oldWeb.Stop()
	end("a worker of the previous release", oldWorker)
	until(newAPI, second, 3)
	end("a worker of the previous release, started on the new schema,", other)
	newAPI.Await(first, "completed")
	newAPI.Await(second, "completed")

	use(t, newWeb, "this release", users[1:4], stranger)
	third := send(newAPI, "After")
	until(newAPI, third, 1)
	end("the worker of this release", newWorker)
	newWeb.Stop()
	oldWeb = web(before)
	cloud.SetBot(oldWeb.URL)
	oldAPI = oldWeb.Author(t)
	oldWorker = worker(before)
	use(t, oldWeb, "the way back", users[1:4], stranger)
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
		if a.Counts["sent"] != people || a.Counts["skipped"] != 1 || a.Twice != 0 || a.Repeated != 0 {
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

// anybody is the person with a number, counted from 0.
func (s *Sandbox) anybody(number int) User {
	s.t.Helper()
	var page struct {
		Items []User `json:"items"`
	}
	s.do("GET", "/api/users?limit=1&cursor="+strconv.Itoa(number), nil, 200, &page)
	return page.Items[0]
}

// use does with one web process a little of everything that writes: a person comes and goes, some read and react, an
// author makes a list and a survey, and a campaign of both that is changed, tried and sent.
func use(t *testing.T, h *Herald, who string, people []User, stranger User) {
	t.Helper()
	h.Cloud.Post(stranger.ID, "install", nil)
	h.Cloud.Post(stranger.ID, "uninstall", nil)
	api := h.Author(t)
	list := api.OK(201, "POST", "/lists", map[string]any{"name": "List of " + who})["id"].(string)
	file := "email\tTown\n"
	for _, p := range people {
		file += p.UPN + "\tParis\n"
	}
	api.Upload(200, "/lists/"+list+"/import", "list.tsv", file)
	survey := api.OK(201, "POST", "/surveys", map[string]any{"name": "Survey of " + who, "questions": []map[string]any{{"id": "q1", "type": "yesno", "text": "Is it quiet?"}}})["id"].(string)
	audience := map[string]any{"listIds": []string{list}}
	id := api.Create("Survey of "+who, "survey", map[string]any{}, audience)
	api.OK(200, "PUT", "/campaigns/"+id, map[string]any{"name": "Changed by " + who, "format": "survey", "content": map[string]any{"surveyId": survey}, "audience": audience}, "If-Match", `"1"`)
	api.OK(202, "POST", "/campaigns/"+id+"/try", map[string]string{"email": people[0].UPN})
	api.OK(202, "POST", "/campaigns/"+id+"/send", map[string]any{"at": nil})
	api.Await(id, "completed")
	for _, p := range people {
		saw := h.Cloud.Saw(p.ID, "Is it quiet?")
		if len(saw) == 0 {
			t.Fatalf("%s: %s has no survey", who, p.UPN)
		}
		h.Cloud.Post(p.ID, "read", map[string]string{"activityId": saw[len(saw)-1].ID})
		h.Cloud.Post(p.ID, "react", map[string]string{"activityId": saw[len(saw)-1].ID, "type": "like"})
	}
	report := api.OK(200, "GET", "/campaigns/"+id+"/report", nil)
	if n := counts(t, report); n["sent"] != len(people) || report["engagement"].(map[string]any)["seen"] != float64(len(people)) {
		t.Errorf("%s: %v", who, report)
	}
	throwaway := api.Create("Nothing", "message", text("x"), all)
	api.OK(204, "DELETE", "/campaigns/"+throwaway, nil)
}
