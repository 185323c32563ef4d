package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// received is what the sink says of what came in since the last reset.
type received struct {
	Count       int64
	Connections int64            // opened
	Body        []byte           // of one message
	Arrivals    []int64          // moments in ns, in order
	ByID        map[string]int64 // correlation id → moment, when asked to keep them
}

// sinkServer takes messages as the Bot Connector does, as lightly as net/http allows, and
// describes itself as Herald's sandbox does, so that a Herald in playground mode sends to it.
type sinkServer struct {
	environment []byte

	count       atomic.Int64
	connections atomic.Int64
	body        atomic.Pointer[[]byte]
	arrivals    []int64 // those below count are written

	mu     sync.Mutex
	detail atomic.Bool
	byID   map[string]int64
}

// capacity is how many arrivals are kept; those beyond it are only counted.
const capacity = 4 << 20

var (
	created  = []byte(`{"id":"1"}`)
	jsonType = []string{"application/json"}
)

func serveSink(ctx context.Context) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := &sinkServer{arrivals: make([]int64, capacity), byID: map[string]int64{}}
	if s.environment, err = describe(l.Addr().String()); err != nil {
		return err
	}
	fmt.Println("sink at", l.Addr())
	server := &http.Server{Handler: s, ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
		s.connections.Add(1)
		return ctx
	}}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(l); ctx.Err() == nil {
		return err
	}
	return nil
}

func (s *sinkServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/v3/") {
		s.control(w, r)
		return
	}
	now := time.Now().UnixNano()
	if s.detail.Load() {
		s.mu.Lock()
		s.byID[r.Header.Get("X-Ms-Correlation-Id")] = now
		s.mu.Unlock()
	}
	n := s.count.Add(1)
	if n <= capacity {
		s.arrivals[n-1] = now
	}
	if n == 1 {
		body, _ := io.ReadAll(r.Body)
		s.body.Store(&body)
	} else {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	w.Header()["Content-Type"] = jsonType
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write(created)
}

// control is what the benchmarks ask, between measurements.
func (s *sinkServer) control(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/api/environment":
		_, _ = w.Write(s.environment)
	case "/bench/reset":
		s.mu.Lock()
		defer s.mu.Unlock()
		s.detail.Store(r.URL.Query().Has("detail"))
		clear(s.byID)
		s.count.Store(0)
		s.connections.Store(0)
		s.body.Store(nil)
	case "/bench/received":
		s.mu.Lock()
		defer s.mu.Unlock()
		n := s.count.Load()
		got := received{Count: n, Connections: s.connections.Load(), ByID: s.byID}
		if r.URL.Query().Has("arrivals") {
			got.Arrivals = s.arrivals[:min(n, capacity)]
		}
		if b := s.body.Load(); b != nil {
			got.Body = *b
		}
		_ = json.NewEncoder(w).Encode(got)
	default:
		http.NotFound(w, r)
	}
}

// describe is the answer that infra/app expects of a simulated cloud. Nobody listens at the
// https addresses: playground messages carry no token, and the directory counts as read.
func describe(addr string) ([]byte, error) {
	ca, err := authority()
	if err != nil {
		return nil, err
	}
	nowhere := "https://" + addr + "/"
	return json.Marshal(map[string]any{
		"appId": uuid.NewString(), "appSecret": "none", "tenantId": tenant, "allowedTenants": []string{tenant}, "caPem": string(ca),
		"authorityHost": nowhere, "botMetadataUrl": nowhere, "botIssuer": nowhere, "botScope": nowhere + ".default",
		"serviceUrl": "http://" + addr + "/", "serviceHosts": []string{}, "graphUrl": nowhere + "v1.0", "graphScope": nowhere + ".default",
		"tabOrigin": "http://" + addr, "clockUrl": "",
	})
}

// authority makes a certificate that Herald can read; it vouches for nothing.
func authority() ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now(), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

// sink is the benchmarks' side of a running sink.
type sink struct {
	*child
	url string
}

func startSink(ctx context.Context) (*sink, error) {
	c, err := self("sink", nil)
	if err != nil {
		return nil, err
	}
	m, err := c.await(ctx, regexp.MustCompile(`^sink at (\S+)$`))
	if err != nil {
		return nil, err
	}
	return &sink{child: c, url: "http://" + m[1]}, nil
}

// reset forgets what came in. detail keeps the moment of each correlation id.
func (s *sink) reset(ctx context.Context, detail bool) error {
	path := "/bench/reset"
	if detail {
		path += "?detail"
	}
	_, err := s.ask(ctx, path)
	return err
}

func (s *sink) received(ctx context.Context, arrivals bool) (r received, err error) {
	path := "/bench/received"
	if arrivals {
		path += "?arrivals"
	}
	raw, err := s.ask(ctx, path)
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(raw, &r)
}

func (s *sink) ask(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		return nil, err
	}
	req.Close = true // not to be counted among the next one's connections
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

// poster posts one message after another as Herald's connector does, with net/http alone.
type poster struct {
	client *http.Client
	url    string
	body   []byte
}

// newPoster has the connector's settings: keep-alive, and as many idle connections as are ever used.
func newPoster(url string, body []byte) *poster {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 256, 256
	return &poster{client: &http.Client{Transport: t}, url: url, body: body}
}

func (p *poster) post(ctx context.Context, n int64, correlation string) (activityID string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/v3/conversations/"+conversation(n)+"/activities", bytes.NewReader(p.body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("X-Ms-Correlation-Id", correlation)
	resp, err := p.client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	if resp.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("the sink answers %s", resp.Status)
	}
	var answer struct{ ID string }
	err = json.Unmarshal(raw, &answer)
	return answer.ID, err
}

// conversation is an id of the length that the people of the benchmarks have.
func conversation(n int64) string { return fmt.Sprintf("a:1%036d", n) }
