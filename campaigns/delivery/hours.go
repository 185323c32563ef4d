package delivery

import (
	"time"

	"herald/campaigns"
	"herald/campaigns/schedule"
)

// hours are those of the person of an attempt at a delivery of a timed campaign.
type hours struct {
	window campaigns.Window
	zone   *time.Location
}

// hoursOf are nil of whatever may leave at any time: other campaigns, and what its person asked for at a moment of their choice.
func hoursOf(t template, a Attempt) *hours {
	if t.window == nil || a.Return > 0 {
		return nil
	}
	return &hours{*t.window, t.window.Location(a.Zone)}
}

// over says whether it is too late at t.
func (h *hours) over(t time.Time) bool { return h != nil && !h.window.Reaches(h.zone, t) }

// since is from when on a delivery that was first tried at first has been tried without a pause: hours in which it could not be do not count
// as patience.
func (h *hours) since(first, now time.Time) time.Time {
	if h == nil {
		return first
	}
	if began := h.window.Open(h.zone).Since(now); began.After(first) {
		return began
	}
	return first
}

// reopen is a moment within their next hours after t; zero when the window has none left.
func (h *hours) reopen(t time.Time) time.Time {
	left := h.window.Open(h.zone).After(t)
	if left.Empty() {
		return time.Time{}
	}
	next := left.Intervals()[0]
	return somewhen(next.From, next.To.Sub(next.From))
}

// closed is what becomes of an attempt that was not made before its person's hours were over; false: they are not.
func (h *hours) closed(a Attempt, now time.Time) (Result, bool) {
	if !h.over(now) {
		return Result{}, false
	}
	next := h.reopen(now)
	r := unmade(a, next, "")
	r.At = now
	if next.IsZero() {
		r.Status, r.Reason = campaigns.DeliveryUnscheduled, campaigns.WindowOver
	} else {
		r.PutOff, r.Zone = true, a.Zone
	}
	return r, true
}

// again says when an attempt that failed at at is followed by another one; zero: by none. putOff: their hours are over until then.
func (h *hours) again(a Attempt, at time.Time, retryAfter time.Duration) (next time.Time, putOff bool) {
	next, giveUp := schedule.NextAttempt(at, h.since(a.FirstAt, at), a.Number, retryAfter)
	if giveUp || !h.over(next) {
		return next, false
	}
	next = h.reopen(next)
	return next, !next.IsZero()
}
