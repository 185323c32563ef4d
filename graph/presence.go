package graph

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"herald/campaigns"
)

const (
	// Graph takes 1,500 look-ups of presence per app and tenant in 30 seconds (platform.md §8). Some are left for other
	// processes of the same app, such as doctor.
	presenceCalls = 1400
	presenceSpan  = 30 * time.Second
	// presenceTimeout bounds one look-up with its retries: what is told later is about another moment.
	presenceTimeout = 15 * time.Second
	// presencePatience is how long a look-up waits for its turn before the caller is told to come back.
	presencePatience = 2 * time.Second
)

// presences folds Graph's words. What is not here (PresenceUnknown, and words to come) is not known.
var presences = map[string]campaigns.Presence{
	"available": campaigns.PresenceAvailable, "availableidle": campaigns.PresenceAvailable,
	"busy": campaigns.PresenceBusy, "busyidle": campaigns.PresenceBusy,
	"away": campaigns.PresenceAway, "berightback": campaigns.PresenceAway,
	"donotdisturb": campaigns.PresenceDoNotDisturb,
	"offline":      campaigns.PresenceOffline,
}

// Presences implements campaigns.PresenceSource in one call, whatever the number of people. After Graph has asked for a pause,
// nobody is asked until it is over.
func (d *Directory) Presences(ctx context.Context, tenantID string, personIDs []string) (map[string]campaigns.Presence, error) {
	const op = "look up presence"
	if len(personIDs) > campaigns.MaxPresences {
		return nil, fmt.Errorf("graph: %s: %d people in one call", op, len(personIDs))
	}
	asked := make(map[string]string, len(personIDs)) // as Graph writes it -> as the caller does
	ids := make([]string, 0, len(personIDs))
	for _, id := range personIDs {
		key := strings.ToLower(id)
		if _, twice := asked[key]; !twice && isObjectID(id) {
			asked[key], ids = id, append(ids, id)
		}
	}
	out := make(map[string]campaigns.Presence, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	for wait := d.lookups.take(tenantID); wait > 0; wait = d.lookups.take(tenantID) {
		deadline, bounded := ctx.Deadline()
		if wait > presencePatience || bounded && time.Until(deadline) <= wait {
			return nil, &campaigns.Error{Code: campaigns.CodeThrottled, Reason: "graph_throttled", RetryAfter: wait,
				Message: "Microsoft Graph takes no more look-ups of presence for now; try again later."}
		}
		if err := d.sleep(ctx, wait); err != nil {
			return nil, fmt.Errorf("graph: %s: %w", op, err)
		}
	}
	asking, cancel := context.WithTimeout(ctx, presenceTimeout)
	defer cancel()
	var answer struct {
		Value []struct{ ID, Availability string }
	}
	if err := d.ask(asking, tenantID, "communications/getPresencesByUserId", map[string][]string{"ids": ids}, &answer); err != nil {
		err = d.failFor(ctx, op, tenantID, readPresence, err)
		var failure *campaigns.Error
		if errors.As(err, &failure) && failure.RetryAfter > 0 {
			d.lookups.hold(tenantID, failure.RetryAfter)
		}
		return nil, err
	}
	for _, p := range answer.Value {
		id, known := asked[strings.ToLower(p.ID)]
		if presence, says := presences[strings.ToLower(p.Availability)]; known && says {
			out[id] = presence
		}
	}
	return out, nil
}

// isObjectID says whether Graph can have somebody of this id: of one that is not, it refuses the whole call. Local clients
// without Entra have others.
func isObjectID(id string) bool { return len(id) == 36 && uuid.Validate(id) == nil }
