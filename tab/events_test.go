package tab_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"herald/campaigns"
)

// stream is an open event stream.
type stream struct {
	t testing.TB
	r *bufio.Reader
}

type progress struct {
	Campaign string
	Status   campaigns.Status
	Counts   campaigns.Counts
}

func (w *world) follow(t testing.TB, id string) *stream {
	t.Helper()
	return w.followAs(t, "author", id)
}

func (w *world) followAs(t testing.TB, who, id string) *stream {
	t.Helper()
	res, err := http.DefaultClient.Do(w.request(t, request{as: who, method: "GET", path: "/events?campaign=" + id}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" || res.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%s %v", res.Status, res.Header)
	}
	return &stream{t, bufio.NewReader(res.Body)}
}

// next reads an event; ok is false at the end of the stream.
func (s *stream) next() (p progress, ok bool) {
	s.t.Helper()
	for {
		line, err := s.r.ReadString('\n')
		if err == io.EOF {
			return p, false
		}
		if err != nil {
			s.t.Fatal(err)
		}
		if strings.HasPrefix(line, ":") || line == "\n" {
			continue
		}
		if line != "event: progress\n" {
			s.t.Fatalf("line %q", line)
		}
		data, err := s.r.ReadBytes('\n')
		if err != nil {
			s.t.Fatal(err)
		}
		data, isData := bytes.CutPrefix(data, []byte("data: "))
		if !isData {
			s.t.Fatalf("data %q", data)
		}
		schema, err := openAPI().compile("components", "schemas", "Progress")
		if err != nil {
			s.t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			s.t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			s.t.Error(err)
		}
		if err := json.Unmarshal(data, &p); err != nil {
			s.t.Fatal(err)
		}
		if c := p.Counts; c.Total != c.Pending+c.Sending+c.Sent+c.Failed+c.Skipped+c.Rescheduled+c.Cancelled+c.Unscheduled {
			s.t.Errorf("counts do not add up: %+v", c)
		}
		return p, true
	}
}

// until reads events until one fits.
func (s *stream) until(fits func(progress) bool) {
	s.t.Helper()
	for {
		p, ok := s.next()
		if !ok {
			s.t.Fatal("the stream ended early")
		}
		if fits(p) {
			return
		}
	}
}

func TestEventsTellEveryChangeAndEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := campaigns.Key{TenantID: contoso, CampaignID: w.ids["{sending}"]}
	s := w.follow(t, "{sending}")
	if p, ok := s.next(); !ok || p.Campaign != k.CampaignID || p.Status != campaigns.Sending || p.Counts.Pending != 2 {
		t.Fatalf("first event %+v", p)
	}
	if err := w.deliver(t.Context(), k, 1); err != nil {
		t.Fatal(err)
	}
	s.until(func(p progress) bool { return p.Counts.Sent == 1 })
	if err := w.deliver(t.Context(), k, 2); err != nil {
		t.Fatal(err)
	}
	s.until(func(p progress) bool { return p.Status == campaigns.Completed && p.Counts.Sent == 2 })
	if p, ok := s.next(); ok {
		t.Errorf("an event after the end: %+v", p)
	}
}

// What was on the wire when a campaign was stopped still arrives, and the page sees it.
func TestEventsOfAStoppedCampaignWaitForTheWire(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := campaigns.Key{TenantID: contoso, CampaignID: w.ids["{sending}"]}
	s := w.follow(t, "{sending}")
	onWire, err := w.attempt(t.Context(), k, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.db.StopCampaign(t.Context(), k, start); err != nil {
		t.Fatal(err)
	}
	s.until(func(p progress) bool { return p.Status == campaigns.Stopped && p.Counts.Sending == 1 })
	if err := w.sent(t.Context(), onWire); err != nil {
		t.Fatal(err)
	}
	s.until(func(p progress) bool { return p.Counts.Sent == 1 && p.Counts.Cancelled == 1 })
	if _, ok := s.next(); ok {
		t.Error("the stream did not end")
	}
}

func TestEventsEndWithTheCampaignAndTheProgram(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	deleted, closed := w.follow(t, "{scheduled}"), w.follow(t, "{sending}")
	for _, s := range []*stream{deleted, closed} {
		if _, ok := s.next(); !ok {
			t.Fatal("no first event")
		}
	}
	if res, body := w.do(t, request{as: "author", method: "DELETE", path: "/campaigns/{scheduled}"}); res.StatusCode != 204 {
		t.Fatalf("%s", body)
	}
	if p, ok := deleted.next(); ok {
		t.Errorf("an event of a deleted campaign: %+v", p)
	}
	close(w.closing)
	if p, ok := closed.next(); ok {
		t.Errorf("an event after the program stopped: %+v", p)
	}
}

// Whoever has lost their role does not look on for as long as a campaign takes, days perhaps.
func TestEventsEndWithTheToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.followAs(t, "ending", "{sending}")
	if _, ok := s.next(); !ok {
		t.Fatal("no first event")
	}
	if err := w.deliver(t.Context(), campaigns.Key{TenantID: contoso, CampaignID: w.ids["{sending}"]}, 1); err != nil {
		t.Fatal(err)
	}
	if p, ok := s.next(); ok {
		t.Errorf("the stream outlives the token: %+v", p)
	}
}
