package e2e

import (
	"database/sql"
	"maps"
	"strconv"
	"testing"
	"time"

	"herald/infra/queue/redistest"
	"herald/infra/store/pgtest"
)

// Fleet is a web process and workers on one PostgreSQL and one Redis, beside a cloud in
// a process of its own, in which everybody has the app.
type Fleet struct {
	*Herald // the web process
	Workers []*Process
	DB      *sql.DB
	Author  *API

	t      testing.TB
	worker map[string]string // environment of a worker
	ready  chan *Process     // workers begun that listen; nil: one that does not
}

// Plan says what a fleet is made of. People and Rate must be set.
type Plan struct {
	People   int
	Rate     int // of the tenant, per second
	Workers  int
	Database string            // empty: a database of the shared server
	Redis    *redistest.Server // nil: one that keeps nothing on disk
	Cloud    map[string]string // more environment of the cloud
}

// StartFleet runs what the plan says. It returns when everybody is known and every worker listens.
func StartFleet(t testing.TB, p Plan) *Fleet {
	t.Helper()
	if p.Database == "" {
		p.Database = pgtest.Database(t)
	}
	if p.Redis == nil {
		p.Redis = redistest.Start(t)
	}
	cloud := map[string]string{"HERALD_SANDBOX_USERS": strconv.Itoa(p.People)}
	maps.Copy(cloud, p.Cloud)
	box := StartSandbox(t, cloud)
	env := map[string]string{
		"HERALD_ADDR": "127.0.0.1:0", "HERALD_SANDBOX_URL": box.URL, "HERALD_DATA_DIR": t.TempDir(),
		"HERALD_DATABASE_URL": p.Database, "HERALD_REDIS_URL": p.Redis.URL(), "HERALD_RATE": strconv.Itoa(p.Rate),
	}
	f := &Fleet{t: t, Herald: &Herald{Cloud: box, env: maps.Clone(env)}, DB: open(t, "pgx", p.Database), worker: env, ready: make(chan *Process, 1000)}
	f.Herald.env["HERALD_ROLE"] = "web"
	f.Herald.Again()
	f.worker["HERALD_ROLE"], f.worker["HERALD_PUBLIC_URL"] = "worker", f.URL
	f.crowd(t, f.DB)
	f.Author = f.Herald.Author(t)
	// An author who counts an audience has the directory read.
	for count := (map[string]any{}); count["installed"] != float64(p.People); {
		count = f.Author.OK(200, "POST", "/audience/count", all)
	}
	for range p.Workers {
		f.Begin()
	}
	for range p.Workers {
		f.Ready()
	}
	return f
}

// Begin starts one more worker and does not wait for it.
func (f *Fleet) Begin() {
	f.t.Helper()
	p := spawn(f.t, f.worker)
	go func() {
		if err := p.listening("Herald listens"); err != nil {
			f.t.Errorf("worker: %v", err)
			p = nil
		}
		f.ready <- p
	}()
}

// Ready waits for one of the workers begun, and counts it among Workers.
func (f *Fleet) Ready() *Process {
	f.t.Helper()
	p := <-f.ready
	if p == nil {
		f.t.FailNow()
	}
	f.Workers = append(f.Workers, p)
	return p
}

// Remove takes one of Workers out, the i-th or one that listens by now; ending it is the caller's.
func (f *Fleet) Remove(i int) *Process {
	f.t.Helper()
	for len(f.ready) > 0 {
		f.Ready()
	}
	if len(f.Workers) == 0 {
		f.Ready()
	}
	i %= len(f.Workers)
	p := f.Workers[i]
	f.Workers = append(f.Workers[:i], f.Workers[i+1:]...)
	return p
}

// Send starts a campaign to everybody.
func (f *Fleet) Send() (id string) {
	f.t.Helper()
	id = f.Author.Create("Everybody", "message", text("Hello [FIRSTNAME]"), all)
	f.Author.OK(202, "POST", "/campaigns/"+id+"/send", map[string]any{"at": nil})
	return id
}

// Hurry returns when the campaign is completed, and makes the waits for next attempts short: the cloud's clock jumps every
// second, by more than a lease, which ends none.
func (f *Fleet) Hurry(id string) {
	f.t.Helper()
	completed, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		step := time.NewTicker(time.Second)
		defer step.Stop()
		for {
			select {
			case <-step.C:
				if err := f.Cloud.advance(40 * time.Second); err != nil {
					f.t.Errorf("the clock does not move: %v", err)
				}
			case <-completed:
				return
			}
		}
	}()
	defer func() { close(completed); <-stopped }()
	f.Author.Await(id, "completed")
}
