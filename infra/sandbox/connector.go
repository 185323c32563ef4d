package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The Bot Connector: what the bot may do to conversations, and every row of the platform's error table (platform.md §2).

// Operations, as scripted refusals and hooks name them.
const (
	opCreate  = "create"
	opSend    = "send"
	opReply   = "reply"
	opUpdate  = "update"
	opDelete  = "delete"
	opMembers = "members"
	opInstall = "install" // of Graph
	opChat    = "chat"    // of Graph: which chat a person has with the bot
)

// Send is what Options.OnSend sees of a new message.
type Send struct {
	User          string // object id
	TenantID      string
	Reply         bool
	CorrelationID string
	Activity      json.RawMessage
}

// call is one Connector request on its way through.
type call struct {
	operation string
	request   *http.Request
	body      []byte
	now       time.Time
	person    Person    // whose conversation it is
	resident  *resident // nil in create until it is known who is meant
	faults    Faults
}

// answer is what the Connector says.
type answer struct {
	status     int
	body       any    // JSON; nil for none
	retryAfter string // the header, when not empty
	html       string // instead of body: what a gateway in front says
}

func done(status int, body any) answer { return answer{status: status, body: body} }

// fail is the usual error envelope.
func fail(status int, code, message string) answer {
	return done(status, map[string]any{"error": map[string]any{"code": code, "message": message}})
}

// failTwice is the other envelope: a JSON text inside JSON.
func failTwice(status, errorCode int, subCode, message string) answer {
	inner, _ := json.Marshal(map[string]any{"subCode": subCode, "details": message, "errorCode": nil, "errorSubCode": nil})
	return done(status, map[string]any{"errorCode": errorCode, "message": string(inner)})
}

func throttled(wait string) answer {
	a := fail(http.StatusTooManyRequests, "Throttled", "Too many requests. Please retry later.")
	a.retryAfter = wait
	return a
}

func (a answer) write(w http.ResponseWriter) {
	if a.retryAfter != "" {
		w.Header().Set("Retry-After", a.retryAfter)
	}
	switch {
	case a.html != "":
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(a.status)
		_, _ = w.Write([]byte(a.html))
	case a.body == nil:
		w.WriteHeader(a.status)
	default:
		writeJSON(w, a.status, a.body)
	}
}

func (c *Cloud) connectorRoutes() http.Handler {
	m := http.NewServeMux()
	const conversation = "/teams/v3/conversations/{conversation}"
	m.HandleFunc("POST /teams/v3/conversations", c.connector(opCreate, c.createConversation))
	m.HandleFunc("POST "+conversation+"/activities", c.connector(opSend, c.sendActivity))
	m.HandleFunc("POST "+conversation+"/activities/{activity}", c.connector(opReply, c.sendActivity))
	m.HandleFunc("PUT "+conversation+"/activities/{activity}", c.connector(opUpdate, c.updateActivity))
	m.HandleFunc("DELETE "+conversation+"/activities/{activity}", c.connector(opDelete, c.deleteActivity))
	m.HandleFunc("GET "+conversation+"/members", c.connector(opMembers, c.listMembers))
	m.HandleFunc("GET "+conversation+"/members/{member}", c.connector(opMembers, c.getMember))
	m.HandleFunc("GET "+conversation+"/pagedmembers", c.connector(opMembers, c.pagedMembers))
	m.HandleFunc("/teams/", c.wired("to-teams", func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		fail(http.StatusNotFound, "NotFound", "The sandbox's Connector has no such operation.").write(w)
	}))
	return m
}

