package e2e

import (
	"testing"

	"herald/infra/queue/redistest"
	"herald/infra/store/pgtest"
)

// backends are the pairs of stores that Herald runs on; every suite here runs on both.
var backends = []Backend{
	{"SQLite and embedded Redis", func(testing.TB) map[string]string { return map[string]string{} }},
	{"PostgreSQL and Redis", func(t testing.TB) map[string]string {
		return map[string]string{"HERALD_DATABASE_URL": pgtest.Database(t), "HERALD_REDIS_URL": redistest.Start(t).URL()}
	}},
}

func onEachBackend(t *testing.T, test func(t *testing.T, env map[string]string)) {
	for _, b := range backends {
		t.Run(b.Name, func(t *testing.T) { test(t, b.Env(t)) })
	}
}
