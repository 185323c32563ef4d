package sandbox_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"herald/infra/sandbox"
)

// Who got which message, how often and when, over a restart.
func TestReceivedTellsEachCopyAndItsTime(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	machine := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	options := sandbox.Options{StateDir: dir, Clock: func() time.Time { return machine }}
	c := start(t, options)
	ann, toAnn := c.install(0)
	bob, toBob := c.install(1)
	send := func(conversation, correlation string) time.Time {
		machine = machine.Add(time.Second)
		c.send(conversation, "x", "X-Ms-Correlation-Id", correlation)
		return machine
	}
	first, other := send(toAnn, "c1:ann"), send(toBob, "c1:bob")
	again := send(toAnn, "c1:ann")
	send(toAnn, "c2:ann")
	c.send(toBob, "without a correlation")
	for range 2 { // the second time from the journal
		var got struct {
			Items []sandbox.Received `json:"items"`
		}
		if err := json.Unmarshal(c.api(200, "GET", "/api/received?correlation=c1:", nil).raw, &got); err != nil {
			t.Fatal(err)
		}
		if len(got.Items) != 2 || got.Items[0].User != ann.ID || got.Items[1].User != bob.ID || got.Items[1].Correlation != "c1:bob" ||
			len(got.Items[0].At) != 2 || !got.Items[0].At[0].Equal(first) || !got.Items[0].At[1].Equal(again) ||
			len(got.Items[1].At) != 1 || !got.Items[1].At[0].Equal(other) {
			t.Errorf("%+v", got.Items)
		}
		c.api(400, "GET", "/api/received", nil)
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		c = start(t, options)
	}
}

// A bot that dies while the Connector is slow has sent its message all the same.
func TestWhoHangsUpHasSent(t *testing.T) {
	t.Parallel()
	seen := make(chan struct{}, 1)
	c := start(t, sandbox.Options{OnSend: func(sandbox.Send) *sandbox.Refusal { seen <- struct{}{}; return nil }})
	p, conversation := c.install(0)
	c.api(200, "PUT", "/api/faults", map[string]any{"latency": "1m"})
	body := strings.NewReader(`{"type":"message","text":"x"}`)
	ctx, hangUp := context.WithCancel(t.Context())
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { hangUp() }})
	req, err := http.NewRequestWithContext(traced, "POST", c.ServiceURL()+"v3/conversations/"+conversation+"/activities", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if resp, err := c.client.Do(req); err == nil {
		_ = resp.Body.Close()
		t.Fatal("an answer came")
	}
	<-seen
	if err := c.Close(); err != nil { // what is carried out is done then
		t.Fatal(err)
	}
	if chat := c.chat(p.ID); len(chat) != 1 {
		t.Errorf("%d messages", len(chat))
	}
}
