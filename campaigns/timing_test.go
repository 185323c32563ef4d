package campaigns_test

import (
	"testing"
	"time"

	"herald/campaigns"
)

// A copy is meant for the same moment, as long as there is one to come.
func TestCloneAndTheMoment(t *testing.T) {
	w := setup(t)
	at := start.Add(2 * time.Hour)
	c, err := w.Create(t.Context(), author, campaigns.Input{Name: "Draft", Timing: campaigns.Timing{At: &at}})
	w.ok(err)
	copied, err := w.Clone(t.Context(), author, c.ID, "Before")
	w.ok(err)
	if copied.Timing.At == nil || !copied.Timing.At.Equal(at) {
		t.Errorf("before the moment: %v", copied.Timing.At)
	}
	w.advance(2 * time.Hour)
	copied, err = w.Clone(t.Context(), author, c.ID, "After")
	w.ok(err)
	if copied.Timing.At != nil {
		t.Errorf("after the moment: %v", copied.Timing.At)
	}
}
