package e2e

import (
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"herald/infra/queue/redistest"
	"herald/infra/store/pgtest"
)

func body(t *testing.T, address string) (int, string) {
	t.Helper()
	resp := call(t, "GET", address, nil, nil, nil)
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(raw)
}

func TestHealthAndMetrics(t *testing.T) {
	redis := redistest.Start(t)
	h := Start(t, map[string]string{"HERALD_REDIS_URL": redis.URL()})
	for path, want := range map[string]string{"/healthz": "ok", "/readyz": "redis: ok", "/about/privacy": "Herald", "/assets/formats/idea.png": "PNG", "/assets/icon-color.png": "PNG", "/tab/config.json": `"mode":"sandbox"`} {
		if status, text := body(t, h.URL+path); status != 200 || !strings.Contains(text, want) {
			t.Errorf("%s: %d %.200s", path, status, text)
		}
	}
	h.Cloud.Install(2)
	api := h.Author(t)
	id := api.Create("Counted", "message", text("x"), all)
	api.OK(202, "POST", "/campaigns/"+id+"/send", map[string]any{"at": nil})
	api.Await(id, "completed")
	_, text := body(t, h.URL+"/metrics")
	for _, want := range []string{`herald_messages_total{reason="",status="sent"} 2`, `herald_activities_total{status="200",type="installationUpdate"} 2`, "herald_send_seconds_count 2", "herald_queue_up 1", "herald_database_up 1"} {
		if !strings.Contains(text, want) {
			t.Errorf("metrics without %s", want)
		}
	}
	redis.Stop()
	if status, text := body(t, h.URL+"/readyz"); status != 503 || !strings.Contains(text, "redis: does not answer") {
		t.Errorf("without Redis: %d %s", status, text)
	}
	if status, text := body(t, h.URL+"/metrics"); status != 200 || !strings.Contains(text, "\nherald_queue_up 0\n") || !strings.Contains(text, "\nherald_database_up 1\n") || strings.Contains(text, "\nherald_queue_due") {
		t.Errorf("metrics without Redis: %d %s", status, text)
	}
	if status, _ := body(t, h.URL+"/healthz"); status != 200 {
		t.Errorf("alive without Redis: %d", status)
	}
}

// slowly makes every message take a moment, so that a process can be ended among them.
func slowly(h *Herald, faults map[string]any) {
	if faults == nil {
		faults = map[string]any{}
	}
	faults["latency"] = "200ms"
	h.Cloud.Faults(faults)
}

// sending starts a campaign to everybody and returns when its first messages have gone.
func sending(t *testing.T, h *Herald, api *API) string {
	t.Helper()
	id := api.Create("Cut short", "message", text("Cut short for [FIRSTNAME]"), all)
	api.OK(202, "POST", "/campaigns/"+id+"/send", map[string]any{"at": nil})
	api.Await(id, "sending")
	return id
}

// finished checks that everybody has a final state and the app's people the message.
func finished(t *testing.T, h *Herald, api *API, id string, installed int) (repeated int) {
	t.Helper()
	n := counts(t, api.OK(200, "GET", "/campaigns/"+id+"/report", nil))
	if n["total"] != 25 || n["sent"] != installed || n["skipped"] != 25-installed {
		t.Errorf("counts: %v", n)
	}
	for _, it := range api.OK(200, "GET", "/campaigns/"+id+"/recipients?limit=100", nil)["items"].([]any) {
		if it.(map[string]any)["repeated"] == true {
			repeated++
		}
	}
	for _, u := range h.Cloud.Users()[:installed] {
		if len(h.Cloud.Saw(u.ID, "Cut short for "+u.GivenName)) == 0 {
			t.Errorf("%s never got it", u.DisplayName)
		}
	}
	return repeated
}

func TestStopFinishesWhatIsOnTheWire(t *testing.T) {
	onEachBackend(t, func(t *testing.T, env map[string]string) {
		h := StartApart(t, env)
		h.Cloud.Install(24)
		slowly(h, nil)
		api := h.Author(t)
		id := sending(t, h, api)
		h.Stop()
		h.Again()
		api.Await(id, "completed")
		if n := finished(t, h, api, id, 24); n != 0 {
			t.Errorf("%d messages may have been repeated after an orderly stop", n)
		}
		if d := h.Cloud.Duplicates(); d != 0 {
			t.Errorf("%d duplicates after an orderly stop", d)
		}
	})
}

func TestKilledInMidCampaign(t *testing.T) {
	onEachBackend(t, func(t *testing.T, env map[string]string) {
		h := StartApart(t, env)
		h.Cloud.Install(24)
		slowly(h, nil)
		api := h.Author(t)
		id := sending(t, h, api)
		h.Kill()
		expire(t, h.env)
		h.Again()
		api.Await(id, "completed")
		repeated := finished(t, h, api, id, 24)
		if d := h.Cloud.Duplicates(); d > repeated {
			t.Errorf("%d duplicates, but only %d are marked as repeated", d, repeated)
		}
	})
}

