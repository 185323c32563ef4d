package connector

import (
	"errors"
	"strings"
	"testing"
)

func TestServiceURLs(t *testing.T) {
	t.Parallel()
	list, err := newHostList([]string{"smba.trafficmanager.net", "*.Teams.Example.com", "127.0.0.1:3979", "[::1]:3979", "*.odd.example.com:8443"}, false)
	if err != nil {
		t.Fatal(err)
	}
	allowed := []string{
		"https://smba.trafficmanager.net/teams/",
		"https://smba.trafficmanager.net",
		"https://SMBA.TrafficManager.NET/amer/11111111-1111-4111-8111-111111111111/",
		"https://smba.trafficmanager.net:443/teams",
		"HTTPS://smba.trafficmanager.net/teams",
		"https://a.teams.example.com/",
		"https://a.b.teams.example.com/",
		"https://127.0.0.1:3979/teams/",
		"https://[::1]:3979/teams/",
		"https://x.odd.example.com:8443/",
	}
	for _, s := range allowed {
		if _, token, err := list.check(s); err != nil || !token {
			t.Errorf("%q: %v", s, err)
		}
	}
	refused := []string{
		"",
		"smba.trafficmanager.net",
		"//smba.trafficmanager.net/teams",
		"http://smba.trafficmanager.net/teams/",
		"ftp://smba.trafficmanager.net/",
		"file:///etc/passwd",
		"javascript:alert(1)",
		"https:smba.trafficmanager.net",
		"https:///teams",
		"https://",
		"https://evil.example/",
		"https://evil.trafficmanager.net/",
		"https://smba.trafficmanager.net.evil.example/",
		"https://evilsmba.trafficmanager.net/",
		"https://evil.example/smba.trafficmanager.net",
		"https://evil.example/?smba.trafficmanager.net",
		"https://smba.trafficmanager.net./",
		"https://teams.example.com/",
		"https://.teams.example.com/",
		"https://evilteams.example.com/",
		"https://-.teams.example.com/",
		"https://a_b.teams.example.com/",
		"https://smba.trafficmanager.net@evil.example/",
		"https://user:pw@smba.trafficmanager.net/",
		"https://@smba.trafficmanager.net/",
		"https://smba.trafficmanager.net:444/",
		"https://smba.trafficmanager.net:80/",
		"https://smba.trafficmanager.net:/",
		"https://smba.trafficmanager.net:0443/",
		"https://smba.trafficmanager.net#@evil.example/",
		"https://smba.trafficmanager.net?@evil.example/",
		"https://smba.trafficmanager.net/?x=1",
		"https://smba.trafficmanager.net/?",
		"https://smba.trafficmanager.net/#",
		`https://smba.trafficmanager.net\@evil.example/`,
		`https://evil.example\.teams.example.com/`,
		"https://evil.example%2F.teams.example.com/",
		"https://evil.example%00.teams.example.com/",
		"https://smba.trafficmanager.net/%2e%2e/",
		"https://smba.trafficmanager.net/../x",
		"https://smba.trafficmanager.net/./x",
		"https://smba.trafficmanager.net/a b",
		"https://smba.trafficmanager.net/\r\nX: y",
		" https://smba.trafficmanager.net/",
		"https://smba.trafficmanager.net/teams\t",
		"https://smba。trafficmanager.net/",
		"https://ſmba.trafficmanager.net/",
		"https://127.0.0.1/",
		"https://127.0.0.1:3978/",
		"https://127.1:3979/",
		"https://2130706433:3979/",
		"https://0x7f.0.0.1:3979/",
		"https://0177.0.0.1:3979/",
		"https://[::ffff:127.0.0.1]:3979/",
		"https://localhost:3979/",
		"https://169.254.169.254/metadata/instance",
		"https://[fd00::1]/",
		"https://[::1%25eth0]:3979/",
		"https://1.2.3.4.teams.example.com.5/",
		"http://127.0.0.1:3979/",
		"http://localhost/",
		"https://" + strings.Repeat("a.", 200) + "teams.example.com/",
	}
	for _, s := range refused {
		if u, _, err := list.check(s); !errors.Is(err, ErrServiceURL) {
			t.Errorf("%q was let through to %v (%v)", s, u, err)
		}
	}
}

func TestPlaygroundServiceURLs(t *testing.T) {
	t.Parallel()
	list, err := newHostList([]string{"127.0.0.1:3979"}, true)
	if err != nil {
		t.Fatal(err)
	}
	for s, want := range map[string]struct{ allowed, token bool }{
		"http://127.0.0.1:56150/_connector": {true, false},
		"http://localhost:56150":            {true, false},
		"http://[::1]:56150":                {true, false},
		"http://127.8.8.8":                  {true, false},
		"https://127.0.0.1:3979/teams/":     {true, true},
		"https://127.0.0.1:56150/":          {false, false},
		"http://localhost.evil.example/":    {false, false},
		"http://127.0.0.1.evil.example/":    {false, false},
		"http://127.0.0.1@evil.example/":    {false, false},
		"http://10.0.0.1/":                  {false, false},
		"http://169.254.169.254/":           {false, false},
		"http://0.0.0.0/":                   {false, false},
		"http://evil.example/":              {false, false},
		"http://smba.trafficmanager.net/":   {false, false},
		"http://2130706433/":                {false, false},
	} {
		if _, token, err := list.check(s); (err == nil) != want.allowed || token != want.token {
			t.Errorf("%q: token %v, %v", s, token, err)
		}
	}
}

func TestHostPatterns(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"", "*", "*.", "*.com", "*.*.example.com", "a*.example.com", "https://a.example", "a.example/", "a b", "user@a.example", "*.127.0.0.1", "fe80::1%eth0"} {
		if _, err := newHostList([]string{p}, false); err == nil {
			t.Errorf("%q was accepted", p)
		}
	}
}

func FuzzServiceURL(f *testing.F) {
	for _, s := range []string{"https://smba.trafficmanager.net/teams/", "https://a@b", "http://127.0.0.1", `https://a\b`, "https://[::1]:1"} {
		f.Add(s)
	}
	list, err := newHostList([]string{"smba.trafficmanager.net", "*.teams.example.com"}, true)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, token, err := list.check(s)
		if err != nil {
			return
		}
		host := strings.ToLower(u.Hostname())
		known := host == "smba.trafficmanager.net" || strings.HasSuffix(host, ".teams.example.com")
		switch {
		case token && (!known || !strings.EqualFold(u.Scheme, "https") || u.Port() != "" && u.Port() != "443"):
			t.Errorf("the token would go to %q", u)
		case !token && !isLoopback(host):
			t.Errorf("a call would go to %q", u)
		}
	})
}

func FuzzEnvelope(f *testing.F) {
	for _, s := range []string{`{"error":{"code":"x"}}`, `{"errorCode":209,"message":"{\"subCode\":\"y\"}"}`, ``, `[]`, "\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		code, detail := envelope(body)
		if len(code) > 100 || len(detail) > 310 || strings.ContainsAny(code+detail, "\r\n\x00") {
			t.Errorf("%q, %q", code, detail)
		}
	})
}
