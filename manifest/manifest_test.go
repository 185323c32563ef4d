package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"herald/infra/golden"
)

func company() Config {
	return Config{
		AppID:     "6F1C2A34-5b6d-4e7f-8a9b-0c1d2e3f4a5b",
		BotID:     "7a1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b",
		Version:   "1.4.0",
		PublicURL: "https://Herald.Contoso.example/",
		Domains:   []string{"intranet.contoso.example", "*.CDN.contoso.example", "herald.contoso.example"},
		Name:      "Herald",
		Developer: "Contoso",
	}
}

func build(t *testing.T, cfg Config) (Manifest, []byte) {
	t.Helper()
	m, err := Build(cfg)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := encode(m)
	if err != nil {
		t.Fatal(err)
	}
	return m, raw
}

func TestGolden(t *testing.T) {
	_, raw := build(t, company())
	golden.File(t, "testdata/manifest.golden.json", raw)
	fr, err := encode(french.strings("Herald"))
	if err != nil {
		t.Fatal(err)
	}
	golden.File(t, "testdata/fr.golden.json", fr)
}

func TestMicrosoftsSchema(t *testing.T) {
	compiled := schema(t, "MicrosoftTeams.schema.json")
	local := Config{AppID: "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa", Version: "0.0.1", PublicURL: "http://127.0.0.1:3978", Local: true}
	for name, cfg := range map[string]Config{"company": company(), "local": local} {
		t.Run(name, func(t *testing.T) {
			_, raw := build(t, cfg)
			if err := validate(t, compiled, raw); err != nil {
				t.Errorf("%#v", err)
			}
		})
	}
	// That the schema can refuse is part of the test.
	_, raw := build(t, company())
	for name, edit := range map[string][2]string{
		"unknown key":  {`"accentColor"`, `"packageName": "x", "accentColor"`},
		"bad GUID":     {`"6f1c2a34-`, `"6f1c2a3-`},
		"long name":    {`"short": "Herald"`, `"short": "` + strings.Repeat("x", 31) + `"`},
		"not a colour": {`"#0B4A63"`, `"teal"`},
		"no privacy":   {`"privacyUrl"`, `"websiteURL"`},
	} {
		t.Run(name, func(t *testing.T) {
			broken := strings.Replace(string(raw), edit[0], edit[1], 1)
			if broken == string(raw) {
				t.Fatal("the edit hit nothing")
			}
			if validate(t, compiled, []byte(broken)) == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestFrench(t *testing.T) {
	fr, err := encode(french.strings("Herald"))
	if err != nil {
		t.Fatal(err)
	}
	if err := validate(t, schema(t, "MicrosoftTeams.Localization.schema.json"), fr); err != nil {
		t.Errorf("%#v", err)
	}
	// Every text of the manifest has its French, and no French text is for nothing.
	en := english.strings("Herald")
	for key := range french.strings("Herald") {
		if _, ok := en[key]; !ok {
			t.Errorf("%s has no English", key)
		}
	}
	for key, text := range en {
		translated, ok := french.strings("Herald")[key]
		if !ok {
			t.Errorf("%s has no French", key)
		}
		if translated == text && key != "name.short" && key != "$schema" {
			t.Errorf("%s is English in French: %q", key, text)
		}
	}
}

// The longest name must still leave every text within Teams' limits.
func TestLengths(t *testing.T) {
	name := strings.Repeat("N", 30)
	for _, l := range []language{english, french} {
		for _, text := range []struct {
			what, value string
			max         int
		}{
			{"name.full", l.fullName(name), 100},
			{"description.short", l.short, 80},
			{"description.full", l.full(name), 4000},
			{"tab", l.tab, 128},
			{"command", l.commands[0].Title, 128},
		} {
			if n := utf8.RuneCountInString(text.value); n == 0 || n > text.max {
				t.Errorf("%s %s: %d characters, at most %d", l.tag, text.what, n, text.max)
			}
		}
	}
}

// What the schema does not check, and Teams or Entra do.
func TestBeyondTheSchema(t *testing.T) {
	m, raw := build(t, company())
	var doc any
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, child := range v {
				if text, ok := child.(string); ok && (strings.HasSuffix(key, "Url") || strings.HasSuffix(key, "URL")) {
					u, err := url.Parse(text)
					if err != nil || u.Scheme != "https" {
						t.Errorf("%s/%s: %q is not https", path, key, text)
					}
					if err == nil && !slices.Contains(m.ValidDomains, u.Host) {
						t.Errorf("%s/%s: host %q is not a valid domain", path, key, u.Host)
					}
				}
				walk(path+"/"+key, child)
			}
		case []any:
			for _, child := range v {
				walk(path, child)
			}
		}
	}
	walk("", doc)

	if got, want := m.ValidDomains, []string{"herald.contoso.example", "intranet.contoso.example", "*.cdn.contoso.example"}; !slices.Equal(got, want) {
		t.Errorf("valid domains %v, want %v", got, want)
	}
	if got, want := m.WebApplicationInfo.Resource, "api://herald.contoso.example/botid-6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b"; got != want {
		t.Errorf("resource %q, want %q", got, want)
	}
	if got := m.StaticTabs[0]; got.EntityID != "campaigns" || got.ContentURL != "https://herald.contoso.example/tab/" {
		t.Errorf("tab %+v", got)
	}
	if m.Bots[0].ID != "7a1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b" || m.ID != "6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b" {
		t.Errorf("bot %q, app %q", m.Bots[0].ID, m.ID)
	}
}

func TestDefaults(t *testing.T) {
	m, _ := build(t, Config{AppID: "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa", Version: "1.0.0", PublicURL: "http://127.0.0.1:3978", Local: true})
	const id = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
	if m.ID != id || m.Bots[0].ID != id || m.WebApplicationInfo.ID != id {
		t.Errorf("ids %q %q %q", m.ID, m.Bots[0].ID, m.WebApplicationInfo.ID)
	}
	if m.Name.Short != "Herald" || m.Developer.Name != "Herald" || m.AccentColor != defaultAccent {
		t.Errorf("%+v", m)
	}
	// The sandbox's v1 tokens have this audience.
	if want := "api://127.0.0.1:3978/botid-" + id; m.WebApplicationInfo.Resource != want {
		t.Errorf("resource %q, want %q", m.WebApplicationInfo.Resource, want)
	}
}

func TestPublicURL(t *testing.T) {
	for address, want := range map[string]string{
		"https://herald.contoso.example":      "herald.contoso.example",
		"https://herald.contoso.example:443/": "herald.contoso.example",
		"https://herald.contoso.example:8443": "herald.contoso.example:8443",
		" HTTPS://HERALD.CONTOSO.EXAMPLE ":    "herald.contoso.example",
		"https://xn--rger-0oa.example":        "xn--rger-0oa.example",
	} {
		cfg := company()
		cfg.PublicURL = address
		m, err := Build(cfg)
		if err != nil {
			t.Errorf("%q: %v", address, err)
			continue
		}
		if m.ValidDomains[0] != want || m.StaticTabs[0].ContentURL != "https://"+want+"/tab/" {
			t.Errorf("%q: %q, %q", address, m.ValidDomains[0], m.StaticTabs[0].ContentURL)
		}
	}
	for _, address := range []string{"http://localhost:3978", "http://[::1]:3978", "https://127.0.0.1:3978", "https://dev.example"} {
		cfg := company()
		cfg.PublicURL, cfg.Local = address, true
		if _, err := Build(cfg); err != nil {
			t.Errorf("local %q: %v", address, err)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, test := range []struct {
		name  string
		edit  func(*Config)
		field string
		says  string
	}{
		{"no app id", func(c *Config) { c.AppID, c.BotID = "", "" }, "AppID", "missing"},
		{"app id no GUID", func(c *Config) { c.AppID = "herald" }, "AppID", `"herald" is not a GUID`},
		{"app id in braces", func(c *Config) { c.AppID = "{" + c.AppID + "}" }, "AppID", "not a GUID"},
		{"empty GUID", func(c *Config) { c.AppID = "00000000-0000-0000-0000-000000000000" }, "AppID", "empty GUID"},
		{"bot id no GUID", func(c *Config) { c.BotID = "28:" + c.BotID }, "BotID", "not a GUID"},
		{"manifest id no GUID", func(c *Config) { c.ManifestID = "x" }, "ManifestID", "not a GUID"},
		{"no version", func(c *Config) { c.Version = "" }, "Version", "missing"},
		{"version with v", func(c *Config) { c.Version = "v1.0.0" }, "Version", "MAJOR.MINOR.PATCH"},
		{"version of two", func(c *Config) { c.Version = "1.0" }, "Version", "MAJOR.MINOR.PATCH"},
		{"version with zero in front", func(c *Config) { c.Version = "1.02.0" }, "Version", "MAJOR.MINOR.PATCH"},
		{"version with suffix", func(c *Config) { c.Version = "1.0.0-rc1" }, "Version", "MAJOR.MINOR.PATCH"},
		{"long name", func(c *Config) { c.Name = strings.Repeat("é", 31) }, "Name", "31 characters; Teams takes at most 30"},
		{"long developer", func(c *Config) { c.Developer = strings.Repeat("x", 33) }, "Developer", "at most 32"},
		{"short colour", func(c *Config) { c.AccentColor = "#abc" }, "AccentColor", "#RRGGBB"},
		{"colour name", func(c *Config) { c.AccentColor = "teal" }, "AccentColor", "#RRGGBB"},
		{"too many domains", func(c *Config) { c.Domains = slices.Repeat([]string{"a.example"}, 100) }, "Domains", "at most 100"},
		{"domain with scheme", func(c *Config) { c.Domains = []string{"https://a.example"} }, "Domains", "not a host name"},
		{"domain of one label", func(c *Config) { c.Domains = []string{"*"} }, "Domains", "not a host name"},
		{"no address", func(c *Config) { c.PublicURL = "" }, "PublicURL", "missing"},
		{"http", func(c *Config) { c.PublicURL = "http://herald.contoso.example" }, "PublicURL", "https://"},
		{"ftp", func(c *Config) { c.PublicURL = "ftp://herald.contoso.example" }, "PublicURL", "https://"},
		{"no scheme", func(c *Config) { c.PublicURL = "herald.contoso.example" }, "PublicURL", "not an address"},
		{"no host", func(c *Config) { c.PublicURL = "https://" }, "PublicURL", "not an address"},
		{"port alone", func(c *Config) { c.PublicURL = "https://:443" }, "PublicURL", "not an address"},
		{"not an address", func(c *Config) { c.PublicURL = "https://a b.example" }, "PublicURL", "not an address"},
		{"path", func(c *Config) { c.PublicURL = "https://contoso.example/herald" }, "PublicURL", "path"},
		{"query", func(c *Config) { c.PublicURL = "https://contoso.example/?a=b" }, "PublicURL", "query"},
		{"password", func(c *Config) { c.PublicURL = "https://me:secret@contoso.example" }, "PublicURL", "password"},
		{"loopback", func(c *Config) { c.PublicURL = "https://127.0.0.1:3978" }, "PublicURL", "IP address"},
		{"localhost", func(c *Config) { c.PublicURL = "https://localhost:3978" }, "PublicURL", "full host name"},
		{"one label", func(c *Config) { c.PublicURL = "https://herald" }, "PublicURL", "full host name"},
		{"wildcard", func(c *Config) { c.PublicURL = "https://*.contoso.example" }, "PublicURL", "full host name"},
		{"international", func(c *Config) { c.PublicURL = "https://bücher.example" }, "PublicURL", "xn--"},
		{"local, but elsewhere", func(c *Config) { c.PublicURL, c.Local = "http://10.0.0.1", true }, "PublicURL", "IP address"},
		{"local, but plain", func(c *Config) { c.PublicURL, c.Local = "http://a.example", true }, "PublicURL", "https://"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := company()
			test.edit(&cfg)
			var out bytes.Buffer
			err := WritePackage(&out, cfg)
			var invalid *InvalidError
			if !errors.As(err, &invalid) {
				t.Fatalf("error %v", err)
			}
			if len(invalid.Problems) != 1 || invalid.Problems[0].Field != test.field || !strings.Contains(invalid.Problems[0].Message, test.says) {
				t.Errorf("problems %q", invalid.Problems)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("tells the password: %v", err)
			}
			if out.Len() != 0 {
				t.Errorf("%d bytes written in spite of it", out.Len())
			}
		})
	}

	t.Run("all at once", func(t *testing.T) {
		_, err := Build(Config{Version: "1", PublicURL: "http://x", AccentColor: "red"})
		var invalid *InvalidError
		if !errors.As(err, &invalid) || len(invalid.Problems) != 4 {
			t.Errorf("want four problems: %v", err)
		}
	})
}
