// Package sandboxtest starts sandboxes for tests. Imported by tests only.
package sandboxtest

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"testing"

	"herald/infra/sandbox"
)

// Start starts a sandbox at a free port that ends with the test, and a transport that trusts it
// by the certificates of its environment, as Herald does.
func Start(t testing.TB, o sandbox.Options) (*sandbox.Cloud, *http.Transport) {
	t.Helper()
	box, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := box.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(box.Environment().CAPEM)) {
		t.Fatal("the CA is not PEM")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := box.Close(); err != nil {
			t.Error(err)
		}
	})
	return box, transport
}
