package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"herald/infra/sandbox"
	"herald/manifest"
)

const usage = `Herald pushes campaigns into Microsoft Teams chats.

  herald [serve]                  the service: bot endpoint, tab, API, workers
  herald sandbox [-bot URL]       the simulated Microsoft cloud alone
  herald probe                    asks the Herald that runs here whether it is ready
  herald package [-out FILE]      the Teams app package for the configured app
  herald doctor [-json]           checks configuration, credentials, stores, permissions
  herald forget -person ID -tenant ID
                                  removes a person from everywhere; reports keep their numbers
  herald backup -out FILE         a copy of the embedded database, also while the service runs
  herald restore -in FILE [-force]
                                  puts a backup back; campaigns that were open come back stopped
  herald restore -mark            the same for a PostgreSQL that was restored by its own tools

Settings are environment variables; README.md lists them.
`

// errUsage ends the program after the usage has been shown.
var errUsage = errors.New("unknown command; herald help shows what there is")

// Main runs one command of the program until it is done or ctx ends.
func Main(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	command := "serve"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		command, args = args[0], args[1:]
	}
	flags := flag.NewFlagSet("herald "+command, flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, usage); flags.PrintDefaults() }
	var bot, checked string
	var asJSON bool
	var p packaging
	var d data
	switch command {
	case "serve":
	case "doctor":
		flags.BoolVar(&asJSON, "json", false, "write the findings as JSON")
		flags.StringVar(&checked, "package", "", "an app package to compare with the configuration")
	case "sandbox":
		flags.StringVar(&bot, "bot", "http://127.0.0.1:3978/api/messages", "the bot endpoint that the sandbox calls")
	case "probe":
	case "package":
		flags.StringVar(&p.out, "out", "herald.zip", "the file to write")
		flags.StringVar(&p.Version, "version", "1.0.0", "of the app package, MAJOR.MINOR.PATCH; Teams updates only when it grows")
		flags.StringVar(&p.Name, "name", "", "of the app in Teams, at most 30 characters with the environment's (default Herald)")
		flags.StringVar(&p.AccentColor, "accent", "", "the colour behind the icon, #RRGGBB")
		flags.StringVar(&p.Environment, "env", "", "a second Herald beside the first, such as dev: another app in Teams, and a name that says so")
		flags.StringVar(&p.color, "color", "", "a PNG file of 192×192 pixels, filled to its edges, for the icon")
		flags.StringVar(&p.outline, "outline", "", "a PNG file of 32×32 pixels, white on transparent, for the small icon")
	case "forget", "backup", "restore":
		d.flags(command, flags)
	case "help":
		fmt.Fprint(stdout, usage)
		return nil
	default:
		fmt.Fprint(stderr, usage)
		return errUsage
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return errUsage
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("herald %s takes no %q", command, flags.Arg(0))
	}
	cfg, err := ReadConfig(getenv)
	log := logger(cfg, redacting(stderr, cfg))
	if command == "doctor" {
		return Doctor(ctx, cfg, err, checked, asJSON, log, stdout)
	}
	if err != nil {
		return err
	}
	switch command {
	case "sandbox":
		return serveSandbox(ctx, cfg, bot, log)
	case "probe":
		return probe(ctx, cfg.Addr, stdout)
	case "package":
		return writePackage(cfg, p, stdout)
	case "forget", "backup", "restore":
		return d.run(ctx, command, cfg, log, stdout)
	default:
		return Serve(ctx, cfg, log)
	}
}

func logger(cfg Config, w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(cfg.LogLevel)) // ReadConfig checked it
	opts := &slog.HandlerOptions{Level: level, ReplaceAttr: withoutAddresses}
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

func serveSandbox(ctx context.Context, cfg Config, bot string, log *slog.Logger) error {
	u, err := url.Parse(bot)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("-bot must be the address of a bot endpoint, such as http://127.0.0.1:3978/api/messages")
	}
	cloud, err := StartSandbox(cfg, bot, u.Scheme+"://"+u.Host+"/tab/", log)
	if err != nil {
		return err
	}
	<-ctx.Done()
	return cloud.Close()
}

// packageConfig is the app package that the configuration asks for.
func packageConfig(cfg Config) manifest.Config {
	m := manifest.Config{AppID: cfg.AppID, Version: "1.0.0", PublicURL: cfg.PublicURL}
	if cfg.Mode != ModeCloud {
		m.Local = true
		m.AppID = sandbox.AppID
		if m.PublicURL == "" {
			m.PublicURL = "http://" + cfg.Addr
		}
	}
	return m
}

// packaging is what the command line says of an app package.
type packaging struct {
	manifest.Config
	out, color, outline string
}

// writePackage writes the file whole or not at all.
func writePackage(cfg Config, p packaging, stdout io.Writer) error {
	m := packageConfig(cfg)
	m.Version, m.Name, m.AccentColor, m.Environment = p.Version, p.Name, p.AccentColor, p.Environment
	for _, icon := range []struct {
		flag, file string
		raw        *[]byte
	}{{"-color", p.color, &m.ColorIcon}, {"-outline", p.outline, &m.OutlineIcon}} {
		if icon.file == "" {
			continue
		}
		raw, err := os.ReadFile(icon.file)
		if err != nil {
			return fmt.Errorf("%s: the icon cannot be read: %w", icon.flag, err)
		}
		*icon.raw = append([]byte{}, raw...) // empty is not "none"
	}
	out := p.out
	tmp, err := os.CreateTemp(filepath.Dir(out), ".herald-*.zip")
	if err != nil {
		return fmt.Errorf("the package cannot be written: %w", err)
	}
	defer os.Remove(tmp.Name())
	err = manifest.WritePackage(tmp, m)
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if err := os.Chmod(tmp.Name(), 0o644); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), out); err != nil {
		return fmt.Errorf("the package cannot be written: %w", err)
	}
	fmt.Fprintf(stdout, "%s: Teams app package %s for %s\n", out, m.Version, m.PublicURL)
	return nil
}
