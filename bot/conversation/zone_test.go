package conversation_test

import (
	"context"
	"testing"

	"herald/bot/activity"
	"herald/campaigns"
)

// Where somebody is, their client tells with whatever they do; from the first activity on, which is the installation.
func TestTimeZoneOfTheClient(t *testing.T) {
	w := setup(t)
	zone := func() string {
		t.Helper()
		zones, err := w.db.ZonesOf(t.Context(), "t", []string{"ann"})
		ok(t, err)
		return zones["ann"].Effective()
	}
	for _, step := range []struct {
		does func(context.Context, activity.Inbound) (campaigns.Reference, bool, error)
		more map[string]any
		want string
	}{
		{w.book.Install, map[string]any{"localTimezone": "Europe/Paris"}, "Europe/Paris"},
		{w.book.Refresh, map[string]any{"localTimezone": "America/Sao_Paulo"}, "America/Sao_Paulo"},
		{w.book.Refresh, nil, "America/Sao_Paulo"},
		{w.book.Refresh, map[string]any{"localTimezone": "Local"}, "America/Sao_Paulo"},
		{w.book.Refresh, map[string]any{"localTimezone": "Romance Standard Time"}, "America/Sao_Paulo"},
		{w.book.Note, map[string]any{"entities": []any{map[string]any{"type": "clientInfo", "timezone": "Asia/Calcutta"}}}, "Asia/Kolkata"},
	} {
		_, known, err := step.does(t.Context(), from(t, step.more))
		ok(t, err)
		if got := zone(); got != step.want || !known {
			t.Errorf("after %v: %q, want %q", step.more, got, step.want)
		}
	}
}
