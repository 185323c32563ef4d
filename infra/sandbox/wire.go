package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// WireEntry is one request between the cloud and Herald, for the strip at the foot of the page.
type WireEntry struct {
	Seq        int64     `json:"seq"`
	At         time.Time `json:"at"`
	Direction  string    `json:"direction"` // to-bot, to-teams, to-graph, to-entra
	Method     string    `json:"method"`
	Path       string    `json:"path"`
	Status     int       `json:"status"` // 0: no answer
	DurationMs float64   `json:"durationMs"`
	Request    wireBody  `json:"request"`
	Response   wireBody  `json:"response"`
}

const (
	wireEntries  = 500
	wireBodySize = 20 << 10
)

// wireBody is kept as it went over the wire and made into JSON only when somebody looks.
type wireBody []byte

// MarshalJSON gives JSON as it is, anything else as text, and what is too long as its beginning.
func (b wireBody) MarshalJSON() ([]byte, error) {
	switch {
	case len(b) == 0:
		return []byte("null"), nil
	case len(b) > wireBodySize:
		cut := b[:wireBodySize]
		for len(cut) > 0 && !utf8.Valid(cut[max(0, len(cut)-utf8.UTFMax):]) {
			cut = cut[:len(cut)-1]
		}
		return json.Marshal(map[string]any{"cut": true, "text": string(cut)})
	case json.Valid(b):
		return b, nil
	}
	return json.Marshal(string(b))
}

// UnmarshalJSON keeps what it is given.
func (b *wireBody) UnmarshalJSON(raw []byte) error {
	*b = append((*b)[:0], raw...)
	return nil
}

type wireLog struct {
	mu   sync.Mutex
	seq  int64
	ring [wireEntries]WireEntry
}

func (l *wireLog) add(e WireEntry) WireEntry {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seq++
	e.Seq = l.seq
	l.ring[l.seq%wireEntries] = e
	return e
}

// after lists what came later than seq, oldest first, at most limit of the newest.
func (l *wireLog) after(seq int64, limit int) []WireEntry {
	l.mu.Lock()
	defer l.mu.Unlock()
	from := max(seq+1, l.seq-int64(min(limit, wireEntries))+1, 1)
	out := []WireEntry{}
	for s := from; s <= l.seq; s++ {
		out = append(out, l.ring[s%wireEntries])
	}
	return out
}

// Wire lists the last requests between the cloud and Herald, oldest first.
func (c *Cloud) Wire() []WireEntry { return c.wire.after(0, wireEntries) }

func (c *Cloud) record(e WireEntry) {
	e = c.wire.add(e)
	c.events.send(topicWire, event{name: "wire", id: e.Seq, data: e})
}

// recorder notes status and body on their way out.
type recorder struct {
	http.ResponseWriter
	status int
	body   []byte
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	if room := wireBodySize + 1 - len(r.body); room > 0 {
		r.body = append(r.body, b[:min(room, len(b))]...)
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController find the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

const (
	maxBody  = 1 << 20
	maxDrain = 32 << 20
)

// wired reads the body, calls h with it and records the exchange. A handler that panics with http.ErrAbortHandler closes the
// connection; the entry then has status 0.
func (c *Cloud) wired(direction string, h func(w http.ResponseWriter, r *http.Request, body []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		start, at := time.Now(), c.Now()
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
		if err != nil {
			panic(http.ErrAbortHandler) // the caller went away
		}
		if len(body) > maxBody { // let the caller finish, or it may see a reset instead of the answer
			_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, maxDrain))
		}
		rec := &recorder{ResponseWriter: w}
		defer func() {
			c.record(WireEntry{
				At: at, Direction: direction, Method: r.Method, Path: pathOf(r.URL), Status: rec.status,
				DurationMs: millis(time.Since(start)), Request: clip(body), Response: rec.body,
			})
		}()
		h(rec, r, body)
	}
}

// wireFormed is wired for the token endpoint: forms in, and neither secrets nor tokens in the record.
func (c *Cloud) wireFormed(direction string, h func(w http.ResponseWriter, r *http.Request, form url.Values)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		start, at := time.Now(), c.Now()
		raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		form, err := url.ParseQuery(string(raw))
		rec := &recorder{ResponseWriter: w}
		defer func() {
			shown := map[string]string{}
			for k := range form {
				shown[k] = form.Get(k)
				if strings.Contains(k, "secret") || strings.Contains(k, "assertion") || strings.Contains(k, "token") {
					shown[k] = "…"
				}
			}
			request, _ := json.Marshal(shown)
			var answer map[string]any
			if json.Unmarshal(rec.body, &answer) == nil && answer["access_token"] != nil {
				answer["access_token"] = "…"
			}
			response, _ := json.Marshal(answer)
			c.record(WireEntry{
				At: at, Direction: direction, Method: r.Method, Path: pathOf(r.URL), Status: rec.status,
				DurationMs: millis(time.Since(start)), Request: request, Response: response,
			})
		}()
		if err != nil {
			c.entraError(rec, http.StatusBadRequest, "invalid_request", 900144, "The request body is not a form.")
			return
		}
		h(rec, r, form)
	}
}

// clip keeps the record of a huge body small.
func clip(body []byte) []byte {
	if len(body) > wireBodySize {
		return append([]byte(nil), body[:wireBodySize+1]...)
	}
	return body
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// pathOf is path and query as sent, unescaped for the eye.
func pathOf(u *url.URL) string {
	if u.RawQuery == "" {
		return u.Path
	}
	q, err := url.QueryUnescape(u.RawQuery)
	if err != nil {
		q = u.RawQuery
	}
	return u.Path + "?" + q
}
