package health

import (
	"context"
	"os"
	"strconv"
	"time"
)

const (
	lateAfter   = time.Minute
	stuckAfter  = 10 * time.Minute
	silentAfter = 7 * 24 * time.Hour
	lowDisk     = 1 << 30
	fullDisk    = 100 << 20
)

func (s *Subject) database(ctx context.Context) []Finding {
	const check = "database"
	d, err := s.Database(ctx)
	params := []string{"kind", d.Kind, "n", strconv.Itoa(max(d.Behind, d.Ahead))}
	switch {
	case err != nil:
		return one(check, "database.unreachable", Problem, params...)
	case d.New:
		return one(check, "database.new", OK, params...)
	case d.Ahead > 0:
		return one(check, "database.ahead", Warning, params...)
	case d.Behind > 0 && s.Running:
		return one(check, "database.behind", Problem, params...)
	case d.Behind > 0:
		return one(check, "database.behind", Warning, params...)
	}
	return one(check, "database.ok", OK, params...)
}

func (s *Subject) redis(ctx context.Context) (out []Finding) {
	const check = "redis"
	r, err := s.Redis(ctx)
	params := []string{"version", r.Version, "policy", r.Policy}
	switch {
	case err != nil && r.Refused:
		return one(check, "redis.refused", Problem, params...)
	case err != nil:
		return one(check, "redis.unreachable", Problem, params...)
	case r.Embedded:
		return one(check, "redis.embedded", OK)
	}
	if r.Old {
		out = append(out, find(check, "redis.old", Problem, params...))
	}
	if r.Policy != "noeviction" && r.Policy != "" {
		out = append(out, find(check, "redis.policy", Warning, params...))
	}
	if !r.AOF {
		out = append(out, find(check, "redis.persistence", Warning, params...))
	}
	if len(out) == 0 {
		return one(check, "redis.ok", OK, params...)
	}
	return out
}

func (s *Subject) queue(ctx context.Context) []Finding {
	const check = "queue"
	if s.Queue == nil {
		return one(check, "queue.inside", OK)
	}
	worst := find(check, "queue.ok", OK)
	for _, tenant := range s.Tenants {
		q, err := s.Queue(ctx, tenant)
		params := []string{"tenant", tenant, "n", strconv.Itoa(q.Due), "minutes", strconv.Itoa(int(q.Lag.Minutes())), "seconds", strconv.Itoa(int(q.Paused.Seconds()))}
		switch {
		case err != nil:
			return one(check, "queue.unknown", Problem, params...)
		case q.Lag > stuckAfter && q.Paused == 0:
			return one(check, "queue.stuck", Problem, params...)
		case q.Paused > 0:
			worst = find(check, "queue.paused", Warning, params...)
		case q.Lag > lateAfter:
			worst = find(check, "queue.late", Warning, params...)
		}
	}
	return []Finding{worst}
}

func (s *Subject) inbound(ctx context.Context) []Finding {
	const check = "teams"
	if s.Inbound == nil {
		return one(check, "inbound.unknown", OK)
	}
	var last time.Time
	for _, tenant := range s.Tenants {
		in, err := s.Inbound(ctx, tenant)
		if err != nil {
			return one(check, "inbound.unknown", OK)
		}
		if in.Bot.After(last) {
			last = in.Bot
		}
	}
	params := []string{"at", last.UTC().Format(time.RFC3339), "days", strconv.Itoa(int(s.Now().Sub(last).Hours() / 24))}
	switch {
	case last.IsZero():
		return one(check, "inbound.never", Warning)
	case s.Now().Sub(last) > silentAfter:
		return one(check, "inbound.silent", Warning, params...)
	}
	return one(check, "inbound.ok", OK, params...)
}

func (s *Subject) people(ctx context.Context) []Finding {
	const check = "people"
	if s.People == nil {
		return nil
	}
	total := 0
	for _, tenant := range s.Tenants {
		n, err := s.People(ctx, tenant)
		if err != nil {
			return nil // said by the check of the database
		}
		total += n
	}
	if total == 0 {
		return one(check, "people.none", Warning)
	}
	return one(check, "people.ok", OK, "n", strconv.Itoa(total))
}

func (s *Subject) disk(context.Context) []Finding {
	const check = "disk"
	// Not by looking at its rights: a file system may be mounted read-only, or full.
	probe, err := os.CreateTemp(s.DataDir, ".herald-health-*")
	if err != nil {
		if os.IsNotExist(err) {
			return one(check, "disk.missing", Warning, "dir", s.DataDir)
		}
		return one(check, "disk.readonly", Problem, "dir", s.DataDir)
	}
	probe.Close()
	_ = os.Remove(probe.Name())
	ask := s.Disk
	if ask == nil {
		ask = freeSpace
	}
	free, known, err := ask(s.DataDir)
	params := []string{"dir", s.DataDir, "free", gib(free)}
	switch {
	case err != nil || !known:
		return one(check, "disk.unknown", OK, params...)
	case free < fullDisk:
		return one(check, "disk.full", Problem, params...)
	case free < lowDisk:
		return one(check, "disk.low", Warning, params...)
	}
	return one(check, "disk.ok", OK, params...)
}
