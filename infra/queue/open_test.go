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
		aof  bool
		want string // policy
	}{
		{"as it should be", []string{"--appendonly", "yes", "--maxmemory-policy", "noeviction"}, true, "noeviction"},
		{"a cache", []string{"--maxmemory-policy", "allkeys-lru"}, false, "allkeys-lru"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			info, err := queue.ReadInfo(t.Context(), redistest.Start(t, tc.args...).Client(t))
			if err != nil {
				t.Fatal(err)
			}
			if info.Version == "" || info.Cluster || info.TooOld() || info.AOF != tc.aof || info.MaxMemoryPolicy != tc.want {
				t.Errorf("info = %+v", info)
			}
		})
	}
	t.Run("embedded", func(t *testing.T) {
		info, err := queue.ReadInfo(t.Context(), servers()[0].start(t))
		if err != nil || info.TooOld() {
			t.Errorf("info = %+v, %v", info, err)
		}
	})
}

func TestRefused(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, "--requirepass", "right")
	for url, want := range map[string]bool{
		"redis://:wrong@" + server.Addr + "/0": true, "redis://" + server.Addr + "/0": true, "redis://127.0.0.1:1/0": false,
	} {
		_, err := queue.Open(t.Context(), url)
		if err == nil || queue.Refused(err) != want {
			t.Errorf("%s: %v, refused %v", url, err, queue.Refused(err))
		}
	}
}

func TestTooOld(t *testing.T) {
	for version, want := range map[string]bool{"": false, "4.0.14": true, "5.0.0": false, "7.2.4": false, "10.1": false} {
		if got := (queue.Info{Version: version}).TooOld(); got != want {
			t.Errorf("%q: %v", version, got)
		}
	}
}
