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

// attempt records what one call did on the wire. It travels in the context, past
// the pipeline's policies, which drop the answer when something fails after it.
type attempt struct {
	wrote  atomic.Bool // bytes of the request may have left: it may have been accepted
	tried  bool        // the transport was reached; false: there was no token
	status int         // of the last answer; zero: none came
	header http.Header
	body   []byte // at most maxAnswer bytes
}

type attemptKey struct{}

func withAttempt(ctx context.Context) (context.Context, *attempt) {
	a := &attempt{}
	return context.WithValue(ctx, attemptKey{}, a), a
}

// transport is the innermost end of the pipelines. It reads answers itself, up
// to a bound (azcore would read all of a body), and forgives a body that breaks
// off: the status line has said what became of the request.
type transport struct{ client *http.Client }

func (t transport) Do(req *http.Request) (*http.Response, error) {
	a, ok := req.Context().Value(attemptKey{}).(*attempt)
	if !ok {
		a = &attempt{}
	}
	a.tried, a.status = true, 0
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		// net/http takes another connection only when nothing was written on the
		// one before.
		GotConn: func(httptrace.GotConnInfo) { a.wrote.Store(false) },
		// Called when the header goes into the write buffer: a little early,
		// which errs on the side of "may have been accepted".
		WroteHeaders: func() { a.wrote.Store(true) },
	}))
	resp, err := t.client.Do(req)
	if err != nil {
		return nil, err
	}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	a.status, a.header, a.body = resp.StatusCode, resp.Header, body
	return resp, nil
}
