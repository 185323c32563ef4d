package schedule_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"herald/campaigns/schedule"
)

// office is the working hours of three days, with a break at noon: 21 hours in six intervals.
func office(t testing.TB) schedule.Opening {
	t.Helper()
	w := schedule.Window{FirstDay: day("2026-11-30"), Days: 3, Hours: hours(span("09:00", "12:00"), span("13:00", "17:00"))}
	return w.Open(zone(t, "Europe/Paris"))
}

// offset is how much open time lies before at, by a way that Place does not go.
func offset(t testing.TB, o schedule.Opening, at time.Time) time.Duration {
	t.Helper()
	if !o.Contains(at) {
		t.Fatalf("%s is not open", at)
	}
	var sum time.Duration
	for _, in := range o.Intervals() {
		if at.Before(in.To) {
			return sum + at.Sub(in.From)
		}
		sum += in.To.Sub(in.From)
	}
	return sum
}

// slots are the slots of n recipients in order of index.
func slots(t testing.TB, o schedule.Opening, seed uint64, n int64) []int64 {
	t.Helper()
	total := o.Total().Milliseconds()
	all := make([]int64, n)
	for i := range all {
		at := schedule.Place(o, seed, int64(i), n)
		if at.Nanosecond()%1e6 != 0 || at.Location() != time.UTC {
			t.Fatalf("%s is not a whole millisecond in UTC", at)
		}
		ms := offset(t, o, at).Milliseconds()
		slot := ms * n / total
		for (slot+1)*total/n <= ms { // where the slots' bounds are rounded
			slot++
		}
		all[i] = slot
	}
	return all
}

func TestEveryoneHasASlotOfTheirOwn(t *testing.T) {
	t.Parallel()
	o := office(t)
	for _, n := range append(rangeTo(150), 255, 256, 257, 999, 1000, 4095, 4097, 10_000, 65_537, 100_000) {
		got := slots(t, o, uint64(n)*31, n)
		slices.Sort(got)
		for i, slot := range got {
			if slot != int64(i) {
				t.Fatalf("of %d people, %d have slots up to number %d", n, i+1, slot)
			}
		}
	}
}

func rangeTo(n int64) (all []int64) {
	for i := int64(1); i <= n; i++ {
		all = append(all, i)
	}
	return all
}

// The moments of a window are given out evenly also when there are more people than milliseconds.
func TestMorePeopleThanMilliseconds(t *testing.T) {
	t.Parallel()
	o := office(t)
	o = o.After(o.To().Add(-100 * time.Millisecond))
	count := map[time.Time]int{}
	const n = 12_345
	for i := range int64(n) {
		count[schedule.Place(o, 5, i, n)]++
	}
	for at, c := range count {
		if c < n/100 || c > n/100+1 || !o.Contains(at) {
			t.Errorf("%d people at %s", c, at)
		}
	}
	if len(count) != 100 {
		t.Errorf("%d moments of 100", len(count))
	}
}

// Moments that were written down once are those that come out again. These are what version 1 said.
func TestPlaceIsStable(t *testing.T) {
	t.Parallel()
	o := office(t)
	for _, tc := range []struct {
		seed     uint64
		index, n int64
		want     string
	}{
		{0, 0, 1, "2026-12-01T15:01:56.685Z"},
		{1, 0, 1, "2026-11-30T08:03:58.761Z"},
		{42, 0, 3, "2026-11-30T12:15:14.886Z"},
		{42, 1, 3, "2026-12-02T10:33:29.006Z"},
		{42, 2, 3, "2026-12-01T13:59:14.083Z"},
		{7, 999, 1000, "2026-12-02T12:19:39.162Z"},
		{7, 12345, 100000, "2026-12-01T12:56:45.088Z"},
		{18446744073709551615, 9999999, 10000000, "2026-12-02T13:13:09.169Z"},
	} {
		if got := schedule.Place(o, tc.seed, tc.index, tc.n).Format("2006-01-02T15:04:05.000Z"); got != tc.want {
			t.Errorf("%d of %d with seed %d: %s, want %s", tc.index, tc.n, tc.seed, got, tc.want)
		}
	}
}

