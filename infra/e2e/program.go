// Package e2e starts the real program for tests: the binary, its own sandbox or a
// separate one, real ports, a data folder of its own. The Go tests here drive it through
// its HTTP edges only; the browser tests beside them (*.spec.ts) do what a person does.
//
// It imports nothing of Herald's but the servers for PostgreSQL and Redis. Start reading
// at Start.
package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

var (
	buildOnce sync.Once
	binary    string
	buildErr  error
)

// Binary builds Herald once per test run and returns its path.
func Binary(t testing.TB) string {
	t.Helper()
	buildOnce.Do(func() {
		dir, err := os.MkdirTemp("", "herald-e2e-")
		if err != nil {
			buildErr = err
			return
		}
		if buildErr = readSources(); buildErr != nil {
			return
		}
		binary = filepath.Join(dir, "herald")
		buildErr = build(".", binary)
	})
	if buildErr != nil {
		t.Fatalf("build: %v", buildErr)
	}
	return binary
}

// build compiles the Herald that has dir in its module. The flags are the Makefile's, so that all share what
// was compiled, wherever the folders are.
func build(dir, out string) error {
	says, err := exec.Command("go", "build", "-C", dir, "-trimpath", "-ldflags", "-s -w", "-o", out, "herald").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, says)
	}
	return nil
}

// readSources looks into every folder of the module. Go takes a test's result from its cache when what
// the test read is as it was, and does not know what the compiler read for it.
func readSources() error {
	return filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules" || d.Name() == "data") {
			return fs.SkipDir
		}
		return err
	})
}

// Process is a running program.
type Process struct {
	t    testing.TB
	cmd  *exec.Cmd
	log  *logBuffer
	done chan struct{} // closed when it has ended
	err  error         // of its end
	URL  string        // where it listens
}

// logBuffer keeps what the program wrote and tells of lines as they come.
type logBuffer struct {
	mu    sync.Mutex
	text  bytes.Buffer
	lines chan string
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// end is the last of it: some tests make thousands of lines in each of a hundred processes.
func (b *logBuffer) end() string {
	const limit = 32 << 10
	s := b.String()
	if len(s) > limit {
		s = "…" + s[len(s)-limit:]
	}
	return s
}

func (b *logBuffer) read(r io.Reader) {
	defer close(b.lines)
	for s := bufio.NewScanner(r); s.Scan(); {
		b.mu.Lock()
		b.text.WriteString(s.Text() + "\n")
		b.mu.Unlock()
		select {
		case b.lines <- s.Text():
		default: // nobody waits for lines any more
		}
	}
}

var listens = regexp.MustCompile(`(?:Herald listens" address=|the sandbox listens".* page=)(http://\S+)`)

var sandboxListens = regexp.MustCompile(`the sandbox listens".* page=(http://\S+)`)

// startTimeout only ends a test that hangs; nothing is measured by it.
const startTimeout = time.Minute

// start runs the program of this commit with args and env until the test ends, and returns when it
// says that it listens. want picks which of the two lines is waited for.
func start(t testing.TB, want string, env map[string]string, args ...string) *Process {
	t.Helper()
	return startProgram(t, Binary(t), want, env, args...)
}

func startProgram(t testing.TB, program, want string, env map[string]string, args ...string) *Process {
	t.Helper()
	p := spawnProgram(t, program, env, args...)
	if err := p.listening(want); err != nil {
		t.Fatal(err)
	}
	return p
}

// listening waits until the program says where it listens.
func (p *Process) listening(want string) error {
	timeout := time.NewTimer(startTimeout)
	defer timeout.Stop()
	for {
		select {
		case line, ok := <-p.log.lines:
			if !ok {
				<-p.done
				return fmt.Errorf("%s ended: %w\n%s", p.cmd, p.err, p.log)
			}
			if m := listens.FindStringSubmatch(line); m != nil && strings.Contains(line, want) {
				p.URL = m[1]
				return nil
			}
		case <-timeout.C:
			return fmt.Errorf("%s does not listen after %s:\n%s", p.cmd, startTimeout, p.log)
		}
	}
}

func spawn(t testing.TB, env map[string]string, args ...string) *Process {
	t.Helper()
	return spawnProgram(t, Binary(t), env, args...)
}

func spawnProgram(t testing.TB, program string, env map[string]string, args ...string) *Process {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	for k, v := range env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	p := &Process{t: t, cmd: cmd, log: &logBuffer{lines: make(chan string, 1000)}, done: make(chan struct{})}
	go p.log.read(r)
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("log of herald %s:\n%s", strings.Join(args, " "), p.log.end())
		}
	})
	return p
}

// Kill ends the program at once, as a power cut would.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.done
}

// Stop asks the program to end and waits until it has.
func (p *Process) Stop() {
	p.t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
		if p.err != nil {
			p.t.Errorf("herald ended with %v", p.err)
		}
	case <-time.After(startTimeout):
		p.t.Errorf("herald does not stop")
		p.Kill()
	}
}

// Wait returns what a program that ends by itself wrote, and its exit code.
func (p *Process) Wait() (output string, code int) {
	<-p.done
	for range p.log.lines { // until the pipe is read to its end
	}
	return p.log.String(), p.cmd.ProcessState.ExitCode()
}

// Backend is a pair of stores.
type Backend struct {
	Name string
	Env  func(t testing.TB) map[string]string
}

// Herald is a running Herald with its cloud.
type Herald struct {
	*Process
	Cloud *Sandbox
	env   map[string]string
}

// Start runs Herald in one process with its sandbox.
func Start(t testing.TB, env map[string]string) *Herald {
	t.Helper()
	full := map[string]string{"HERALD_ADDR": "127.0.0.1:0", "HERALD_SANDBOX_ADDR": "127.0.0.1:0", "HERALD_DATA_DIR": t.TempDir()}
	for k, v := range env {
		full[k] = v
	}
	p := start(t, "Herald listens", full)
	m := sandboxListens.FindStringSubmatch(p.log.String())
	if m == nil {
		t.Fatalf("no sandbox address in the log:\n%s", p.log)
	}
	return &Herald{Process: p, Cloud: &Sandbox{t: t, URL: m[1]}, env: full}
}

// StartApart runs Herald beside a sandbox in a process of its own, which lives on when
// Herald is killed. cloud is more environment of the sandbox.
func StartApart(t testing.TB, env map[string]string, cloud ...map[string]string) *Herald {
	t.Helper()
	of := map[string]string{}
	for _, c := range cloud {
		maps.Copy(of, c)
	}
	h := &Herald{Cloud: StartSandbox(t, of)}
	h.env = map[string]string{"HERALD_ADDR": "127.0.0.1:0", "HERALD_SANDBOX_URL": h.Cloud.URL, "HERALD_DATA_DIR": t.TempDir()}
	for k, v := range env {
		h.env[k] = v
	}
	h.Again()
	return h
}

// Again starts Herald anew on the same stores, and tells the sandbox where it is now.
func (h *Herald) Again() {
	t := h.Cloud.t
	t.Helper()
	h.Process = start(t, "Herald listens", h.env)
	h.Cloud.SetBot(h.URL)
}
