package connector

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// forceWait is the shortest time between two tokens fetched past all caches. A
// bot whose registration is wrong gets 401 for every recipient; Entra must not
// hear of each.
const forceWait = time.Minute

// credential remembers the last token that the Connector refused, so that the
// next one does not come from a cache. Two caches lie in between: azcore's bearer
// policy empties its own at a 401, but the identity library below keeps its token
// until it expires by the local clock.
type credential struct {
	inner azcore.TokenCredential
	clock func() time.Time

	mu       sync.Mutex
	current  string    // the last token given out
	rejected bool      // current was refused
	forced   time.Time // when a token was last fetched past the caches
}

// GetToken implements azcore.TokenCredential.
func (c *credential) GetToken(ctx context.Context, opts policy.TokenRequestOptions) (azcore.AccessToken, error) {
	if c.mustForce() && opts.Claims == "" {
		// The form of a claims challenge (Continuous Access Evaluation): a token
		// that is not older than this. The identity library answers claims from
		// Entra only; it is the one way to pass its cache that all kinds of
		// credential share.
		opts.Claims = fmt.Sprintf(`{"access_token":{"nbf":{"essential":true,"value":"%d"}}}`, c.clock().Unix())
	}
	token, err := c.inner.GetToken(ctx, opts)
	if err != nil {
		return azcore.AccessToken{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if token.Token != c.current {
		c.current, c.rejected = token.Token, false
	}
	return token, nil
}

func (c *credential) mustForce() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.clock()
	if since := now.Sub(c.forced); !c.rejected || since >= 0 && since < forceWait {
		return false
	}
	c.forced = now
	return true
}

// reject notes that the Connector refused token. When another call has fetched
// a new one meanwhile, there is nothing to note.
func (c *credential) reject(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if token != "" && token == c.current {
		c.rejected = true
	}
}

// rejectedTokens is the policy that tells the credential about 401s. It stands
// behind the bearer policy, where the token can be seen.
type rejectedTokens struct{ credential *credential }

func (p rejectedTokens) Do(req *policy.Request) (*http.Response, error) {
	resp, err := req.Next()
	if err == nil && resp.StatusCode == http.StatusUnauthorized {
		p.credential.reject(strings.TrimPrefix(req.Raw().Header.Get("Authorization"), "Bearer "))
	}
	return resp, err
}
