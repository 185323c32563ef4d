package connector

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// maxAnswer bounds what is read of an answer. The largest is a page of 500
// members, about 250 kB.
const maxAnswer = 1 << 20

// userAgent names Herald in Teams' logs.
const userAgent = "herald"

// attempt is what one call did on the wire.
type attempt struct {
	wrote  atomic.Bool // bytes of the request may have left: it may have been accepted
	tried  bool        // the transport was reached; false: there was no token
	status int         // of the answer; zero: none came
	header http.Header
	body   []byte // at most maxAnswer bytes
}

// trace notes what leaves.
func (a *attempt) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		// net/http takes another connection only when nothing was written on the
		// one before.
		GotConn: func(httptrace.GotConnInfo) { a.wrote.Store(false) },
		// Called when the header goes into the write buffer: a little early,
		// which errs on the side of "may have been accepted".
		WroteHeaders: func() { a.wrote.Store(true) },
	}
}

// roundTrip makes one HTTP call and reads the answer, up to a bound. A body that breaks off is forgiven: the status line has
// said what became of the request. It talks to the RoundTripper and not to an http.Client, which would follow
// redirects: they would carry the message, and on the same host the token, to a place that no allow-list has seen.
func (c *Client) roundTrip(ctx context.Context, a *attempt, address string, r call, token string) error {
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, a.trace()), r.method, address, body)
	if err != nil {
		return err
	}
	req.Header = http.Header{"Accept": {"application/json"}, "User-Agent": {userAgent}}
	if r.body != nil {
		req.Header["Content-Type"] = []string{"application/json; charset=utf-8"}
	}
	if r.opt.CorrelationID != "" {
		req.Header[correlationHeader] = []string{r.opt.CorrelationID}
	}
	if token != "" {
		req.Header["Authorization"] = []string{"Bearer " + token}
	}
	a.tried = true
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	a.body, _ = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	a.status, a.header = resp.StatusCode, resp.Header
	return nil
}
