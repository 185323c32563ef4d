package sandbox

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// signingKey is an RSA key with the id that its tokens name.
type signingKey struct {
	id      string
	private *rsa.PrivateKey
}

func newSigningKey() (*signingKey, error) {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	return signingKeyOf(k), nil
}

func signingKeyOf(k *rsa.PrivateKey) *signingKey {
	sum := sha256.Sum256(k.N.Bytes())
	return &signingKey{id: base64.RawURLEncoding.EncodeToString(sum[:20]), private: k}
}

// jwk is the public half as the key endpoints publish it.
type jwk struct {
	Kty          string   `json:"kty"`
	Use          string   `json:"use"`
	Kid          string   `json:"kid"`
	X5t          string   `json:"x5t"`
	N            string   `json:"n"`
	E            string   `json:"e"`
	Alg          string   `json:"alg,omitempty"`
	Endorsements []string `json:"endorsements,omitempty"`
	Issuer       string   `json:"issuer,omitempty"`
}

func (k *signingKey) jwk() jwk {
	b := base64.RawURLEncoding
	return jwk{
		Kty: "RSA", Use: "sig", Kid: k.id, X5t: k.id,
		N: b.EncodeToString(k.private.N.Bytes()), E: b.EncodeToString(big.NewInt(int64(k.private.E)).Bytes()),
	}
}

// keyring is what the cloud signs with. It is saved in the state folder, so that a restarted sandbox is the same cloud.
type keyring struct {
	bot, entra *signingKey
	caKey      *ecdsa.PrivateKey
	ca         *x509.Certificate
}

// memoryKeys are shared by all clouds of a process that keep nothing: RSA keys are slow to make, most of all under the race
// detector, and tests start many clouds.
var memoryKeys = sync.OnceValues(newKeyring)

// foreignKey signs tokens that must be refused.
var foreignKey = sync.OnceValues(newSigningKey)

func newKeyring() (*keyring, error) {
	var err error
	k := &keyring{}
	if k.bot, err = newSigningKey(); err != nil {
		return nil, err
	}
	if k.entra, err = newSigningKey(); err != nil {
		return nil, err
	}
	if k.caKey, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	// Valid for so long that no advanced clock outruns it.
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Herald sandbox CA"},
		NotBefore: certificateStart, NotAfter: certificateEnd,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, k.caKey.Public(), k.caKey)
	if err != nil {
		return nil, err
	}
	k.ca, err = x509.ParseCertificate(der)
	return k, err
}

var (
	certificateStart = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	certificateEnd   = time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC)
)

// leaf makes the server certificate for 127.0.0.1, ::1, localhost and the advertised host.
func (k *keyring) leaf(host string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Herald sandbox"},
		NotBefore: certificateStart, NotAfter: certificateEnd,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = append(template.IPAddresses, ip)
	} else if host != "" && host != "localhost" {
		template.DNSNames = append(template.DNSNames, host)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, k.ca, key.Public(), k.caKey)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der, k.ca.Raw}, PrivateKey: key}, nil
}

func (k *keyring) caPEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: k.ca.Raw}))
}

type keyFile struct {
	Bot   string `json:"bot"`
	Entra string `json:"entra"`
	CAKey string `json:"caKey"`
	CA    string `json:"ca"`
}

// openKeyring reads the keys in dir, or makes and saves them when there are none.
func openKeyring(dir string) (*keyring, error) {
	if dir == "" {
		return memoryKeys()
	}
	path := filepath.Join(dir, "keys.json")
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		k, err := newKeyring()
		if err != nil {
			return nil, err
		}
		return k, k.save(path)
	}
	if err != nil {
		return nil, err
	}
	k, err := decodeKeyring(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return k, nil
}

func (k *keyring) save(path string) error {
	var f keyFile
	for _, e := range []struct {
		to  *string
		key crypto.PrivateKey
	}{{&f.Bot, k.bot.private}, {&f.Entra, k.entra.private}, {&f.CAKey, k.caKey}} {
		der, err := x509.MarshalPKCS8PrivateKey(e.key)
		if err != nil {
			return err
		}
		*e.to = base64.StdEncoding.EncodeToString(der)
	}
	f.CA = base64.StdEncoding.EncodeToString(k.ca.Raw)
	raw, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, raw, 0o600)
}

func decodeKeyring(raw []byte) (*keyring, error) {
	var f keyFile
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, err
	}
	parse := func(s string) (any, error) {
		der, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return nil, err
		}
		return x509.ParsePKCS8PrivateKey(der)
	}
	k := &keyring{}
	for _, e := range []struct {
		from string
		to   **signingKey
	}{{f.Bot, &k.bot}, {f.Entra, &k.entra}} {
		v, err := parse(e.from)
		if err != nil {
			return nil, err
		}
		key, ok := v.(*rsa.PrivateKey)
		if !ok {
			return nil, errors.New("a signing key is not RSA")
		}
		*e.to = signingKeyOf(key)
	}
	v, err := parse(f.CAKey)
	if err != nil {
		return nil, err
	}
	key, ok := v.(*ecdsa.PrivateKey)
	if !ok {
		return nil, errors.New("the CA key is not ECDSA")
	}
	k.caKey = key
	der, err := base64.StdEncoding.DecodeString(f.CA)
	if err != nil {
		return nil, err
	}
	k.ca, err = x509.ParseCertificate(der)
	return k, err
}
