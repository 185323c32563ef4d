package tab

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"herald/campaigns"
)

const (
	progressEvery  = 500 * time.Millisecond // how often an open page's campaign is looked at
	heartbeatEvery = 15 * time.Second       // keeps proxies from closing the stream
	rateSpan       = 10 * time.Second       // over which the speed is measured
)

type progressJSON struct {
	Campaign      string           `json:"campaign"`
	Status        campaigns.Status `json:"status"`
	Result        campaigns.Result `json:"result"`
	Counts        campaigns.Counts `json:"counts"`
	RatePerSecond *float64         `json:"ratePerSecond"`
	ETASeconds    *float64         `json:"etaSeconds"`
}

// sample is how many recipients were final at a moment.
type sample struct {
	at   time.Time
	done int
}

// streamEvents sends a campaign's progress whenever it changes, until it is final or the page goes, and no longer than the token is good:
// with a new one, which says who may still look, the page connects again.
func (s *Server) streamEvents(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	id := r.URL.Query().Get("campaign")
	c, err := s.Service.Get(r.Context(), a, id)
	if err != nil {
		return err
	}
	until, _ := r.Context().Value(untilKey{}).(time.Time)
	rc := http.NewResponseController(w)
	_ = rc.SetWriteDeadline(time.Time{}) // a stream has no end that the server knows
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	tick := time.NewTicker(cmp.Or(s.ProgressEvery, progressEvery))
	defer tick.Stop()
	heartbeat := time.NewTicker(heartbeatEvery)
	defer heartbeat.Stop()
	var last []byte
	var samples []sample
	for {
		now := time.Now()
		samples = append(samples, sample{now, c.Counts.Total - c.Counts.Open()})
		for len(samples) > 2 && now.Sub(samples[0].at) > rateSpan {
			samples = samples[1:]
		}
		data, err := json.Marshal(progress(c, samples))
		if err != nil {
			return nil
		}
		if string(data) != string(last) {
			if _, err := fmt.Fprintf(w, "event: progress\ndata: %s\n\n", data); err != nil || rc.Flush() != nil {
				return nil
			}
			last = data
		}
		if settled(c) {
			return nil
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-s.Closing:
			return nil
		case <-heartbeat.C:
			if _, err := fmt.Fprint(w, ": still here\n\n"); err != nil || rc.Flush() != nil {
				return nil
			}
		case <-tick.C:
		}
		if s.Service.Now().After(until) {
			return nil
		}
		if c, err = s.Service.Get(r.Context(), a, id); err != nil {
			return nil // deleted, or the database is away: the page asks again
		}
	}
}

// settled says that nothing changes any more. A stopped campaign still learns what
// became of the messages that were on the wire.
func settled(c *campaigns.Campaign) bool {
	switch c.Status {
	case campaigns.Completed, campaigns.Failed:
		return true
	case campaigns.Stopped:
		return c.Counts.Open() == 0
	}
	return false
}

// progress says how fast it goes and how long it takes, once two samples tell.
func progress(c *campaigns.Campaign, samples []sample) progressJSON {
	p := progressJSON{Campaign: c.ID, Status: c.Status, Result: campaigns.ResultOf(c), Counts: c.Counts}
	first, newest := samples[0], samples[len(samples)-1]
	if span := newest.at.Sub(first.at).Seconds(); c.Status == campaigns.Sending && span >= 1 && newest.done > first.done {
		rate := float64(int(10*float64(newest.done-first.done)/span)) / 10
		p.RatePerSecond = &rate
		if rate > 0 && c.Planned {
			eta := float64(int(float64(c.Counts.Open()) / rate))
			p.ETASeconds = &eta
		}
	}
	return p
}
