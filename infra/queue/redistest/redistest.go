// Package redistest runs a real redis-server for tests: on a free loopback port,
// in a folder of its own, ended with the test. Start reading at Start.
//
// It imports nothing of ours. Only tests import it.
package redistest

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Available says whether a redis-server is installed.
func Available() bool {
	_, err := exec.LookPath("redis-server")
	return err == nil
}

// Server is a running redis-server. Its address stays the same over Stop and Restart.
type Server struct {
	Addr string // host:port

	dir  string
	args []string

	mu     sync.Mutex
	cmd    *exec.Cmd
	waited chan struct{}
}

// Start runs a redis-server until the test ends. args are added to its command
// line; without any it keeps nothing on disk ("--appendonly", "yes" for a server
// whose data survives a restart). It fails the test when none is installed.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	if !Available() {
		t.Fatal("redis-server is not installed; make deps installs it")
	}
	s := &Server{dir: t.TempDir(), args: args}
	t.Cleanup(s.Stop)
	// The port is free when it is chosen and may be taken when redis-server
	// binds it: then the server says so and another one is chosen.
	var err error
	for range 5 {
		if s.Addr, err = freeAddr(); err != nil {
			continue
		}
		if err = s.Restart(); err == nil {
			return s
		}
	}
	t.Fatalf("redistest: %v", err)
	return nil
}

// StartCluster runs a cluster of one node that holds all slots, and returns when it serves.
func StartCluster(t testing.TB) *Server {
	t.Helper()
	// The node's second port is by default its first + 10000, which may not exist.
	_, bus, err := net.SplitHostPort(must(t, freeAddr))
	if err != nil {
		t.Fatal(err)
	}
	s := Start(t, "--cluster-enabled", "yes", "--cluster-port", bus, "--cluster-announce-ip", "127.0.0.1")
	rdb := s.Client(t)
	ctx := t.Context()
	if err := rdb.ClusterAddSlotsRange(ctx, 0, 16383).Err(); err != nil {
		t.Fatalf("redistest: %v", err)
	}
	// A node waits a while before it trusts itself, and tells nobody when it does.
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for {
		info, err := rdb.ClusterInfo(ctx).Result()
		if err != nil {
			t.Fatalf("redistest: %v", err)
		}
		if strings.Contains(info, "cluster_state:ok") {
			return s
		}
		<-poll.C
	}
}

func must(t testing.TB, f func() (string, error)) string {
	t.Helper()
	v, err := f()
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
	return v
}

// ClusterClient returns a new client of a cluster, closed when the test ends.
func (s *Server) ClusterClient(t testing.TB) *redis.ClusterClient {
	rdb := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs:                    []string{s.Addr},
		ContextTimeoutEnabled:    true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// URL is what HERALD_REDIS_URL takes.
func (s *Server) URL() string { return "redis://" + s.Addr + "/0" }

// Client returns a new client, closed when the test ends.
func (s *Server) Client(t testing.TB) *redis.Client {
	rdb := redis.NewClient(&redis.Options{
		Addr:                     s.Addr,
		ContextTimeoutEnabled:    true,
		DialerRetries:            1, // commands are tried again anyway
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// Restart runs the server again at its address, after Stop or instead of what
// runs now, and returns when it accepts connections.
func (s *Server) Restart() error {
	s.Stop()
	_, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return err
	}
	args := append([]string{
		"--port", port, "--bind", "127.0.0.1", "--dir", s.dir, "--save", "", "--appendonly", "no",
		"--logfile", "", "--daemonize", "no",
	}, s.args...)
	cmd := exec.CommandContext(context.Background(), "redis-server", args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	cmd.Stderr = io.Discard
	if err := cmd.Start(); err != nil {
		return err
	}
	ready := make(chan error, 1)
	waited := make(chan struct{})
	go func() {
		defer close(waited)
		var last string
		for lines := bufio.NewScanner(out); lines.Scan(); last = lines.Text() {
			if strings.Contains(lines.Text(), "Ready to accept connections") {
				ready <- nil
				_, _ = io.Copy(io.Discard, out)
				break
			}
		}
		err := cmd.Wait()
		select {
		case ready <- errors.Join(errors.New("redis-server ended: "+last), err):
		default:
		}
	}()
	if err := <-ready; err != nil {
		<-waited
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cmd, s.waited = cmd, waited
	return nil
}

// Stop kills the server, as kill -9 does, and waits for its end.
func (s *Server) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	<-s.waited
	s.cmd = nil
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(l.Addr().(*net.TCPAddr).Port)), nil
}
