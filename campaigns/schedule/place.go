package schedule

import (
	"fmt"
	"math"
	"math/bits"
	"time"
)

// Place is the moment of recipient index of n, 0 ≤ index < n: a whole
// millisecond at which o is open. Everyone has a slot of their own, Total/n
// long, so that the messages are spread evenly; which slot it is and where in it
// the moment lies is as good as random, but always the same for the same seed.
// The zero time if o never opens; it panics when index is not within n, or n is
// more than 2^32.
//
// Nothing is stored and nobody else is looked at: planning page by page, twice
// or after a restart comes to the same moments.
func Place(o Opening, seed uint64, index, n int64) time.Time {
	if index < 0 || index >= n || n > 1<<32 {
		panic(fmt.Sprintf("schedule: recipient %d of %d", index, n))
	}
	slot := permute(seed, uint64(index), uint64(n))
	total := uint64(o.Total() / time.Millisecond)
	from, to := total*slot/uint64(n), total*(slot+1)/uint64(n) // 32 bits each: a window is shorter than 50 days
	// More people than milliseconds: several slots lie in one of them.
	within, _ := bits.Mul64(mix(seed^0x6a09e667f3bcc909, slot), to-from)
	return o.At(time.Duration(from+within) * time.Millisecond)
}

// permute is where a permutation of 0 … n-1 that key decides puts i. A Feistel
// network: the two digits of i in the bases a and b are in turn added to by a
// number that depends on the other one, which can be undone, so no two i come
// to the same place. a × b is hardly more than n; what comes out beyond n is
// put in again until it does not, which leads back below n at the latest when it
// has come round.
func permute(key, i, n uint64) uint64 {
	a := uint64(math.Sqrt(float64(n)))
	for a*a < n {
		a++
	}
	b := (n + a - 1) / a
	for {
		high, low := i/a, i%a
		for round := uint64(0); round < 6; round += 2 {
			low = (low + mix(key+round*golden, high)%a) % a
			high = (high + mix(key+(round+1)*golden, low)%b) % b
		}
		if i = high*a + low; i < n {
			return i
		}
	}
}

const golden = 0x9e3779b97f4a7c15 // 2^64 / golden ratio: its multiples are far apart

// mix makes 64 bits as good as random of a key and a number: the finalizer of
// splitmix64, once for each, so that neighbours in either have nothing in common.
func mix(key, x uint64) uint64 { return scramble(scramble(key) ^ scramble(x+golden)) }

func scramble(x uint64) uint64 {
	x += golden
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