// Every moment is in the opening, on no holiday, and no hour of the day has more people than its share.
func TestPlaceHoldsTheWindowAndItsHours(t *testing.T) {
	t.Parallel()
	everyWorld(t, 200, func(t *testing.T, w world) {
		o := w.Open(w.loc)
		if o.Empty() {
			return
		}
		rnd := rand.New(rand.NewPCG(w.number, 2))
		n := 1 + rnd.Int64N(3000)
		type hour struct {
			schedule.Day
			hour int
		}
		got := map[hour]int{}
		for i := range n {
			at := schedule.Place(o, w.number, i, n)
			local := at.In(w.loc)
			if !w.open(at) || slices.Contains(w.Holidays, schedule.DayOf(local)) {
				t.Errorf("%s: closed at %s", w, local)
				return
			}
			got[hour{schedule.DayOf(local), local.Hour()}]++
		}
		for _, s := range o.ByHour(w.loc) {
			h := hour{s.Day, s.Hour}
			if share := float64(n) * s.Share; float64(got[h]) > math.Ceil(share)+2 || float64(got[h]) < math.Floor(share)-2 {
				t.Errorf("%s: %d of %d people on %v at %d, whose share is %f", w, got[h], n, s.Day, s.Hour, share)
			}
			delete(got, h)
		}
		if len(got) > 0 {
			t.Errorf("%s: hours that are in no picture: %v", w, got)
		}
	})
}

// chiSquare fails when counts are not as even as chance makes them: beyond the deviation that one fixed seed in a
// million would show, by the approximation of Wilson and Hilferty. So does what is much too even for chance.
func chiSquare(t *testing.T, what string, counts []int) {
	t.Helper()
	sum := 0
	for _, c := range counts {
		sum += c
	}
	expected := float64(sum) / float64(len(counts))
	chi := 0.0
	for _, c := range counts {
		chi += (float64(c) - expected) * (float64(c) - expected) / expected
	}
	df := float64(len(counts) - 1)
	z := (math.Cbrt(chi/df) - (1 - 2/(9*df))) / math.Sqrt(2/(9*df))
	if math.Abs(z) > 4.9 {
		t.Errorf("%s: χ² is %.0f at %.0f degrees of freedom, %.1f standard deviations off", what, chi, df, z)
	}
}

// What one person may expect: any moment of the window, whoever they are in the list and however many are.
func TestAPersonsMomentIsUniform(t *testing.T) {
	t.Parallel()
	o := office(t)
	for _, tc := range []struct{ index, n int64 }{{0, 1}, {0, 2}, {1, 2}, {2, 3}, {0, 7}, {6, 7}, {0, 1000}, {999, 1000}, {31, 1000}, {0, 10_000_000}, {9_999_999, 10_000_000}, {1<<32 - 1, 1 << 32}} {
		counts, within := make([]int, 84), make([]int, 50) // quarters of an hour; parts of a slot
		interval := make([]int, 21)
		for seed := range uint64(20_000) {
			at := schedule.Place(o, seed, tc.index, tc.n)
			off := offset(t, o, at)
			counts[off/(15*time.Minute)]++
			interval[off/time.Hour]++
			if tc.n <= 1000 {
				slot := float64(off) / float64(o.Total()) * float64(tc.n)
				within[int((slot-math.Floor(slot))*50)]++
			}
		}
		chiSquare(t, fmt.Sprintf("quarters of an hour of %d of %d", tc.index, tc.n), counts)
		chiSquare(t, fmt.Sprintf("hours of %d of %d", tc.index, tc.n), interval)
		if tc.n <= 1000 {
			chiSquare(t, fmt.Sprintf("parts of the slot of %d of %d", tc.index, tc.n), within)
		}
	}
}

