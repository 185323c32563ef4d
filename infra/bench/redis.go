package main

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"herald/infra/queue"
)

// redisServer is a Redis of this run, with the settings that Herald asks operators for.
type redisServer struct {
	*child
	addr string
	rdb  redis.UniversalClient
}

func startRedis(ctx context.Context, dir string) (*redisServer, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, errors.New("redis-server is not installed; make deps installs it")
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	r := &redisServer{}
	if r.addr, err = freeAddr(); err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(r.addr)
	r.child, err = spawn("redis-server", path, nil, nil, nil, "--port", port, "--bind", "127.0.0.1", "--dir", dir, "--save", "",
		"--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction", "--logfile", "", "--daemonize", "no")
	if err != nil {
		return nil, err
	}
	if _, err := r.await(ctx, regexp.MustCompile("Ready to accept connections")); err != nil {
		return nil, err
	}
	// FLUSHALL of a million tasks takes longer than a client is patient.
	r.rdb, err = queue.Open(ctx, r.url()+"?read_timeout=2m")
	return r, err
}

func (r *redisServer) url() string { return "redis://" + r.addr + "/0" }

func (r *redisServer) empty(ctx context.Context) error { return r.rdb.FlushAll(ctx).Err() }

func (r *redisServer) close() {
	_ = r.rdb.Close()
	r.stop(syscall.SIGTERM)
}

// info is one field of INFO.
func (r *redisServer) info(ctx context.Context, section, field string) (string, error) {
	text, err := r.rdb.Info(ctx, section).Result()
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(text) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), field+":"); ok {
			return v, nil
		}
	}
	return "", errors.New("redis: INFO has no " + field)
}

// memory is what Redis uses, in MB.
func (r *redisServer) memory(ctx context.Context) (float64, error) {
	v, err := r.info(ctx, "memory", "used_memory")
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseFloat(v, 64)
	return n / 1e6, err
}

// watch looks at the memory every 20 ms until the returned function is called, which gives the most it saw.
func (r *redisServer) watch(ctx context.Context) (peak func() float64) {
	ctx, cancel := context.WithCancel(ctx)
	var most float64
	var watching sync.WaitGroup
	watching.Go(func() {
		t := time.NewTicker(20 * time.Millisecond)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
			}
			if n, err := r.memory(ctx); err == nil {
				most = max(most, n)
			}
		}
	})
	return func() float64 { cancel(); watching.Wait(); return most }
}
