// Package arch holds one test: that the arrows between Herald's packages point inwards.
package arch

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// rule forbids packages under from to import packages under to.
type rule struct {
	from, to string
	except   []string // allowed targets below to
	why      string
}

var rules = []rule{
	{from: "campaigns/message", to: "", except: []string{"campaigns/message"}, why: "leaves of the core import nothing of ours, so that each can be read and tested alone"},
	{from: "campaigns/survey", to: "", except: []string{"campaigns/survey", "campaigns/message"}, why: "a leaf of the core draws its cards with campaigns/message and knows nothing else of ours"},
	{from: "campaigns/track", to: "", except: []string{"campaigns/track"}, why: "leaves of the core import nothing of ours, so that each can be read and tested alone"},
	{from: "campaigns/schedule", to: "", except: []string{"campaigns/schedule"}, why: "leaves of the core import nothing of ours, so that each can be read and tested alone"},
	{from: "campaigns/image", to: "", except: []string{"campaigns/image"}, why: "leaves of the core import nothing of ours, so that each can be read and tested alone"},
	{from: "campaigns/audience/importer", to: "", except: []string{"campaigns/audience/importer"}, why: "leaves of the core import nothing of ours, so that each can be read and tested alone"},
	{from: "campaigns", to: "bot", why: "the core does not know who listens to Teams"},
	{from: "campaigns", to: "tab", why: "the core does not know who serves authors"},
	{from: "campaigns", to: "graph", why: "the core knows a Directory, not Microsoft Graph"},
	{from: "campaigns", to: "manifest", why: "the core does not know how the app is packaged"},
	{from: "campaigns", to: "infra", why: "the core declares what it needs of SQL and Redis and is given it"},
	{from: "bot", to: "tab", why: "adapters never import each other"},
	{from: "bot", to: "graph", why: "adapters never import each other"},
	{from: "bot", to: "manifest", why: "adapters never import each other"},
	{from: "bot", to: "infra", except: []string{"infra/jwks"}, why: "adapters import the core; token keys are the one thing bot and tab share"},
	{from: "tab", to: "bot", why: "adapters never import each other"},
	{from: "tab", to: "graph", why: "adapters never import each other"},
	{from: "tab", to: "manifest", why: "adapters never import each other"},
	{from: "tab", to: "infra", except: []string{"infra/jwks"}, why: "adapters import the core; token keys are the one thing bot and tab share"},
	{from: "graph", to: "bot", why: "adapters never import each other"},
	{from: "graph", to: "tab", why: "adapters never import each other"},
	{from: "graph", to: "manifest", why: "adapters never import each other"},
	{from: "graph", to: "infra", why: "adapters import the core only"},
	{from: "manifest", to: "", except: []string{"manifest"}, why: "the package is built from its configuration alone"},
	{from: "infra/store", to: "bot", why: "adapters never import each other"},
	{from: "infra/store", to: "tab", why: "adapters never import each other"},
	{from: "infra/store", to: "graph", why: "adapters never import each other"},
	{from: "infra/store", to: "infra", except: []string{"infra/store"}, why: "the store stands on SQL alone"},
	{from: "infra/queue", to: "bot", why: "adapters never import each other"},
	{from: "infra/queue", to: "tab", why: "adapters never import each other"},
	{from: "infra/queue", to: "graph", why: "adapters never import each other"},
	{from: "infra/queue", to: "infra", except: []string{"infra/queue"}, why: "the queue stands on Redis alone"},
	{from: "infra/jwks", to: "", except: []string{"infra/jwks"}, why: "keys and tokens are no business of a campaign's"},
	{from: "infra/health", to: "", except: []string{"infra/health"}, why: "the checks use what they judge as an outsider does; the wiring hands them the rest"},
	{from: "infra/sandbox", to: "", except: []string{"infra/sandbox"}, why: "a simulator that shared code with Herald would share its mistakes"},
}

// only says who may import a package at all.
var only = []struct {
	to   string
	from []string
	why  string
}{
	{"infra/sandbox", []string{"infra/sandbox", "infra/app"}, "nothing in Herald knows that the cloud is a sandbox, except the wiring"},
	{"infra/app", []string{""}, "the wiring is at the edge: only main uses it"},
}

// sdk is the Graph SDK, whose compilation takes minutes and gigabytes.
const sdk = "github.com/microsoftgraph/"

type pkg struct {
	ImportPath string
	Imports    []string
}

const module = "herald"

// local returns a path inside the module: "" for the module's root, ok false for others.
func local(path string) (inside string, ok bool) {
	if path == module {
		return "", true
	}
	return strings.CutPrefix(path, module+"/")
}

func under(path, folder string) bool {
	return folder == "" || path == folder || strings.HasPrefix(path, folder+"/")
}

func TestImportsPointInwards(t *testing.T) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		from, _ := local(p.ImportPath)
		seen++
		for _, imp := range p.Imports {
			if strings.HasPrefix(imp, sdk) && from != "graph" {
				t.Errorf("%s imports %s: only graph may, so that nothing else pays for compiling the SDK", p.ImportPath, imp)
			}
			to, ok := local(imp)
			if !ok {
				continue
			}
			for _, broken := range forbidden(from, to) {
				t.Errorf("%s imports %s: %s", p.ImportPath, imp, broken)
			}
		}
	}
	if seen < 15 {
		t.Fatalf("go list named only %d packages", seen)
	}
}

// forbidden returns why from may not import to; nothing when it may.
func forbidden(from, to string) (why []string) {
	for _, r := range rules {
		if !under(from, r.from) || !under(to, r.to) {
			continue
		}
		allowed := false
		for _, e := range r.except {
			allowed = allowed || under(to, e)
		}
		if !allowed {
			why = append(why, r.why)
		}
	}
	for _, o := range only {
		if !under(to, o.to) {
			continue
		}
		allowed := false
		for _, f := range o.from {
			allowed = allowed || from == f || f != "" && under(from, f)
		}
		if !allowed {
			why = append(why, o.why)
		}
	}
	return why
}

func TestForbiddenArrowsAreSeen(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"campaigns", "campaigns/message", false},
		{"campaigns/delivery", "campaigns", false},
		{"campaigns/message", "campaigns", true},
		{"campaigns/image", "campaigns/message", true},
		{"campaigns/survey", "campaigns/message/wire", false},
		{"campaigns/survey", "campaigns/schedule", true},
		{"campaigns", "infra/store", true},
		{"bot", "tab", true},
		{"bot/auth", "infra/jwks", false},
		{"tab", "infra/store", true},
		{"infra/store", "campaigns/delivery", false},
		{"infra/store", "infra/queue", true},
		{"infra/sandbox", "campaigns", true},
		{"", "infra/app", false},
		{"tab", "infra/app", true},
		{"infra/app", "infra/sandbox", false},
		{"bot", "infra/sandbox", true},
	} {
		if got := len(forbidden(c.from, c.to)) > 0; got != c.want {
			t.Errorf("%q imports %q: forbidden is %v, want %v", c.from, c.to, got, c.want)
		}
	}
}