// connector wraps an operation in what all of them share: the token, the faults, scripted refusals, statistics, the wire.
func (c *Cloud) connector(operation string, carryOut func(*call) answer) http.HandlerFunc {
	return c.wired("to-teams", func(w http.ResponseWriter, r *http.Request, body []byte) {
		if _, err := c.verifyAppToken(r.Header.Get("Authorization"), botAudience); err != nil {
			w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
			out := done(http.StatusUnauthorized, map[string]any{"message": "Authorization has been denied for this request."})
			c.stats.call(operation, out.status)
			c.log.Debug("the Connector refused a token", "error", err)
			out.write(w)
			return
		}
		faults, fate := c.faults.throw()
		// Whoever hangs up, or dies, meanwhile has sent the message all the same.
		c.pause(r, time.Duration(faults.Latency))
		call := &call{operation: operation, request: r, body: body, faults: faults}
		out := answer{}
		switch fate {
		case strikeDropBefore:
			c.stats.call(operation, 0)
			panic(http.ErrAbortHandler)
		case strikeThrottle:
			out = throttled(seconds(faults.RetryAfter))
		case strike500:
			out = fail(http.StatusInternalServerError, "ServiceError", "An unexpected error has occurred.")
		case strike502:
			out = answer{status: http.StatusBadGateway, html: "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"}
		case strike503:
			out = fail(http.StatusServiceUnavailable, "ServiceUnavailable", "The service is temporarily unavailable.")
		default:
			out = c.carryOut(call, carryOut)
		}
		if fate == strikeDropAfter {
			c.stats.call(operation, 0)
			panic(http.ErrAbortHandler)
		}
		c.stats.call(operation, out.status)
		out.write(w)
	})
}

