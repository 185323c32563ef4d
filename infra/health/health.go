// Package health says whether Herald is well: one set of checks, used by "herald doctor" and by the health page in the
// tab. Each check uses what it judges (a real token, a real call, a real query) and gives one Finding with a stable code.
//
// It imports nothing of ours: what belongs to Herald's other parts comes as functions. Start reading at Subject.Check.
package health

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
)

// State is how bad a finding is.
type State string

const (
	OK      State = "ok"
	Warning State = "warning" // it works, but something should be mended, or does less than it could
	Problem State = "problem" // something does not work
)

// Finding is the answer of one check.
type Finding struct {
	Check  string            `json:"check"` // what was looked at, such as "database"
	Code   string            `json:"code"`  // what was found, such as "database.behind"; stable
	State  State             `json:"state"`
	Params map[string]string `json:"params"` // what the words of the code are filled with
	What   string            `json:"what"`   // the three in English, for a terminal
	Cause  string            `json:"cause"`
	Remedy string            `json:"remedy"` // empty when all is well
}

// Report is all findings, always in the same order.
type Report struct {
	State    State     `json:"state"` // of the worst finding
	At       time.Time `json:"at"`
	Findings []Finding `json:"findings"`
}

// eachTimeout bounds one check, so that one silent server does not hide the others' findings.
const eachTimeout = 15 * time.Second

// Subject is the Herald that is looked at. A nil function means that there is nothing to look at, and its check says so.
type Subject struct {
	Now        func() time.Time
	Mode, Role string
	// Running: the checks run in the service itself, which knows more than a doctor from outside.
	Running bool
	Tenants []string // whose Graph, queue and people are looked at

	// The cloud. Without an address of Entra it is a sandbox that does not run yet.
	Client     *http.Client
	EntraURL   string                                 // with a slash at the end
	TenantID   string                                 // the bot's own
	AppID      string                                 // of the registration
	Credential func() (azcore.TokenCredential, error) // new each time, so that no token from a cache hides a refused secret
	BotScope   string
	GraphURL   string // with version
	GraphScope string
	Identity   Identity

	PublicURL string // empty: nothing that Teams could reach is configured
	// Packaged says what keeps PublicURL from being in an app package: the field and a sentence. Both empty: nothing.
	Packaged func() (field, problem string)
	// Package is what an app package says that was uploaded, if one was given.
	Package func() (PackageFacts, error)

	Database func(context.Context) (DatabaseFacts, error)
	Redis    func(context.Context) (RedisFacts, error)
	Queue    func(ctx context.Context, tenant string) (QueueFacts, error)
	Inbound  func(ctx context.Context, tenant string) (InboundFacts, error)
	People   func(ctx context.Context, tenant string) (installed int, err error)
	DataDir  string
	Disk     func(dir string) (free uint64, known bool, err error) // nil: the disk itself is asked
}

// Identity is how Herald proves that it is the app.
type Identity struct {
	Secret          string // whose expiry Graph may know
	CertificateFile string
	Certificate     func() (notAfter time.Time, err error)
	TokenFile       string
}

// PackageFacts is what an app package says of itself.
type PackageFacts struct{ File, AppID, Host string }

// DatabaseFacts is how the schema stands beside the program.
type DatabaseFacts struct {
	Kind   string // "PostgreSQL", "SQLite"
	New    bool   // there is none yet
	Behind int    // migrations that the database lacks
	Ahead  int    // migrations that this program does not know
}

// RedisFacts is what Redis says of itself.
type RedisFacts struct {
	Embedded bool
	Refused  bool // it answers, and does not let us in
	Version  string
	Old      bool
	Policy   string
	AOF      bool
}

// QueueFacts is how a tenant's messages stand.
type QueueFacts struct {
	Due    int
	Lag    time.Duration
	Paused time.Duration
}

// InboundFacts is what is remembered of the last call from outside. Zero times: never.
type InboundFacts struct {
	Bot  time.Time // an activity of Teams' was accepted
	Page time.Time // the tab's page asked for something
	Host string    // at the address at which it did
}

// Check runs all checks, side by side. It takes no longer than 15 seconds.
func (s *Subject) Check(ctx context.Context) Report {
	out := make([][]Finding, len(checks))
	var running sync.WaitGroup
	for i, check := range checks {
		running.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, eachTimeout)
			defer cancel()
			out[i] = check(s, ctx)
		})
	}
	running.Wait()
	var all []Finding
	for _, some := range out {
		all = append(all, some...)
	}
	return NewReport(s.Now(), all)
}

// NewReport sums findings up.
func NewReport(at time.Time, findings []Finding) Report {
	r := Report{State: OK, At: at.UTC(), Findings: findings}
	for _, f := range findings {
		if f.State == Problem || f.State == Warning && r.State == OK {
			r.State = f.State
		}
	}
	return r
}

var checks = []func(*Subject, context.Context) []Finding{
	(*Subject).configuration, (*Subject).clock, (*Subject).botToken, (*Subject).graph, (*Subject).expiry,
	(*Subject).publicURL, (*Subject).manifest, (*Subject).database, (*Subject).redis, (*Subject).queue, (*Subject).inbound,
	(*Subject).people, (*Subject).disk,
}

func (s *Subject) configuration(context.Context) []Finding {
	return one("configuration", "config.ok", OK, "mode", s.Mode, "role", s.Role)
}

// Misconfigured is the report when the configuration itself cannot be used: nothing else can be looked at.
func Misconfigured(at time.Time, variable, problem, remedy string) Report {
	return NewReport(at, one("configuration", "config.wrong", Problem, "variable", variable, "problem", problem, "remedy", remedy))
}

// find makes a finding; params are names and values in turn.
func find(check, code string, state State, params ...string) Finding {
	f := Finding{Check: check, Code: code, State: state, Params: map[string]string{}}
	for i := 0; i+1 < len(params); i += 2 {
		f.Params[params[i]] = params[i+1]
	}
	f.What, f.Cause, f.Remedy = Words(f)
	return f
}

func one(check, code string, state State, params ...string) []Finding {
	return []Finding{find(check, code, state, params...)}
}
