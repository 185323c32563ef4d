package jwks

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"slices"
)

// Algorithm is the only signature algorithm that is accepted anywhere: it is what
// Microsoft's SDKs accept (platform.md §3), and a list of one cannot be downgraded.
const Algorithm = "RS256"

// maxDocument bounds what we read from the issuer; Microsoft's key documents
// have about 30 kB.
const maxDocument = 1 << 20

// Key is one published RSA key.
type Key struct {
	ID           string
	Public       *rsa.PublicKey
	Endorsements []string // channels for which the issuer vouches with this key; Bot Framework only
}

// Endorses says whether the key is endorsed for a channel ("msteams").
func (k Key) Endorses(channel string) bool { return slices.Contains(k.Endorsements, channel) }

// source fetches keys once. It has no memory.
type source struct {
	metadataURL string
	keysURL     string
	client      *http.Client
}

func newSource(c Config) source {
	client := http.Client{}
	if c.Client != nil {
		client = *c.Client
	}
	client.CheckRedirect = secureRedirect
	return source{metadataURL: c.MetadataURL, keysURL: c.KeysURL, client: &client}
}

func (s source) String() string {
	if s.metadataURL != "" {
		return s.metadataURL
	}
	return s.keysURL
}

// secureRedirect keeps TLS: keys that came over plain http are anybody's keys.
func secureRedirect(req *http.Request, via []*http.Request) error {
	if req.URL.Scheme != "https" {
		return errors.New("redirect leaves https")
	}
	if len(via) >= 3 {
		return errors.New("too many redirects")
	}
	return nil
}

func (s source) fetch(ctx context.Context) (map[string]Key, error) {
	keysURL := s.keysURL
	if s.metadataURL != "" {
		var meta struct {
			KeysURL    string   `json:"jwks_uri"`
			Algorithms []string `json:"id_token_signing_alg_values_supported"`
		}
		if err := s.get(ctx, s.metadataURL, &meta); err != nil {
			return nil, err
		}
		if meta.KeysURL == "" {
			return nil, fmt.Errorf("metadata at %s names no jwks_uri", s.metadataURL)
		}
		if len(meta.Algorithms) > 0 && !slices.Contains(meta.Algorithms, Algorithm) {
			return nil, fmt.Errorf("issuer signs with %q, not with %s", meta.Algorithms, Algorithm)
		}
		keysURL = meta.KeysURL
	}
	var doc document
	if err := s.get(ctx, keysURL, &doc); err != nil {
		return nil, err
	}
	keys := doc.usable()
	if len(keys) == 0 {
		return nil, fmt.Errorf("no usable key at %s", keysURL)
	}
	return keys, nil
}

func (s source) get(ctx context.Context, address string, into any) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("address of keys: %w", err)
	}
	if u.Scheme != "https" || u.Host == "" || u.User != nil {
		return fmt.Errorf("address of keys is not a plain https URL: %s", u.Redacted())
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxDocument+1))
	switch {
	case err != nil:
		return fmt.Errorf("read %s: %w", address, err)
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("%s answered %s", address, resp.Status)
	case len(body) > maxDocument:
		return fmt.Errorf("%s is larger than %d bytes", address, maxDocument)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("read %s: %w", address, err)
	}
	return nil
}

// document is a JSON Web Key Set (RFC 7517) with Bot Framework's "endorsements".
// Members that we do not use are not decoded: a certificate in x5c that Go's
// strict parser dislikes must not cost us the key beside it.
type document struct {
	Keys []struct {
		ID           string   `json:"kid"`
		Type         string   `json:"kty"`
		Use          string   `json:"use"`
		Algorithm    string   `json:"alg"`
		N            string   `json:"n"`
		E            string   `json:"e"`
		Endorsements []string `json:"endorsements"`
	} `json:"keys"`
}

// usable returns the RSA signature keys. Others are skipped, as RFC 7517 asks,
// and of two keys with one id the first counts.
func (d document) usable() map[string]Key {
	keys := make(map[string]Key, len(d.Keys))
	for _, k := range d.Keys {
		if k.ID == "" || k.Type != "RSA" || k.Use != "" && k.Use != "sig" || k.Algorithm != "" && k.Algorithm != Algorithm {
			continue
		}
		if _, dup := keys[k.ID]; dup {
			continue
		}
		public, ok := rsaKey(k.N, k.E)
		if !ok {
			continue
		}
		keys[k.ID] = Key{ID: k.ID, Public: public, Endorsements: k.Endorsements}
	}
	return keys
}

// rsaKey decodes a modulus and an exponent. Keys under 2048 bits are refused
// (NIST SP 800-131A), absurd ones too: verifying with them would be a way to
// burn our processor.
func rsaKey(n, e string) (*rsa.PublicKey, bool) {
	modulus, err := base64.RawURLEncoding.DecodeString(n)
	if err != nil {
		return nil, false
	}
	exponent, err := base64.RawURLEncoding.DecodeString(e)
	if err != nil || len(exponent) > 4 {
		return nil, false
	}
	key := &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: int(new(big.Int).SetBytes(exponent).Int64())}
	if bits := key.N.BitLen(); bits < 2048 || bits > 8192 || key.E < 3 || key.E%2 == 0 || key.E > 1<<31-1 {
		return nil, false
	}
	return key, true
}