// Throttling and passing failures: everybody is served in the end, once.
func TestPassingFaults(t *testing.T) {
	h := Start(t, nil)
	h.Cloud.Install(24)
	h.Cloud.Faults(map[string]any{"throttle": 0.2, "retryAfter": 1, "error502": 0.1, "error503": 0.1})
	api := h.Author(t)
	id := sending(t, h, api)
	api.Await(id, "completed")
	finished(t, h, api, id, 24)
	if d := h.Cloud.Duplicates(); d != 0 {
		t.Errorf("%d duplicates", d)
	}
}

func TestRedisComesBackEmpty(t *testing.T) {
	redis := redistest.Start(t)
	h := Start(t, map[string]string{"HERALD_REDIS_URL": redis.URL()})
	h.Cloud.Install(24)
	slowly(h, nil)
	api := h.Author(t)
	later := api.Create("Later", "message", text("Later"), all)
	api.OK(202, "POST", "/campaigns/"+later+"/send", map[string]any{"at": h.Cloud.Now().Add(time.Hour).Format(time.RFC3339)})
	id := sending(t, h, api)
	redis.Stop()
	if err := redis.Restart(); err != nil {
		t.Fatal(err)
	}
	api.Await(id, "completed")
	finished(t, h, api, id, 24)
	if d := h.Cloud.Duplicates(); d != 0 {
		t.Errorf("%d duplicates", d)
	}
	h.Cloud.Advance(time.Hour)
	api.Await(later, "completed")
}

// web and worker in processes of their own, on one PostgreSQL and one Redis.
func TestRolesShareTheWork(t *testing.T) {
	env := map[string]string{"HERALD_DATABASE_URL": pgtest.Database(t), "HERALD_REDIS_URL": redistest.Start(t).URL(), "HERALD_ROLE": "web"}
	web := StartApart(t, env)
	worker := map[string]string{"HERALD_ADDR": "127.0.0.1:0", "HERALD_SANDBOX_URL": web.Cloud.URL, "HERALD_DATA_DIR": t.TempDir(), "HERALD_PUBLIC_URL": web.URL}
	for k, v := range env {
		worker[k] = v
	}
	worker["HERALD_ROLE"] = "worker"
	first, second := start(t, "Herald listens", worker), start(t, "Herald listens", worker)
	if status, _ := body(t, first.URL+"/tab/"); status != 404 {
		t.Errorf("a worker serves the tab: %d", status)
	}
	web.Cloud.Install(24)
	slowly(web, nil)
	api := web.Author(t)
	id := sending(t, web, api)
	second.Stop() // workers may go while sending
	api.Await(id, "completed")
	if n := finished(t, web, api, id, 24); n != 0 || web.Cloud.Duplicates() != 0 {
		t.Errorf("%d repeated, %d duplicates", n, web.Cloud.Duplicates())
	}
}

func TestPackageAndDoctor(t *testing.T) {
	dir := t.TempDir()
	out, code := spawn(t, map[string]string{"HERALD_DATA_DIR": dir}, "package", "-out", dir+"/herald.zip").Wait()
	if code != 0 || !strings.Contains(out, "herald.zip") {
		t.Errorf("package: exit %d, said %q", code, out)
	}
	out, code = spawn(t, map[string]string{"HERALD_DATA_DIR": dir}, "doctor").Wait()
	if code != 0 || strings.Contains(out, "problem") {
		t.Errorf("doctor: exit %d, said %q", code, out)
	}
	out, code = spawn(t, map[string]string{"HERALD_DATA_DIR": dir}, "doctor", "-json", "-package", dir+"/herald.zip").Wait()
	if code != 0 || !strings.Contains(out, `"code": "package.ok"`) {
		t.Errorf("doctor of the package: exit %d, said %q", code, out)
	}
	out, code = spawn(t, map[string]string{"HERALD_RATE": "fast"}, "doctor", "-json").Wait()
	if code != 1 || !strings.Contains(out, `"code": "config.wrong"`) {
		t.Errorf("doctor of a wrong setting: exit %d, said %q", code, out)
	}
	for flag, value := range map[string]string{"-version": "1", "-name": strings.Repeat("x", 31), "-accent": "red", "-env": "Dev!", "-color": dir + "/herald.zip", "-outline": dir + "/none.png"} {
		out, code = spawn(t, map[string]string{"HERALD_DATA_DIR": dir}, "package", "-out", dir+"/wrong.zip", flag, value).Wait()
		field := map[string]string{"-version": "Version", "-name": "Name", "-accent": "AccentColor", "-env": "Environment", "-color": "ColorIcon", "-outline": "-outline"}[flag]
		if code != 1 || !strings.Contains(out, field+":") {
			t.Errorf("package %s %s: exit %d, said %q", flag, value, code, out)
		}
		if _, err := os.Stat(dir + "/wrong.zip"); !os.IsNotExist(err) {
			t.Errorf("package %s %s is written in spite of it", flag, value)
		}
	}
	out, code = spawn(t, map[string]string{"HERALD_DATA_DIR": dir, "HERALD_REDIS_URL": "redis://127.0.0.1:1/0"}, "doctor").Wait()
	if code != 1 || !strings.Contains(out, "HERALD_REDIS_URL") {
		t.Errorf("doctor without Redis: exit %d, said %q", code, out)
	}
}
