package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// machine describes where and when the figures were measured.
func (w *world) machine(ctx context.Context) (string, error) {
	redisVersion, err := w.redis.info(ctx, "server", "redis_version")
	if err != nil {
		return "", err
	}
	var postgresVersion string
	if err := w.postgres.admin.QueryRowContext(ctx, "SHOW server_version").Scan(&postgresVersion); err != nil {
		return "", err
	}
	t := newTable("", "")
	t.row("date", time.Now().UTC().Format("2006-01-02 15:04 MST"))
	t.row("commit", commit(ctx))
	t.row("CPU", fmt.Sprintf("%s, %d cores", field("/proc/cpuinfo", "model name"), runtime.NumCPU()))
	t.row("memory", field("/proc/meminfo", "MemTotal"))
	t.row("kernel", "Linux "+first("/proc/sys/kernel/osrelease"))
	t.row("disk", fileSystem(w.dir))
	t.row("Go", runtime.Version())
	t.row("PostgreSQL", postgresVersion+" ("+strings.Join(postgresSettings, ", ")+")")
	t.row("Redis", redisVersion+" (appendonly yes, appendfsync everysec, maxmemory-policy noeviction)")
	how := "the median of several runs, with the least and the most in parentheses"
	if w.options.short {
		how = "**one short run: it shows that the benchmarks work, not how fast anything is**"
	}
	return "# Benchmarks\n\nWritten by `make bench` (`infra/bench`). Everything ran on one machine in one run: Herald's built program, PostgreSQL, Redis, what it is compared " +
		"with and the sink that takes the messages share the cores. Each figure is " + how + ". 1 MB is 10⁶ bytes.\n\n" + t.String(), nil
}

// others tells, when called at the end, what share of the machine's processor time went to processes that are none of ours:
// figures measured beside somebody's work are worth less, and this says how much of it there was.
func others() func() float64 {
	began, busyBefore, ownBefore := time.Now(), busy(), cpu(os.Getpid())
	return func() float64 {
		theirs := busy() - busyBefore - (cpu(os.Getpid()) - ownBefore)
		return max(0, theirs) / (time.Since(began).Seconds() * float64(runtime.NumCPU()))
	}
}

// busy is the time in seconds that all processors have spent on processes.
func busy() (seconds float64) {
	line, _, _ := strings.Cut(first("/proc/stat"), "\n")
	for i, f := range strings.Fields(line) {
		if i >= 1 && i <= 3 { // user, nice, system
			n, _ := strconv.ParseFloat(f, 64)
			seconds += n / ticks
		}
	}
	return seconds
}

func first(path string) string {
	raw, _ := os.ReadFile(path)
	return strings.TrimSpace(string(raw))
}

func field(path, name string) string {
	for line := range strings.Lines(first(path)) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == name {
			return strings.TrimSpace(v)
		}
	}
	return "unknown"
}

func commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty", "--abbrev=10", "--exclude=*").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// fileSystem says whether fsync meant anything.
func fileSystem(dir string) string {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return "unknown"
	}
	// Magic numbers: statfs(2).
	switch s.Type {
	case 0xEF53:
		return "ext4"
	case 0x58465342:
		return "XFS"
	case 0x9123683E:
		return "btrfs"
	case 0x794C7630:
		return "overlayfs"
	case 0x01021994:
		return "tmpfs: **nothing reaches a disk**"
	}
	return fmt.Sprintf("file system %#x", s.Type)
}
