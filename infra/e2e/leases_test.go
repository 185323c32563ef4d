package e2e

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"herald/infra/queue/redistest"
)

// pastLease is longer than any lease, and than what makes an attempt stale.
const pastLease = 150 * time.Second

// expire lets the leases of the dead run out, whose stores env names. They are on real time, which moving the cloud's clock does
// not touch. It is only for when nobody lives whose leases that could end.
func expire(t testing.TB, env map[string]string) {
	t.Helper()
	driver, address := "pgx", env["HERALD_DATABASE_URL"]
	if address == "" {
		driver, address = "sqlite", "file:"+filepath.Join(env["HERALD_DATA_DIR"], "herald.db")+"?_pragma=busy_timeout(10000)"
	}
	db := open(t, driver, address)
	for _, statement := range []string{`UPDATE deliveries SET attempted_at = attempted_at - $1 WHERE status = 'sending'`, `UPDATE snoozes SET attempted_at = attempted_at - $1`, `UPDATE leases SET until = until - $1`} {
		if _, err := db.ExecContext(t.Context(), statement, pastLease.Milliseconds()); err != nil {
			t.Fatal(err)
		}
	}
	if url := env["HERALD_REDIS_URL"]; url != "" { // the embedded one dies with its process
		opt, err := redis.ParseURL(url)
		if err != nil {
			t.Fatal(err)
		}
		rdb := redis.NewClient(opt)
		defer rdb.Close()
		redistest.Age(t, rdb, pastLease)
	}
}
