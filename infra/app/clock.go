package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"
)

// clock is the machine's clock, or, beside a cloud whose time can be moved (tests,
// the sandbox page), that cloud's.
type clock struct {
	offset atomic.Int64 // nanoseconds
	moved  []func()     // called after the offset changed
	url    string
	client *http.Client
	log    *slog.Logger
}

func (c *clock) now() time.Time      { return time.Now().Add(c.skew()) }
func (c *clock) skew() time.Duration { return time.Duration(c.offset.Load()) }

// onMove has f called whenever the clock was moved; only before follow begins.
func (c *clock) onMove(f func()) { c.moved = append(c.moved, f) }

// sync asks once. follow keeps asking; the cloud answers when its clock is moved.
func (c *clock) sync(ctx context.Context) error { return c.ask(ctx, 0) }

func (c *clock) ask(ctx context.Context, wait time.Duration) error {
	q := url.Values{}
	if wait > 0 {
		q.Set("wait", wait.String())
		q.Set("offsetNs", strconv.FormatInt(c.offset.Load(), 10))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+"?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var at struct {
		OffsetNs int64 `json:"offsetNs"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&at); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("clock: status %d", resp.StatusCode)
	}
	if c.offset.Swap(at.OffsetNs) != at.OffsetNs {
		for _, moved := range c.moved {
			moved()
		}
	}
	return nil
}

func (c *clock) follow(ctx context.Context) {
	for ctx.Err() == nil {
		if err := c.ask(ctx, 25*time.Second); err != nil && ctx.Err() == nil {
			c.log.WarnContext(ctx, "the sandbox's clock does not answer; trying again", "err", err)
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

// dated makes answers carry this clock's Date, so that the page counts its six days by
// the same clock as the server, also when the sandbox's was moved.
func (c *clock) dated(next http.Handler) http.Handler {
	if c.url == "" {
		return next // net/http writes the machine's
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", c.now().UTC().Format(http.TimeFormat))
		next.ServeHTTP(w, r)
	})
}
