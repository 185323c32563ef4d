package health

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// everyone gets a token.
type everyone struct{}

func (everyone) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "t", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// Twelve organisations, each with a Graph that takes its time, are one check's time and not twelve: none of them is told to be away.
func TestManyTenants(t *testing.T) {
	t.Parallel()
	const tenants = 12
	var arrived sync.WaitGroup
	arrived.Add(tenants)
	all := make(chan struct{})
	go func() { arrived.Wait(); close(all) }()
	graph := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/users" { // the first call of each
			arrived.Done()
			select {
			case <-all:
			case <-r.Context().Done():
			}
		}
		_, _ = io.WriteString(w, `{"value":[{"id":"1"}]}`)
	}))
	defer graph.Close()
	s := &Subject{EntraURL: "https://entra.example/", GraphURL: graph.URL, Client: graph.Client(), Credential: func() (azcore.TokenCredential, error) { return everyone{}, nil }}
	for i := range tenants {
		s.Tenants = append(s.Tenants, fmt.Sprintf("tenant-%02d", i))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	found := s.graph(ctx)
	if len(found) != tenants*6 {
		t.Errorf("%d findings", len(found))
	}
	for i, f := range found {
		if want := fmt.Sprintf("tenant-%02d", i/6); f.State != OK || f.Params["tenant"] != want {
			t.Fatalf("finding %d is %s of %s, want one of %s", i, f.Code, f.Params["tenant"], want)
		}
	}
}
