package connector

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

const (
	// forceWait is the shortest time between two tokens fetched past all caches. A
	// bot whose registration is wrong gets 401 for every recipient; Entra must not
	// hear of each.
	forceWait = time.Minute
	// renewBefore is how long before its end a token is replaced, and renewWait how long after
	// a failure to do so the next try is made, as azcore's own bearer policy has it.
	renewBefore = 5 * time.Minute
	renewWait   = 30 * time.Second
	// renewPatience bounds such a try: a message waits for it that the token at hand would do for.
	renewPatience = 2 * time.Second
)

// tokens gives out the bot's token, fetched once for all calls. Two caches lie beneath it: this one
// and the identity library's, which keeps its token until it expires by the local clock,
// whatever the Connector thinks of it.
//
// azcore's bearer-token policy would do the same behind a pipeline of a dozen other policies, which cost more than
// the rest of a message.
type tokens struct {
	credential azcore.TokenCredential
	scope      string
	clock      func() time.Time

	turn chan struct{} // held by whoever fetches

	mu       sync.Mutex
	current  azcore.AccessToken
	tried    time.Time // when it was last tried to replace current before its end
	rejected bool      // current was refused by the Connector
	forced   time.Time // when a token was last fetched past the caches
}

// get returns a token that is good by the machine's clock, which is the identity library's too.
func (t *tokens) get(ctx context.Context) (string, error) {
	had, ok, early := t.good()
	if ok {
		return had, nil
	}
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if token, ok, _ := t.good(); ok && !(early && token == had) { // somebody else fetched it meanwhile
		return token, nil
	}
	if early {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, renewPatience)
		defer cancel()
	}
	opts := policy.TokenRequestOptions{Scopes: []string{t.scope}}
	if t.mustForce() {
		// The form of a claims challenge (Continuous Access Evaluation): a token
		// that is not older than this. The identity library answers claims from
		// Entra only; it is the one way to pass its cache that all kinds of
		// credential share.
		opts.Claims = fmt.Sprintf(`{"access_token":{"nbf":{"essential":true,"value":"%d"}}}`, t.clock().Unix())
	}
	token, err := t.credential.GetToken(ctx, opts)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		if !t.rejected && time.Now().Before(t.current.ExpiresOn) {
			return t.current.Token, nil // it was replaced early; there is time
		}
		return "", err
	}
	if token.Token != t.current.Token {
		t.rejected = false
	}
	t.current = token
	return token.Token, nil
}

// good returns the token at hand, and whether it need not be replaced. early: it is good still, and the caller is the one who renews it.
func (t *tokens) good() (token string, ok, early bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if t.current.Token == "" || !now.Before(t.current.ExpiresOn) || t.rejected && t.mayForce() {
		return "", false, false
	}
	if t.current.ExpiresOn.Sub(now) < renewBefore && now.Sub(t.tried) >= renewWait {
		t.tried = now // one call tries; the others go on with what there is
		return t.current.Token, false, true
	}
	return t.current.Token, true, false
}

func (t *tokens) mayForce() bool {
	since := t.clock().Sub(t.forced)
	return since < 0 || since >= forceWait
}

func (t *tokens) mustForce() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.rejected || !t.mayForce() {
		return false
	}
	t.forced = t.clock()
	return true
}

// reject notes that the Connector refused token. When another call has fetched
// a new one meanwhile, there is nothing to note.
func (t *tokens) reject(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if token != "" && token == t.current.Token {
		t.rejected = true
	}
}
