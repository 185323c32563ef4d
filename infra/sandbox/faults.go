package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// Faults are the ways the cloud misbehaves. Probabilities are between 0 and 1 and exclude each other: their sum over the
// Connector's is at most 1. They strike every Connector call, except where a field says otherwise. The zero value is a cloud
// in good health that still enforces the limits of each conversation.
type Faults struct {
	Latency            Duration `json:"latency"`            // before a Connector call is looked at
	Throttle           float64  `json:"throttle"`           // 429 Throttled
	RetryAfter         int      `json:"retryAfter"`         // seconds in Retry-After of the 429s made by Throttle and GraphThrottle; 0: no header
	Error500           float64  `json:"error500"`           // 500 ServiceError
	Error502           float64  `json:"error502"`           // 502, with a gateway's HTML body
	Error503           float64  `json:"error503"`           // 503 ServiceUnavailable
	Drop               float64  `json:"drop"`               // the connection is closed, one half before and one half after the call was carried out
	LimitPerSecond     int      `json:"limitPerSecond"`     // sends and creates per tenant in any one second; 0: no limit
	ConversationLimits *bool    `json:"conversationLimits"` // the documented limits of each conversation; default true
	GraphThrottle      float64  `json:"graphThrottle"`      // 429 from Graph
	GraphLatency       Duration `json:"graphLatency"`
	StrictExpiry       bool     `json:"strictExpiry"`    // access tokens expire by the sandbox's clock, however it was moved
	SignIn             string   `json:"signIn"`          // what keeps the tab from its token: one of the SignIn constants; empty: nothing
	Entra              string   `json:"entra"`           // how Entra refuses the app its tokens: one of the Entra constants; empty: it does not
	ClockSkew          Duration `json:"clockSkew"`       // by which Entra's clock, in its Date headers, differs from the sandbox's
	GraphStatus        int      `json:"graphStatus"`     // what Graph answers to everything, 400 to 599; 0: what it should
	PresenceStatus     int      `json:"presenceStatus"`  // what Graph answers to look-ups of presence, 400 to 599; 0: what it should
	MailboxStatus      int      `json:"mailboxStatus"`   // and of mailboxes' settings; with Retry-After as retryAfter says
	SecretLife         Duration `json:"secretLife"`      // from now to the end of the app's secret, as its registration tells; 0: half a year
	AppUnpublished     bool     `json:"appUnpublished"`  // the app is not in the organisation's catalogue
	InstallCallback    Duration `json:"installCallback"` // from an installation by Graph to the call to the bot; 0: 200 ms
	InstallLost        bool     `json:"installLost"`     // installations, however they come about, call no bot
	Seed               uint64   `json:"seed,omitempty"`
}

// Why Entra gives the app no token.
const (
	EntraSecretWrong   = "secretWrong"
	EntraSecretExpired = "secretExpired"
	EntraAppUnknown    = "appUnknown"
	EntraTenantUnknown = "tenantUnknown"
	EntraDown          = "down" // the connection is closed
)

// Why Teams does not give the tab a token. They strike what Teams asks for, and neither tests nor programs.
const (
	SignInConsent = "consent" // nobody has agreed yet; the person agrees when Teams asks them
	SignInAdmin   = "admin"   // an administrator has to agree
	SignInAgain   = "again"   // the person has to sign in again, and does when Teams asks them
	SignInFailed  = "failed"  // there is no token, whoever asks
	SignInExpired = "expired" // the token is an old one
)

// refusal is what Teams tells the tab instead of a token; prompt says that it may ask the person. done: from now on nothing keeps the token back.
func (f Faults) refusal(prompt bool) (reason string, done bool) {
	switch f.SignIn {
	case SignInConsent, SignInAgain:
		if prompt {
			return "", true
		}
		if f.SignIn == SignInAgain {
			return "interaction_required", false
		}
		return "resourceRequiresConsent", false
	case SignInAdmin:
		return "AADSTS90094: An administrator of Contoso has set a policy that prevents you from granting Herald the permissions it is requesting.", false
	case SignInFailed:
		return "AADSTS90033: A transient error has occurred. Please try again.", false
	}
	return "", false
}

// Duration is a time.Duration that reads and writes as "20ms".
type Duration time.Duration

// MarshalJSON writes Go's duration text.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// UnmarshalJSON reads Go's duration text; an empty text is zero.
func (d *Duration) UnmarshalJSON(raw []byte) error {
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return errors.New(`a duration is a text such as "20ms"`)
	}
	if s == "" {
		*d = 0
		return nil
	}
	v, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf("%q is not a duration such as 20ms", s)
	}
	*d = Duration(v)
	return nil
}

const maxLatency = Duration(5 * time.Minute)

