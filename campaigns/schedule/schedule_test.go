package schedule_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"testing/quick"
	"time"

	"herald/campaigns/schedule"
)

var now = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

func TestSendAt(t *testing.T) {
	t.Parallel()
	paris := time.FixedZone("Paris", 3600)
	at := func(d time.Duration) *time.Time { m := now.Add(d); return &m }
	inParis := now.Add(time.Hour).In(paris)
	for name, tc := range map[string]struct {
		at   *time.Time
		want time.Time
		err  error
	}{
		"now":                        {nil, now, nil},
		"in an hour":                 {at(time.Hour), now.Add(time.Hour), nil},
		"in another zone":            {&inParis, now.Add(time.Hour), nil},
		"exactly now":                {at(0), now, nil},
		"a second ago counts as now": {at(-time.Second), now, nil},
		"a minute ago counts as now": {at(-time.Minute), now, nil},
		"more than a minute ago":     {at(-time.Minute - time.Nanosecond), time.Time{}, schedule.ErrPast},
		"exactly six days":           {at(144 * time.Hour), now.Add(144 * time.Hour), nil},
		"a nanosecond past six days": {at(144*time.Hour + time.Nanosecond), time.Time{}, schedule.ErrCap},
		"year 1":                     {&time.Time{}, time.Time{}, schedule.ErrPast},
		"three hundred years (Sub would saturate)": {at(math300), time.Time{}, schedule.ErrCap},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := schedule.SendAt(now, tc.at)
			if !errors.Is(err, tc.err) || (err != nil) != (tc.err != nil) {
				t.Fatalf("error %v, want %v", err, tc.err)
			}
			if !got.Equal(tc.want) {
				t.Errorf("got %s, want %s", got, tc.want)
			}
			if err == nil && got.Location() != time.UTC {
				t.Errorf("location %s, want UTC", got.Location())
			}
			var te *schedule.TimeError
			if err != nil && (!errors.As(err, &te) || !te.At.Equal(*tc.at) || !te.Now.Equal(now)) {
				t.Errorf("the error does not say what was asked: %v", err)
			}
		})
	}
}

const math300 = 1<<63 - 1 // the longest Duration, 292 years

func TestSendAtHoldsItsBounds(t *testing.T) {
	t.Parallel()
	err := quick.Check(func(seconds int32, nanos int32) bool {
		at := now.Add(time.Duration(seconds)*time.Second + time.Duration(nanos))
		got, err := schedule.SendAt(now, &at)
		if err != nil {
			return errors.Is(err, schedule.ErrCap) == at.After(now.Add(schedule.MaxDelay)) &&
				errors.Is(err, schedule.ErrPast) == at.Before(now.Add(-schedule.Grace))
		}
		return !got.Before(now) && !got.After(now.Add(schedule.MaxDelay)) && (got.Equal(at) || at.Before(now))
	}, &quick.Config{MaxCount: 20_000})
	if err != nil {
		t.Error(err)
	}
}

func TestBackoffDoublesUpToItsCap(t *testing.T) {
	t.Parallel()
	want := []time.Duration{2, 4, 8, 16, 32, 64, 128, 256, 300, 300}
	for i, w := range want {
		if got := schedule.Backoff(i+1, nil); got != w*time.Second {
			t.Errorf("attempt %d: %s, want %s", i+1, got, w*time.Second)
		}
	}
	for _, attempt := range []int{-1 << 62, -1, 0} {
		if got := schedule.Backoff(attempt, nil); got != schedule.BackoffBase {
			t.Errorf("attempt %d: %s, want %s", attempt, got, schedule.BackoffBase)
		}
	}
}

func TestBackoffIsEqualJitter(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	err := quick.Check(func(attempt int) bool {
		got, widest := schedule.Backoff(attempt, rnd), schedule.Backoff(attempt, nil)
		return got >= widest/2 && got < widest
	}, &quick.Config{MaxCount: 20_000, Rand: nil})
	if err != nil {
		t.Error(err)
	}
	// The lowest and the highest fifth of the jitter are both hit, for the widest wait too.
	var low, high bool
	for range 1000 {
		d := schedule.Backoff(9, rnd)
		low = low || d < schedule.BackoffCap*6/10
		high = high || d > schedule.BackoffCap*9/10
	}
	if !low || !high {
		t.Errorf("1000 waits do not fill the range: low %v, high %v", low, high)
	}
}

