package app

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/redis/go-redis/v9"

	"herald/campaigns"
	"herald/infra/health"
	"herald/infra/queue"
	"herald/infra/store"
	"herald/manifest"
	"herald/tab"
)

// The names under which the database remembers when something last happened.
const (
	markBot  = "bot"
	markPage = "page"
)

// subject is what doctor and health page have in common: the configuration, and the cloud when there is one to ask.
func subject(cfg Config, env *environment, now func() time.Time) *health.Subject {
	s := &health.Subject{
		Now: now, Mode: string(cfg.Mode), Role: string(cfg.Role), PublicURL: cfg.PublicURL, DataDir: cfg.DataDir,
		Packaged: func() (string, string) {
			_, err := manifest.Build(packageConfig(cfg))
			var invalid *manifest.InvalidError
			if errors.As(err, &invalid) {
				return invalid.Problems[0].Field, invalid.Problems[0].Message
			}
			return "", ""
		},
	}
	if env == nil {
		return s
	}
	k := cfg.Credential
	s.Tenants, s.TenantID, s.AppID = env.allowedTenants, env.tenantID, env.appID
	s.Client, s.EntraURL, s.Credential = env.client(), strings.TrimRight(env.authorityHost, "/")+"/", env.renew
	s.BotScope, s.GraphURL, s.GraphScope = env.botScope, env.graphURL, env.graphScope
	s.Identity = health.Identity{Secret: env.secret, CertificateFile: k.CertificateFile, TokenFile: k.FederatedTokenFile}
	if k.CertificateFile != "" {
		s.Identity.Certificate = func() (time.Time, error) { return certificateEnds(k) }
	}
	return s
}

func certificateEnds(k CredentialConfig) (ends time.Time, err error) {
	raw, err := os.ReadFile(k.CertificateFile)
	if err != nil {
		return ends, err
	}
	certs, _, err := azidentity.ParseCertificates(raw, []byte(k.CertificatePassword))
	if err != nil {
		return ends, err
	}
	for _, c := range certs {
		if !c.IsCA && (ends.IsZero() || c.NotAfter.Before(ends)) {
			ends = c.NotAfter
		}
	}
	if ends.IsZero() { // self-signed ones may call themselves an authority
		ends = certs[0].NotAfter
	}
	return ends, nil
}

// redisFacts asks one Redis.
func redisFacts(ctx context.Context, rdb redis.UniversalClient, embedded bool) (health.RedisFacts, error) {
	info, err := queue.ReadInfo(ctx, rdb)
	if err != nil {
		return health.RedisFacts{Refused: queue.Refused(err)}, err
	}
	return health.RedisFacts{Embedded: embedded, Version: info.Version, Old: info.TooOld(), Policy: info.MaxMemoryPolicy, AOF: info.AOF}, nil
}

func queueFacts(q *queue.Queue) func(context.Context, string) (health.QueueFacts, error) {
	return func(ctx context.Context, tenant string) (health.QueueFacts, error) {
		stats, err := q.Stats(ctx)
		t := stats.Tenants[tenant]
		return health.QueueFacts{Due: t.Due, Lag: t.Lag, Paused: t.Paused}, err
	}
}

func inboundFacts(db *store.DB) func(context.Context, string) (health.InboundFacts, error) {
	return func(ctx context.Context, tenant string) (f health.InboundFacts, err error) {
		if f.Bot, _, err = db.LastMark(ctx, tenant, markBot); err == nil {
			f.Page, f.Host, err = db.LastMark(ctx, tenant, markPage)
		}
		return f, err
	}
}

func databaseKind(cfg Config) string {
	if cfg.DatabaseURL != "" {
		return "PostgreSQL"
	}
	return "SQLite"
}

