package connector

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/infracloudio/msbotbuilder-go/schema"
)

// Target is a conversation and where it is reached.
type Target struct {
	ServiceURL     string
	ConversationID string
}

// Send posts an encoded activity (campaigns/message/wire) to a conversation.
func (c *Client) Send(ctx context.Context, t Target, body []byte, opt Options) Outcome {
	return c.post(ctx, t, call{op: "send", method: http.MethodPost, path: []string{t.ConversationID, "activities"}, body: body, opt: opt})
}

// Reply posts an encoded activity as an answer to another.
func (c *Client) Reply(ctx context.Context, t Target, activityID string, body []byte, opt Options) Outcome {
	return c.post(ctx, t, call{op: "reply", method: http.MethodPost, path: []string{t.ConversationID, "activities", activityID}, body: body, opt: opt})
}

// Update replaces an activity that the bot sent. Doing it twice does no harm, so
// its outcome is never Ambiguous.
func (c *Client) Update(ctx context.Context, t Target, activityID string, body []byte, opt Options) Outcome {
	o := c.post(ctx, t, call{op: "update", method: http.MethodPut, path: []string{t.ConversationID, "activities", activityID}, body: body, opt: opt})
	o.Ambiguous = false
	return o
}

// Delete removes an activity that the bot sent. Its outcome is never Ambiguous.
func (c *Client) Delete(ctx context.Context, t Target, activityID string, opt Options) Outcome {
	o, _ := c.do(ctx, t.ServiceURL, call{op: "delete", method: http.MethodDelete, path: []string{t.ConversationID, "activities", activityID}, opt: opt})
	o.Ambiguous = false
	return o
}

func (c *Client) post(ctx context.Context, t Target, r call) Outcome {
	if len(r.body) == 0 {
		return refused(BadRequest, "BadArgument", "the activity is empty")
	}
	o, answer := c.do(ctx, t.ServiceURL, r)
	if o.OK() {
		var r schema.ResourceResponse
		// No id is no failure: the message is out.
		_ = json.Unmarshal(answer, &r)
		o.ActivityID = r.ID
	}
	return o
}
