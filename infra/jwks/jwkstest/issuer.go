// Package jwkstest is a token issuer for tests: a TLS server on 127.0.0.1 that
// publishes keys and signs what it is told to, good or bad. Imported by tests only.
package jwkstest

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"herald/infra/jwks"
)

// Issuer publishes the keys "one" (at first) under every path that ends in
// "keys", and metadata under every path that ends in "configuration". All of it
// may be changed while it runs.
type Issuer struct {
	Server *httptest.Server

	mu           sync.Mutex
	keys         map[string]*rsa.PrivateKey
	endorsements []string
	algorithms   []string
	fail         http.HandlerFunc // answers instead; nil: normal
	hits         map[string]int
}

// keyPair makes keys once per process and id: generating RSA keys is slow.
var keyPair = struct {
	sync.Mutex
	made map[string]*rsa.PrivateKey
}{made: map[string]*rsa.PrivateKey{}}

// KeyPair returns the process's key pair of that name.
func KeyPair(t testing.TB, name string) *rsa.PrivateKey {
	t.Helper()
	keyPair.Lock()
	defer keyPair.Unlock()
	if k := keyPair.made[name]; k != nil {
		return k
	}
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	keyPair.made[name] = k
	return k
}

// New starts an issuer that ends with the test.
func New(t testing.TB) *Issuer {
	t.Helper()
	i := &Issuer{endorsements: []string{"msteams"}, algorithms: []string{"RS256"}, hits: map[string]int{}}
	i.Publish(t, "one")
	i.Server = httptest.NewTLSServer(i)
	t.Cleanup(func() {
		i.Server.Client().CloseIdleConnections()
		i.Server.Close()
	})
	return i
}

// Client trusts the issuer's certificate.
func (i *Issuer) Client() *http.Client { return i.Server.Client() }

// URL is the issuer's address, without a trailing slash.
func (i *Issuer) URL() string { return i.Server.URL }

// Publish replaces the published keys.
func (i *Issuer) Publish(t testing.TB, ids ...string) {
	t.Helper()
	keys := map[string]*rsa.PrivateKey{}
	for _, id := range ids {
		keys[id] = KeyPair(t, id)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys = keys
}

// Endorse replaces the endorsements of all keys.
func (i *Issuer) Endorse(channels ...string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.endorsements = channels
}

// Algorithms replaces the algorithms that the metadata lists.
func (i *Issuer) Algorithms(algs ...string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.algorithms = algs
}

// FailWith lets h answer every request; nil ends that.
func (i *Issuer) FailWith(h http.HandlerFunc) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.fail = h
}

// Hits counts the requests for keys so far.
func (i *Issuer) Hits() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	n := 0
	for path, hits := range i.hits {
		if strings.HasSuffix(path, "keys") {
			n += hits
		}
	}
	return n
}

// ServeHTTP answers as the issuer.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	i.hits[r.URL.Path]++
	fail := i.fail
	meta := map[string]any{"issuer": "https://issuer.example", "jwks_uri": "https://" + r.Host + "/keys", "id_token_signing_alg_values_supported": i.algorithms}
	doc := map[string]any{"keys": i.published()}
	i.mu.Unlock()

	switch {
	case fail != nil:
		fail(w, r)
	case strings.HasSuffix(r.URL.Path, "configuration"):
		_ = json.NewEncoder(w).Encode(meta)
	case strings.HasSuffix(r.URL.Path, "keys"):
		_ = json.NewEncoder(w).Encode(doc)
	default:
		http.NotFound(w, r)
	}
}

func (i *Issuer) published() []any {
	var keys []any
	for id, k := range i.keys {
		raw, _ := json.Marshal(jose.JSONWebKey{Key: &k.PublicKey, KeyID: id, Use: "sig", Algorithm: "RS256"})
		var m map[string]any
		_ = json.Unmarshal(raw, &m)
		if i.endorsements != nil {
			m["endorsements"] = i.endorsements
		}
		keys = append(keys, m)
	}
	return keys
}

// Sign returns an Authorization header with claims signed by the key pair signer,
// under the key id kid, with RS256.
func Sign(t testing.TB, kid, signer string, claims any) string {
	t.Helper()
	return SignWith(t, jose.RS256, kid, KeyPair(t, signer), claims)
}

// SignWith signs with any algorithm and key.
func SignWith(t testing.TB, alg jose.SignatureAlgorithm, kid string, key any, claims any) string {
	t.Helper()
	opts := (&jose.SignerOptions{}).WithType("JWT")
	if kid != "" {
		opts = opts.WithHeader("kid", kid)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, opts)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return "Bearer " + raw
}

// HMAC signs with the published key "one" as if it were a secret.
func HMAC(t testing.TB, claims any) string {
	t.Helper()
	return SignWith(t, jose.HS256, "one", KeyPair(t, "one").N.Bytes(), claims)
}

// Unsigned makes a token with alg none, which no library lets one make.
func Unsigned(t testing.TB, claims any) string {
	t.Helper()
	payload := strings.Split(Sign(t, "one", "one", claims), ".")[1]
	return "Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIiwia2lkIjoib25lIn0." + payload + "."
}

// With lays other claims over those of base; nil takes one away.
func With(base, other map[string]any) map[string]any {
	maps.Copy(base, other)
	for k, v := range base {
		if v == nil {
			delete(base, k)
		}
	}
	return base
}

// Reason is why a token was refused; empty when err says something else.
func Reason(err error) jwks.Reason {
	var e *jwks.Error
	if errors.As(err, &e) {
		return e.Reason
	}
	return ""
}
