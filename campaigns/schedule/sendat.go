// Package schedule is pure time: when a campaign may start, when a delivery is
// tried again, and when each person of a timed campaign is reached. It reads no clock and starts no timer; every function takes
// the moment it is asked at. It is a leaf and imports nothing of ours.
//
// Start reading at SendAt (what an author asks for), NextAttempt (what the
// workers ask after a failure) and Window (what a timed campaign may use), of
// which Place takes a moment for each person and Next another for who was absent.
package schedule

import (
	"errors"
	"fmt"
	"time"
)

// MaxDelay is how far ahead a campaign may be scheduled: six days, inclusive.
const MaxDelay = 144 * time.Hour

// Grace is how far in the past a wished moment may lie and still mean "now":
// the page's clock and ours differ, and a request takes time.
const Grace = time.Minute

var (
	// ErrCap: the moment is more than MaxDelay ahead.
	ErrCap = errors.New("more than six days (144 hours) ahead")
	// ErrPast: the moment is more than Grace ago.
	ErrPast = errors.New("in the past")
)

// TimeError says which moment was refused and why. errors.Is finds ErrCap or
// ErrPast in it.
type TimeError struct {
	At  time.Time // what was asked for, UTC
	Now time.Time // when it was asked, UTC
	Err error     // ErrCap or ErrPast
}

func (e *TimeError) Error() string {
	return fmt.Sprintf("send at %s: %v (now %s)", e.At.Format(time.RFC3339), e.Err, e.Now.Format(time.RFC3339))
}

func (e *TimeError) Unwrap() error { return e.Err }

// SendAt is the moment a campaign starts when its author asks for at; nil
// means at once. The answer is UTC, never before now and never more than
// MaxDelay after it; a refused wish gives a *TimeError.
func SendAt(now time.Time, at *time.Time) (time.Time, error) {
	now = now.UTC()
	if at == nil {
		return now, nil
	}
	wish := at.UTC()
	switch {
	// Compared as moments, not as a difference: Sub saturates at 292 years.
	case wish.After(now.Add(MaxDelay)):
		return time.Time{}, &TimeError{At: wish, Now: now, Err: ErrCap}
	case wish.Before(now.Add(-Grace)):
		return time.Time{}, &TimeError{At: wish, Now: now, Err: ErrPast}
	case wish.Before(now):
		return now, nil
	}
	return wish, nil
}
