package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// parallel is how many messages a Herald has on the wire at once (infra/app).
const parallel = 64

// measured is what a process of the comparison says of itself, as its last line.
type measured struct {
	Seconds float64
	CPU     float64          // seconds of processor time, from start to end of the process
	RSS     float64          // peak, MB
	Due     map[string]int64 // asynq-later: correlation id → moment in ns
}

var resultLine = regexp.MustCompile(`^result (\{.*\})$`)

// report prints a result for the benchmarks to read.
func report(m measured) error {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return err
	}
	m.CPU = time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
	var err error
	if m.RSS, err = peakRSS("self"); err != nil {
		return err
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = fmt.Println("result " + string(raw))
	return err
}

// measure runs this program in another role to its result.
func measure(ctx context.Context, role string, stdin []byte, args ...string) (m measured, err error) {
	c, err := self(role, bytes.NewReader(stdin), args...)
	if err != nil {
		return m, err
	}
	defer c.stop(syscall.SIGTERM)
	line, err := c.await(ctx, resultLine)
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal([]byte(line[1]), &m)
}

// ceiling posts n messages over as many connections as a Herald uses, and does nothing else:
// what this HTTP client can do on this machine. The message comes on standard input.
func ceiling(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("ceiling", flag.ContinueOnError)
	url := flags.String("url", "", "of the sink")
	n := flags.Int64("n", 0, "messages")
	if err := flags.Parse(args); err != nil {
		return err
	}
	body, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	p := newPoster(*url, body)
	var next atomic.Int64
	began := time.Now()
	g, ctx := errgroup.WithContext(ctx)
	for range parallel {
		g.Go(func() error {
			for i := next.Add(1); i <= *n; i = next.Add(1) {
				if _, err := p.post(ctx, i, "ceiling:"+strconv.FormatInt(i, 10)); err != nil {
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
