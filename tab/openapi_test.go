package tab_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/gorilla/mux"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"herald/tab"
)

// document is openapi.json as the tests use it: to know which answers a route may
// give, and to hold every answer against its schema.
type document struct {
	root map[string]any

	mu       sync.Mutex // guards the compiler, which fills itself, and answered
	compiler *jsonschema.Compiler
	answered map[string]bool // "GET /campaigns 200"
}

const documentURL = "https://herald.example/openapi.json"

var openAPI = sync.OnceValue(func() *document {
	raw, err := os.ReadFile("openapi.json")
	if err != nil {
		panic(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		panic(err)
	}
	d := &document{root: v.(map[string]any), compiler: jsonschema.NewCompiler(), answered: map[string]bool{}}
	d.compiler.AssertFormat()
	if err := d.compiler.AddResource(documentURL, v); err != nil {
		panic(err)
	}
	return d
})

func escape(segment string) string {
	return url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(segment))
}

// compile compiles the schema at a JSON pointer.
func (d *document) compile(segments ...string) (*jsonschema.Schema, error) {
	loc := documentURL + "#"
	for _, s := range segments {
		loc += "/" + escape(s)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.compiler.Compile(loc)
}

func at(v any, segments ...string) map[string]any {
	for _, s := range segments {
		m, _ := v.(map[string]any)
		v = m[s]
	}
	m, _ := v.(map[string]any)
	return m
}

// template finds the path of the document that an address below /api/v1 belongs to.
func (d *document) template(path string) string {
	path, _, _ = strings.Cut(strings.TrimPrefix(path, "/api/v1"), "?")
	got := strings.Split(path, "/")
	var found string
	for p := range at(d.root, "paths") {
		want := strings.Split(p, "/")
		if len(got) != len(want) {
			continue
		}
		// "/lists/sample.csv" is nearer than "/lists/{id}".
		if slices.EqualFunc(got, want, func(g, w string) bool { return g == w || strings.HasPrefix(w, "{") }) && (found == "" || strings.Count(p, "{") < strings.Count(found, "{")) {
			found = p
		}
	}
	return found
}

// check holds an answer against the document: the status must be described for the
// route, its content type too, JSON must fit the schema, and a problem's code must be named.
func (d *document) check(t testing.TB, method, path string, res *http.Response, body []byte) {
	t.Helper()
	tpl := d.template(path)
	op := at(d.root, "paths", tpl, strings.ToLower(method))
	if tpl == "" || op == nil {
		t.Errorf("openapi.json has no %s %s", method, path)
		return
	}
	status := strings.Fields(res.Status)[0]
	where := []string{"paths", tpl, strings.ToLower(method), "responses", status}
	answer := at(d.root, where...)
	if ref, ok := answer["$ref"].(string); ok {
		where = strings.Split(strings.TrimPrefix(ref, "#/"), "/")
		answer = at(d.root, where...)
	}
	if answer == nil {
		t.Errorf("openapi.json knows no answer %s of %s %s; body %s", status, method, tpl, body)
		return
	}
	d.mu.Lock()
	d.answered[method+" "+tpl+" "+status] = true
	d.mu.Unlock()
	if res.StatusCode == http.StatusNoContent {
		if len(body) > 0 {
			t.Errorf("204 with a body: %s", body)
		}
		return
	}
	media, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";")
	if at(answer, "content", media) == nil {
		t.Errorf("%s %s answers %s with %q, which openapi.json does not say", method, tpl, status, media)
		return
	}
	if !strings.HasSuffix(media, "json") {
		return
	}
	schema, err := d.compile(append(where, "content", media, "schema")...)
	if err != nil {
		t.Errorf("schema of %s %s %s: %v", method, tpl, status, err)
		return
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Errorf("%s %s answers no JSON: %v: %s", method, tpl, err, body)
		return
	}
	if err := schema.Validate(v); err != nil {
		t.Errorf("%s %s %s does not fit openapi.json: %v\n%s", method, tpl, status, err, body)
	}
	if media == "application/problem+json" {
		code, _ := v.(map[string]any)["code"].(string)
		if said, _ := answer["description"].(string); !strings.Contains(said, "`"+code+"`") {
			t.Errorf("%s %s answers %s with code %q, which openapi.json does not name: %s", method, tpl, status, code, said)
		}
	}
}

// operations lists "GET /campaigns" for everything in the document.
func (d *document) operations() []string {
	var out []string
	for path, item := range at(d.root, "paths") {
		for method := range item.(map[string]any) {
			if method != "parameters" {
				out = append(out, strings.ToUpper(method)+" "+path)
			}
		}
	}
	slices.Sort(out)
	return out
}

