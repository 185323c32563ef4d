package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Open connects to the Redis of a URL (redis://, rediss://, unix://; with addr=
// parameters a cluster) and asks it for a sign of life. Errors never show the URL, which may hold a password.
func Open(ctx context.Context, rawURL string) (redis.UniversalClient, error) {
	rdb, err := client(rawURL)
	if err != nil {
		return nil, err
	}
	if err := rdb.Ping(ctx).Err(); err != nil {
		_ = rdb.Close()
		return nil, wrap("connect to Redis", err)
	}
	return rdb, nil
}

func client(rawURL string) (redis.UniversalClient, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, errors.New("queue: the Redis URL is not a URL")
	}
	if u.Query().Has("addr") {
		opt, err := redis.ParseClusterURL(rawURL)
		if err != nil {
			return nil, urlError(u)
		}
		opt.ContextTimeoutEnabled = true
		opt.DialerRetries = 1 // commands are tried again anyway
		opt.MaintNotificationsConfig = noNotifications()
		return redis.NewClusterClient(opt), nil
	}
	opt, err := redis.ParseURL(rawURL)
	if err != nil {
		return nil, urlError(u)
	}
	opt.ContextTimeoutEnabled = true
	opt.DialerRetries = 1 // commands are tried again anyway
	opt.MaintNotificationsConfig = noNotifications()
	return redis.NewClient(opt), nil
}

// urlError says what can be said without the cause, which quotes the URL.
func urlError(u *url.URL) error {
	switch u.Scheme {
	case "redis", "rediss", "unix":
		return fmt.Errorf("queue: the Redis URL (%s://…) has a part that is not understood: write %s://[user:password@]host:port[/number]", u.Scheme, u.Scheme)
	default:
		return fmt.Errorf("queue: a Redis URL begins with redis://, rediss:// or unix://, not %q", u.Scheme)
	}
}

// noNotifications spares the handshake of a feature of one cloud vendor.
func noNotifications() *maintnotifications.Config {
	return &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}

// Embedded starts a Redis-compatible server in this process, on a loopback port
// and behind a random password, and returns a client for it. It keeps nothing on
// disk: its epoch is new every time. closeAll ends client and server.
func Embedded(ctx context.Context) (rdb redis.UniversalClient, closeAll func() error, err error) {
	m := miniredis.NewMiniRedis()
	m.ClockTTL(true)
	password := newToken()
	m.RequireAuth(password)
	if err := m.StartAddr("127.0.0.1:0"); err != nil {
		return nil, nil, wrap("start the embedded Redis", err)
	}
	rdb = redis.NewClient(&redis.Options{
		Addr:                     m.Addr(),
		Password:                 password,
		ContextTimeoutEnabled:    true,
		DialerRetries:            1, // commands are tried again anyway
		MaintNotificationsConfig: noNotifications(),
	})
	closeAll = func() error {
		err := rdb.Close()
		m.Close()
		return err
	}
	if err := rdb.Ping(ctx).Err(); err != nil {
		return nil, nil, errors.Join(wrap("connect to the embedded Redis", err), closeAll())
	}
	return rdb, closeAll, nil
}

// Info is what an operator should know about a Redis server.
type Info struct {
	Version         string // "7.0.15"; empty when the server does not say (the embedded one)
	MaxMemoryPolicy string // "noeviction" is the one that loses nothing
	AOF             bool   // appendonly: a restart keeps the data
	Cluster         bool
	Lag             time.Duration // time of one round trip
}

// ReadInfo asks the server. Servers that do not know INFO give an Info with what is known.
func ReadInfo(ctx context.Context, rdb redis.UniversalClient) (Info, error) {
	before := time.Now()
	if err := rdb.Ping(ctx).Err(); err != nil {
		return Info{}, wrap("ask Redis", err)
	}
	info := Info{Lag: time.Since(before)}
	text, err := rdb.Info(ctx).Result()
	var refused redis.Error
	if err != nil && !errors.As(err, &refused) {
		return Info{}, wrap("ask Redis", err)
	}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch name {
		case "redis_version":
			info.Version = value
		case "maxmemory_policy":
			info.MaxMemoryPolicy = value
		case "aof_enabled":
			info.AOF = value == "1"
		case "cluster_enabled":
			info.Cluster = value == "1"
		}
	}
	return info, nil
}

// TooOld says whether the server lacks what Herald's scripts need. Of one that names no version nothing is said.
func (i Info) TooOld() bool {
	var major int
	_, err := fmt.Sscanf(i.Version, "%d.", &major)
	return err == nil && major < 5
}

// Refused says whether the server answered and let nobody in: no password, or a wrong one.
func Refused(err error) bool {
	var answer redis.Error
	if !errors.As(err, &answer) {
		return false
	}
	for _, code := range []string{"NOAUTH", "WRONGPASS", "NOPERM", "ERR invalid password", "ERR Client sent AUTH"} {
		if strings.HasPrefix(answer.Error(), code) {
			return true
		}
	}
	return false
}

// LogTo sends the messages of the Redis client, in all of this process, to l.
// They hold network addresses and errors, never commands or passwords. They go
// to the debug level, because every failed command also returns its error.
func LogTo(l *slog.Logger) { redis.SetLogger(clientLog{l}) }

type clientLog struct{ l *slog.Logger }

func (c clientLog) Printf(ctx context.Context, format string, v ...any) {
	c.l.DebugContext(ctx, "redis client: "+fmt.Sprintf(format, v...))
}
