package campaigns_test

import (
	"fmt"
	"testing"
	"time"

	"herald/campaigns"
)

// A large list opens before its people with the app are counted; whoever asks again hears the number, and a newer one when
// half a minute has passed. A small list says it at once.
func TestLargeListsOpenBeforeTheyAreCounted(t *testing.T) {
	w := setup(t)
	w.met(campaigns.Installed, "p0", "p1")
	list := func(name string, members int) *campaigns.List {
		l, err := w.CreateList(t.Context(), author, campaigns.ListInput{Name: name})
		w.ok(err)
		var emails []string
		for i := range members {
			emails = append(emails, fmt.Sprintf("p%d@x.example", i))
		}
		_, _, _, err = w.AddAddresses(t.Context(), author, l.ID, emails, false)
		w.ok(err)
		return l
	}
	installed := func(l *campaigns.List) *int {
		t.Helper()
		l, err := w.GetList(t.Context(), author, l.ID)
		w.ok(err)
		return l.Installed
	}
	small, large := list("Small", 20), list("Large", 5001)
	if n := installed(small); n == nil || *n != 2 {
		t.Errorf("a small list has %v people with the app", n)
	}
	if n := installed(large); n != nil {
		t.Errorf("a large list was counted, %d, while somebody waited", *n)
	}
	w.Roster.Close() // waits for the count
	if n := installed(large); n == nil || *n != 2 {
		t.Errorf("counted, a large list has %v people with the app", n)
	}
	w.met(campaigns.Installed, "p2")
	w.advance(31 * time.Second)
	installed(large)
	w.Roster.Close()
	if n := installed(large); n == nil || *n != 3 {
		t.Errorf("counted again, a large list has %v people with the app", n)
	}
}
