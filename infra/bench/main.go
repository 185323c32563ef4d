// Command bench measures Herald beside what people would otherwise use, in one run on one
// machine: the built program as a real process, on its own PostgreSQL and Redis, against a
// bare HTTP sink. It prints Markdown and, with -o, keeps it in a file (BENCHMARKS.md).
//
// It is a module of its own, so that asynq, which it compares with, stays out of Herald's
// dependencies. It drives Herald through its environment variables, its stores and its bot endpoint, and touches only
// store, queue and the core of its packages.
//
// Start reading at run, then throughput.go, planning.go, lateness.go, rate.go, answers.go. The other
// processes of a run are this program again: sink.go, ceiling.go, asynqway.go.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Children die with the thread that started them (see child.go): the main goroutine starts
// them all, and so it must stay on one thread that lives as long as the program.
func init() { runtime.LockOSThread() }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := command(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// command runs one of the roles that this program plays.
func command(ctx context.Context, args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "sink":
			return serveSink(ctx)
		case "ceiling":
			return ceiling(ctx, args[1:])
		case "asynq-enqueue":
			return asynqEnqueue(ctx, args[1:])
		case "asynq-serve":
			return asynqServe(ctx, args[1:])
		case "asynq-later":
			return asynqLater(ctx, args[1:])
		}
	}
	return run(ctx, args)
}

// progress tells whoever waits; the result goes to standard output.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format(time.TimeOnly)+" "+format+"\n", args...)
}

// options of a run.
type options struct {
	runs   int
	short  bool
	herald string // path of the program
}

func run(ctx context.Context, args []string) (err error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := flags.String("only", "a,b,c,d,f", "which benchmarks: a throughput, b planning, c lateness, d rate, f answers to a survey")
	out := flags.String("o", "", "also write the result to this file")
	dir := flags.String("dir", os.TempDir(), "where the databases lie while it runs; a real disk, for fsync to mean something")
	flags.StringVar(&o.herald, "herald", "../../herald", "the program to measure; make build builds it")
	flags.IntVar(&o.runs, "runs", 3, "how often each figure is measured")
	flags.BoolVar(&o.short, "short", false, "small numbers and one run: shows that it works, not how fast")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return errors.Join(err, errors.New("usage: bench [-only a,b,c,d,f] [-runs N] [-short] [-o FILE]"))
	}
	if o.short {
		o.runs = 1
	}
	if o.herald, err = filepath.Abs(o.herald); err != nil {
		return err
	}
	if _, err := os.Stat(o.herald); err != nil {
		return fmt.Errorf("there is no herald program to measure: %w", err)
	}
	w, err := open(ctx, *dir, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()

	began, others := time.Now(), others()
	about, err := w.machine(ctx)
	if err != nil {
		return err
	}
	doc := &strings.Builder{}
	tell := func(section string) {
		doc.WriteString(section + "\n")
		fmt.Println(section)
	}
	tell(about)
	for _, b := range []struct {
		name string
		run  func(context.Context) (string, error)
	}{{"a", w.throughput}, {"b", w.planning}, {"c", w.lateness}, {"d", w.rate}, {"f", w.answers}} {
		if !strings.Contains(*only, b.name) {
			continue
		}
		section, err := b.run(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
		tell(section)
	}
	tell(fmt.Sprintf("The run took %s. Other processes used %s of the machine's processor time meanwhile.", time.Since(began).Round(time.Second), percent(others())))
	if *out == "" {
		return nil
	}
	return os.WriteFile(*out, []byte(doc.String()), 0o644)
}