func TestDocumentHasEveryRouteAndNoOther(t *testing.T) {
	var routes []string
	r := mux.NewRouter()
	(&tab.Server{Page: fstest.MapFS{}}).Routes(r)
	err := r.Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		path, err := route.GetPathTemplate()
		methods, merr := route.GetMethods()
		if err != nil || merr != nil || !strings.HasPrefix(path, "/api/v1/") {
			return nil // the prefix itself, or the page
		}
		for _, m := range methods {
			routes = append(routes, m+" "+strings.TrimPrefix(path, "/api/v1"))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(routes)
	described := openAPI().operations()
	for _, x := range routes {
		if !slices.Contains(described, x) {
			t.Errorf("%s is served but not in openapi.json", x)
		}
	}
	for _, x := range described {
		if !slices.Contains(routes, x) {
			t.Errorf("%s is in openapi.json but not served", x)
		}
	}
}

func TestEverySchemaCompiles(t *testing.T) {
	d := openAPI()
	schemas := at(d.root, "components", "schemas")
	if len(schemas) < 30 {
		t.Fatalf("only %d schemas", len(schemas))
	}
	for name := range schemas {
		if _, err := d.compile("components", "schemas", name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if at(schemas, name)["description"] == nil {
			t.Errorf("schema %s has no description", name)
		}
	}
	// Every other schema in the document, and every reference, wherever it points.
	var walk func(v any, pointer []string)
	walk = func(v any, pointer []string) {
		switch v := v.(type) {
		case map[string]any:
			for k, x := range v {
				here := append(slices.Clone(pointer), k)
				if ref, ok := x.(string); ok && k == "$ref" {
					if at(d.root, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...) == nil {
						t.Errorf("%s points to %s, which is not there", strings.Join(pointer, "/"), ref)
					}
				}
				if _, ok := x.(map[string]any); ok && k == "schema" {
					if _, err := d.compile(here...); err != nil {
						t.Errorf("%s: %v", strings.Join(here, "/"), err)
					}
				}
				walk(x, here)
			}
		case []any:
			for i, x := range v {
				walk(x, append(slices.Clone(pointer), strconv.Itoa(i)))
			}
		}
	}
	walk(d.root["paths"], []string{"paths"})
	walk(d.root["components"], []string{"components"})
}

func TestSchemasRefuseWhatTheyShould(t *testing.T) {
	for _, c := range []struct{ schema, value string }{
		{"Counts", `{"total":1}`},
		{"Audience", `{"all":false}`},
		{"Audience", `{"all":true,"emails":[]}`},
		{"Problem", `{"type":"about:blank","title":"Conflict","status":409,"code":"Not Draft","requestId":"1"}`},
		{"CampaignStatus", `"done"`},
		{"Recipient", `{"email":"a@b.example"}`},
	} {
		s, err := openAPI().compile("components", "schemas", c.schema)
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(c.value))
		if err != nil {
			t.Fatal(err)
		}
		if s.Validate(v) == nil {
			t.Errorf("%s accepts %s", c.schema, c.value)
		}
	}
}

func TestEveryOperationIsDescribed(t *testing.T) {
	d := openAPI()
	ids := map[string]string{}
	for _, op := range d.operations() {
		method, path, _ := strings.Cut(op, " ")
		o := at(d.root, "paths", path, strings.ToLower(method))
		id, _ := o["operationId"].(string)
		if id == "" || ids[id] != "" {
			t.Errorf("%s: operationId %q is missing or also that of %s", op, id, ids[id])
		}
		ids[id] = op
		for _, need := range []string{"summary", "description", "tags"} {
			if o[need] == nil {
				t.Errorf("%s has no %s", op, need)
			}
		}
		answers := slices.Sorted(maps.Keys(at(o, "responses")))
		if !slices.ContainsFunc(answers, func(s string) bool { return s[0] == '2' }) {
			t.Errorf("%s never succeeds", op)
		}
		if path == "/openapi.json" {
			continue
		}
		for _, need := range []string{"401", "403", "500"} {
			if !slices.Contains(answers, need) {
				t.Errorf("%s does not say what %s means", op, need)
			}
		}
		if o["requestBody"] != nil && !slices.Contains(answers, "413") {
			t.Errorf("%s takes a body but does not say that it may be too large", op)
		}
		if strings.Contains(path, "{id}") && !slices.Contains(answers, "404") {
			t.Errorf("%s does not say what 404 means", op)
		}
	}
}

func TestDocumentIsServedWithoutToken(t *testing.T) {
	w := newWorld(t)
	res, body := w.do(t, request{method: "GET", path: "/openapi.json"})
	openAPI().check(t, "GET", "/openapi.json", res, body)
	var served any
	if err := json.Unmarshal(body, &served); err != nil || at(served, "paths", "/me") == nil {
		t.Fatalf("status %d, err %v", res.StatusCode, err)
	}
}
