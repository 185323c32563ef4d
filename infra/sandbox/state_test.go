package sandbox_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"herald/infra/sandbox"
)

func TestStateSurvivesARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx := context.Background()
	c := start(t, sandbox.Options{StateDir: dir})
	p, conversation := c.install(0)
	blocked, _ := c.install(1)
	gone, _ := c.install(2)
	moved, _ := c.install(3)
	key := []string{"X-Ms-Correlation-Id", "k"}
	first := c.send(conversation, "one", key...)
	second := c.send(conversation, "two")
	for _, err := range []error{
		c.Block(blocked.ID), c.Uninstall(ctx, gone.ID), c.MoveConversation(moved.ID), c.SetPresence(p.ID, "Busy"),
		c.Read(ctx, p.ID, first), c.React(ctx, p.ID, first, "like", false), c.Advance(26 * time.Hour), c.RemovePerson(ctx, c.person(9).ID),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.AddPerson(sandbox.TenantContoso); err != nil {
		t.Fatal(err)
	}
	if r := c.connector("DELETE", "/"+conversation+"/activities/"+second, nil); r.status != 200 {
		t.Fatal(r.status)
	}
	movedStatus, _ := c.Status(moved.ID)
	chat, ca := fmt.Sprint(c.chat(p.ID)), c.Environment().CAPEM
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatalf("closing twice: %v", err)
	}
	// A kill in the middle of a write leaves half a line.
	file, err := os.OpenFile(filepath.Join(dir, "journal.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(`{"op":"mess`); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}

	for range 2 { // the second time from the compacted journal
		c = start(t, sandbox.Options{StateDir: dir})
		if got := fmt.Sprint(c.chat(p.ID)); got != chat {
			t.Errorf("chat\n%s\nwas\n%s", got, chat)
		}
		if s, _ := c.Status(p.ID); !s.Installed || s.Presence != "Busy" || s.ConversationID != conversation {
			t.Errorf("%+v", s)
		}
		if s, _ := c.Status(blocked.ID); !s.Blocked {
			t.Error("not blocked any more")
		}
		if s, _ := c.Status(gone.ID); s.Installed {
			t.Error("installed again")
		}
		if s, _ := c.Status(moved.ID); s.ConversationID != movedStatus.ConversationID {
			t.Error("the conversation moved back")
		}
		if c.Environment().CAPEM != ca {
			t.Error("another CA")
		}
		if left := time.Until(c.Now()); left < 25*time.Hour || left > 27*time.Hour {
			t.Errorf("the clock is %v ahead", left)
		}
		page := c.api(200, "GET", "/api/users?limit=100", nil).json(t)
		if page["total"] != 25.0 || page["installed"] != 3.0 {
			t.Errorf("total %v, installed %v", page["total"], page["installed"])
		}
		if err := c.Install(ctx, p.ID, false); err != nil || len(c.bot.take()) != 0 {
			t.Error("the bot was told twice")
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	c = start(t, sandbox.Options{StateDir: dir})
	c.send(conversation, "one", key...)
	if got := c.Stats(); got.Duplicates != 1 {
		t.Errorf("a duplicate across a restart is not seen: %+v", got)
	}
	if last := c.chat(p.ID); last[len(last)-1].ID <= second {
		t.Error("activity ids went back")
	}
}

func TestSpoiltStateIsRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"journal.jsonl", "keys.json"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), []byte("nonsense\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if c, err := sandbox.New(sandbox.Options{StateDir: dir}); err == nil {
			t.Errorf("%s of nonsense was taken", name)
			_ = c.Close()
		}
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	zero := c.api(200, "GET", "/api/clock", nil).json(t)
	if zero["offsetNs"] != 0.0 {
		t.Fatalf("%v", zero)
	}
	answer := make(chan map[string]any, 1)
	go func() {
		resp, err := c.client.Get(c.URL() + "/api/clock?wait=50s&offsetNs=0")
		if err != nil {
			answer <- map[string]any{"error": err.Error()}
			return
		}
		defer func() { _ = resp.Body.Close() }()
		out := map[string]any{}
		_ = json.NewDecoder(resp.Body).Decode(&out)
		answer <- out
	}()
	moved := c.api(200, "PUT", "/api/clock", map[string]any{"advance": "26h"}).json(t)
	if want := float64(26 * time.Hour); moved["offsetNs"] != want {
		t.Errorf("%v", moved)
	}
	if got := <-answer; got["offsetNs"] != moved["offsetNs"] {
		t.Errorf("who waited heard %v", got)
	}
	// Asking with an offset that is already old is answered at once, and a wait of nothing too.
	for _, path := range []string{"?wait=50s&offsetNs=0", fmt.Sprintf("?wait=0s&offsetNs=%d", 26*time.Hour), ""} {
		if got := c.api(200, "GET", "/api/clock"+path, nil).json(t); got["offsetNs"] != moved["offsetNs"] {
			t.Errorf("%s: %v", path, got)
		}
	}
	c.api(200, "PUT", "/api/clock", map[string]any{"offset": "30h"})
	c.api(409, "PUT", "/api/clock", map[string]any{"offset": "29h"})
	_, conversation := c.install(0)
	e := c.bot.take()[0].activity
	stamp, err := time.Parse(time.RFC3339Nano, e["timestamp"].(string))
	if err != nil || time.Until(stamp) < 29*time.Hour {
		t.Errorf("timestamp %v does not follow the clock", e["timestamp"])
	}
	id := c.send(conversation, "x")
	if want := fmt.Sprint(time.Now().Add(29 * time.Hour).UnixMilli()); id < want {
		t.Errorf("activity id %s does not follow the clock", id)
	}
}

func TestWaitingForTheClockEndsWithTheCloud(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	first := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		close(first)
		if resp, err := c.client.Get(c.URL() + "/api/clock?wait=50s&offsetNs=0"); err == nil {
			_ = resp.Body.Close()
		}
	}()
	<-first
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	<-done
}

// events opens a stream and answers its events; the stream is open when it returns.
func (c *cloud) events(path string) <-chan string {
	c.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL()+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	resp, err := c.client.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Scan() // ": open"
	out, ended := make(chan string, 1000), make(chan struct{})
	go func() {
		defer close(ended)
		name := ""
		for lines.Scan() {
			if s, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				name = s
			}
			if s, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				out <- name + " " + s
			}
		}
	}()
	c.t.Cleanup(func() {
		cancel()
		<-ended
		_ = resp.Body.Close()
	})
	return out
}

func TestStreams(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	state, wire, chat := c.events("/api/state/events"), c.events("/api/wire/events"), c.events("/api/chats/events?user="+c.person(0).UPN)
	p, conversation := c.install(0)
	if got := <-state; got != `users {"user":"`+p.ID+`"}` {
		t.Errorf("state: %s", got)
	}
	for range 2 { // the two events to the bot
		got := <-wire
		if !strings.Contains(got, `"direction":"to-bot"`) {
			t.Errorf("wire: %s", got)
		}
	}
	id := c.send(conversation, "hello")
	if got := <-chat; got != `chat {"activityId":"`+id+`","user":"`+p.ID+`"}` {
		t.Errorf("chat: %s", got)
	}
	if got := <-wire; !strings.Contains(got, `"direction":"to-teams"`) || !strings.Contains(got, `"text":"hello"`) {
		t.Errorf("wire: %s", got)
	}
}

func TestOneStreamForSeveralChats(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	one, first := c.install(0)
	two, second := c.install(1)
	_, third := c.install(2)
	chats := c.events("/api/chats/events?user=" + one.ID + "&user=" + two.UPN + "&user=" + one.ID)
	c.send(third, "not for this stream")
	id := c.send(first, "hello")
	if got := <-chats; got != `chat {"activityId":"`+id+`","user":"`+one.ID+`"}` {
		t.Errorf("first: %s", got)
	}
	id = c.send(second, "hello too")
	if got := <-chats; got != `chat {"activityId":"`+id+`","user":"`+two.ID+`"}` {
		t.Errorf("second: %s", got)
	}
}

func TestWireShowsNoSecrets(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	_, conversation := c.install(0)
	c.send(conversation, strings.Repeat("x", 30_000))
	c.graphGet("/users?$top=1")
	raw := string(c.api(200, "GET", "/api/wire", nil).raw)
	for _, secret := range []string{sandbox.AppSecret, c.token, c.graph, "Bearer "} {
		if strings.Contains(raw, secret) {
			t.Errorf("the wire shows %.20s…", secret)
		}
	}
	var entries []sandbox.WireEntry
	if err := json.Unmarshal([]byte(raw), &entries); err != nil {
		t.Fatal(err)
	}
	var directions []string
	for i, e := range entries {
		directions = append(directions, e.Direction)
		if i > 0 && e.Seq != entries[i-1].Seq+1 || e.At.IsZero() || e.Status != 200 {
			t.Errorf("%+v", e)
		}
		if len(e.Request) > 25<<10 {
			t.Errorf("a body of %d is not cut", len(e.Request))
		}
	}
	if got := strings.Join(directions, " "); got != "to-entra to-entra to-bot to-bot to-teams to-graph" {
		t.Errorf("directions %s", got)
	}
	var later []sandbox.WireEntry
	if err := json.Unmarshal(c.api(200, "GET", fmt.Sprintf("/api/wire?after=%d&limit=1", entries[2].Seq), nil).raw, &later); err != nil {
		t.Fatal(err)
	}
	if len(later) != 1 || later[0].Seq != entries[5].Seq {
		t.Errorf("after and limit: %+v", later)
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{Page: fstest.MapFS{
		"index.html": {Data: []byte("<p>Teams</p>")}, "assets/a.js": {Data: []byte("1")},
	}})
	for path, want := range map[string]int{"/": 200, "/?subEntityId=x": 200, "/assets/a.js": 200, "/assets/": 404, "/other": 404, "/../x": 404} {
		if r := c.do("GET", c.URL()+path, "", nil); r.status != want {
			t.Errorf("%s: %d, want %d", path, r.status, want)
		}
	}
	unbuilt := start(t, sandbox.Options{})
	if r := unbuilt.do("GET", unbuilt.URL()+"/", "", nil); r.status != 200 || !strings.Contains(string(r.raw), "<html") {
		t.Errorf("the embedded page: %d %.80s", r.status, r.raw)
	}
}

func TestBotAddress(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{BotURL: "http://127.0.0.1:3978/api/messages"})
	if got := c.api(200, "GET", "/api/bot", nil).json(t); got["tabUrl"] != "http://127.0.0.1:3978/tab/" {
		t.Errorf("%v", got)
	}
	c.api(200, "PUT", "/api/bot", map[string]any{"url": c.bot.url + "/api/messages", "tabUrl": "http://127.0.0.1:5/x/"})
	if got := c.api(200, "GET", "/api/bot", nil).json(t); got["tabUrl"] != "http://127.0.0.1:5/x/" {
		t.Errorf("%v", got)
	}
	c.install(0)
	if got := len(c.bot.take()); got != 2 {
		t.Errorf("%d events at the new address", got)
	}
}

func TestChatsAreBounded(t *testing.T) {
	t.Parallel()
	off := false
	c := start(t, sandbox.Options{ChatLimit: 5, Faults: sandbox.Faults{ConversationLimits: &off}})
	p, conversation := c.install(0)
	for i := range 9 {
		c.send(conversation, fmt.Sprint(i))
	}
	items := c.chat(p.ID)
	if len(items) != 5 || textOf(t, items[0]) != "4" || textOf(t, items[4]) != "8" {
		t.Errorf("%d items, first %s", len(items), items[0].Activity)
	}
}
