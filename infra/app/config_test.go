package app

import "testing"

func TestRateOfZeroIsUnlimited(t *testing.T) {
	for _, c := range []struct {
		name, value string
		rate, queue int
		refused     bool
	}{
		{name: "unset", value: "", rate: 50, queue: 50},
		{name: "a limit", value: "7", rate: 7, queue: 7},
		{name: "none", value: "0", rate: 0, queue: -1},
		{name: "below none", value: "-1", refused: true},
		{name: "no number", value: "fast", refused: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg, err := ReadConfig(func(name string) string {
				if name == "HERALD_RATE" {
					return c.value
				}
				return ""
			})
			switch {
			case c.refused && err == nil:
				t.Fatalf("HERALD_RATE=%q is accepted", c.value)
			case c.refused:
			case err != nil:
				t.Fatal(err)
			case cfg.Rate != c.rate || queueRate(cfg.Rate) != c.queue:
				t.Errorf("rate %d, in the queue %d; want %d and %d", cfg.Rate, queueRate(cfg.Rate), c.rate, c.queue)
			}
		})
	}
}
