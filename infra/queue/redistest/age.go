package redistest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// age moves the moments of a sorted set back: of all its members, or of those that a hash knows.
var age = redis.NewScript(`
local e = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 1, #e, 2 do
  if not KEYS[2] or redis.call('HEXISTS', KEYS[2], e[i]) == 1 then
    redis.call('ZADD', KEYS[1], string.format('%.0f', tonumber(e[i + 1]) - tonumber(ARGV[1])), e[i])
  end
end
return 1`)

// Age lets every lease of the queue in this Redis be older by d. They run on Redis' own clock, which no test can move.
func Age(t testing.TB, rdb redis.UniversalClient, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	keys, err := rdb.Keys(ctx, "*").Result()
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
	// The index of a tenant's leases may be earlier than they are, never later: it comes after them.
	slices.SortStableFunc(keys, func(a, b string) int {
		return strings.Count(a, "}:leased") - strings.Count(b, "}:leased")
	})
	for _, k := range keys {
		of := []string{k}
		switch {
		case strings.Contains(k, "}:l:"), strings.HasSuffix(k, "}:leased"):
		case strings.HasSuffix(k, "{starts}:due"):
			of = append(of, strings.TrimSuffix(k, "due")+"tokens")
		default:
			continue
		}
		if err := age.Run(ctx, rdb, of, d.Microseconds()).Err(); err != nil {
			t.Fatalf("redistest: %v", err)
		}
	}
}
