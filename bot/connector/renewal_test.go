package connector_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"herald/bot/connector"
)

// ending gives tokens that are good for a while.
type ending struct {
	lasts  time.Duration
	down   atomic.Bool // Entra does not answer
	issued atomic.Int32
	asked  atomic.Int32
}

func (e *ending) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	e.asked.Add(1)
	if e.down.Load() {
		return azcore.AccessToken{}, errors.New("Entra is away")
	}
	return azcore.AccessToken{Token: fmt.Sprintf("token-%d", e.issued.Add(1)), ExpiresOn: time.Now().Add(e.lasts)}, nil
}

// A token is replaced before it ends, so that an Entra that is away at that very moment stops nobody's messages.
func TestTokenIsRenewedEarly(t *testing.T) {
	for _, c := range []struct {
		name  string
		lasts time.Duration
		down  bool
		want  string // the token of the second message
		asked int32  // by then
	}{
		{"there is time", 6 * time.Minute, false, "token-1", 1},
		{"close to its end", 4 * time.Minute, false, "token-2", 2},
		{"close to its end, and Entra is away", 4 * time.Minute, true, "token-1", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newTeams(t, reply(200, `{"id":"1"}`))
			e := &ending{lasts: c.lasts}
			client := f.client(t, func(cfg *connector.Config) { cfg.Credential = e })
			for i := range 3 {
				e.down.Store(c.down && i > 0)
				if o := client.Send(t.Context(), f.target(), []byte(`{}`), connector.Options{}); !o.OK() {
					t.Fatalf("message %d: %s", i, o)
				}
			}
			asked := f.asked()
			if got := asked[1].header.Get("Authorization"); got != "Bearer "+c.want {
				t.Errorf("the second message carried %q, want %s", got, c.want)
			}
			if got := e.asked.Load(); got != c.asked {
				t.Errorf("Entra was asked %d times, want %d", got, c.asked)
			}
		})
	}
}
