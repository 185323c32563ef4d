package app

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"herald/infra/queue"
	"herald/infra/store"
)

// stocked is what Serve registers, with a queue and a database that answer as given.
func stocked(q func(context.Context) (queue.Stats, error), b func(context.Context) (store.Backlog, error)) *prometheus.Registry {
	m := newMetrics()
	m.registry.MustRegister(&stock{rate: 50, queue: q, backlog: b, log: slog.New(slog.DiscardHandler)})
	return m.registry
}

func gather(t *testing.T, r *prometheus.Registry) map[string]*dto.MetricFamily {
	t.Helper()
	fs, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string]*dto.MetricFamily, len(fs))
	for _, f := range fs {
		out[f.GetName()] = f
	}
	return out
}

func answer[T any](v T, err error) func(context.Context) (T, error) {
	return func(context.Context) (T, error) { return v, err }
}

// silence answers nobody.
func silence[T any](ctx context.Context) (v T, err error) {
	<-ctx.Done()
	return v, ctx.Err()
}

func TestAScrapeOutlivesItsStores(t *testing.T) {
	some := queue.Stats{Tenants: map[string]queue.TenantStats{"contoso": {Due: 3, Lag: 1500 * time.Millisecond, Paused: 2 * time.Second}}}
	down := errors.New("down")
	for name, c := range map[string]struct {
		queue               func(context.Context) (queue.Stats, error)
		backlog             func(context.Context) (store.Backlog, error)
		queueUp, databaseUp float64
		within              time.Duration
		present, absent     []string
	}{
		"both answer":           {queue: answer(some, nil), backlog: answer(store.Backlog{}, nil), queueUp: 1, databaseUp: 1, present: []string{"herald_queue_lag_seconds", "herald_campaigns"}},
		"Redis refuses":         {queue: answer(queue.Stats{}, down), backlog: answer(store.Backlog{}, nil), databaseUp: 1, present: []string{"herald_campaigns"}, absent: []string{"herald_queue_due", "herald_starts_due"}},
		"the database refuses":  {queue: answer(some, nil), backlog: answer(store.Backlog{}, down), queueUp: 1, present: []string{"herald_queue_due"}, absent: []string{"herald_campaigns", "herald_deliveries_open"}},
		"neither says anything": {queue: silence[queue.Stats], backlog: silence[store.Backlog], within: 2 * scrapeTimeout, present: []string{"herald_send_seconds", "herald_rate_limit"}, absent: []string{"herald_queue_due", "herald_campaigns"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				got := gather(t, stocked(c.queue, c.backlog))
				if took := time.Since(began); took > c.within {
					t.Errorf("took %s, want at most %s", took, c.within)
				}
				for name, want := range map[string]float64{"herald_queue_up": c.queueUp, "herald_database_up": c.databaseUp, "herald_rate_limit": 50} {
					if v := got[name].GetMetric()[0].GetGauge().GetValue(); v != want {
						t.Errorf("%s = %v, want %v", name, v, want)
					}
				}
				for _, n := range c.present {
					if got[n] == nil {
						t.Errorf("no %s", n)
					}
				}
				for _, n := range c.absent {
					if got[n] != nil {
						t.Errorf("%s = %v from a store that does not answer", n, got[n])
					}
				}
			})
		})
	}
}

const dashboardFile = "../deploy/grafana/herald.json"

type dashboard struct {
	SchemaVersion int `json:"schemaVersion"`
	Templating    struct {
		List []struct {
			Name  string          `json:"name"`
			Type  string          `json:"type"`
			Query json.RawMessage `json:"query"`
		} `json:"list"`
	} `json:"templating"`
	Panels []panel `json:"panels"`
}

