package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"herald/infra/store/pgtest"
)

// Admin returns the API for the sandbox's first admin.
func (h *Herald) Admin(t testing.TB) *API {
	t.Helper()
	for _, u := range h.Cloud.Users() {
		if slices.Contains(u.Roles, "Admin") {
			return h.As(t, u.UPN, "")
		}
	}
	t.Fatal("the sandbox has no admin")
	return nil
}

// run runs a command of the program to its end with Herald's environment.
func (h *Herald) run(t *testing.T, want int, args ...string) string {
	t.Helper()
	out, code := spawn(t, h.env, args...).Wait()
	if code != want {
		t.Fatalf("herald %v: exit %d, said %q", args, code, out)
	}
	return out
}

// restored checks a Herald that stands on a backup taken while the campaign was being sent, after which it was sent to its end: it sends
// nothing of it again, and says what happened.
func restored(t *testing.T, h *Herald, id string) {
	t.Helper()
	api := h.Author(t)
	before := h.Cloud.Stats()
	h.Cloud.Advance(3 * time.Hour) // whoever would send again does it now
	c := api.OK(200, "GET", "/campaigns/"+id, nil)
	if c["status"] != "stopped" || c["restored"] != true {
		t.Errorf("the campaign is %v, restored %v", c["status"], c["restored"])
	}
	n := counts(t, api.OK(200, "GET", "/campaigns/"+id+"/report", nil))
	if n["total"] != 25 || n["sent"]+n["failed"]+n["cancelled"]+n["skipped"] != 25 || n["cancelled"] == 0 {
		t.Errorf("counts: %v", n)
	}
	if me := api.OK(200, "GET", "/me", nil); me["restored"] == nil || me["restored"].(map[string]any)["stopped"] != 1.0 {
		t.Errorf("/me says %v", me["restored"])
	}
	// The service works; and once another campaign has gone through, the old one would have as well.
	next := api.Create("After", "message", text("After for [FIRSTNAME]"), all)
	api.OK(202, "POST", "/campaigns/"+next+"/send", map[string]any{"at": nil})
	api.Await(next, "completed")
	for _, u := range h.Cloud.Users()[:24] {
		if n := len(h.Cloud.Saw(u.ID, "Cut short for")); n != 1 {
			t.Errorf("%s has the campaign %d times", u.DisplayName, n)
		}
	}
	if d := h.Cloud.Duplicates(); d != 0 {
		t.Errorf("%d duplicates; before %+v", d, before)
	}
}

func TestBackupWhileSending(t *testing.T) {
	h := StartApart(t, nil)
	h.Cloud.Install(24)
	slowly(h, map[string]any{"limitPerSecond": 5})
	api := h.Author(t)
	id := sending(t, h, api)
	file := filepath.Join(t.TempDir(), "backup.db")
	h.run(t, 0, "backup", "-out", file)
	h.Cloud.Faults(map[string]any{})
	api.Await(id, "completed")
	if out := h.run(t, 1, "restore", "-in", file, "-force"); !strings.Contains(out, "stop it first") {
		t.Errorf("while Herald runs: %q", out)
	}
	h.Stop()
	if out := h.run(t, 1, "restore", "-in", file); !strings.Contains(out, "-force") {
		t.Errorf("over existing data: %q", out)
	}
	if out := h.run(t, 0, "restore", "-in", file, "-force"); !strings.Contains(out, "1 campaigns") || !strings.Contains(out, ".bak") {
		t.Errorf("restore said %q", out)
	}
	h.Again()
	restored(t, h, id)
}

