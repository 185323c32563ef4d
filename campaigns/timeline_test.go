package campaigns_test

import (
	"context"
	"testing"
	"time"

	"herald/campaigns"
)

// paced is a store with one campaign, whose outcomes came in these seconds after its start.
type paced struct {
	campaigns.Store
	seconds []int
}

var began = time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)

func (p paced) Campaign(context.Context, campaigns.Key) (*campaigns.Campaign, error) {
	return &campaigns.Campaign{Status: campaigns.Sending}, nil
}

func (p paced) PaceSpan(context.Context, campaigns.Key) (from, to time.Time, err error) {
	if len(p.seconds) == 0 {
		return from, to, nil
	}
	at := func(i int) time.Time { return began.Add(time.Duration(p.seconds[i]) * time.Second) }
	return at(0), at(len(p.seconds) - 1), nil
}

func (p paced) Pace(_ context.Context, _ campaigns.Key, _, _ time.Time, step time.Duration) (out []campaigns.PaceBucket, err error) {
	for _, s := range p.seconds {
		at := began.Add(time.Duration(s) * time.Second).Truncate(step)
		if n := len(out); n > 0 && out[n-1].At.Equal(at) {
			out[n-1].Sent++
		} else {
			out = append(out, campaigns.PaceBucket{At: at, Sent: 1})
		}
	}
	return out, nil
}

func TestTimelineHasRoundStepsWithoutGaps(t *testing.T) {
	t.Parallel()
	const day = 24 * 60 * 60
	for name, c := range map[string]struct {
		seconds []int
		step    time.Duration
		buckets int
	}{
		"nothing yet":               {nil, time.Second, 0},
		"one second":                {[]int{3, 3}, time.Second, 1},
		"a minute":                  {[]int{0, 59}, time.Second, 60},
		"a second more":             {[]int{0, 60}, 5 * time.Second, 13},
		"across a step's border":    {[]int{4, 5 * 60}, 5 * time.Second, 61},
		"half an hour":              {[]int{10, 30*60 + 20}, time.Minute, 31},
		"two hours, nearly nothing": {[]int{0, 1, 2 * 60 * 60}, 5 * time.Minute, 25},
		"a day":                     {[]int{0, day}, time.Hour, 25},
		"two weeks":                 {[]int{0, 14 * day}, 6 * time.Hour, 57},
		"two months":                {[]int{0, 61 * day}, 7 * 24 * time.Hour, 10},
	} {
		s := campaigns.Service{Store: paced{seconds: c.seconds}}
		got, err := s.Timeline(t.Context(), campaigns.Actor{Roles: []campaigns.Role{"Author"}}, "c")
		if err != nil {
			t.Fatal(err)
		}
		if got.Step != c.step || len(got.Buckets) != c.buckets || len(got.Buckets) > 61 {
			t.Errorf("%s: %d steps of %s, want %d of %s", name, len(got.Buckets), got.Step, c.buckets, c.step)
		}
		sum := 0
		for i, b := range got.Buckets {
			sum += b.Sent
			if i > 0 && b.At.Sub(got.Buckets[i-1].At) != c.step {
				t.Errorf("%s: a gap before %s", name, b.At)
			}
		}
		if sum != len(c.seconds) {
			t.Errorf("%s: %d in the steps, want %d", name, sum, len(c.seconds))
		}
	}
}
