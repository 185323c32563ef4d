package health

import (
	"context"
	"errors"
	"testing"
	"time"
)

// TestWhatARunningServiceKnows: what a sandbox cannot provoke without waiting, or without filling a disk.
func TestWhatARunningServiceKnows(t *testing.T) {
	queue := func(q QueueFacts, err error) func(*Subject) []Finding {
		return func(s *Subject) []Finding {
			s.Queue = func(context.Context, string) (QueueFacts, error) { return q, err }
			return s.queue(t.Context())
		}
	}
	disk := func(free uint64, known bool, err error) func(*Subject) []Finding {
		return func(s *Subject) []Finding {
			s.Disk = func(string) (uint64, bool, error) { return free, known, err }
			return s.disk(t.Context())
		}
	}
	redis := func(r RedisFacts) func(*Subject) []Finding {
		return func(s *Subject) []Finding {
			s.Redis = func(context.Context) (RedisFacts, error) { return r, nil }
			return s.redis(t.Context())
		}
	}
	schema := func(d DatabaseFacts) func(*Subject) []Finding {
		return func(s *Subject) []Finding {
			s.Database = func(context.Context) (DatabaseFacts, error) { return d, nil }
			return s.database(t.Context())
		}
	}
	for _, c := range []struct {
		look  func(*Subject) []Finding
		code  string
		state State
	}{
		{queue(QueueFacts{}, nil), "queue.ok", OK},
		{queue(QueueFacts{Due: 3, Lag: time.Minute}, nil), "queue.ok", OK},
		{queue(QueueFacts{Due: 3, Lag: 2 * time.Minute}, nil), "queue.late", Warning},
		{queue(QueueFacts{Due: 3, Lag: 11 * time.Minute}, nil), "queue.stuck", Problem},
		{queue(QueueFacts{Due: 3, Lag: 11 * time.Minute, Paused: 5 * time.Second}, nil), "queue.paused", Warning},
		{queue(QueueFacts{}, errors.New("no")), "queue.unknown", Problem},
		{disk(2<<30, true, nil), "disk.ok", OK},
		{disk(500<<20, true, nil), "disk.low", Warning},
		{disk(50<<20, true, nil), "disk.full", Problem},
		{disk(0, false, nil), "disk.unknown", OK},
		{redis(RedisFacts{Version: "4.0.14", Old: true, Policy: "noeviction", AOF: true}), "redis.old", Problem},
		{redis(RedisFacts{Version: "7.2.4", Policy: "noeviction", AOF: true}), "redis.ok", OK},
		{schema(DatabaseFacts{Kind: "SQLite", Behind: 2}), "database.behind", Problem}, // the service should have migrated it
	} {
		s := &Subject{Now: time.Now, Running: true, Tenants: []string{"contoso"}, DataDir: t.TempDir()}
		got := c.look(s)
		if len(got) != 1 || got[0].Code != c.code || got[0].State != c.state {
			t.Errorf("found %+v, want %s %s", got, c.code, c.state)
		}
	}
}
