package main

import (
	"math"
	"testing"
	"time"
)

// every makes n moments that are apart from each other.
func every(n int, apart time.Duration) []int64 {
	at := make([]int64, n)
	for i := range at {
		at[i] = int64(i) * int64(apart)
	}
	return at
}

func TestFullestWindow(t *testing.T) {
	for _, c := range []struct {
		name string
		at   []int64
		want int
		from time.Duration
	}{
		{"nothing", nil, 0, 0},
		{"one", every(1, 0), 1, 0},
		{"an even pace: the window's end is not in it", every(500, 20*time.Millisecond), 50, 0},
		{"a little faster", every(500, 19*time.Millisecond), 53, 0},
		{"a burst in the middle", []int64{0, 2e9, 2e9 + 1, 3e9 - 1, 3e9, 5e9}, 3, 2 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, from := fullest(c.at, time.Second); got != c.want || from != c.from {
				t.Errorf("%d from %s, want %d from %s", got, from, c.want, c.from)
			}
		})
	}
}

func TestShareUsed(t *testing.T) {
	for _, c := range []struct {
		name string
		at   []int64
		want float64
	}{
		{"nothing", nil, 0},
		{"no whole second", every(10, time.Millisecond), 0},
		{"all of it", every(501, 20*time.Millisecond), 1},
		{"all of it, and a broken second", every(520, 20*time.Millisecond), 1},
		{"half", every(251, 40*time.Millisecond), 0.5},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := used(c.at, time.Second, 50); math.Abs(got-c.want) > 1e-9 {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

func TestFigure(t *testing.T) {
	for _, c := range []struct {
		f    figure
		want string
	}{
		{nil, "–"},
		{figure{50}, "50"},
		{figure{0.123}, "0.12"},
		{figure{3, 1, 2.5}, "2.50 (1–3)"},
		{figure{1234567.8, 1000, 1000}, "1 000 (1 000–1 234 568)"},
	} {
		if got := c.f.String(); got != c.want {
			t.Errorf("%v is %q, want %q", []float64(c.f), got, c.want)
		}
	}
}

func TestQuantile(t *testing.T) {
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(i + 1)
	}
	for q, want := range map[float64]float64{0: 1, 0.5: 50, 0.99: 99, 1: 100} {
		if got := quantile(hundred, q); got != want {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
}
