package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoft/kiota-abstractions-go/serialization"
	"github.com/microsoftgraph/msgraph-sdk-go/models/odataerrors"
)

// questionKey marks a request whose POST changes nothing: its value is the body, so that transport.go can send it again.
type questionKey struct{}

// errAnswer is an answer that is not what Graph documents.
var errAnswer = errors.New("the answer cannot be read")

// ask sends a question that is too long for a GET, and reads the answer. The SDK has builders for such calls, in packages
// that take minutes to compile; this uses its sign-in and its errors only.
func (d *Directory) ask(ctx context.Context, tenantID, path string, question, into any) error {
	adapter, _, err := d.adapter(tenantID)
	if err != nil {
		return err
	}
	body, err := json.Marshal(question)
	if err != nil {
		return err
	}
	request := abstractions.NewRequestInformation()
	request.Method = abstractions.POST
	request.SetUri(*d.base.JoinPath(path))
	request.Headers.Add("Accept", "application/json")
	request.SetStreamContentAndContentType(body, "application/json")
	answer, err := adapter.SendPrimitive(context.WithValue(ctx, questionKey{}, body), request, "[]byte",
		abstractions.ErrorMappings{"XXX": serialization.ParsableFactory(odataerrors.CreateODataErrorFromDiscriminatorValue)})
	if err != nil {
		return err
	}
	raw, _ := answer.([]byte)
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%w: %w", errAnswer, err)
	}
	return nil
}
