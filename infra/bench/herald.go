package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"herald/campaigns"
	"herald/campaigns/message"
	"herald/infra/queue"
	"herald/infra/store"
)

// stores is a pair of stores that a Herald runs on.
type stores struct {
	name     string
	env      []string
	sql      *sql.DB // for looking on, and for people in bulk
	embedded bool
	starter  campaigns.Starter

	db    *store.DB
	close func() error
}

// silent is for what an author's process would log.
var silent = slog.New(slog.DiscardHandler)

// onServers are the stores of processes that share the work. The queue's rate is the workers'.
func (w *world) onServers(ctx context.Context, url string) (*stores, error) {
	s := &stores{name: serversName, env: []string{"HERALD_ROLE=worker", "HERALD_DATABASE_URL=" + url, "HERALD_REDIS_URL=" + w.redis.url()}}
	q := queue.New(w.redis.rdb, queue.Options{Logger: silent})
	s.starter = q
	var err error
	if s.db, err = store.Open(ctx, url, "", silent); err != nil {
		return nil, err
	}
	if s.sql, err = sql.Open("pgx", url); err != nil {
		return nil, err
	}
	s.close = func() error { q.Close(); return errors.Join(s.sql.Close(), s.db.Close()) }
	return s, nil
}

// onNewDatabase is onServers with an empty database, which goes when the stores are closed.
func (w *world) onNewDatabase(ctx context.Context) (*stores, error) {
	url, err := w.postgres.create(ctx, "run", "")
	if err != nil {
		return nil, err
	}
	s, err := w.onServers(ctx, url)
	if err != nil {
		return nil, err
	}
	end := s.close
	s.close = func() error { return errors.Join(end(), w.postgres.drop(ctx, "run")) }
	return s, nil
}

// inNewFolder is embedded with an empty folder.
func (w *world) inNewFolder(ctx context.Context) (*stores, error) {
	dir, err := w.folder("run")
	if err != nil {
		return nil, err
	}
	return w.embedded(ctx, dir)
}

// embedded are the stores of a Herald alone: SQLite in dir, Redis inside of the process.
func (w *world) embedded(ctx context.Context, dir string) (*stores, error) {
	s := &stores{name: embeddedName, embedded: true, starter: nobody{}, env: []string{"HERALD_ROLE=all", "HERALD_DATA_DIR=" + dir}}
	var err error
	if s.db, err = store.Open(ctx, "", dir, silent); err != nil {
		return nil, err
	}
	if s.sql, err = sql.Open("sqlite", "file:"+filepath.Join(dir, "herald.db")+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)"); err != nil {
		return nil, err
	}
	s.close = func() error { return errors.Join(s.sql.Close(), s.db.Close()) }
	return s, nil
}

const (
	serversName  = "PostgreSQL + Redis"
	embeddedName = "SQLite + embedded Redis"
)

// nobody stands for the queue inside of another process: its reconciler finds the campaign in SQL.
type nobody struct{}

func (nobody) ScheduleStart(context.Context, campaigns.Key, time.Time) error { return nil }
func (nobody) Unschedule(context.Context, campaigns.Key) error               { return nil }
func (nobody) Drop(context.Context, campaigns.Key) error                     { return nil }

// herald starts the program on stores and returns when it works.
func (w *world) herald(ctx context.Context, s *stores, rate int) (*child, error) {
	env := append([]string{
		"HERALD_MODE=playground", "HERALD_ADDR=127.0.0.1:0", "HERALD_SANDBOX_URL=" + w.sink.url, "HERALD_RATE=" + strconv.Itoa(rate),
		"HERALD_DATA_DIR=" + filepath.Join(w.dir, "herald"),
	}, s.env...)
	c, err := spawn("herald", w.options.herald, env, nil, nil)
	if err != nil {
		return nil, err
	}
	if _, err := c.await(ctx, regexp.MustCompile("Herald listens")); err != nil {
		c.stop(syscall.SIGKILL)
		return nil, err
	}
	return c, nil
}

