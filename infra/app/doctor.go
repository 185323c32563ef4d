package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"herald/campaigns"
	"herald/graph"
	"herald/infra/queue"
	"herald/infra/store"
)

// finding is one line of the doctor's answer.
type finding struct {
	what   string
	state  string // ok, warning, problem
	detail string // cause and remedy
}

// errUnwell is the doctor's exit: something must be mended.
var errUnwell = errors.New("something needs mending; see above")

// Doctor checks what Herald stands on by using it, and prints one line for each part
// with cause and remedy. The error is nil only if all is well.
func Doctor(ctx context.Context, cfg Config, log *slog.Logger, w io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	findings := []finding{{"configuration", "ok", fmt.Sprintf("mode %s, role %s", cfg.Mode, cfg.Role)}}
	findings = append(findings, checkDatabase(ctx, cfg, log), checkRedis(ctx, cfg))
	findings = append(findings, checkCloud(ctx, cfg, log)...)
	unwell := false
	for _, f := range findings {
		fmt.Fprintf(w, "%-8s %-22s %s\n", f.state, f.what, f.detail)
		unwell = unwell || f.state == "problem"
	}
	if unwell {
		return errUnwell
	}
	return nil
}

func checkDatabase(ctx context.Context, cfg Config, log *slog.Logger) finding {
	where := "PostgreSQL"
	if cfg.DatabaseURL == "" {
		where = "SQLite in " + cfg.DataDir
		if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
			return finding{"database", "problem", "HERALD_DATA_DIR cannot be used: " + err.Error()}
		}
	}
	db, err := store.Open(ctx, cfg.DatabaseURL, cfg.DataDir, log)
	if err != nil {
		return finding{"database", "problem", where + " cannot be used (" + err.Error() + "); check HERALD_DATABASE_URL and HERALD_DATA_DIR"}
	}
	defer db.Close()
	return finding{"database", "ok", where + " answers, the schema is up to date"}
}

func checkRedis(ctx context.Context, cfg Config) finding {
	if cfg.RedisURL == "" {
		return finding{"redis", "ok", "embedded in the process"}
	}
	rdb, err := queue.Open(ctx, cfg.RedisURL)
	if err != nil {
		return finding{"redis", "problem", err.Error() + "; check HERALD_REDIS_URL and that the server runs"}
	}
	defer rdb.Close()
	info, err := queue.ReadInfo(ctx, rdb)
	if err != nil {
		return finding{"redis", "problem", "Redis does not describe itself: " + err.Error()}
	}
	if warnings := info.Warnings(); len(warnings) > 0 {
		return finding{"redis", "warning", warnings[0]}
	}
	return finding{"redis", "ok", "Redis " + info.Version}
}

// checkCloud gets a token for the bot and one for Graph, and asks Graph for one person.
func checkCloud(ctx context.Context, cfg Config, log *slog.Logger) []finding {
	a := &app{cfg: cfg, log: log}
	defer a.close()
	var err error
	switch {
	case cfg.Mode == ModeCloud:
		a.env, err = realCloud(cfg)
	case cfg.SandboxURL != "":
		a.env, err = simulatedCloud(ctx, cfg.SandboxURL)
	default:
		return []finding{{"microsoft cloud", "ok", "simulated in the same process; there is nothing to check"}}
	}
	if err != nil {
		return []finding{{"microsoft cloud", "problem", err.Error()}}
	}
	var out []finding
	if _, err := a.env.credential.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{a.env.botScope}}); err != nil {
		out = append(out, finding{"token for the bot", "problem", "Entra refuses the credential; check HERALD_APP_ID, HERALD_TENANT_ID and the secret or certificate"})
		log.DebugContext(ctx, "token refused", "err", err)
	} else {
		out = append(out, finding{"token for the bot", "ok", "Entra accepts the credential"})
	}
	directory, err := a.env.directory(graph.Config{Logger: log})
	if err != nil {
		return append(out, finding{"graph", "problem", err.Error()})
	}
	for _, tenant := range a.env.allowedTenants {
		_, err := directory.FindByEmail(ctx, tenant, "herald-doctor@nowhere.invalid")
		f := finding{"graph in " + tenant, "ok", "people can be looked up"}
		switch campaigns.CodeOf(err) {
		case campaigns.CodeNotFound, "":
			if err != nil && campaigns.CodeOf(err) == "" {
				f.state, f.detail = "problem", err.Error()
			}
		case campaigns.CodeForbidden:
			f.state, f.detail = "warning", "the permission User.Read.All is missing; audiences hold only people the bot has met"
		default:
			f.state, f.detail = "problem", err.Error()
		}
		out = append(out, f)
	}
	return out
}