// doctor looks at what the configuration names, from outside of the service. It changes nothing; close ends what it opened.
func doctor(ctx context.Context, cfg Config, packageFile string, log *slog.Logger) (s *health.Subject, close func()) {
	var closers []func() error
	close = func() {
		for _, f := range closers {
			_ = f()
		}
	}
	var env *environment
	var err error
	switch {
	case cfg.Mode == ModeCloud:
		env, err = realCloud(cfg)
	case cfg.SandboxURL != "":
		env, err = simulatedCloud(ctx, cfg.SandboxURL)
	}
	now := time.Now
	if err == nil && env != nil && env.clockURL != "" {
		c := &clock{url: env.clockURL, client: env.client(), log: log}
		if c.sync(ctx) == nil {
			now = c.now
		}
	}
	if err != nil && env == nil {
		// A credential that cannot even be made, such as a certificate without its key: every token says so.
		env = &environment{appID: cfg.AppID, tenantID: cfg.TenantID, allowedTenants: cfg.AllowedTenants, authorityHost: cfg.Cloud.AuthorityHost, botScope: cfg.Cloud.Scope, secret: cfg.Credential.Secret}
		failed := err
		env.renew = func() (azcore.TokenCredential, error) { return nil, failed }
	}
	s = subject(cfg, env, now)
	if packageFile != "" {
		s.Package = func() (health.PackageFacts, error) { return readPackage(packageFile) }
	}
	db, made, dbErr := store.Peek(ctx, cfg.DatabaseURL, cfg.DataDir, log)
	if dbErr == nil && made {
		closers = append(closers, db.Close)
		s.Inbound, s.People = inboundFacts(db), db.PeopleInstalled
	}
	s.Database = func(ctx context.Context) (health.DatabaseFacts, error) {
		f := health.DatabaseFacts{Kind: databaseKind(cfg), New: !made}
		if dbErr != nil || !made {
			return f, dbErr
		}
		schema, err := db.Schema(ctx)
		f.New, f.Behind, f.Ahead = schema.New, schema.Behind, schema.Ahead
		return f, err
	}
	if cfg.RedisURL == "" {
		s.Redis = func(context.Context) (health.RedisFacts, error) { return health.RedisFacts{Embedded: true}, nil }
		return s, close
	}
	rdb, redisErr := queue.Open(ctx, cfg.RedisURL)
	if redisErr != nil {
		s.Redis = func(context.Context) (health.RedisFacts, error) {
			return health.RedisFacts{Refused: queue.Refused(redisErr)}, redisErr
		}
		return s, close
	}
	closers = append(closers, rdb.Close)
	s.Redis = func(ctx context.Context) (health.RedisFacts, error) { return redisFacts(ctx, rdb, false) }
	q := queue.New(rdb, queue.Options{Lease: lease, Rate: queueRate(cfg.Rate), Skew: func() time.Duration { return time.Until(now()) }, Logger: log})
	closers = append(closers, func() error { q.Close(); return nil })
	s.Queue = queueFacts(q)
	return s, close
}

// readPackage reads what an app package says of itself.
func readPackage(file string) (f health.PackageFacts, err error) {
	f.File = file
	archive, err := zip.OpenReader(file)
	if err != nil {
		return f, err
	}
	defer archive.Close()
	in, err := archive.Open("manifest.json")
	if err != nil {
		return f, err
	}
	defer in.Close()
	var m manifest.Manifest
	if err := json.NewDecoder(io.LimitReader(in, 1<<20)).Decode(&m); err != nil {
		return f, err
	}
	if len(m.StaticTabs) == 0 {
		return f, errors.New("no tab")
	}
	at, err := url.Parse(m.StaticTabs[0].ContentURL)
	if err != nil {
		return f, err
	}
	f.Host, f.AppID = strings.ToLower(at.Host), m.WebApplicationInfo.ID
	return f, nil
}

// freshFor is how long one look at everything serves all who ask: pages that are open side by side ask together.
const freshFor = 3 * time.Second

// wellness is the health page's side: the running service looks at itself.
type wellness struct {
	app *app
	looks
}

// looks is the last look at each tenant's Herald. Who asks while somebody of the same organisation looks waits for what they see, and for
// nobody else: a look may take as long as the slowest of what it asks.
type looks struct {
	now func() time.Time

	mu   sync.Mutex
	last map[string]*lastLook // by tenant
}

type lastLook struct {
	mu     sync.Mutex // held while somebody looks
	report health.Report
	ok     bool
}

