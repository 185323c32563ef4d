package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"
)

// maxBatch is how many requests $batch takes (platform.md §8).
const maxBatch = 20

type bodyKey struct{}

// withBody carries a request's body, which was read for the wire, to the handler.
func withBody(ctx context.Context, body []byte) context.Context {
	return context.WithValue(ctx, bodyKey{}, body)
}

func bodyOf(ctx context.Context) []byte {
	body, _ := ctx.Value(bodyKey{}).([]byte)
	return body
}

type batchItem struct {
	ID        string            `json:"id"`
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Headers   map[string]string `json:"headers"`
	Body      json.RawMessage   `json:"body"`
	DependsOn []string          `json:"dependsOn"`
}

type batchAnswer struct {
	ID      string            `json:"id"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body,omitempty"`
}

// batch answers each request as if it had come alone: also a throttled one, inside an answer of 200.
func (c *Cloud) batch(w http.ResponseWriter, r *http.Request, body []byte, items http.Handler) {
	refuse := func(status int, code, message string) {
		w.Header().Set("request-id", uuid.NewString())
		graphFail(status, code, message).write(w)
	}
	if _, err := c.verifyAppToken(r.Header.Get("Authorization"), graphAudience); err != nil {
		refuse(http.StatusUnauthorized, "InvalidAuthenticationToken", "Access token validation failure.")
		return
	}
	var in struct {
		Requests []batchItem `json:"requests"`
	}
	if err := json.Unmarshal(body, &in); err != nil || len(in.Requests) == 0 {
		refuse(http.StatusBadRequest, "BadRequest", "Invalid batch payload format.")
		return
	}
	if len(in.Requests) > maxBatch {
		refuse(http.StatusBadRequest, "BadRequest", fmt.Sprintf("Number of batch request steps exceeds the maximum value of %d.", maxBatch))
		return
	}
	statuses := map[string]int{}
	out := []batchAnswer{}
	for _, item := range in.Requests {
		if _, twice := statuses[item.ID]; item.ID == "" || twice {
			refuse(http.StatusBadRequest, "BadRequest", "Each request of a batch has an id of its own.")
			return
		}
		a := c.batchOne(r, item, statuses, items)
		statuses[item.ID] = a.Status
		out = append(out, a)
	}
	w.Header().Set("request-id", uuid.NewString())
	writeJSON(w, http.StatusOK, map[string]any{"responses": out})
}

func (c *Cloud) batchOne(r *http.Request, item batchItem, statuses map[string]int, items http.Handler) batchAnswer {
	failed := func(status int, code, message string) batchAnswer {
		raw, _ := json.Marshal(map[string]any{"error": map[string]any{"code": code, "message": message}})
		return batchAnswer{ID: item.ID, Status: status, Headers: map[string]string{"Content-Type": "application/json"}, Body: raw}
	}
	for _, id := range item.DependsOn {
		if s := statuses[id]; s < 200 || s > 299 {
			return failed(http.StatusFailedDependency, "FailedDependency", "A request that this one depends on failed.")
		}
	}
	u, err := url.Parse("/graph/v1.0/" + strings.TrimPrefix(item.URL, "/"))
	if err != nil || u.Host != "" {
		return failed(http.StatusBadRequest, "BadRequest", "The url of the request is not valid.")
	}
	req, err := http.NewRequestWithContext(withBody(r.Context(), item.Body), strings.ToUpper(item.Method), u.String(), http.NoBody)
	if err != nil {
		return failed(http.StatusBadRequest, "BadRequest", "The request is not valid.")
	}
	for k, v := range item.Headers {
		req.Header.Set(k, v)
	}
	req.Header.Set("Authorization", r.Header.Get("Authorization"))
	rec := &capture{header: http.Header{}}
	items.ServeHTTP(rec, req)
	a := batchAnswer{ID: item.ID, Status: or(rec.status, http.StatusOK), Headers: map[string]string{}}
	for k := range rec.header {
		a.Headers[k] = rec.header.Get(k)
	}
	if json.Valid(rec.body) {
		a.Body = rec.body
	}
	return a
}

// capture is a ResponseWriter that keeps.
type capture struct {
	header http.Header
	status int
	body   []byte
}

func (c *capture) Header() http.Header { return c.header }

func (c *capture) WriteHeader(status int) {
	if c.status == 0 {
		c.status = status
	}
}

func (c *capture) Write(b []byte) (int, error) {
	c.body = append(c.body, b...)
	return len(b), nil
}