type panel struct {
	Type        string     `json:"type"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Datasource  datasource `json:"datasource"`
	FieldConfig struct {
		Defaults struct {
			Unit string `json:"unit"`
		} `json:"defaults"`
	} `json:"fieldConfig"`
	Targets []struct {
		Datasource datasource `json:"datasource"`
		Expr       string     `json:"expr"`
	} `json:"targets"`
	Panels []panel `json:"panels"` // of a row that is folded
}

type datasource struct {
	UID string `json:"uid"`
}

func unfold(ps []panel) []panel {
	var all []panel
	for _, p := range ps {
		all = append(append(all, p), unfold(p.Panels)...)
	}
	return all
}

var (
	descName  = regexp.MustCompile(`fqName: "([^"]+)"`)
	inExpr    = regexp.MustCompile(`\b(?:herald|go|process)_[a-z0-9_]+`)
	inMax     = regexp.MustCompile(`\bmax(?: by \([a-z, ]+\))? ?\($`)
	histogram = regexp.MustCompile(`_(?:bucket|sum|count)$`)
)

// The dashboard shows every metric of Herald's and none that does not exist; what all processes read from the
// same place is not added up; and each panel tells its unit and what to do.
func TestDashboardShowsWhatThereIs(t *testing.T) {
	raw, err := os.ReadFile(dashboardFile)
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	registry := stocked(answer(queue.Stats{}, nil), answer(store.Backlog{}, nil))
	gathered := gather(t, registry) // histograms without labels are there from the start
	descs := make(chan *prometheus.Desc)
	go func() {
		registry.Describe(descs)
		close(descs)
	}()
	registered := map[string]string{} // name → description
	for desc := range descs {
		registered[descName.FindStringSubmatch(desc.String())[1]] = desc.String()
	}

	shown := map[string]bool{}
	check := func(where, expr string) {
		for _, at := range inExpr.FindAllStringIndex(expr, -1) {
			name := expr[at[0]:at[1]]
			if base := histogram.ReplaceAllString(name, ""); gathered[base].GetType() == dto.MetricType_HISTOGRAM && base != name {
				name = base
			} else if gathered[name].GetType() == dto.MetricType_HISTOGRAM {
				t.Errorf("%s: %s is a histogram, and none of its series", where, name)
			}
			desc, known := registered[name]
			if !known {
				t.Errorf("%s: there is no metric %s", where, name)
			}
			if strings.Contains(desc, sharedNote) && !inMax.MatchString(expr[:at[0]]) && !strings.HasPrefix(expr, "label_values(") {
				t.Errorf("%s: %s is the same in every process, and must be read with max: %s", where, name, expr)
			}
			shown[name] = true
		}
	}
	var titles []string
	for _, p := range unfold(d.Panels) {
		if p.Type == "row" {
			titles = append(titles, p.Title)
			continue
		}
		if p.Description == "" || p.FieldConfig.Defaults.Unit == "" || p.Datasource.UID != "${datasource}" || len(p.Targets) == 0 {
			t.Errorf("panel %q lacks its description, unit, data source or expression", p.Title)
		}
		for _, target := range p.Targets {
			if target.Datasource.UID != "${datasource}" {
				t.Errorf("panel %q asks data source %q", p.Title, target.Datasource.UID)
			}
			if !inExpr.MatchString(target.Expr) {
				t.Errorf("panel %q asks for nothing of Herald's: %s", p.Title, target.Expr)
			}
			check("panel "+p.Title, target.Expr)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(registered)) {
		if strings.HasPrefix(name, "herald_") && !shown[name] {
			t.Errorf("no panel shows %s", name)
		}
	}
	if want := []string{"Sending now", "Outcomes and reasons", "Latency", "Queue", "Process"}; !slices.Equal(titles, want) {
		t.Errorf("rows %q, want %q", titles, want)
	}
	hasSource := false
	for _, v := range d.Templating.List {
		hasSource = hasSource || v.Name == "datasource" && v.Type == "datasource"
		if v.Type == "query" {
			var q struct {
				Query string `json:"query"`
			}
			if err := json.Unmarshal(v.Query, &q); err != nil || !inExpr.MatchString(q.Query) {
				t.Errorf("variable %s asks %s: %v", v.Name, v.Query, err)
			}
			check("variable "+v.Name, q.Query)
		}
	}
	if !hasSource {
		t.Error("no variable for the data source")
	}
}