func (l *looks) of(ctx context.Context, tenant string, look func(context.Context, string) health.Report) health.Report {
	l.mu.Lock()
	last := l.last[tenant]
	if last == nil {
		if l.last == nil {
			l.last = map[string]*lastLook{}
		}
		last = &lastLook{}
		l.last[tenant] = last
	}
	l.mu.Unlock()
	last.mu.Lock()
	defer last.mu.Unlock()
	if age := l.now().Sub(last.report.At); last.ok && age >= 0 && age <= freshFor {
		return last.report
	}
	report := look(ctx, tenant)
	if ctx.Err() == nil {
		last.report, last.ok = report, true
	}
	return report
}

// Health implements tab.Administration.
func (h *wellness) Health(ctx context.Context, tenant string) tab.HealthReport {
	report := h.of(ctx, tenant, h.look)
	out := tab.HealthReport{State: string(report.State), At: report.At}
	for _, f := range report.Findings {
		out.Findings = append(out.Findings, tab.HealthFinding{Check: f.Check, Code: f.Code, State: string(f.State), Params: f.Params, What: f.What, Cause: f.Cause, Remedy: f.Remedy})
	}
	return out
}

func (h *wellness) look(ctx context.Context, tenant string) health.Report {
	a := h.app
	s := subject(a.cfg, a.env, a.clock.now)
	s.Running, s.Tenants = true, []string{tenant}
	s.Database = func(ctx context.Context) (health.DatabaseFacts, error) {
		schema, err := a.db.Schema(ctx)
		return health.DatabaseFacts{Kind: databaseKind(a.cfg), Behind: schema.Behind, Ahead: schema.Ahead}, err
	}
	s.Redis = func(ctx context.Context) (health.RedisFacts, error) {
		return redisFacts(ctx, a.redis, a.cfg.RedisURL == "")
	}
	s.Queue, s.Inbound, s.People = queueFacts(a.queue), inboundFacts(a.db), a.db.PeopleInstalled
	return s.Check(ctx)
}

// Package implements tab.Administration.
func (h *wellness) Package(w io.Writer, o tab.PackageOptions) error {
	m := packageConfig(h.app.cfg)
	m.Version, m.Name, m.AccentColor, m.Environment = o.Version, o.Name, o.Accent, o.Environment
	if m.Version == "" {
		m.Version = manifest.VersionAt(h.app.clock.now())
	}
	err := manifest.WritePackage(w, m)
	var invalid *manifest.InvalidError
	if errors.As(err, &invalid) {
		p := invalid.Problems[0]
		return campaigns.Errorf(campaigns.CodeInvalid, "package_invalid", "%s: %s", p.Field, p.Message)
	}
	return err
}

const (
	// markEvery is how often it is written down that the same thing happened again.
	markEvery = time.Minute
	// markPatience bounds what a request waits for that to be written.
	markPatience = 2 * time.Second
	// maxMarks bounds what is remembered: a host is whatever the request says.
	maxMarks = 1000
)

// marker writes down when something last happened, seldom enough to cost nothing.
type marker struct {
	db interface {
		Mark(ctx context.Context, tenant, name string, at time.Time, detail string) error
	}
	now func() time.Time
	log *slog.Logger

	mu   sync.Mutex
	last map[mark]time.Time
}

// mark is what happened. Two hosts in turns are two things, neither of which is written with each request.
type mark struct{ tenant, name, detail string }

// saw remembers name for a tenant. It never fails what happened: what cannot be written is logged.
func (m *marker) saw(ctx context.Context, tenant, name, detail string) {
	now, key := m.now(), mark{tenant, name, detail}
	m.mu.Lock()
	if last, ok := m.last[key]; ok && now.Sub(last) < markEvery {
		m.mu.Unlock()
		return
	}
	if m.last == nil || len(m.last) >= maxMarks {
		m.last = map[mark]time.Time{}
	}
	m.last[key] = now
	m.mu.Unlock()
	writing, cancel := context.WithTimeout(context.WithoutCancel(ctx), markPatience)
	defer cancel()
	if err := m.db.Mark(writing, tenant, name, now, detail); err != nil {
		m.log.WarnContext(ctx, "not written down", "what", name, "tenant", tenant, "err", err)
	}
}