func seconds(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// waitSeconds rounds up, as Retry-After has whole seconds.
func waitSeconds(d time.Duration) string {
	return strconv.Itoa(int((d + time.Second - 1) / time.Second))
}

// pause waits for the fault's latency; false, and sooner, when the caller gave up meanwhile.
func (c *Cloud) pause(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// carryOut finds the conversation, applies what is scripted for its person, then does it.
func (c *Cloud) carryOut(call *call, f func(*call) answer) answer {
	if len(call.body) > maxBody {
		return tooBig()
	}
	call.now = c.Now()
	if call.operation == opCreate {
		return f(call)
	}
	conversation := call.request.PathValue("conversation")
	key, generation, ok := parseConversationID(conversation)
	byGraph := false
	if !ok {
		key, byGraph = parseChatID(conversation)
		ok = byGraph
	}
	if !ok {
		return conversationNotFound()
	}
	if call.person, ok = c.dir.lookup(key); !ok {
		return conversationNotFound()
	}
	if call.resident = c.residents.peek(key); call.resident == nil {
		return conversationNotFound()
	}
	if refused := call.refused(); refused != nil {
		return *refused
	}
	r := call.resident
	r.mu.Lock()
	known, installed, blocked := r.known && (byGraph || r.generation == generation), r.installed, r.blocked
	r.mu.Unlock()
	switch {
	case !known:
		return conversationNotFound()
	case !installed:
		return fail(http.StatusForbidden, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
	case blocked && call.operation != opMembers:
		return failTwice(http.StatusForbidden, 209, "MessageWritesBlocked", "Thread is blocked for message writes.")
	}
	return f(call)
}

func (call *call) refused() *answer {
	refusal := call.resident.refusal(call.operation)
	if refusal == nil {
		return nil
	}
	out := refusal.answer()
	return &out
}

func (r Refusal) answer() answer {
	message := or(r.Message, "Refused by the sandbox's script.")
	a := fail(r.Status, r.Code, message)
	if r.ErrorCode != 0 {
		a = failTwice(r.Status, r.ErrorCode, r.Code, message)
	}
	a.retryAfter = r.RetryAfter
	return a
}

func conversationNotFound() answer {
	return fail(http.StatusNotFound, "ConversationNotFound", "Conversation not found.")
}

func activityNotFound() answer {
	return fail(http.StatusNotFound, "ActivityNotFoundInConversation", "The activity was not found in the conversation.")
}

func badArgument(format string, args ...any) answer {
	return fail(http.StatusBadRequest, "Bad Argument", fmt.Sprintf(format, args...))
}

// createRequest is ConversationParameters.
type createRequest struct {
	IsGroup bool `json:"isGroup"`
	Bot     struct {
		ID string `json:"id"`
	} `json:"bot"`
	Members []struct {
		ID string `json:"id"`
	} `json:"members"`
	TenantID    string `json:"tenantId"`
	ChannelData struct {
		Tenant struct {
			ID string `json:"id"`
		} `json:"tenant"`
		SupportsSessions bool `json:"supportsSessions"`
	} `json:"channelData"`
	Activity json.RawMessage `json:"activity"`
}

func (c *Cloud) createConversation(call *call) answer {
	var in createRequest
	if err := json.Unmarshal(call.body, &in); err != nil {
		return badArgument("The body is not valid JSON for a conversation.")
	}
	tenantID := or(in.TenantID, in.ChannelData.Tenant.ID)
	t := c.dir.tenant(tenantID)
	switch {
	case in.ChannelData.SupportsSessions:
		return badArgument("The sandbox has no sessions.")
	case in.IsGroup || len(in.Members) != 1:
		return badArgument("The sandbox creates personal conversations, with one member.")
	case in.Bot.ID != "" && in.Bot.ID != botID():
		return fail(http.StatusForbidden, "NotEnoughPermissions", "The bot is another application's.")
	case tenantID == "":
		return badArgument("Missing tenantId.")
	case t == nil:
		return fail(http.StatusForbidden, "ForbiddenOperationException", "The tenant is not known.")
	}
	// platform.md §1: a 29: id or an Entra object id; by mail or UPN is unsupported.
	if strings.Contains(in.Members[0].ID, "@") {
		return badArgument("Invalid user identity in provided tenant.")
	}
	p, ok := c.dir.find(in.Members[0].ID)
	if !ok || p.TenantID != t.id {
		return badArgument("Invalid user identity in provided tenant.")
	}
	call.person = p
	call.resident = c.residents.peek(p.key)
	if call.resident == nil {
		return notInstalled()
	}
	if refused := call.refused(); refused != nil {
		return *refused
	}
	r := call.resident
	r.mu.Lock()
	installed, blocked, generation := r.installed, r.blocked, r.generation
	r.mu.Unlock()
	if !installed {
		return notInstalled()
	}
	hasActivity := len(in.Activity) > 0 && string(in.Activity) != "null"
	if blocked && hasActivity {
		return failTwice(http.StatusForbidden, 209, "MessageWritesBlocked", "Thread is blocked for message writes.")
	}
	out := map[string]any{"id": conversationID(p.key, generation)}
	if !hasActivity {
		if refused := c.throttle(call); refused != nil {
			return *refused
		}
		return done(http.StatusCreated, out)
	}
	call.body = in.Activity
	sent := c.sendActivity(call)
	if sent.status >= 300 {
		return sent
	}
	if ids, ok := sent.body.(map[string]string); ok && ids["id"] != "" {
		out["activityId"] = ids["id"]
	}
	return done(http.StatusCreated, out)
}

func notInstalled() answer {
	return fail(http.StatusForbidden, "ForbiddenOperationException", "The app is not installed for the user in personal scope.")
}

// throttle takes places under the tenant's and the conversation's limits.
func (c *Cloud) throttle(call *call) *answer {
	tenant := func() time.Duration {
		return c.limits.admit(call.person.key.tenant(), call.faults.LimitPerSecond, time.Second, call.now)
	}
	var wait time.Duration
	if call.faults.conversationLimits() {
		wait = call.resident.admit(call.now, tenant)
	} else {
		wait = tenant()
	}
	if wait == 0 {
		return nil
	}
	out := throttled(waitSeconds(wait))
	return &out
}

func account(p Person) map[string]any {
	return map[string]any{
		"id": p.ChannelID(), "name": p.DisplayName, "aadObjectId": p.ID, "objectId": p.ID,
		"givenName": p.GivenName, "surname": p.Surname, "email": p.Mail, "userPrincipalName": p.UPN,
		"tenantId": p.TenantID, "userRole": "user",
	}
}

func (c *Cloud) listMembers(call *call) answer {
	return done(http.StatusOK, []any{account(call.person)})
}

// getMember finds the one member by 29: id, UPN or object id.
func (c *Cloud) getMember(call *call) answer {
	ref, p := call.request.PathValue("member"), call.person
	if !slices.ContainsFunc([]string{p.ChannelID(), p.ID, p.UPN}, func(s string) bool { return strings.EqualFold(s, ref) }) {
		return fail(http.StatusNotFound, "MemberNotFoundInConversation", "Member not found in conversation.")
	}
	return done(http.StatusOK, account(p))
}

// pagedMembers has one page: a personal chat has one member besides the bot. The size is clamped to 50..500, so no size is
// wrong but a text.
func (c *Cloud) pagedMembers(call *call) answer {
	q := call.request.URL.Query()
	if s := q.Get("pageSize"); s != "" {
		if _, err := strconv.Atoi(s); err != nil {
			return badArgument("pageSize is not a number.")
		}
	}
	if q.Get("continuationToken") != "" {
		return badArgument("The continuation token is not valid.")
	}
	return done(http.StatusOK, map[string]any{"members": []any{account(call.person)}})
}