// The same with PostgreSQL's own tools, as README.md tells it.
func TestDumpWhileSending(t *testing.T) {
	tool := func(name string) string {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
		found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
		if len(found) == 0 {
			t.Fatalf("%s is not installed", name)
		}
		return found[len(found)-1]
	}
	from, to := pgtest.Database(t), pgtest.Database(t)
	h := StartApart(t, map[string]string{"HERALD_DATABASE_URL": from})
	h.Cloud.Install(24)
	slowly(h, map[string]any{"limitPerSecond": 5})
	api := h.Author(t)
	id := sending(t, h, api)
	file := filepath.Join(t.TempDir(), "herald.dump")
	if out, err := exec.Command(tool("pg_dump"), "--format=custom", "--file="+file, from).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	h.Cloud.Faults(map[string]any{})
	api.Await(id, "completed")
	h.Stop()
	if out, err := exec.Command(tool("pg_restore"), "--no-owner", "--dbname="+to, file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	h.env["HERALD_DATABASE_URL"] = to
	if out := h.run(t, 1, "backup", "-out", file+"2"); !strings.Contains(out, "pg_dump") {
		t.Errorf("backup said %q", out)
	}
	if out := h.run(t, 0, "restore", "-mark"); !strings.Contains(out, "1 campaigns") {
		t.Errorf("restore said %q", out)
	}
	h.Again()
	restored(t, h, id)
}

// From the chat to the report: a person opts out, another is forgotten, and after a year nobody's name is left.
func TestPeoplesWishes(t *testing.T) {
	onEachBackend(t, func(t *testing.T, env map[string]string) {
		env["HERALD_RETENTION_DAYS"] = "365"
		h := StartApart(t, env)
		h.Cloud.Install(10)
		users := h.Cloud.Users()
		admin, author := h.Admin(t), h.Author(t)
		quiet, leaving := users[7], users[8]
		tenant := author.OK(200, "GET", "/me", nil)["tenantId"].(string)
		h.Cloud.Post(quiet.ID, "messages", map[string]string{"text": "stop"})

		if n := author.OK(200, "POST", "/audience/count", all); n["installed"] != 10.0 || n["optedOut"] != 1.0 {
			t.Errorf("count: %v", n)
		}
		send := func(name string, mandatory bool) string {
			c := author.OK(201, "POST", "/campaigns", map[string]any{"name": name, "format": "message", "content": text(name), "audience": all, "mandatory": mandatory})
			author.OK(202, "POST", "/campaigns/"+c["id"].(string)+"/send", map[string]any{"at": nil})
			author.Await(c["id"].(string), "completed")
			return c["id"].(string)
		}
		news := send("News for all", false)
		if r := author.OK(200, "GET", "/campaigns/"+news+"/recipients?reason=opted_out", nil)["items"].([]any); len(r) != 1 || r[0].(map[string]any)["displayName"] != quiet.DisplayName {
			t.Errorf("opted out: %v", r)
		}
		drill := send("Fire drill", true)
		if len(h.Cloud.Saw(quiet.ID, "News for all")) != 0 || len(h.Cloud.Saw(quiet.ID, "Fire drill")) != 1 || len(h.Cloud.Saw(leaving.ID, "News for all")) != 1 {
			t.Error("who has opted out did not get the mandatory campaign alone")
		}
		tried := author.Create("Tried", "message", text("A try"), all)
		author.OK(202, "POST", "/campaigns/"+tried+"/try", map[string]string{"email": quiet.UPN})
		if len(h.Cloud.Saw(quiet.ID, "A try")) != 1 {
			t.Error("a try did not arrive")
		}

		before := counts(t, author.OK(200, "GET", "/campaigns/"+news+"/report", nil))
		if a := author.Do("DELETE", "/admin/people/"+leaving.ID, nil); a.Status != 403 {
			t.Errorf("an author may forget people: %d", a.Status)
		}
		if found := admin.OK(200, "GET", "/admin/people?q="+leaving.ID, nil)["items"].([]any); len(found) != 1 {
			t.Errorf("%v", found)
		}
		if d := admin.OK(200, "GET", "/admin/people/"+leaving.ID+"/export", nil); len(d["deliveries"].([]any)) != 2 {
			t.Errorf("export: %v", d)
		}
		admin.OK(200, "DELETE", "/admin/people/"+leaving.ID, nil)
		h.Cloud.Advance(2 * time.Hour) // the directory is read again
		author.OK(200, "POST", "/audience/count", all)
		if a := admin.Do("GET", "/admin/people/"+leaving.ID, nil); a.Status != 404 {
			t.Errorf("still known: %d %s", a.Status, a.Raw)
		}
		if after := counts(t, author.OK(200, "GET", "/campaigns/"+news+"/report", nil)); after["sent"] != before["sent"] || after["total"] != 25 {
			t.Errorf("totals %v, were %v", after, before)
		}
		holdsNot := func(where, text string, of ...User) {
			t.Helper()
			for _, u := range of {
				for _, part := range []string{u.UPN, u.Mail, u.DisplayName} {
					if part != "" && strings.Contains(strings.ToLower(text), strings.ToLower(part)) {
						t.Errorf("%s holds %q", where, part)
					}
				}
			}
		}
		for _, export := range []string{"/recipients.csv", "/recipients?limit=100"} {
			for _, id := range []string{news, drill} {
				holdsNot("the export "+export, author.Do("GET", "/campaigns/"+id+export, nil).Raw, leaving)
			}
		}
		gone := users[6]
		h.run(t, 0, "forget", "-tenant", tenant, "-person", gone.ID)
		holdsNot("the export", author.Do("GET", "/campaigns/"+news+"/recipients.csv", nil).Raw, gone)
		if out := h.run(t, 1, "forget", "-tenant", tenant, "-person", gone.ID); !strings.Contains(out, "knows nothing") {
			t.Errorf("forget said %q", out)
		}

		h.Cloud.Advance(366 * 24 * time.Hour)
		for {
			if c := author.OK(200, "GET", "/campaigns/"+news, nil); c["peopleRemoved"] != nil {
				break
			}
			select { // nobody says when the janitor is through
			case <-time.After(50 * time.Millisecond):
			case <-t.Context().Done():
				t.Fatal("the janitor never came")
			}
		}
		holdsNot("the export", author.Do("GET", "/campaigns/"+news+"/recipients.csv", nil).Raw, users...)
		if after := counts(t, author.OK(200, "GET", "/campaigns/"+news+"/report", nil)); after["sent"] != before["sent"] || after["skipped"] != before["skipped"] {
			t.Errorf("totals %v, were %v", after, before)
		}
		holdsNot("the log", h.log.String(), users...)
		h.Stop()
		if env["HERALD_DATABASE_URL"] == "" { // nor do the freed pages of the file
			raw, err := os.ReadFile(filepath.Join(h.env["HERALD_DATA_DIR"], "herald.db"))
			if err != nil {
				t.Fatal(err)
			}
			holdsNot("the file", string(raw), leaving, gone)
		}
	})
}
