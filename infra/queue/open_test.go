package queue_test

import (
	"strings"
	"testing"

	"herald/infra/queue"
	"herald/infra/queue/redistest"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, "--requirepass", "sesame")
	rdb, err := queue.Open(t.Context(), "redis://:sesame@"+s.Addr+"/0")
	if err != nil {
		t.Fatal(err)
	}
	if err := rdb.Close(); err != nil {
		t.Error(err)
	}
}

// A password in the URL must not reach a log by way of an error.
func TestOpenErrorsHideThePassword(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, "--requirepass", "other")
	for name, url := range map[string]string{
		"wrong password": "redis://:sesame@" + s.Addr + "/0",
		"nobody there":   "redis://:sesame@127.0.0.1:1/0",
		"bad database":   "redis://:sesame@127.0.0.1:1/x",
		"bad parameter":  "redis://:sesame@127.0.0.1:1/0?dial_timeout=sesame",
		"bad cluster":    "redis://:sesame@127.0.0.1:1/0?addr=sesame:1&dial_timeout=sesame",
		"bad scheme":     "http://:sesame@127.0.0.1:1/0",
		"no URL":         "redis://:sesame@127.0.0.1:1 /%zz\x7f",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := queue.Open(t.Context(), url)
			if err == nil {
				t.Fatal("no error")
			}
			if strings.Contains(err.Error(), "sesame") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

func TestInfo(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		args []string
		want []string // beginnings of the warnings
	}{
		{"as it should be", []string{"--appendonly", "yes", "--maxmemory-policy", "noeviction"}, nil},
		{"a cache", []string{"--maxmemory-policy", "allkeys-lru"}, []string{"maxmemory-policy", "appendonly"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			info, err := queue.ReadInfo(t.Context(), redistest.Start(t, tc.args...).Client(t))
			if err != nil {
				t.Fatal(err)
			}
			if info.Version == "" || info.Cluster {
				t.Errorf("info = %+v", info)
			}
			ws := info.Warnings()
			if len(ws) != len(tc.want) {
				t.Fatalf("warnings %q, want %q", ws, tc.want)
			}
			for i, w := range ws {
				if !strings.HasPrefix(w, tc.want[i]) {
					t.Errorf("warning %q, want %q …", w, tc.want[i])
				}
			}
		})
	}
	t.Run("embedded", func(t *testing.T) {
		info, err := queue.ReadInfo(t.Context(), servers()[0].start(t))
		if err != nil || len(info.Warnings()) != 0 {
			t.Errorf("info = %+v, %v, %v", info, info.Warnings(), err)
		}
	})
}
