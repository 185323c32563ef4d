package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"herald/campaigns"
)

const (
	batchSize = 20 // the most that $batch takes (platform.md §8)
	// mailboxBatches is how many batches of one call are on the wire together: 80 mailboxes.
	mailboxBatches = 4
	// mailboxTimeout bounds one call, however many people it is about.
	mailboxTimeout = time.Minute
	// mailboxTries is how often a mailbox is asked within one call.
	mailboxTries = 3
)

// MailboxZones implements campaigns.ZoneSource. The first batch goes alone, so that a missing permission costs one request.
func (d *Directory) MailboxZones(ctx context.Context, tenantID string, personIDs []string) (map[string]string, error) {
	asking, cancel := context.WithTimeout(ctx, mailboxTimeout)
	defer cancel()
	var mu sync.Mutex
	out := make(map[string]string, len(personIDs))
	var failed error
	batch := func(ids []string, may bool) {
		got, err := d.zonesOfBatch(asking, tenantID, ids, may)
		mu.Lock()
		defer mu.Unlock()
		for id, zone := range got {
			out[id] = zone
		}
		if err != nil && failed == nil {
			failed = err
			cancel() // the others would hear the same
		}
	}
	var ids []string
	for _, id := range personIDs {
		if isObjectID(id) {
			ids = append(ids, id)
		} else {
			out[id] = ""
		}
	}
	if len(ids) > 0 {
		first := min(batchSize, len(ids))
		batch(ids[:first], false)
		ids = ids[first:]
	}
	var running sync.WaitGroup
	room := make(chan struct{}, mailboxBatches)
	for len(ids) > 0 && asking.Err() == nil {
		part := ids[:min(batchSize, len(ids))]
		ids = ids[len(part):]
		room <- struct{}{}
		running.Go(func() { batch(part, true); <-room })
	}
	running.Wait()
	switch {
	case failed == nil && asking.Err() != nil: // before all were asked
		failed = asking.Err()
	case failed == nil:
		return out, nil
	}
	return out, d.failFor(ctx, "look up mailboxes' time zones", tenantID, readMailbox, failed)
}

type batchRequest struct {
	ID     string `json:"id"`
	Method string `json:"method"`
	URL    string `json:"url"`
}

type batchResponse struct {
	ID      string
	Status  int
	Headers map[string]string
	Body    json.RawMessage
}

func (r batchResponse) header(name string) string {
	for key, value := range r.Headers {
		if strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}

// refusal is the response as an error.
func (r batchResponse) refusal(wait time.Duration) error {
	var body struct {
		Error struct{ Code, Message string }
	}
	_ = json.Unmarshal(r.Body, &body) // a gateway's page says nothing
	return &answer{status: r.Status, code: body.Error.Code, message: body.Error.Message, requestID: r.header("request-id"), wait: wait}
}

// zonesOfBatch asks for at most batchSize mailboxes. Each is answered, and throttled, by itself; those that Graph wants
// later are asked again. What was learnt comes along with an error. may: the app has read others' mailboxes, so that who is denied
// is kept from it by an administrator.
func (d *Directory) zonesOfBatch(ctx context.Context, tenantID string, ids []string, may bool) (out map[string]string, err error) {
	out = map[string]string{}
	var denied []string
	defer func() {
		if may {
			for _, id := range denied {
				out[id] = ""
			}
		}
	}()
	for try := 1; ; try++ {
		requests := make([]batchRequest, len(ids))
		for i, id := range ids {
			requests[i] = batchRequest{strconv.Itoa(i), http.MethodGet, "/users/" + url.PathEscape(id) + "/mailboxSettings/timeZone"}
		}
		var answer struct{ Responses []batchResponse }
		if err := d.ask(ctx, tenantID, "$batch", map[string]any{"requests": requests}, &answer); err != nil {
			return out, err
		}
		var again []string
		var refusal, throttle error // the last of each
		var wait time.Duration
		for _, r := range answer.Responses {
			i, err := strconv.Atoi(r.ID)
			if err != nil || i < 0 || i >= len(ids) {
				return out, fmt.Errorf("%w: an answer to nothing that was asked", errAnswer)
			}
			switch id := ids[i]; r.Status {
			case http.StatusOK:
				var setting struct{ Value string }
				if err := json.Unmarshal(r.Body, &setting); err != nil {
					return out, fmt.Errorf("%w: %w", errAnswer, err)
				}
				out[id] = zoneName(setting.Value)
			case http.StatusNotFound: // nobody, or no mailbox in Exchange Online
				out[id] = ""
			case http.StatusForbidden, http.StatusUnauthorized:
				denied = append(denied, id)
				if !may {
					refusal = r.refusal(0)
				}
			case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
				asked, _ := retryAfter(r.header("Retry-After"), d.now())
				again, wait = append(again, id), max(wait, asked)
				throttle = r.refusal(asked)
			default: // stays unanswered
				refusal = r.refusal(0)
			}
		}
		may = may || len(out) > 0
		switch {
		case len(again) == 0 && len(out) == 0:
			return out, refusal
		case len(again) == 0:
			return out, nil
		}
		if wait == 0 {
			wait = time.Second << (try - 1)
		}
		deadline, bounded := ctx.Deadline()
		if try == mailboxTries || wait > maxWait || bounded && time.Until(deadline) <= wait {
			return out, throttle
		}
		if err := d.sleep(ctx, wait); err != nil {
			return out, err
		}
		ids = again
	}
}

// zoneName reads the name of a mailbox's zone: one of Windows', of IANA's, or of somebody's own invention, which is "".
func zoneName(name string) string {
	name = strings.TrimSpace(name)
	if strings.EqualFold(name, "tzone://Microsoft/Utc") {
		return "UTC"
	}
	if iana, ok := windowsZones[strings.ToLower(name)]; ok {
		return campaigns.ZoneName(iana)
	}
	return campaigns.ZoneName(name)
}
