// Package cardtest holds cards against the schema of Adaptive Cards. Imported by tests only.
package cardtest

import (
	"os"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Schema is Adaptive Cards as Teams knows them; campaigns/message and its neighbours find the file at the same place.
var Schema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	f, err := os.Open("../message/testdata/adaptive-card.schema.json")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("card.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("card.json")
})

// Check says whether a decoded card is one.
func Check(t testing.TB, card any) {
	t.Helper()
	s, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(card); err != nil {
		t.Errorf("not an Adaptive Card: %v", err)
	}
}
