package graph

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"herald/campaigns"
)

var update = flag.Bool("update", false, "write the table of Windows' time zones anew")

var zoneLine = regexp.MustCompile(`(?m)^\t"([^"]+)":\s+\{.*\},\s+// (\S+)$`)

// The toolchain that runs this test has the source of its time package, for every system.
func TestWindowsZones(t *testing.T) {
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "src/time/zoneinfo_abbrs_windows.go"))
	if err != nil {
		t.Fatal(err)
	}
	gos := map[string]string{}
	for _, m := range zoneLine.FindAllSubmatch(source, -1) {
		gos[strings.ToLower(string(m[1]))] = string(m[2])
	}
	if len(gos) < 130 {
		t.Fatalf("Go's source has another form: %d zones read", len(gos))
	}
	if *update {
		const file = "windowszones.go"
		old, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := bytes.Cut(old, []byte("{\n"))
		out := bytes.NewBuffer(append(slices.Clone(head), "{\n"...))
		for _, name := range slices.Sorted(maps.Keys(gos)) {
			fmt.Fprintf(out, "\t%q: %q,\n", name, gos[name])
		}
		written, err := format.Source(append(out.Bytes(), "}\n"...))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, written, 0o644); err != nil {
			t.Fatal(err)
		}
		windowsZones = gos
	}
	if !maps.Equal(gos, windowsZones) {
		t.Error("Go knows other zones: go test ./graph -run TestWindowsZones -update")
	}
	for windows, iana := range windowsZones {
		if campaigns.ZoneName(iana) == "" {
			t.Errorf("%s is %s, which is no time zone", windows, iana)
		}
	}
}

func TestZoneName(t *testing.T) {
	for name, want := range map[string]string{
		"W. Europe Standard Time": "Europe/Berlin", "romance standard time": "Europe/Paris", "India Standard Time": "Asia/Kolkata",
		"Nepal Standard Time": "Asia/Kathmandu", "UTC": "UTC", "tzone://Microsoft/Utc": "UTC", " Europe/Paris ": "Europe/Paris",
		"Asia/Calcutta": "Asia/Kolkata", "America/Argentina/Ushuaia": "America/Argentina/Ushuaia",
		"": "", "Local": "", "Customized Time Zone": "", "tzone://Microsoft/Custom": "", "../../etc/passwd": "", "Mars/Olympus": "",
		"europe/paris": "", strings.Repeat("A", 5000): "",
	} {
		if got := zoneName(name); got != want {
			t.Errorf("%.40q is %q, want %q", name, got, want)
		}
	}
}
