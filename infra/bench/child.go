package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// patience ends a run that hangs; nothing is measured by it.
	patience = 10 * time.Minute
	// ticks per second in /proc/PID/stat: USER_HZ, which is 100 on every Linux of today.
	ticks = 100
)

// child is a process that this program started. It dies with it, however that ends.
type child struct {
	name  string
	cmd   *exec.Cmd
	lines chan string   // what it writes; closed at its end
	done  chan struct{} // closed when it has ended
	began time.Time
	err   error // of its end

	mu   sync.Mutex
	tail []string // the last lines, for the reader of an error
}

// spawn starts a program. Only the main goroutine may call it (see init in main.go).
// env is all that the program sees of the environment besides PATH.
func spawn(name, path string, env []string, stdin io.Reader, attr *syscall.SysProcAttr, args ...string) (*child, error) {
	if attr == nil {
		attr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	}
	// Ctrl-C is for this program, which ends the others in order.
	attr.Setpgid = true
	c := &child{name: name, cmd: exec.Command(path, args...), lines: make(chan string, 4096), done: make(chan struct{}), began: time.Now()}
	c.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TZ=UTC", "HOME=" + os.TempDir()}, env...)
	c.cmd.Dir, c.cmd.Stdin, c.cmd.SysProcAttr = os.TempDir(), stdin, attr
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	c.cmd.Stdout, c.cmd.Stderr = w, w
	if err := c.cmd.Start(); err != nil {
		return nil, errors.Join(err, r.Close(), w.Close())
	}
	_ = w.Close()
	go c.read(r)
	go func() {
		c.err = c.cmd.Wait()
		close(c.done)
	}()
	return c, nil
}

// self starts this program in another role.
func self(role string, stdin io.Reader, args ...string) (*child, error) {
	return spawn(role, "/proc/self/exe", nil, stdin, nil, append([]string{role}, args...)...)
}

func (c *child) read(r io.ReadCloser) {
	defer close(c.lines)
	defer r.Close()
	s := bufio.NewScanner(r)
	s.Buffer(nil, 16<<20) // results are one line
	for s.Scan() {
		c.mu.Lock()
		if c.tail = append(c.tail, s.Text()); len(c.tail) > 20 {
			c.tail = c.tail[1:]
		}
		c.mu.Unlock()
		select {
		case c.lines <- s.Text():
		default: // nobody waits for lines any more
		}
	}
}

// await returns the submatches of the first line that matches.
func (c *child) await(ctx context.Context, line *regexp.Regexp) ([]string, error) {
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		select {
		case l, ok := <-c.lines:
			if !ok {
				<-c.done
				return nil, c.failed("ended too early", c.err)
			}
			if m := line.FindStringSubmatch(l); m != nil {
				return m, nil
			}
		case <-timeout.C:
			return nil, c.failed("says nothing", nil)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (c *child) failed(what string, err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		err = errors.New("no error of its own")
	}
	return fmt.Errorf("%s %s: %w; its last lines:\n%s", c.name, what, err, strings.Join(c.tail, "\n"))
}

// stop asks the process to end and waits; one that does not is killed.
func (c *child) stop(sig syscall.Signal) {
	_ = c.cmd.Process.Signal(sig) // it may have ended
	select {
	case <-c.done:
	case <-time.After(30 * time.Second):
		_ = c.cmd.Process.Kill()
		<-c.done
	}
}

// cpu is the processor time in seconds that the process and its children have used.
func (c *child) cpu() float64 { return cpu(c.cmd.Process.Pid) }

// cpu is the processor time in seconds that a process and its children have used, those
// that ended included.
func cpu(pid int) float64 {
	all, _ := filepath.Glob("/proc/[0-9]*/stat")
	var sum int64
	for _, path := range all {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue // ended meanwhile
		}
		// The name in parentheses may hold anything; the fields come after it (man 5 proc).
		text := string(raw)
		f := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
		if len(f) < 15 {
			continue
		}
		owned := f[1] == strconv.Itoa(pid)
		if !owned && path != fmt.Sprintf("/proc/%d/stat", pid) {
			continue
		}
		for _, i := range []int{11, 12, 13, 14} { // utime, stime, cutime, cstime
			n, _ := strconv.ParseInt(f[i], 10, 64)
			sum += n
		}
	}
	return float64(sum) / ticks
}

func (c *child) peakRSS() (float64, error) { return peakRSS(strconv.Itoa(c.cmd.Process.Pid)) }

// peakRSS is the most memory that a process has had, in MB. (getrusage's maximum would do, but
// it counts what the process was before its exec, which is this program.)
func peakRSS(pid string) (float64, error) {
	raw, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(raw)) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == "VmHWM:" {
			kb, err := strconv.ParseFloat(f[1], 64)
			return kb * 1024 / 1e6, err
		}
	}
	return 0, errors.New("no VmHWM in /proc/PID/status")
}
