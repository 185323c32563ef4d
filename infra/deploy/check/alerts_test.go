package check

import (
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// Every alert is a rule as Prometheus reads it, stands on metrics that Herald has, and says what to do. Its expression is
// not parsed.
func TestAlerts(t *testing.T) {
	var file struct {
		Groups []struct {
			Name  string `json:"name"`
			Rules []struct {
				Alert       string            `json:"alert"`
				Expr        string            `json:"expr"`
				For         string            `json:"for"`
				Labels      map[string]string `json:"labels"`
				Annotations map[string]string `json:"annotations"`
			} `json:"rules"`
		} `json:"groups"`
	}
	if err := yaml.UnmarshalStrict(read(t, "../prometheus/alerts.yaml"), &file); err != nil {
		t.Fatal(err)
	}
	metrics := string(read(t, top+"/infra/app/metrics.go"))
	if len(file.Groups) != 1 || len(file.Groups[0].Rules) < 5 {
		t.Fatalf("%+v", file)
	}
	for _, r := range file.Groups[0].Rules {
		names := regexp.MustCompile(`herald_[a-z_]+`).FindAllString(r.Expr, -1)
		if len(names) == 0 || r.For == "" || r.Labels["severity"] == "" || r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
			t.Errorf("%+v", r)
		}
		for _, n := range names {
			if !strings.Contains(metrics, `"`+n+`"`) {
				t.Errorf("%s looks at %s, which Herald does not have", r.Alert, n)
			}
		}
		if strings.Count(r.Expr, "(") != strings.Count(r.Expr, ")") {
			t.Errorf("%s: %s", r.Alert, r.Expr)
		}
	}
}
