package sandbox_test

import (
	"encoding/json"
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
