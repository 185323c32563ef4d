package app

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"database/sql"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	_ "modernc.org/sqlite"

	"herald/campaigns"
	"herald/infra/health"
	"herald/infra/queue/redistest"
	"herald/infra/sandbox"
	"herald/infra/sandbox/sandboxtest"
	"herald/infra/store"
	"herald/infra/store/storetest"
)

const contoso = sandbox.TenantContoso

// patientWorld is a Herald that has nothing wrong, and everything that a doctor looks at.
type patientWorld struct {
	cfg   Config
	cloud *sandbox.Cloud
	pkg   string // an app package to compare with
	err   error  // of the configuration
}

func newPatient(t *testing.T) *patientWorld {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	cloud, _ := sandboxtest.Start(t, sandbox.Options{Users: 3, Logger: quiet})
	page := answering(t, http.StatusOK, `{"appId":"`+sandbox.AppID+`"}`)
	cfg, err := ReadConfig(func(name string) string {
		return map[string]string{"HERALD_SANDBOX_URL": cloud.URL(), "HERALD_PUBLIC_URL": page, "HERALD_DATA_DIR": t.TempDir()}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), "", cfg.DataDir, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, tenant := range cloud.Environment().AllowedTenants {
		if err := db.SaveReference(t.Context(), campaigns.Reference{TenantID: tenant, PersonID: "ann", UserID: "29:ann", State: campaigns.Installed, UpdatedAt: time.Now()}); err != nil {
			t.Fatal(err)
		}
		if err := db.Mark(t.Context(), tenant, markBot, time.Now(), ""); err != nil {
			t.Fatal(err)
		}
	}
	return &patientWorld{cfg: cfg, cloud: cloud}
}

// answering is a server that says one thing to everybody.
func answering(t *testing.T, status int, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// examine runs the doctor and returns what is not well, as "code state", and its exit.
func (p *patientWorld) examine(t *testing.T) (unwell []string, report health.Report, exit error) {
	t.Helper()
	var out bytes.Buffer
	exit = Doctor(t.Context(), p.cfg, p.err, p.pkg, true, slog.New(slog.DiscardHandler), &out)
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	for _, f := range report.Findings {
		if _, known := health.Codes[f.Code]; !known || f.What == "" || f.Cause == "" || strings.Contains(f.Cause+f.Remedy, "{") {
			t.Errorf("no words for %+v", f)
		}
		if f.State != health.OK {
			if f.Remedy == "" {
				t.Errorf("no remedy for %+v", f)
			}
			if line := f.Code + " " + string(f.State); !slices.Contains(unwell, line) { // once for two tenants
				unwell = append(unwell, line)
			}
		}
	}
	return unwell, report, exit
}

func (p *patientWorld) faults(t *testing.T, f sandbox.Faults) {
	t.Helper()
	if err := p.cloud.SetFaults(f); err != nil {
		t.Fatal(err)
	}
}

func (p *patientWorld) revoke(t *testing.T, permission string) {
	t.Helper()
	if err := p.cloud.SetPermission(permission, false); err != nil {
		t.Fatal(err)
	}
}

func (p *patientWorld) sql(t *testing.T, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(p.cfg.DataDir, "herald.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

func (p *patientWorld) packageFor(t *testing.T, edit func(*Config)) {
	t.Helper()
	cfg := p.cfg
	edit(&cfg)
	file := filepath.Join(t.TempDir(), "herald.zip")
	if err := writePackage(cfg, packaging{out: file, Config: packageConfig(cfg)}, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	p.pkg = file
}

// TestDoctorTellsFaultsApart provokes each fault alone, and wants it named, and nothing else.
func TestDoctorTellsFaultsApart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		provoke func(*testing.T, *patientWorld)
		want    []string // "code state"
	}{
		{"nothing", func(*testing.T, *patientWorld) {}, nil},
		{"a wrong variable", func(_ *testing.T, p *patientWorld) {
			_, p.err = ReadConfig(func(name string) string { return map[string]string{"HERALD_RATE": "fast"}[name] })
		}, []string{"config.wrong problem"}},
		{"a clock two minutes late", func(t *testing.T, p *patientWorld) {
			p.faults(t, sandbox.Faults{ClockSkew: sandbox.Duration(2 * time.Minute)})
		}, []string{"clock.off warning"}},
		{"a clock ten minutes early", func(t *testing.T, p *patientWorld) {
			p.faults(t, sandbox.Faults{ClockSkew: sandbox.Duration(-10 * time.Minute)})
		}, []string{"clock.wrong problem"}},
		{"no Entra", func(t *testing.T, p *patientWorld) { p.faults(t, sandbox.Faults{Entra: sandbox.EntraDown}) },
			[]string{"clock.unknown warning", "token.unreachable problem"}},
		{"a wrong secret", func(t *testing.T, p *patientWorld) { p.faults(t, sandbox.Faults{Entra: sandbox.EntraSecretWrong}) },
			[]string{"token.secret_wrong problem"}},
		{"an expired secret", func(t *testing.T, p *patientWorld) {
			p.faults(t, sandbox.Faults{Entra: sandbox.EntraSecretExpired})
		}, []string{"token.secret_expired problem"}},
		{"no such app", func(t *testing.T, p *patientWorld) { p.faults(t, sandbox.Faults{Entra: sandbox.EntraAppUnknown}) },
			[]string{"token.app_unknown problem"}},
		{"no such tenant", func(t *testing.T, p *patientWorld) { p.faults(t, sandbox.Faults{Entra: sandbox.EntraTenantUnknown}) },
			[]string{"token.tenant_unknown problem"}},
		{"no User.Read.All", func(t *testing.T, p *patientWorld) { p.revoke(t, "User.Read.All") }, []string{"directory.denied warning"}},
		{"no Presence.Read.All", func(t *testing.T, p *patientWorld) { p.revoke(t, "Presence.Read.All") }, []string{"presence.denied warning"}},
		{"no MailboxSettings.Read", func(t *testing.T, p *patientWorld) { p.revoke(t, "MailboxSettings.Read") }, []string{"zones.denied warning"}},
		{"presence fails", func(t *testing.T, p *patientWorld) { p.faults(t, sandbox.Faults{PresenceStatus: 500}) }, []string{"graph.failed problem"}},
		{"no mailbox", func(t *testing.T, p *patientWorld) { p.faults(t, sandbox.Faults{MailboxStatus: 404}) }, nil},
		{"no installing", func(t *testing.T, p *patientWorld) { p.revoke(t, "TeamsAppInstallation.ReadWriteSelfForUser.All") },
			[]string{"installation.denied warning"}},
		{"no catalogue", func(t *testing.T, p *patientWorld) { p.revoke(t, "AppCatalog.Read.All") }, []string{"catalog.denied warning"}},
		{"not published", func(t *testing.T, p *patientWorld) { p.faults(t, sandbox.Faults{AppUnpublished: true}) }, []string{"catalog.missing warning"}},
		{"Graph takes no token", func(t *testing.T, p *patientWorld) { p.faults(t, sandbox.Faults{GraphStatus: 401}) },
			[]string{"graph.unauthorized problem"}},
		{"Graph fails", func(t *testing.T, p *patientWorld) { p.faults(t, sandbox.Faults{GraphStatus: 500}) }, []string{"graph.failed problem"}},
		{"Graph throttles", func(t *testing.T, p *patientWorld) { p.faults(t, sandbox.Faults{GraphThrottle: 1}) },
			[]string{"graph.throttled warning"}},
		{"a secret that ends soon", func(t *testing.T, p *patientWorld) {
			p.faults(t, sandbox.Faults{SecretLife: sandbox.Duration(10 * 24 * time.Hour)})
		}, []string{"secret.soon warning"}},
		{"a secret that ended", func(t *testing.T, p *patientWorld) {
			p.faults(t, sandbox.Faults{SecretLife: sandbox.Duration(-time.Hour)})
		}, []string{"secret.over problem"}},
		{"an address without a name", func(_ *testing.T, p *patientWorld) { p.cfg.PublicURL = "https://herald.invalid" },
			[]string{"public.dns problem"}},
		{"a certificate of nobody", func(t *testing.T, p *patientWorld) {
			s := httptest.NewTLSServer(http.NotFoundHandler())
			s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
			t.Cleanup(s.Close)
			p.cfg.PublicURL = s.URL
		}, []string{"public.certificate problem"}},
		{"nobody at the address", func(_ *testing.T, p *patientWorld) { p.cfg.PublicURL = "http://127.0.0.1:1" },
			[]string{"public.unreachable problem"}},
		{"a proxy without Herald", func(t *testing.T, p *patientWorld) { p.cfg.PublicURL = answering(t, 502, "<h1>Bad gateway</h1>") },
			[]string{"public.gateway problem"}},
		{"another page at the address", func(t *testing.T, p *patientWorld) { p.cfg.PublicURL = answering(t, 200, "<h1>Welcome</h1>") },
			[]string{"public.other problem"}},
		{"another Herald at the address", func(t *testing.T, p *patientWorld) { p.cfg.PublicURL = answering(t, 200, `{"appId":"other"}`) },
			[]string{"public.other_app problem"}},
		{"an address that no package takes", func(t *testing.T, p *patientWorld) {
			// The name is known to this machine and not to Teams.
			p.cfg.PublicURL = strings.Replace(p.cfg.PublicURL, "127.0.0.1", "127.0.0.1:80@127.0.0.1", 1)
		}, []string{"package.refused problem"}},
		{"a package for another address", func(t *testing.T, p *patientWorld) {
			p.packageFor(t, func(cfg *Config) { cfg.PublicURL = "https://herald.contoso.example" })
		}, []string{"package.other_address problem"}},
		{"a package that is none", func(t *testing.T, p *patientWorld) {
			p.pkg = filepath.Join(t.TempDir(), "none.zip")
			if err := os.WriteFile(p.pkg, []byte("no"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, []string{"package.unreadable problem"}},
		{"the right package", func(t *testing.T, p *patientWorld) { p.packageFor(t, func(*Config) {}) }, nil},
		{"no PostgreSQL", func(_ *testing.T, p *patientWorld) { p.cfg.DatabaseURL = "postgres://me:sesame@127.0.0.1:1/herald" },
			[]string{"database.unreachable problem"}},
		{"an old schema", func(t *testing.T, p *patientWorld) { p.sql(t, `DELETE FROM goose_db_version WHERE version_id = 10`) },
			[]string{"database.behind warning"}},
		{"a newer schema", func(t *testing.T, p *patientWorld) {
			p.sql(t, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99001, 1)`)
		}, []string{"database.ahead warning"}},
		{"no Redis", func(_ *testing.T, p *patientWorld) { p.cfg.RedisURL = "redis://127.0.0.1:1/0" }, []string{"redis.unreachable problem"}},
		{"Redis with another password", func(t *testing.T, p *patientWorld) {
			p.cfg.RedisURL = redistest.Start(t, "--requirepass", "right").URL()
		}, []string{"redis.refused problem"}},
		{"Redis as a cache", func(t *testing.T, p *patientWorld) {
			p.cfg.RedisURL = redistest.Start(t, "--appendonly", "yes", "--maxmemory-policy", "allkeys-lru").URL()
		}, []string{"redis.policy warning"}},
		{"Redis without a disk", func(t *testing.T, p *patientWorld) {
			p.cfg.RedisURL = redistest.Start(t, "--appendonly", "no", "--maxmemory-policy", "noeviction").URL()
		}, []string{"redis.persistence warning"}},
		{"nobody with the app", func(t *testing.T, p *patientWorld) {
			p.sql(t, `UPDATE conversation_references SET state = 'uninstalled'`)
		},
			[]string{"people.none warning"}},
		{"Teams never called", func(t *testing.T, p *patientWorld) { p.sql(t, `DELETE FROM marks`) }, []string{"inbound.never warning"}},
		{"Teams has been silent", func(t *testing.T, p *patientWorld) { p.sql(t, `UPDATE marks SET at = at - 864000000`) },
			[]string{"inbound.silent warning"}},
		{"Teams opened another address", func(t *testing.T, p *patientWorld) {
			p.sql(t, `INSERT INTO marks (tenant_id, name, at, detail) VALUES ('`+contoso+`', 'page', 1, 'old.contoso.example')`)
		}, []string{"package.opened_elsewhere warning"}},
		{"a data folder that is a file", func(t *testing.T, p *patientWorld) {
			p.cfg.DataDir = filepath.Join(t.TempDir(), "data")
			if err := os.WriteFile(p.cfg.DataDir, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, []string{"database.unreachable problem", "disk.readonly problem"}},
		{"a certificate that ends soon", func(t *testing.T, p *patientWorld) {
			p.cfg.Credential.CertificateFile = certificateFile(t, time.Now().Add(5*24*time.Hour))
		}, []string{"certificate.soon warning"}},
		{"a certificate that ended", func(t *testing.T, p *patientWorld) {
			p.cfg.Credential.CertificateFile = certificateFile(t, time.Now().Add(-time.Hour))
		}, []string{"certificate.over problem"}},
		{"a certificate that is none", func(t *testing.T, p *patientWorld) {
			p.cfg.Credential.CertificateFile = filepath.Join(t.TempDir(), "missing.pem")
		}, []string{"certificate.unreadable problem"}},
		{"a federated token that ran out", func(t *testing.T, p *patientWorld) {
			p.cfg.Credential.FederatedTokenFile = tokenFile(t, time.Now().Add(-time.Minute))
		}, []string{"token_file.over problem"}},
		{"a federated token that is none", func(t *testing.T, p *patientWorld) {
			p.cfg.Credential.FederatedTokenFile = filepath.Join(t.TempDir(), "missing")
		}, []string{"token_file.unreadable problem"}},
		{"a fresh federated token", func(t *testing.T, p *patientWorld) {
			p.cfg.Credential.FederatedTokenFile = tokenFile(t, time.Now().Add(time.Hour))
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPatient(t)
			c.provoke(t, p)
			unwell, report, exit := p.examine(t)
			if !slices.Equal(unwell, c.want) {
				t.Errorf("found %q, want %q", unwell, c.want)
			}
			problem := slices.ContainsFunc(c.want, func(w string) bool { return strings.HasSuffix(w, "problem") })
			if problem != (report.State == health.Problem) || problem != errors.Is(exit, errUnwell) {
				t.Errorf("state %s, exit %v", report.State, exit)
			}
		})
	}
}

func certificateFile(t *testing.T, ends time.Time) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "herald"}, NotBefore: ends.Add(-48 * time.Hour), NotAfter: ends}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "herald.pem")
	both := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})...)
	if err := os.WriteFile(file, both, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func tokenFile(t *testing.T, ends time.Time) string {
	t.Helper()
	text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{ExpiresAt: jwt.NewNumericDate(ends)}).SignedString([]byte("anybody's"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestTheSecretsEndIsNotAlwaysKnown(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	p.revoke(t, "Application.Read.All")
	_, report, exit := p.examine(t)
	if exit != nil || !slices.ContainsFunc(report.Findings, func(f health.Finding) bool { return f.Code == "secret.unknown" && f.State == health.OK }) {
		t.Errorf("exit %v, %+v", exit, report.Findings)
	}
}

func TestDoctorInWords(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	p.faults(t, sandbox.Faults{Entra: sandbox.EntraSecretExpired})
	var out bytes.Buffer
	if err := Doctor(t.Context(), p.cfg, nil, "", false, slog.New(slog.DiscardHandler), &out); !errors.Is(err, errUnwell) {
		t.Errorf("exit %v", err)
	}
	for _, want := range []string{"problem  Sign-in for the bot", "AADSTS7000222", "Make a new secret"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), sandbox.AppSecret) {
		t.Error("the secret is shown")
	}
}

// TestDoctorChangesNothing: a doctor of a new version may look at what an old one still uses.
func TestDoctorChangesNothing(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	p.sql(t, `DELETE FROM goose_db_version WHERE version_id = 10`)
	for range 2 {
		if unwell, _, _ := p.examine(t); !slices.Equal(unwell, []string{"database.behind warning"}) {
			t.Errorf("found %q", unwell)
		}
	}
	p.cfg.DataDir = t.TempDir()
	if _, _, err := p.examine(t); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(p.cfg.DataDir, "herald.db")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("there is a database now: %v", err)
	}
}

func TestMarksAreWrittenSeldom(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	now := time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)
	begin := now
	m := &marker{db: db, now: func() time.Time { return now }, log: slog.New(slog.DiscardHandler)}
	last := func() (time.Time, string) {
		at, detail, err := db.LastMark(context.Background(), contoso, markPage)
		if err != nil {
			t.Fatal(err)
		}
		return at, detail
	}
	m.saw(t.Context(), contoso, markPage, "a")
	now = now.Add(59 * time.Second)
	m.saw(t.Context(), contoso, markPage, "a")
	if at, _ := last(); !at.Equal(begin) {
		t.Errorf("written again after 59 s: %v", at)
	}
	m.saw(t.Context(), contoso, markPage, "b") // something else is written at once
	if at, detail := last(); !at.Equal(now) || detail != "b" {
		t.Errorf("%v %q", at, detail)
	}
	now = now.Add(markEvery)
	m.saw(t.Context(), contoso, markPage, "b")
	if at, _ := last(); !at.Equal(now) {
		t.Errorf("not written after a minute: %v", at)
	}
}

// marks counts what is written, and stands for a database that does not answer.
type marks struct{ written, bounded int }

func (m *marks) Mark(ctx context.Context, _, _ string, _ time.Time, _ string) error {
	m.written++
	if _, ok := ctx.Deadline(); ok {
		m.bounded++
	}
	return ctx.Err()
}

// While the public address changes, pages come from the old one and the new one in turns; behind a name of anybody's making, from anywhere.
func TestMarksOfManyHosts(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)
	db := &marks{}
	m := &marker{db: db, now: func() time.Time { return now }, log: slog.New(slog.DiscardHandler)}
	for range 50 {
		m.saw(t.Context(), contoso, markPage, "old.example")
		m.saw(t.Context(), contoso, markPage, "new.example")
	}
	if db.written != 2 {
		t.Errorf("100 requests at two hosts were written down %d times", db.written)
	}
	for i := range 3 * maxMarks {
		m.saw(t.Context(), contoso, markPage, fmt.Sprintf("%d.example", i))
	}
	if len(m.last) > maxMarks {
		t.Errorf("%d hosts are remembered", len(m.last))
	}
	if db.bounded != db.written {
		t.Errorf("%d of %d writes may hold a request for ever", db.written-db.bounded, db.written)
	}
}

// An organisation whose Graph does not answer keeps the health page of no other one waiting.
func TestOneLookWaitsForNoOther(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // should it wait after all
	defer cancel()
	l := &looks{now: time.Now}
	begun, seen := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	go l.of(ctx, contoso, func(ctx context.Context, _ string) (r health.Report) {
		close(begun)
		select {
		case <-seen:
		case <-ctx.Done():
		}
		first <- ctx.Err()
		return r
	})
	<-begun
	looked := 0
	for range 2 { // side by side, one look serves both
		l.of(ctx, "fabrikam", func(context.Context, string) health.Report {
			looked++
			return health.NewReport(time.Now(), nil)
		})
	}
	close(seen)
	if err := <-first; err != nil || looked != 1 {
		t.Errorf("fabrikam was looked at %d times; contoso: %v", looked, err)
	}
}
