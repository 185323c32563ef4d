package bot_test

import (
	"testing"

	"herald/campaigns"
)

// Whoever is given the app is known with their time zone, and whoever travels takes it along.
func TestTimeZoneTravels(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.person(4)
	zones := func() campaigns.Zones {
		t.Helper()
		got, err := w.db.ZonesOf(t.Context(), contoso, []string{p.ID})
		ok(t, err)
		return got[p.ID]
	}
	ok(t, w.box.Install(t.Context(), p.ID, false))
	if got := zones(); got != (campaigns.Zones{Client: p.TimeZone}) {
		t.Errorf("%+v, want %s", got, p.TimeZone)
	}
	ok(t, w.box.SetTimeZone(p.ID, "Asia/Kathmandu", ""))
	if _, err := w.box.Say(t.Context(), p.ID, "hello"); err != nil {
		t.Fatal(err)
	}
	if got := zones().Effective(); got != "Asia/Kathmandu" {
		t.Errorf("in %s", got)
	}
}
