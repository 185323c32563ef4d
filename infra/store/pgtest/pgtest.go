// Package pgtest runs a real PostgreSQL for tests: one server per test binary, on a
// free loopback port and in a folder of its own, and a fresh database for each test.
// A test that takes the server down starts one of its own. Servers and their folders
// go when the test binary does, however it ends.
//
// It imports nothing of ours but programs. Only tests import it. Start reading at Database.
package pgtest

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // database/sql driver "pgx"

	"herald/infra/store/pgtest/programs"
)

// Available says whether PostgreSQL is installed.
func Available() bool { return programs.Folder() != "" }

// Server is a running PostgreSQL. Its address stays the same over Stop and Restart.
type Server struct {
	Addr string // host:port

	dir   string // holds data, log and end
	ended chan error
	alive io.Closer // the keeper's standard input; the kernel closes it with this process
}

var shared = sync.OnceValues(start)

var databases atomic.Int64

// Database makes an empty database that goes with the test, and returns its address,
// as HERALD_DATABASE_URL takes it. It fails the test when PostgreSQL is not installed.
func Database(t testing.TB) string {
	t.Helper()
	available(t)
	s, err := shared()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return s.Database(t)
}

// Start runs a server of the test's own until it ends.
func Start(t testing.TB) *Server {
	t.Helper()
	available(t)
	s, err := start()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		_ = s.alive.Close()
		<-s.ended
	})
	return s
}

func available(t testing.TB) {
	t.Helper()
	if !Available() {
		t.Fatal("PostgreSQL is not installed; make deps installs it")
	}
}

// Like returns a Database whose databases are copies of one that fill was given the address of. It is made once, and fill
// must have closed its connections when it returns.
func Like(fill func(url string) error) func(testing.TB) string {
	template := sync.OnceValues(func() (string, error) {
		s, err := shared()
		if err != nil {
			return "", err
		}
		name := fmt.Sprintf("template_%d", databases.Add(1))
		if err := s.exec("CREATE DATABASE " + name); err != nil {
			return "", err
		}
		return name, fill(address(s.Addr, name))
	})
	return func(t testing.TB) string {
		t.Helper()
		available(t)
		name, err := template()
		if err != nil {
			t.Fatalf("pgtest: %v", err)
		}
		s, err := shared()
		if err != nil {
			t.Fatalf("pgtest: %v", err)
		}
		return s.database(t, " TEMPLATE "+name)
	}
}

// Database is Database on this server.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	return s.database(t, "")
}

func (s *Server) database(t testing.TB, like string) string {
	t.Helper()
	name := fmt.Sprintf("test_%d", databases.Add(1))
	if err := s.exec("CREATE DATABASE " + name + like); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		if err := s.exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	return address(s.Addr, name)
}

// exec runs a statement about databases.
func (s *Server) exec(statement string) error {
	admin, err := sql.Open("pgx", address(s.Addr, "postgres"))
	if err != nil {
		return err
	}
	_, err = admin.Exec(statement)
	return errors.Join(err, admin.Close())
}

func address(addr, database string) string {
	return "postgres://postgres@" + addr + "/" + database + "?sslmode=disable"
}

// keeper runs the server, again whenever it was told to end, until its own standard
// input ends, which the kernel sees to when the test binary is gone; then it removes the
// folder. While there is a file "down" it waits. A shell gives background commands an empty standard input, hence the copy of it.
const keeper = `exec 3<&0
( cat <&3 >/dev/null; touch "$2/end"; until [ -e "$2/gone" ]; do kill -QUIT $(head -n 1 "$2/data/postmaster.pid"); sleep 0.1; done; rm -rf "$2" ) 2>/dev/null &
until [ -e "$2/end" ]; do
	while [ -e "$2/down" ] && ! [ -e "$2/end" ]; do sleep 0.05; done
	"$1/postgres" -D "$2/data" -p "$3" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c full_page_writes=off -c max_connections=300 -c shared_buffers=32MB >>"$2/log" 2>&1 3<&- || break
done
touch "$2/gone"
if [ -e "$2/end" ]; then wait; fi
`

// Stop ends the server at once, as a crash does, and returns when it has ended. Every
// connection breaks; what was committed is there after Restart.
func (s *Server) Stop() error {
	pid, err := s.pid()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.dir, "down"), nil, 0o644); err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGQUIT); err != nil {
		return err
	}
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for {
		if _, err := s.pid(); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		select {
		case <-poll.C:
		case err := <-s.ended:
			s.ended <- err
			return fmt.Errorf("server ended: %w", err)
		}
	}
}

// Restart runs the server again after Stop, at its address, and returns when it serves.
func (s *Server) Restart() error {
	if err := os.Remove(filepath.Join(s.dir, "down")); err != nil {
		return err
	}
	return ready(s.Addr, s.ended)
}

func (s *Server) pid() (int, error) {
	raw, err := os.ReadFile(filepath.Join(s.dir, "data", "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	return strconv.Atoi(first)
}

func start() (*Server, error) {
	dir, err := os.MkdirTemp("", "herald-postgres-")
	if err != nil {
		return nil, err
	}
	attr := &syscall.SysProcAttr{}
	if attr.Credential, err = programs.Owner(dir); err != nil {
		return nil, err
	}
	run := func(name string, args ...string) *exec.Cmd {
		c := exec.Command(name, args...)
		c.Dir, c.SysProcAttr = dir, attr
		c.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TZ=UTC"}
		return c
	}
	if out, err := run(filepath.Join(programs.Folder(), "initdb"), "-D", filepath.Join(dir, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync").CombinedOutput(); err != nil {
		_ = os.RemoveAll(dir)
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	addr, port, err := freeAddr()
	if err != nil {
		return nil, err
	}
	c := run("/bin/sh", "-c", keeper, "pgtest", programs.Folder(), dir, port)
	alive, err := c.StdinPipe() // c holds it open, and the goroutine below holds c, as long as this process lives
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	s := &Server{Addr: addr, dir: dir, ended: make(chan error, 1), alive: alive}
	go func() { s.ended <- c.Wait() }()
	if err := ready(addr, s.ended); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		_ = alive.Close()
		return nil, fmt.Errorf("%w: %s", err, log)
	}
	return s, nil
}

func ready(addr string, ended <-chan error) error {
	db, err := sql.Open("pgx", address(addr, "postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	poll := time.NewTicker(50 * time.Millisecond)
	defer poll.Stop()
	patience := time.NewTimer(time.Minute)
	defer patience.Stop()
	for {
		if err = db.Ping(); err == nil {
			return nil
		}
		select {
		case <-poll.C:
		case cause := <-ended:
			return fmt.Errorf("server ended: %w", cause)
		case <-patience.C:
			return fmt.Errorf("server does not answer: %w", err)
		}
	}
}

func freeAddr() (addr, port string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", err
	}
	defer l.Close()
	_, port, err = net.SplitHostPort(l.Addr().String())
	return l.Addr().String(), port, err
}
