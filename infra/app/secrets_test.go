package app

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// secretVariables are all variables that may hold a secret, each with a value that it takes.
var secretVariables = map[string]string{
	"HERALD_APP_SECRET":               "s3cr3t~of.the/app\"quoted\"",
	"HERALD_APP_CERTIFICATE_PASSWORD": "open sesame 42",
	"HERALD_LINK_KEY":                 "0123456789abcdef0123456789abcdef",
	"HERALD_DATABASE_URL":             "postgres://herald:pass-word-1@127.0.0.1:1/herald",
	"HERALD_REDIS_URL":                "rediss://:pass-word-2@127.0.0.1:1/0",
}

// cloudWith is the least that cloud mode needs, and more.
func cloudWith(more map[string]string) func(string) string {
	env := map[string]string{
		"HERALD_MODE": "cloud", "HERALD_APP_ID": "6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b", "HERALD_TENANT_ID": "7a1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b",
		"HERALD_PUBLIC_URL": "https://herald.contoso.example", "HERALD_APP_SECRET": "another secret",
	}
	return func(name string) string {
		if v, ok := more[name]; ok {
			return v
		}
		return env[name]
	}
}

func TestSecretsFromFiles(t *testing.T) {
	value := map[string]func(Config) string{
		"HERALD_APP_SECRET":               func(c Config) string { return c.Credential.Secret },
		"HERALD_APP_CERTIFICATE_PASSWORD": func(c Config) string { return c.Credential.CertificatePassword },
		"HERALD_LINK_KEY":                 func(c Config) string { return c.LinkKey },
		"HERALD_DATABASE_URL":             func(c Config) string { return c.DatabaseURL },
		"HERALD_REDIS_URL":                func(c Config) string { return c.RedisURL },
	}
	write := func(t *testing.T, text string) string {
		file := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	for name, secret := range secretVariables {
		t.Run(name, func(t *testing.T) {
			cfg, err := ReadConfig(cloudWith(map[string]string{name: "", name + "_FILE": write(t, secret+"\n")}))
			if err != nil || value[name](cfg) != secret {
				t.Errorf("from a file: %q, %v", value[name](cfg), err)
			}
			for what, env := range map[string]map[string]string{
				"both":     {name: secret, name + "_FILE": write(t, secret)},
				"missing":  {name: "", name + "_FILE": "/nowhere/at/all"},
				"empty":    {name: "", name + "_FILE": write(t, " \n")},
				"a folder": {name: "", name + "_FILE": t.TempDir()},
				"huge":     {name: "", name + "_FILE": write(t, strings.Repeat("x", maxSecret+1))},
			} {
				_, err := ReadConfig(cloudWith(env))
				var wrong *configError
				if !errors.As(err, &wrong) || wrong.variable != name+"_FILE" || strings.Contains(err.Error(), secret) {
					t.Errorf("%s: %v", what, err)
				}
			}
		})
	}
}

func signed(t *testing.T) string {
	t.Helper()
	text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{Subject: "ann", ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Hour))}).SignedString([]byte("a key"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// leaky quotes everything that it was given, as some libraries do.
type leaky struct{ parts []string }

func (l leaky) Error() string { return strings.Join(l.parts, " | ") }

func TestLogsHoldNoSecret(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			more := map[string]string{"HERALD_LOG_FORMAT": format, "HERALD_LOG_LEVEL": "debug"}
			for name, secret := range secretVariables {
				more[name] = secret
			}
			cfg, err := ReadConfig(cloudWith(more))
			if err != nil {
				t.Fatal(err)
			}
			bearer := signed(t)
			var out bytes.Buffer
			log := logger(cfg, redacting(&out, cfg))
			leak := leaky{[]string{cfg.Credential.Secret, cfg.Credential.CertificatePassword, cfg.LinkKey, cfg.DatabaseURL, cfg.RedisURL, "Authorization: Bearer " + bearer}}
			log.Error("it failed: "+leak.Error(), "err", leak, slog.Group("request", "header", "Bearer "+bearer))
			log.Debug("kept", "campaign", "7f3b", "secretary", "Ann")
			for _, secret := range []string{"s3cr3t", "open sesame 42", "0123456789abcdef", "pass-word-1", "pass-word-2", bearer, strings.Split(bearer, ".")[2]} {
				if strings.Contains(out.String(), secret) {
					t.Errorf("%q is in the log:\n%s", secret, out.String())
				}
			}
			for _, word := range []string{"it failed", "127.0.0.1:1", "campaign", "7f3b", "Ann"} {
				if !strings.Contains(out.String(), word) {
					t.Errorf("%q is missing from the log:\n%s", word, out.String())
				}
			}
		})
	}
}

// TestCommandsShowNoSecret runs the doctor on secrets that do not work, with everything logged.
func TestCommandsShowNoSecret(t *testing.T) {
	p := newPatient(t)
	env := map[string]string{
		"HERALD_SANDBOX_URL": p.cloud.URL(), "HERALD_DATA_DIR": t.TempDir(), "HERALD_LOG_LEVEL": "debug",
		"HERALD_DATABASE_URL": secretVariables["HERALD_DATABASE_URL"], "HERALD_REDIS_URL": "redis://:pass-word-2@127.0.0.1:1/0", "HERALD_LINK_KEY": secretVariables["HERALD_LINK_KEY"],
	}
	for _, args := range [][]string{{"doctor"}, {"doctor", "-json"}, {"serve"}} {
		var out, logged bytes.Buffer
		env["HERALD_ADDR"] = "127.0.0.1:0"
		err := Main(context.Background(), args, func(name string) string { return env[name] }, &out, &logged)
		if err == nil {
			t.Fatalf("%v succeeds", args)
		}
		all := out.String() + logged.String() + err.Error()
		for _, secret := range []string{"pass-word-1", "pass-word-2", "0123456789abcdef"} {
			if strings.Contains(all, secret) {
				t.Errorf("%v shows %q:\n%s", args, secret, all)
			}
		}
	}
}
