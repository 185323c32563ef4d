package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// The parts of Microsoft Graph that Herald calls: users, their delta, presence, mailboxes' time zones, and batches of these.

// graphCall is one Graph request with a verified token.
type graphCall struct {
	request *http.Request
	body    []byte
	tenant  *tenant
}

type graphHandler func(*graphCall) answer

func graphFail(status int, code, message string) answer {
	return done(status, map[string]any{"error": map[string]any{"code": code, "message": message}})
}

// graphMux is what a single request and the items of a batch are routed by.
func (c *Cloud) graphMux() *http.ServeMux {
	m := http.NewServeMux()
	const root = "/graph/v1.0"
	m.HandleFunc("GET "+root+"/users", c.graph(permUsers, c.listUsers))
	m.HandleFunc("GET "+root+"/users/delta", c.graph(permUsers, c.deltaUsers))
	m.HandleFunc("GET "+root+"/users/delta()", c.graph(permUsers, c.deltaUsers))
	m.HandleFunc("GET "+root+"/users/microsoft.graph.delta()", c.graph(permUsers, c.deltaUsers))
	m.HandleFunc("GET "+root+"/users/{user}", c.graph(permUsers, c.getUser))
	m.HandleFunc("POST "+root+"/communications/getPresencesByUserId", c.graph(permPresence, c.presences))
	m.HandleFunc("GET "+root+"/users/{user}/mailboxSettings/timeZone", c.graph(permMailbox, c.mailboxZone))
	m.HandleFunc("GET "+root+"/users/{user}/teamwork/installedApps", c.graph(permInstall, c.installedApps))
	m.HandleFunc("POST "+root+"/users/{user}/teamwork/installedApps", c.graph(permInstall, c.installApp))
	m.HandleFunc("GET "+root+"/users/{user}/teamwork/installedApps/{installation}/chat", c.graph(permInstall, c.installedChat))
	m.HandleFunc("GET "+root+"/appCatalogs/teamsApps", c.graph(permCatalog, c.catalogApps))
	unknown := c.graph("", func(call *graphCall) answer {
		return graphFail(http.StatusBadRequest, "BadRequest", "Resource not found for the segment '"+strings.TrimPrefix(call.request.URL.Path, root+"/")+"'.")
	})
	application := c.graph(permApps, c.getApplication)
	m.HandleFunc("GET "+root+"/{object}", func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.PathValue("object"), "applications(") {
			application(w, r)
			return
		}
		unknown(w, r)
	})
	m.HandleFunc("/graph/", unknown)
	return m
}

func (c *Cloud) graphRoutes() http.Handler {
	items := c.graphMux()
	m := http.NewServeMux()
	m.HandleFunc("POST /graph/v1.0/$batch", c.wired("to-graph", func(w http.ResponseWriter, r *http.Request, body []byte) {
		c.batch(w, r, body, items)
	}))
	m.HandleFunc("/graph/", c.wired("to-graph", func(w http.ResponseWriter, r *http.Request, body []byte) {
		items.ServeHTTP(w, r.WithContext(withBody(r.Context(), body)))
	}))
	return m
}

// graph wraps a handler in the token, the permission and the faults. It fails as Graph does, with its error JSON and ids.
func (c *Cloud) graph(permission string, h graphHandler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := uuid.NewString()
		w.Header().Set("request-id", id)
		w.Header().Set("client-request-id", or(r.Header.Get("client-request-id"), id))
		w.Header().Set("Date", c.Now().Format(http.TimeFormat))
		out := c.graphAnswer(r, permission, h)
		if body, ok := out.body.(map[string]any); ok && body["error"] != nil {
			if e, ok := body["error"].(map[string]any); ok {
				e["innerError"] = map[string]any{
					"date": c.Now().Format("2006-01-02T15:04:05"), "request-id": id,
					"client-request-id": or(r.Header.Get("client-request-id"), id),
				}
			}
		}
		out.write(w)
	}
}