func (f Faults) check() error {
	sum := 0.0
	for _, p := range []struct {
		name string
		v    float64
	}{{"throttle", f.Throttle}, {"error500", f.Error500}, {"error502", f.Error502}, {"error503", f.Error503}, {"drop", f.Drop}, {"graphThrottle", f.GraphThrottle}} {
		if !(p.v >= 0 && p.v <= 1) {
			return fmt.Errorf("%s is %v, want 0 to 1", p.name, p.v)
		}
		if p.name != "graphThrottle" {
			sum += p.v
		}
	}
	switch {
	case sum > 1+1e-9:
		return fmt.Errorf("throttle, error500, error502, error503 and drop add up to %v, want at most 1", sum)
	case f.Latency < 0 || f.Latency > maxLatency || f.GraphLatency < 0 || f.GraphLatency > maxLatency:
		return errors.New("a latency is between 0s and 5m")
	case f.InstallCallback < 0 || f.InstallCallback > maxLatency:
		return errors.New("installCallback is between 0s and 5m")
	case f.RetryAfter < 0 || f.RetryAfter > 86400:
		return errors.New("retryAfter is 0 to 86400 seconds")
	case f.LimitPerSecond < 0:
		return errors.New("limitPerSecond is not negative")
	}
	for name, status := range map[string]int{"graphStatus": f.GraphStatus, "presenceStatus": f.PresenceStatus, "mailboxStatus": f.MailboxStatus} {
		if status != 0 && (status < 400 || status > 599) {
			return fmt.Errorf("%s is an HTTP error, or 0", name)
		}
	}
	switch f.Entra {
	case "", EntraSecretWrong, EntraSecretExpired, EntraAppUnknown, EntraTenantUnknown, EntraDown:
	default:
		return errors.New("entra is secretWrong, secretExpired, appUnknown, tenantUnknown or down")
	}
	switch f.SignIn {
	case "", SignInConsent, SignInAdmin, SignInAgain, SignInFailed, SignInExpired:
		return nil
	}
	return errors.New("signIn is consent, admin, again, failed or expired")
}

// shown spells out the default that is not the zero value.
func (f Faults) shown() Faults {
	on := f.conversationLimits()
	f.ConversationLimits = &on
	return f
}

func (f Faults) conversationLimits() bool {
	return f.ConversationLimits == nil || *f.ConversationLimits
}

// faultBox holds the faults and the dice. The dice are seeded, so a run with one connection repeats exactly.
type faultBox struct {
	mu   sync.Mutex
	now  Faults
	dice *rand.Rand
}

func newFaultBox(f Faults, seed uint64) *faultBox {
	b := &faultBox{now: f}
	b.seed(or(f.Seed, seed))
	return b
}

func (b *faultBox) seed(seed uint64) { b.dice = rand.New(rand.NewPCG(seed, seed)) }

func (b *faultBox) read() Faults {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *faultBox) write(f Faults) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = f
	if f.Seed != 0 {
		b.seed(f.Seed)
	}
}

// strike is what one throw of the dice decided.
type strike int

const (
	strikeNone strike = iota
	strikeThrottle
	strike500
	strike502
	strike503
	strikeDropBefore
	strikeDropAfter
)

// throw decides the fate of one Connector call.
func (b *faultBox) throw() (Faults, strike) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.now
	if f.Throttle+f.Error500+f.Error502+f.Error503+f.Drop == 0 {
		return f, strikeNone
	}
	x := b.dice.Float64()
	for _, s := range []struct {
		p float64
		s strike
	}{
		{f.Throttle, strikeThrottle}, {f.Error500, strike500}, {f.Error502, strike502}, {f.Error503, strike503},
		{f.Drop / 2, strikeDropBefore}, {f.Drop / 2, strikeDropAfter},
	} {
		if x < s.p {
			return f, s.s
		}
		x -= s.p
	}
	return f, strikeNone
}

// signIn is what becomes of Teams' question for the tab's token.
func (b *faultBox) signIn(prompt bool) (reason string, expired bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	reason, done := b.now.refusal(prompt)
	if done {
		b.now.SignIn = ""
	}
	return reason, b.now.SignIn == SignInExpired
}

func (b *faultBox) throwGraph() (Faults, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now, b.now.GraphThrottle > 0 && b.dice.Float64() < b.now.GraphThrottle
}

// SetFaults replaces all faults.
func (c *Cloud) SetFaults(f Faults) error {
	if err := f.check(); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	c.faults.write(f)
	return nil
}

// Faults answers the faults in force.
func (c *Cloud) Faults() Faults { return c.faults.read() }

// Refusal is a scripted answer to the next Connector calls about one person: any row of the platform's error table.
type Refusal struct {
	Status     int    `json:"status"`
	Code       string `json:"code"`
	Message    string `json:"message,omitempty"`
	ErrorCode  int    `json:"errorCode,omitempty"`  // not zero: the second envelope, {"errorCode":209,"message":"{\"subCode\":…}"}
	RetryAfter string `json:"retryAfter,omitempty"` // the header as given: seconds or an HTTP date
	Operation  string `json:"operation,omitempty"`  // create, send, reply, update, delete, members; install and chat, which are Graph's; empty: all
	Times      int    `json:"times,omitempty"`      // how often; 0: until replaced
}

func (r Refusal) check() error {
	if r.Status < 400 || r.Status > 599 || http.StatusText(r.Status) == "" {
		return fmt.Errorf("status is %d, want an HTTP error", r.Status)
	}
	switch r.Operation {
	case "", opCreate, opSend, opReply, opUpdate, opDelete, opMembers, opInstall, opChat:
	default:
		return fmt.Errorf("there is no operation %q", r.Operation)
	}
	if r.Times < 0 {
		return errors.New("times is not negative")
	}
	return nil
}

// Refuse scripts the answers to Connector calls about a person. No refusals: none any more.
func (c *Cloud) Refuse(user string, refusals ...Refusal) error {
	p, ok := c.dir.find(user)
	if !ok {
		return errNobody(user)
	}
	for _, r := range refusals {
		if err := r.check(); err != nil {
			return fmt.Errorf("sandbox: %w", err)
		}
	}
	r := c.residents.get(p.key)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refusals = append([]Refusal(nil), refusals...)
	return nil
}

// refusal takes the first scripted answer that fits the operation.
func (r *resident) refusal(operation string) *Refusal {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.refusals {
		f := &r.refusals[i]
		if f.Operation != "" && f.Operation != operation {
			continue
		}
		out := *f
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				r.refusals = append(r.refusals[:i], r.refusals[i+1:]...)
			}
		}
		return &out
	}
	return nil
}