// The start of a list is spread like all of it: a team that stands together is not reached together.
func TestAPartOfTheListIsUniform(t *testing.T) {
	t.Parallel()
	o := office(t)
	const n = 100_000
	for _, seed := range []uint64{0, 1, 42, math.MaxUint64} {
		all := slots(t, o, seed, n)
		for name, step := range map[string]struct{ from, by, count int }{
			"the first thousand": {0, 1, 2000}, "the last thousand": {n - 2000, 1, 2000}, "every fiftieth": {7, 50, 2000}, "every 317th, the root of all": {0, 317, 315},
		} {
			counts := make([]int, 20)
			for i := range step.count {
				counts[all[step.from+i*step.by]*20/n]++
			}
			chiSquare(t, fmt.Sprintf("%s with seed %d", name, seed), counts)
		}
	}
}

// correlation is Pearson's.
func correlation(x, y []float64) float64 {
	var mx, my float64
	for i := range x {
		mx += x[i] / float64(len(x))
		my += y[i] / float64(len(x))
	}
	var xy, xx, yy float64
	for i := range x {
		xy += (x[i] - mx) * (y[i] - my)
		xx += (x[i] - mx) * (x[i] - mx)
		yy += (y[i] - my) * (y[i] - my)
	}
	return xy / math.Sqrt(xx*yy)
}

func TestNeighboursAreNotNearEachOther(t *testing.T) {
	t.Parallel()
	o := office(t)
	const n = 20_000
	most := 4.9 / math.Sqrt(n)
	index := make([]float64, n)
	for i := range index {
		index[i] = float64(i)
	}
	before := make([]float64, n) // of the seed before
	for seed := range uint64(8) {
		all := make([]float64, n)
		pairs := make([]int, 100)
		for i, slot := range slots(t, o, seed, n) {
			all[i] = float64(slot)
			if i%2 == 1 {
				pairs[int(all[i-1]*10/n)*10+int(all[i]*10/n)]++
			}
		}
		chiSquare(t, fmt.Sprintf("pairs with seed %d", seed), pairs)
		if r := correlation(index, all); math.Abs(r) > most {
			t.Errorf("seed %d: place and index are related: %f", seed, r)
		}
		for _, lag := range []int{1, 2, 3, 10, 141, 142, 143} { // about the bases of the network, too
			if r := correlation(all[:n-lag], all[lag:]); math.Abs(r) > most {
				t.Errorf("seed %d: those %d apart are related: %f", seed, lag, r)
			}
		}
		if seed > 0 {
			if r := correlation(before, all); math.Abs(r) > most {
				t.Errorf("seeds %d and %d are related: %f", seed-1, seed, r)
			}
		}
		before = all
	}
}

// One campaign's early birds are not the next one's: who is first with one seed has any place with the next.
func TestSeedsHaveNothingInCommon(t *testing.T) {
	t.Parallel()
	o := office(t)
	const n = 1000
	for _, apart := range []uint64{1, 2, 3, 1 << 32} {
		pairs := make([]int, 100)
		for seed := range uint64(200) {
			for index := int64(0); index < n; index += n / 20 {
				a, b := offset(t, o, schedule.Place(o, seed, index, n)), offset(t, o, schedule.Place(o, seed+apart, index, n))
				pairs[a*10/o.Total()*10+b*10/o.Total()]++
			}
		}
		chiSquare(t, fmt.Sprintf("seeds %d apart", apart), pairs)
	}
}

func TestPlaceOfNobody(t *testing.T) {
	t.Parallel()
	if at := schedule.Place(schedule.Opening{}, 1, 0, 1); !at.IsZero() {
		t.Errorf("%s in what never opens", at)
	}
	for _, tc := range []struct{ index, n int64 }{{-1, 5}, {5, 5}, {0, 0}, {0, -1}, {0, 1<<32 + 1}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("there is a place for %d of %d", tc.index, tc.n)
				}
			}()
			schedule.Place(office(t), 1, tc.index, tc.n)
		}()
	}
}

func BenchmarkPlace(b *testing.B) {
	o := office(b)
	const n = 10_000_000
	for i := range int64(b.N) {
		schedule.Place(o, 42, i%n, n)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "places/s")
}