func (c *Cloud) graphAnswer(r *http.Request, permission string, h graphHandler) answer {
	claims, err := c.verifyAppToken(r.Header.Get("Authorization"), graphAudience)
	if err != nil {
		text := "Access token validation failure."
		switch {
		case err == errNoToken:
			text = "Access token is empty."
		case strings.Contains(err.Error(), "expired"):
			text = "Lifetime validation failed, the token is expired."
		case strings.Contains(err.Error(), "audience"):
			text = "Access token validation failure. Invalid audience."
		}
		return graphFail(http.StatusUnauthorized, "InvalidAuthenticationToken", text)
	}
	faults, throttle := c.faults.throwGraph()
	if !c.pause(r, time.Duration(faults.GraphLatency)) {
		panic(http.ErrAbortHandler)
	}
	if faults.GraphStatus != 0 {
		return graphFail(faults.GraphStatus, "generalException", "The sandbox was asked to fail.")
	}
	if throttle {
		out := graphFail(http.StatusTooManyRequests, "TooManyRequests", "Too many requests. Please retry after the time in Retry-After.")
		out.retryAfter = seconds(faults.RetryAfter)
		return out
	}
	if permission != "" && !c.permissions.has(permission) {
		return graphFail(http.StatusForbidden, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
	}
	return h(&graphCall{request: r, body: bodyOf(r.Context()), tenant: c.dir.tenant(claims.tenant)})
}

// defaultFields are what Graph answers without $select.
var defaultFields = []string{
	"businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation",
	"preferredLanguage", "surname", "userPrincipalName", "id",
}

// userFields computes what Graph knows of a person. created is the same for all: long ago.
func userFields(p Person) map[string]any {
	return map[string]any{
		"id": p.ID, "displayName": p.DisplayName, "givenName": p.GivenName, "surname": p.Surname,
		"userPrincipalName": p.UPN, "mail": p.Mail, "proxyAddresses": p.ProxyAddresses, "preferredLanguage": p.Locale,
		"jobTitle": p.JobTitle, "department": p.Department, "city": p.City, "country": p.Country, "usageLocation": p.Country,
		"officeLocation": p.City, "companyName": nil, "employeeId": strconv.Itoa(100000 + p.Index), "mobilePhone": nil,
		"businessPhones": []string{}, "accountEnabled": true, "userType": "Member", "otherMails": []string{},
		"createdDateTime": "2020-01-01T00:00:00Z",
	}
}

// selection reads $select; unknown properties are refused as Graph does.
func selection(q url.Values) (fields []string, refused *answer) {
	text := q.Get("$select")
	if text == "" {
		return defaultFields, nil
	}
	known := userFields(Person{})
	for name := range strings.SplitSeq(text, ",") {
		name = strings.TrimSpace(name)
		if _, ok := known[name]; !ok {
			out := graphFail(http.StatusBadRequest, "BadRequest", fmt.Sprintf("Could not find a property named '%s' on type 'microsoft.graph.user'.", name))
			return nil, &out
		}
		fields = append(fields, name)
	}
	return fields, nil
}

func project(p Person, fields []string) map[string]any {
	all, out := userFields(p), map[string]any{}
	for _, f := range fields {
		out[f] = all[f]
	}
	return out
}

func (c *Cloud) graphURL(path string) string { return c.TLSURL() + "/graph/v1.0" + path }

func (c *Cloud) getUser(call *graphCall) answer {
	fields, refused := selection(call.request.URL.Query())
	if refused != nil {
		return *refused
	}
	ref := call.request.PathValue("user")
	p, ok := c.graphUser(call.tenant, ref)
	if !ok {
		return graphFail(http.StatusNotFound, "Request_ResourceNotFound",
			fmt.Sprintf("Resource '%s' does not exist or one of its queried reference-property objects are not present.", ref))
	}
	out := project(p, fields)
	out["@odata.context"] = c.graphURL("/$metadata#users/$entity")
	return done(http.StatusOK, out)
}

// graphUser finds by object id or UPN, and by nothing else, in the token's tenant.
func (c *Cloud) graphUser(t *tenant, ref string) (Person, bool) {
	if k, ok := parseObjectID(ref); ok {
		p, ok := c.dir.lookup(k)
		return p, ok && p.TenantID == t.id
	}
	i, ok := t.byUPN(ref)
	if !ok {
		return Person{}, false
	}
	return t.person(i), true
}

const (
	defaultTop = 100
	maxTop     = 999
)

// top reads $top, or Prefer: odata.maxpagesize.
func top(r *http.Request) (int, *answer) {
	text := r.URL.Query().Get("$top")
	for prefer := range strings.SplitSeq(r.Header.Get("Prefer"), ",") {
		if n, ok := strings.CutPrefix(strings.TrimSpace(prefer), "odata.maxpagesize="); ok && text == "" {
			text = n
		}
	}
	if text == "" {
		return defaultTop, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxTop {
		out := graphFail(http.StatusBadRequest, "Request_UnsupportedQuery", fmt.Sprintf("Invalid page size specified: '%s'. Must be between 1 and 999 inclusive.", text))
		return 0, &out
	}
	return n, nil
}

func (c *Cloud) listUsers(call *graphCall) answer {
	q := call.request.URL.Query()
	fields, refused := selection(q)
	if refused != nil {
		return *refused
	}
	limit, refused := top(call.request)
	if refused != nil {
		return *refused
	}
	body := map[string]any{"@odata.context": c.graphURL("/$metadata#users")}
	value := []any{}
	if filter := q.Get("$filter"); filter != "" {
		conditions, err := parseFilter(filter)
		if err != nil {
			return graphFail(http.StatusBadRequest, "Request_UnsupportedQuery", "Unsupported or invalid query filter clause: "+err.Error())
		}
		found := map[int]bool{}
		for _, cond := range conditions {
			if i, ok := cond.find(call.tenant); ok && !found[i] && len(value) < limit {
				found[i] = true
				value = append(value, project(call.tenant.person(i), fields))
			}
		}
		body["value"] = value
		if q.Get("$count") == "true" {
			body["@odata.count"] = len(found)
		}
		return done(http.StatusOK, body)
	}
	from, ok := readToken[pageToken](q.Get("$skiptoken"))
	if !ok {
		return graphFail(http.StatusBadRequest, "Directory_ExpiredPageToken", "The specified page token value has expired or is not valid.")
	}
	var items []int
	var next, total int
	if text := q.Get("$search"); text != "" {
		// Searching is an advanced query (platform.md §8 and G:concepts/aad-advanced-queries).
		if !strings.EqualFold(call.request.Header.Get("ConsistencyLevel"), "eventual") {
			return graphFail(http.StatusBadRequest, "Request_UnsupportedQuery", "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'")
		}
		search, err := parseSearch(text)
		if err != nil {
			return graphFail(http.StatusBadRequest, "Request_BadRequest", "Syntax error in $search: "+err.Error())
		}
		items, next, total = call.tenant.searched(search, from.At, limit, q.Get("$count") == "true")
	} else {
		items, next, total = call.tenant.page("", from.At, limit, nil)
	}
	for _, i := range items {
		value = append(value, project(call.tenant.person(i), fields))
	}
	body["value"] = value
	if q.Get("$count") == "true" {
		body["@odata.count"] = total
	}
	if next >= 0 {
		q.Set("$top", strconv.Itoa(limit))
		q.Set("$skiptoken", writeToken(pageToken{At: next}))
		body["@odata.nextLink"] = c.graphURL("/users?" + q.Encode())
	}
	return done(http.StatusOK, body)
}

type pageToken struct {
	At int `json:"at"`
}

// deltaToken is where a reader of /users/delta stands: still reading everybody (At), or knowing all changes up to Seen.
type deltaToken struct {
	At     int      `json:"at,omitempty"`
	Seen   int      `json:"seen"`
	Issued int64    `json:"issued"` // Unix seconds; tokens are good for 7 days
	Full   bool     `json:"full,omitempty"`
	Select []string `json:"select,omitempty"`
	Tenant string   `json:"tenant"`
	Top    int      `json:"top,omitempty"`
}

const deltaLife = 7 * 24 * time.Hour

// deltaUsers tells everybody first and afterwards what changed since. Select and page size are remembered in the token, as
// Graph does.
func (c *Cloud) deltaUsers(call *graphCall) answer {
	q, t := call.request.URL.Query(), call.tenant
	text := or(q.Get("$deltatoken"), q.Get("$skiptoken"))
	now := c.Now()
	var tok deltaToken
	if text == "" || text == "latest" {
		fields, refused := selection(q)
		if refused != nil {
			return *refused
		}
		limit, refused := top(call.request)
		if refused != nil {
			return *refused
		}
		t.mu.RLock()
		tok = deltaToken{Seen: len(t.changes), Full: text == "", Select: fields, Tenant: t.id, Top: limit}
		t.mu.RUnlock()
	} else {
		var ok bool
		tok, ok = readToken[deltaToken](text)
		if !ok || tok.Tenant != t.id || tok.Seen < 0 || tok.At < 0 {
			return graphFail(http.StatusBadRequest, "Request_BadRequest", "The delta token is not valid.")
		}
		if now.Sub(time.Unix(tok.Issued, 0)) > deltaLife {
			return graphFail(http.StatusGone, "syncStateNotFound", "The sync state generation is not found; start again without a token.")
		}
	}
	tok.Issued = now.Unix()
	limit := min(max(tok.Top, 1), maxTop)
	body := map[string]any{"@odata.context": c.graphURL("/$metadata#users")}
	value, more := []any{}, false
	if tok.Full {
		items, next, _ := t.page("", tok.At, limit, nil)
		for _, i := range items {
			value = append(value, deltaUser(t.person(i), tok.Select))
		}
		tok.At, more = next, next >= 0
		if !more {
			tok.At, tok.Full = 0, false
		}
	} else {
		var changes []change
		t.mu.RLock()
		if tok.Seen < len(t.changes) {
			end := min(len(t.changes), tok.Seen+limit)
			changes = append(changes, t.changes[tok.Seen:end]...)
			tok.Seen, more = end, end < len(t.changes)
		}
		t.mu.RUnlock()
		for _, ch := range changes {
			switch {
			case ch.removed:
				value = append(value, map[string]any{"id": objectID(keyOf(t, ch.index)), "@removed": map[string]any{"reason": "deleted"}})
			case t.exists(ch.index):
				value = append(value, deltaUser(t.person(ch.index), tok.Select))
			}
		}
	}
	body["value"] = value
	if more {
		body["@odata.nextLink"] = c.graphURL("/users/delta?" + url.Values{"$skiptoken": {writeToken(tok)}}.Encode())
	} else {
		body["@odata.deltaLink"] = c.graphURL("/users/delta?" + url.Values{"$deltatoken": {writeToken(tok)}}.Encode())
	}
	return done(http.StatusOK, body)
}

// deltaUser always carries the id, selected or not.
func deltaUser(p Person, fields []string) map[string]any {
	out := project(p, fields)
	out["id"] = p.ID
	return out
}

func writeToken(v any) string {
	raw, _ := json.Marshal(v)
	return base64.RawURLEncoding.EncodeToString(raw)
}

// readToken reads what writeToken wrote; an empty text is the zero value.
func readToken[T any](text string) (v T, ok bool) {
	if text == "" {
		return v, true
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	return v, err == nil && json.Unmarshal(raw, &v) == nil
}

// getApplication answers the app's registration, as far as it tells when the secret ends. The hint is the secret's first
// three characters.
func (c *Cloud) getApplication(call *graphCall) answer {
	if call.request.PathValue("object") != "applications(appId='"+AppID+"')" {
		return graphFail(http.StatusNotFound, "Request_ResourceNotFound", "Resource does not exist or one of its queried reference-property objects are not present.")
	}
	life := time.Duration(c.faults.read().SecretLife)
	if life == 0 {
		life = 180 * 24 * time.Hour
	}
	return done(http.StatusOK, map[string]any{
		"@odata.context":      c.graphURL("/$metadata#applications(passwordCredentials)/$entity"),
		"passwordCredentials": []any{map[string]any{"hint": AppSecret[:3], "endDateTime": c.Now().Add(life).Format(time.RFC3339), "displayName": "herald"}},
	})
}
