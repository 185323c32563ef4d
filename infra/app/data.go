package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"herald/campaigns"
	"herald/infra/store"
)

// data are the flags of the commands that care for what is stored.
type data struct {
	person, tenant, in, out string
	force, mark             bool
}

func (d *data) flags(command string, flags *flag.FlagSet) {
	switch command {
	case "forget":
		flags.StringVar(&d.person, "person", "", "the person's object id in Microsoft Entra")
		flags.StringVar(&d.tenant, "tenant", "", "their tenant's id")
	case "backup":
		flags.StringVar(&d.out, "out", "", "the file to write; it must not be there")
	case "restore":
		flags.StringVar(&d.in, "in", "", "the backup")
		flags.BoolVar(&d.force, "force", false, "replace the database that is there; it is kept as .bak")
		flags.BoolVar(&d.mark, "mark", false, "only stop what was open, in a database that was restored otherwise")
	}
}

func (d *data) run(ctx context.Context, command string, cfg Config, log *slog.Logger, stdout io.Writer) error {
	switch command {
	case "forget":
		return forget(ctx, cfg, d.tenant, d.person, log, stdout)
	case "backup":
		return backup(ctx, cfg, d.out, stdout)
	default:
		return restore(ctx, cfg, d.in, d.force, d.mark, log, stdout)
	}
}

// forget removes a person from everywhere.
func forget(ctx context.Context, cfg Config, tenant, person string, log *slog.Logger, stdout io.Writer) error {
	if tenant == "" || person == "" {
		return errors.New("say who is to be forgotten: -person with the object id and -tenant with the tenant's id")
	}
	db, err := store.Open(ctx, cfg.DatabaseURL, cfg.DataDir, log)
	if err != nil {
		return err
	}
	defer db.Close()
	f, err := db.ForgetPerson(campaigns.WithAuthor(ctx, campaigns.CommandLine, time.Now()), strings.ToLower(tenant), strings.ToLower(person), time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "forgotten: %d messages are now those of a removed person, %d lines of lists and addresses in %d campaigns are gone, %d things that they made are a former colleague's\n", f.Deliveries, f.Members, f.Typed, f.Authored)
	return nil
}

// ownTools sends operators of PostgreSQL where they are served.
const ownTools = "the database is PostgreSQL: back it up and restore it with its own tools, pg_dump and pg_restore, and run \"herald restore -mark\" before Herald starts on what was restored"

// backup copies the embedded database.
func backup(ctx context.Context, cfg Config, out string, stdout io.Writer) error {
	switch {
	case cfg.DatabaseURL != "":
		return errors.New(ownTools)
	case out == "":
		return errors.New("say where the backup goes: -out FILE")
	}
	if err := store.Backup(ctx, cfg.DataDir, out); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: a checked copy of the database. It holds people's data and the key of the links: keep it as safe as the database itself\n", out)
	return nil
}

// restore puts a backup back, or marks a database that was restored otherwise.
func restore(ctx context.Context, cfg Config, in string, force, mark bool, log *slog.Logger, stdout io.Writer) error {
	var stopped int
	switch {
	case mark && in != "":
		return errors.New("-in marks what it restores: leave out -mark")
	case mark:
		db, err := store.Open(ctx, cfg.DatabaseURL, cfg.DataDir, log)
		if err != nil {
			return err
		}
		defer db.Close()
		if stopped, err = db.MarkRestored(ctx, time.Now()); err != nil {
			return err
		}
	case cfg.DatabaseURL != "":
		return errors.New(ownTools)
	case in == "":
		return errors.New("say what to restore: -in FILE")
	default:
		r, err := store.Restore(ctx, cfg.DataDir, in, force, time.Now(), log)
		if err != nil {
			return err
		}
		if stopped = r.Stopped; r.Kept != "" {
			fmt.Fprintf(stdout, "what was there before is kept as %s\n", r.Kept)
		}
	}
	fmt.Fprintf(stdout, "restored: %d campaigns that were scheduled or being sent are stopped, since they may have been sent after the backup\n", stopped)
	return nil
}