// shortest is the jitter that makes every wait as short as it can be.
type shortest struct{}

func (shortest) Float64() float64 { return 0 }

// However the dice fall, nobody is given up in an outage of ten minutes.
func TestTenMinutesOfOutageFailNobody(t *testing.T) {
	t.Parallel()
	p := schedule.DefaultPolicy
	p.Random = shortest{}
	at := now
	for attempt := 1; at.Before(now.Add(10 * time.Minute)); attempt++ {
		next, giveUp := p.NextAttempt(at, now, attempt, 0)
		if giveUp {
			t.Fatalf("given up after %s", at.Sub(now))
		}
		at = next
	}
}

func TestNextAttempt(t *testing.T) {
	t.Parallel()
	const s = time.Second
	for name, tc := range map[string]struct {
		first      time.Time
		attempt    int
		retryAfter time.Duration
		policy     schedule.Policy
		want       time.Duration
		giveUp     bool
	}{
		"after the first":                   {now, 1, 0, schedule.Policy{}, 2 * s, false},
		"after the seventh":                 {now, 7, 0, schedule.Policy{}, 128 * s, false},
		"after the twelfth, by default":     {now, 12, 0, schedule.Policy{}, 0, true},
		"asked to wait":                     {now, 3, 20 * s, schedule.Policy{}, 22 * s, false},
		"asked to wait a day":               {now, 1, 24 * time.Hour, schedule.Policy{}, time.Hour + 2*s, false},
		"a negative wish is no wish":        {now, 1, -s, schedule.Policy{}, 2 * s, false},
		"too old":                           {now.Add(-6 * time.Hour), 2, 0, schedule.Policy{}, 0, true},
		"just young enough":                 {now.Add(-6*time.Hour + 4*s), 2, 0, schedule.Policy{}, 4 * s, false},
		"a single attempt":                  {now, 1, 0, schedule.Policy{MaxAttempts: 1}, 0, true},
		"first attempt unknown":             {time.Time{}, 1, 0, schedule.Policy{}, 2 * s, false},
		"an hour ago, an age of a minute":   {now.Add(-time.Hour), 1, 0, schedule.Policy{MaxAge: time.Minute}, 0, true},
		"the asked wait would end too late": {now.Add(-5*time.Hour - 30*time.Minute), 2, time.Hour, schedule.Policy{}, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			next, giveUp := tc.policy.NextAttempt(now, tc.first, tc.attempt, tc.retryAfter)
			if giveUp != tc.giveUp {
				t.Fatalf("giveUp %v, want %v", giveUp, tc.giveUp)
			}
			if giveUp {
				if !next.IsZero() {
					t.Errorf("given up, but next is %s", next)
				}
				return
			}
			if got := next.Sub(now); got != tc.want {
				t.Errorf("waits %s, want %s", got, tc.want)
			}
		})
	}
}

// Whatever happens to a delivery, its attempts are few, in order and end in time.
func TestAttemptsEnd(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 4))
	err := quick.Check(func(waits []int32) bool {
		p := schedule.DefaultPolicy
		p.Random = rnd
		at, attempts := now, 0
		for attempt := 1; ; attempt++ {
			attempts++
			var retryAfter time.Duration
			if attempt <= len(waits) {
				retryAfter = time.Duration(waits[attempt-1]) * time.Millisecond
			}
			next, giveUp := p.NextAttempt(at, now, attempt, retryAfter)
			if giveUp {
				return attempts <= p.MaxAttempts
			}
			if next.Before(at) || next.After(now.Add(p.MaxAge)) || (retryAfter > 0 && next.Sub(at) < min(retryAfter, schedule.MaxRetryAfter)) {
				return false
			}
			at = next
		}
	}, &quick.Config{MaxCount: 5_000})
	if err != nil {
		t.Error(err)
	}
}

func TestNextAttemptByDefault(t *testing.T) {
	t.Parallel()
	for range 1000 {
		next, giveUp := schedule.NextAttempt(now, now, 3, 0)
		if giveUp || next.Before(now) || !next.Before(now.Add(8*time.Second)) {
			t.Fatalf("after the third attempt: %s, %v", next, giveUp)
		}
	}
	if _, giveUp := schedule.NextAttempt(now, now, 12, 0); !giveUp {
		t.Error("goes on after the twelfth attempt")
	}
}
