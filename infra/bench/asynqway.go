package main

import (
	"context"
	"encoding/binary"
	"flag"
	"io"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"
)

// The usual way: the same job as one asynq task per recipient. It is given every advantage that
// does not change what it is: the task is eight bytes and needs no look-up and no rendering, the pools
// are as large as they are useful, and the best of several concurrencies is taken.

const taskSend = "send"

// enqueuers is how many goroutines enqueue at once; more did not make it faster.
const enqueuers = 32

func asynqRedis(addr string, pool int) asynq.RedisClientOpt {
	return asynq.RedisClientOpt{Addr: addr, PoolSize: pool}
}

func newSendTask(n int64) *asynq.Task {
	return asynq.NewTask(taskSend, binary.BigEndian.AppendUint64(nil, uint64(n)))
}

func taskNumber(t *asynq.Task) int64 { return int64(binary.BigEndian.Uint64(t.Payload())) }

// asynqEnqueue puts n tasks into Redis.
func asynqEnqueue(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("asynq-enqueue", flag.ContinueOnError)
	addr := flags.String("redis", "", "host:port")
	n := flags.Int64("n", 0, "tasks")
	if err := flags.Parse(args); err != nil {
		return err
	}
	client := asynq.NewClient(asynqRedis(*addr, enqueuers))
	defer client.Close()
	var next atomic.Int64
	began := time.Now()
	g, ctx := errgroup.WithContext(ctx)
	for range enqueuers {
		g.Go(func() error {
			for i := next.Add(1); i <= *n; i = next.Add(1) {
				if _, err := client.EnqueueContext(ctx, newSendTask(i)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return report(measured{Seconds: time.Since(began).Seconds()})
}

// asynqServe works off n tasks that were enqueued before: post, then write the recipient's row.
func asynqServe(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("asynq-serve", flag.ContinueOnError)
	addr := flags.String("redis", "", "host:port")
	database := flags.String("database", "", "postgres://…")
	url := flags.String("url", "", "of the sink")
	campaign := flags.String("campaign", "", "whose deliveries are written")
	n := flags.Int64("n", 0, "tasks")
	servers := flags.Int("servers", 1, "asynq servers in this process")
	concurrency := flags.Int("concurrency", 64, "of each server")
	connections := flags.Int("connections", 16, "to PostgreSQL")
	if err := flags.Parse(args); err != nil {
		return err
	}
	body, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	config, err := pgxpool.ParseConfig(*database)
	if err != nil {
		return err
	}
	config.MaxConns = int32(*connections)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	defer pool.Close()
	var number int64 // by which deliveries name the campaign
	if err := pool.QueryRow(ctx, `SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2`, tenant, *campaign).Scan(&number); err != nil {
		return err
	}
	p := newPoster(*url, body)
	var done atomic.Int64
	finished := make(chan struct{})
	send := asynq.HandlerFunc(func(ctx context.Context, t *asynq.Task) error {
		seq := taskNumber(t)
		id, err := p.post(ctx, seq, *campaign+":"+strconv.FormatInt(seq, 10))
		if err != nil {
			return err
		}
		if _, err := pool.Exec(ctx, `UPDATE deliveries SET status = 'sent', final = TRUE, attempts = attempts + 1, sent_at = $3, activity_id = $4, conversation_id = $5
			WHERE campaign = $1 AND seq = $2`, number, seq, time.Now().UnixMilli(), id, conversation(seq)); err != nil {
			return err
		}
		if done.Add(1) == *n {
			close(finished)
		}
		return nil
	})
	began := time.Now()
	for range *servers {
		server := asynq.NewServer(asynqRedis(*addr, *concurrency+10), asynq.Config{Concurrency: *concurrency, LogLevel: asynq.ErrorLevel})
		if err := server.Start(send); err != nil {
			return err
		}
		defer server.Shutdown()
	}
	select {
	case <-finished:
	case <-ctx.Done():
		return ctx.Err()
	}
	return report(measured{Seconds: time.Since(began).Seconds()})
}

// asynqLater sends tasks at a moment, with asynq's own settings, and says when each was due.
func asynqLater(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("asynq-later", flag.ContinueOnError)
	addr := flags.String("redis", "", "host:port")
	url := flags.String("url", "", "of the sink")
	n := flags.Int64("n", 0, "tasks")
	apart := flags.Duration("apart", 0, "between two tasks")
	if err := flags.Parse(args); err != nil {
		return err
	}
	p := newPoster(*url, []byte("{}"))
	var done sync.WaitGroup
	done.Add(int(*n))
	server := asynq.NewServer(asynqRedis(*addr, 0), asynq.Config{LogLevel: asynq.ErrorLevel})
	err := server.Start(asynq.HandlerFunc(func(ctx context.Context, t *asynq.Task) error {
		n := taskNumber(t)
		if _, err := p.post(ctx, n, strconv.FormatInt(n, 10)); err != nil {
			return err
		}
		done.Done()
		return nil
	}))
	if err != nil {
		return err
	}
	defer server.Shutdown()
	client := asynq.NewClient(asynqRedis(*addr, 0))
	defer client.Close()
	due := map[string]int64{}
	began := time.Now()
	for i := range *n {
		at := began.Add(ahead + time.Duration(i)*(*apart))
		due[strconv.FormatInt(i, 10)] = at.UnixNano()
		if _, err := client.EnqueueContext(ctx, newSendTask(i), asynq.ProcessIn(time.Until(at))); err != nil {
			return err
		}
	}
	done.Wait()
	return report(measured{Seconds: time.Since(began).Seconds(), Due: due})
}