// text is what is sent: a few lines with a name in them.
const text = "Hello [FIRSTNAME],\n\nour new canteen opens on **Monday**. There is a vegetarian dish every day, and the first coffee is free for everybody who brings this message. " +
	"You find the menu of the week and the opening hours on the [intranet](https://intranet.contoso.example/canteen).\n\nSee you there!"

var author = campaigns.Actor{TenantID: tenant, PersonID: "author", DisplayName: "Author", Roles: []campaigns.Role{campaigns.RoleAuthor}}

// send makes a campaign as an author does, for at.
func (s *stores) send(ctx context.Context, to campaigns.Audience, at time.Time) (campaigns.Key, error) {
	service := &campaigns.Service{Store: s.db, Queue: s.starter, Now: time.Now, Log: silent}
	c, err := service.Create(ctx, author, campaigns.Input{Name: "Canteen", Format: message.Message, Content: message.Content{Text: text}, Audience: to})
	if err != nil {
		return campaigns.Key{}, err
	}
	_, err = service.Send(ctx, author, c.ID, 0, &at)
	return c.Key(), err
}

// state is what a campaign's row says.
type state struct {
	status               string
	planned              bool
	total, pending, sent int64
}

func (s *stores) state(ctx context.Context, k campaigns.Key) (st state, err error) {
	err = s.sql.QueryRowContext(ctx, `SELECT status, planned, n_total, n_pending, n_sent FROM campaigns WHERE tenant_id = $1 AND id = $2`, k.TenantID, k.CampaignID).
		Scan(&st.status, &st.planned, &st.total, &st.pending, &st.sent)
	return st, err
}

// until looks at a campaign every 10 ms and says when it was as wanted, or that its Herald ended.
func (s *stores) until(ctx context.Context, k campaigns.Key, herald *child, wanted func(state) bool) (time.Time, state, error) {
	t := time.NewTicker(10 * time.Millisecond)
	defer t.Stop()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		st, err := s.state(ctx, k)
		if err != nil {
			return time.Time{}, st, err
		}
		if wanted(st) {
			return time.Now(), st, nil
		}
		select {
		case <-t.C:
		case <-herald.done:
			return time.Time{}, st, herald.failed("ended", herald.err)
		case <-timeout.C:
			return time.Time{}, st, herald.failed(fmt.Sprintf("does not get on; the campaign stands at %+v", st), nil)
		case <-ctx.Done():
			return time.Time{}, st, ctx.Err()
		}
	}
}

func planned(st state) bool   { return st.planned }
func completed(st state) bool { return st.status == string(campaigns.Completed) }

// world is what a run stands on: the servers, and the folder in which everything lies.
type world struct {
	options  options
	dir      string
	sink     *sink
	redis    *redisServer
	postgres *postgres
}

func open(ctx context.Context, parent string, o options) (w *world, err error) {
	w = &world{options: o}
	if w.dir, err = os.MkdirTemp(parent, "herald-bench-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	if err := errors.Join(os.Chmod(w.dir, 0o755), os.Mkdir(filepath.Join(w.dir, "herald"), 0o700)); err != nil { // PostgreSQL's user must pass
		return nil, err
	}
	if w.sink, err = startSink(ctx); err != nil {
		return nil, err
	}
	if w.redis, err = startRedis(ctx, filepath.Join(w.dir, "redis")); err != nil {
		return nil, err
	}
	w.postgres, err = startPostgres(ctx, filepath.Join(w.dir, "postgres"))
	return w, err
}

func (w *world) close() error {
	if w.postgres != nil {
		w.postgres.close()
	}
	if w.redis != nil {
		w.redis.close()
	}
	if w.sink != nil {
		w.sink.stop(syscall.SIGTERM)
	}
	return os.RemoveAll(w.dir)
}

// folder makes one under the run's.
func (w *world) folder(name string) (string, error) {
	path := filepath.Join(w.dir, name)
	return path, errors.Join(os.RemoveAll(path), os.Mkdir(path, 0o700))
}
