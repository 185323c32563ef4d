package connector

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/infracloudio/msbotbuilder-go/schema"
)

// CreateParams say whose chat to open.
type CreateParams struct {
	BotID    string // "28:<app id>"
	MemberID string // "29:…" or the Entra object id (platform.md §1)
	TenantID string // the customer's
}

// ConversationCreated is an opened chat. Store ID: creating again costs a call.
type ConversationCreated struct {
	ID         string
	ActivityID string // empty unless a message was sent with it, which Herald does not
	ServiceURL string // where to call it; never empty
}

// CreateConversation opens, or finds, the one-to-one chat of one person. The
// result counts only when the outcome is Sent. The app must be installed for the
// person: if not, the outcome is Permanent NotInstalled.
func (c *Client) CreateConversation(ctx context.Context, serviceURL string, p CreateParams) (ConversationCreated, Outcome) {
	type tenant struct {
		ID string `json:"id"`
	}
	type channelData struct {
		Tenant tenant `json:"tenant"`
	}
	// schema.ConversationParameters would write an empty activity, and an activity
	// here opens sessions where an app supports them (platform.md §1).
	body, err := json.Marshal(struct {
		IsGroup     bool                    `json:"isGroup"`
		Bot         schema.ChannelAccount   `json:"bot"`
		Members     []schema.ChannelAccount `json:"members"`
		TenantID    string                  `json:"tenantId"`
		ChannelData channelData             `json:"channelData"`
	}{
		Bot:         schema.ChannelAccount{ID: p.BotID},
		Members:     []schema.ChannelAccount{{ID: p.MemberID}},
		TenantID:    p.TenantID,
		ChannelData: channelData{tenant{p.TenantID}},
	})
	if err != nil {
		return ConversationCreated{}, refused(BadRequest, "BadArgument", err.Error())
	}
	o, answer := c.do(ctx, serviceURL, call{op: "create conversation", method: http.MethodPost, body: body})
	if o.Kind == ConversationGone {
		// There is no conversation yet that could be gone: the person is unknown.
		o.Kind, o.Reason = Permanent, UserNotFound
	}
	// Creating twice gives the same chat, so a lost answer is nothing to mark.
	o.Ambiguous = false
	if !o.OK() {
		return ConversationCreated{}, o
	}
	var r schema.ConversationResourceResponse
	if err := json.Unmarshal(answer, &r); err != nil || r.ID == "" {
		o.Kind, o.Reason, o.Detail = RetryAt, ServiceError, "the answer names no conversation"
		return ConversationCreated{}, o
	}
	created := ConversationCreated{ID: r.ID, ActivityID: r.ActivityID, ServiceURL: r.ServiceURL}
	o.ActivityID = r.ActivityID
	switch {
	case created.ServiceURL != "" && c.Allowed(created.ServiceURL):
	case o.ServiceURL != "":
		created.ServiceURL = o.ServiceURL
	default:
		created.ServiceURL = serviceURL
	}
	return created, o
}

// Allowed says whether a service URL may be called. For refusing a conversation
// reference when it arrives, rather than at the first send.
func (c *Client) Allowed(serviceURL string) bool {
	_, _, err := c.hosts.check(serviceURL)
	return err == nil
}
