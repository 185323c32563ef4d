package queue

import (
	"context"
	"embed"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

//go:embed lua/*.lua
var luaFiles embed.FS

var (
	claimScript      = script("clock", "share", "room", "claim")
	peekScript       = script("clock", "share", "room", "peek")
	feedScript       = script("feed")
	ackScript        = script("ack")
	renewScript      = script("clock", "renew")
	rescheduleScript = script("reschedule")
	pauseScript      = script("pause")
	lateScript       = script("clock", "late")
	slowScript       = script("clock", "share", "slow")
	admitScript      = script("clock", "admit")
	statsScript      = script("clock", "share", "stats")

	startScheduleScript = script("clock", "start_schedule")
	startClaimScript    = script("clock", "start_claim")
	startRenewScript    = script("clock", "start_renew")
	startAckScript      = script("start_ack")
	startPeekScript     = script("clock", "start_peek")
	startStatsScript    = script("clock", "start_stats")
)

// script joins files of lua/ into one script.
func script(names ...string) *redis.Script {
	var src string
	for _, n := range names {
		b, err := luaFiles.ReadFile("lua/" + n + ".lua")
		if err != nil {
			panic(err) // embedded: cannot be missing in a program that was built
		}
		src += string(b)
	}
	return redis.NewScript(src)
}

// call is one run of a script in a pipeline.
type call struct {
	script *redis.Script
	keys   []string
	args   []any
	*redis.Cmd
}

// run sends the calls, and what more adds, in one round trip. Scripts that
// Redis does not know (a restart, SCRIPT FLUSH) are sent again with their text.
func (q *Queue) run(ctx context.Context, calls []*call, more func(redis.Pipeliner)) error {
	if len(calls) == 1 && more == nil {
		c := calls[0]
		c.Cmd = c.script.Run(ctx, q.rdb, c.keys, c.args...)
		return c.Err()
	}
	if len(calls) == 0 && more == nil {
		return nil
	}
	cmds, err := q.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, c := range calls {
			c.Cmd = c.script.EvalSha(ctx, p, c.keys, c.args...)
		}
		if more != nil {
			more(p)
		}
		return nil
	})
	if err == nil {
		return nil
	}
	for _, c := range calls {
		if unknownScript(c.Err()) {
			c.Cmd = c.script.Eval(ctx, q.rdb, c.keys, c.args...)
		}
		if c.Err() != nil {
			return c.Err()
		}
	}
	for _, cmd := range cmds[len(calls):] {
		if cmd.Err() != nil {
			return cmd.Err()
		}
	}
	return nil
}

func unknownScript(err error) bool {
	return err != nil && (errors.Is(err, redis.ErrNoScript) || redis.HasErrorPrefix(err, "NOSCRIPT"))
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("queue: %s: %w", what, err)
}
