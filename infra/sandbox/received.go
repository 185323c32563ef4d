package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Received is the messages of one X-Ms-Correlation-Id that a chat holds.
type Received struct {
	User        string      `json:"user"`
	Correlation string      `json:"correlation"`
	At          []time.Time `json:"at"` // when each was accepted, oldest first
}

// Received lists who has messages whose correlation begins with prefix, ordered by correlation. Unlike [Cloud.Stats] it
// survives a restart, and it tells when each message came; what a full chat let go is missing.
func (c *Cloud) Received(prefix string) []Received {
	out := []Received{}
	for _, r := range c.residents.all() {
		r.mu.Lock()
		first := len(out) // a chat has few correlations that fit: one, or one per step of a campaign
		for _, m := range r.chat {
			if m.Correlation == "" || !strings.HasPrefix(m.Correlation, prefix) {
				continue
			}
			i := slices.IndexFunc(out[first:], func(known Received) bool { return known.Correlation == m.Correlation })
			if i < 0 {
				out = append(out, Received{User: objectID(r.key), Correlation: m.Correlation})
				i = len(out) - 1 - first
			}
			out[first+i].At = append(out[first+i].At, m.Created)
		}
		r.mu.Unlock()
	}
	slices.SortFunc(out, func(a, b Received) int { return strings.Compare(a.Correlation, b.Correlation) })
	return out
}

func (c *Cloud) getReceived(r *http.Request) (any, error) {
	prefix := r.URL.Query().Get("correlation")
	if prefix == "" {
		return nil, badRequest("say which messages: ?correlation=, the beginning of their X-Ms-Correlation-Id")
	}
	return map[string]any{"items": c.Received(prefix)}, nil
}
