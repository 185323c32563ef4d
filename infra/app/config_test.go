package app

import (
	"strings"
	"testing"
)

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

func TestLinkKey(t *testing.T) {
	const long, short = "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcde"
	for value, want := range map[string]string{"": "", long: long, " " + long + "\n": long} {
		cfg, err := ReadConfig(func(name string) string { return map[string]string{"HERALD_LINK_KEY": value}[name] })
		if err != nil || cfg.LinkKey != want {
			t.Errorf("%q is read as %q, %v", value, cfg.LinkKey, err)
		}
	}
	_, err := ReadConfig(func(name string) string { return map[string]string{"HERALD_LINK_KEY": short}[name] })
	if err == nil || !strings.Contains(err.Error(), "HERALD_LINK_KEY") || strings.Contains(err.Error(), short) {
		t.Errorf("error %v must name the variable and not its value", err)
	}
}
