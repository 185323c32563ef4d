package app

import (
	"context"
	"net/url"
	"sync"
	"time"

	"herald/manifest"
)

const (
	// catalogAge is how long an id in a catalogue is believed, and catalogPause how long after a failure it is asked for again.
	catalogAge, catalogPause = 24 * time.Hour, time.Hour
	// catalogPatience bounds what a message waits for the link in it.
	catalogPatience = 3 * time.Second
)

// tabLinks knows Teams' deep links to the tab. An app that came by an organisation's catalogue is opened by its id there, which is another one
// than the package's; one that a person has uploaded by the package's (msteams-docs, deep-link-application).
type tabLinks struct {
	teams   string // its address, without a slash at the end
	appID   string
	catalog func(ctx context.Context, tenantID string) (string, error)
	now     func() time.Time

	mu    sync.Mutex
	known map[string]catalogued // by tenant
}

type catalogued struct {
	id    string
	until time.Time
}

// of is the link for people of a tenant, without a context. Where the catalogue does not tell it is the one with the package's id.
func (l *tabLinks) of(ctx context.Context, tenantID string) string {
	l.mu.Lock()
	known, now := l.known[tenantID], l.now()
	l.mu.Unlock()
	if left := known.until.Sub(now); left <= 0 || left > catalogAge { // the clock may have been moved
		asking, cancel := context.WithTimeout(ctx, catalogPatience)
		id, err := l.catalog(asking, tenantID)
		cancel()
		if err == nil {
			known = catalogued{id, now.Add(catalogAge)}
		} else {
			known.until = now.Add(catalogPause) // what was known still counts
		}
		l.mu.Lock()
		if l.known == nil {
			l.known = map[string]catalogued{}
		}
		l.known[tenantID] = known
		l.mu.Unlock()
	}
	id := l.appID
	if known.id != "" {
		id = known.id
	}
	return l.teams + "/l/entity/" + url.PathEscape(id) + "/" + manifest.TabEntityID
}
