package sandbox

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// The parts of Microsoft Graph that know the app: the organisation's catalogue, and whose Teams it is in.

// installsPerSecond is how many requests Graph takes for installedApps from an app in a tenant (platform.md §8).
const installsPerSecond = 30

// CatalogID is the app's id in the catalogue, which is not the one in its package.
const CatalogID = "cccccccc-cccc-4ccc-8ccc-cccccccccccc"

// installLimit refuses what comes too fast.
func (c *Cloud) installLimit(call *graphCall) *answer {
	wait := c.installs.admit(call.tenant.number, installsPerSecond, time.Second, c.machineNow())
	if wait == 0 {
		return nil
	}
	out := graphFail(http.StatusTooManyRequests, "TooManyRequests", "Too many requests. Please retry after the time in Retry-After.")
	out.retryAfter = seconds(max(1, int((wait+time.Second-1)/time.Second)))
	return &out
}

// catalogApps finds apps by the id in their package; the catalogue holds one.
func (c *Cloud) catalogApps(call *graphCall) answer {
	id, begins := strings.CutPrefix(call.request.URL.Query().Get("$filter"), "externalId eq '")
	id, ends := strings.CutSuffix(id, "'")
	if !begins || !ends {
		return graphFail(http.StatusBadRequest, "BadRequest", "The sandbox finds apps by externalId eq '…' only.")
	}
	value := []any{}
	if strings.EqualFold(id, AppID) && !c.faults.read().AppUnpublished {
		value = append(value, map[string]any{"id": CatalogID, "externalId": AppID, "displayName": "Herald", "distributionMethod": "organization"})
	}
	return done(http.StatusOK, map[string]any{"@odata.context": c.graphURL("/$metadata#appCatalogs/teamsApps"), "value": value})
}

// installedApps answers Herald's own app for somebody who has it: that is all that the …Self… permission lets it see.
func (c *Cloud) installedApps(call *graphCall) answer {
	if out := c.installLimit(call); out != nil {
		return *out
	}
	p, ok := c.graphUser(call.tenant, call.request.PathValue("user"))
	if !ok {
		return graphFail(http.StatusNotFound, "NotFound", "The user does not exist.")
	}
	q := call.request.URL.Query()
	app, refused := appFilter(q.Get("$filter"))
	if refused != nil {
		return *refused
	}
	value := []any{}
	if c.status(p).Installed && (app == "" || strings.EqualFold(app, CatalogID)) {
		installation := map[string]any{"id": installationID(p)}
		switch q.Get("$expand") {
		case "":
		case "teamsApp":
			installation["teamsApp"] = map[string]any{"id": CatalogID, "externalId": AppID, "displayName": "Herald", "distributionMethod": "organization"}
		default:
			return graphFail(http.StatusBadRequest, "BadRequest", "The sandbox expands teamsApp only.")
		}
		value = append(value, installation)
	}
	return done(http.StatusOK, map[string]any{"@odata.context": c.graphURL("/$metadata#users('" + p.ID + "')/teamwork/installedApps"), "value": value})
}

// installationID is that of Herald in one person's Teams.
func installationID(p Person) string {
	return base64.StdEncoding.EncodeToString([]byte(p.ID + "##" + AppID))
}

// appFilter reads `teamsApp/id eq '…'`; empty: nothing is asked for.
func appFilter(text string) (id string, refused *answer) {
	if text == "" {
		return "", nil
	}
	if rest, ok := strings.CutPrefix(text, "teamsApp/id eq "); ok {
		p := filterParser{rest: rest}
		if id, err := p.text(); err == nil && strings.TrimSpace(p.rest) == "" {
			return id, nil
		}
	}
	out := graphFail(http.StatusBadRequest, "BadRequest", "The sandbox filters installed apps by teamsApp/id eq '…' only.")
	return "", &out
}

// installedChat answers the chat that somebody who has the app has with the bot.
func (c *Cloud) installedChat(call *graphCall) answer {
	if out := c.installLimit(call); out != nil {
		return *out
	}
	p, ok := c.graphUser(call.tenant, call.request.PathValue("user"))
	if !ok {
		return graphFail(http.StatusNotFound, "NotFound", "The user does not exist.")
	}
	if !c.status(p).Installed || call.request.PathValue("installation") != installationID(p) {
		return graphFail(http.StatusNotFound, "NotFound", "No app installation was found.")
	}
	if refused := c.residents.get(p.key).refusal(opChat); refused != nil {
		return graphFail(refused.Status, refused.Code, refused.Message)
	}
	return done(http.StatusOK, map[string]any{
		"@odata.context": c.graphURL("/$metadata#chats/$entity"), "id": chatID(p), "topic": nil, "chatType": "oneOnOne", "tenantId": p.TenantID,
	})
}

// installApp gives somebody the app, and a little later calls the bot as Teams does.
func (c *Cloud) installApp(call *graphCall) answer {
	out := c.installFor(call)
	c.stats.install(out.status, c.machineNow())
	return out
}

func (c *Cloud) installFor(call *graphCall) answer {
	if out := c.installLimit(call); out != nil {
		return *out
	}
	var in struct {
		App string `json:"teamsApp@odata.bind"`
	}
	if json.Unmarshal(call.body, &in) != nil || in.App == "" {
		return graphFail(http.StatusBadRequest, "BadRequest", "Bad Request: teamsApp@odata.bind is missing.")
	}
	p, ok := c.graphUser(call.tenant, call.request.PathValue("user"))
	if !ok {
		return graphFail(http.StatusNotFound, "NotFound", "The user does not exist.")
	}
	if !strings.HasSuffix(in.App, "/appCatalogs/teamsApps/"+CatalogID) || c.faults.read().AppUnpublished {
		return graphFail(http.StatusNotFound, "NotFound", "App definition not found.")
	}
	r := c.residents.get(p.key)
	if refused := r.refusal(opInstall); refused != nil {
		return graphFail(refused.Status, refused.Code, refused.Message)
	}
	if !c.give(p, r) {
		return graphFail(http.StatusConflict, "Conflict", "The app is already installed in the specified scope.")
	}
	after := time.Duration(c.faults.read().InstallCallback)
	if after == 0 {
		after = 200 * time.Millisecond
	}
	go func() {
		wait, cancel := context.WithTimeout(c.lifetime, after)
		defer cancel()
		<-wait.Done()
		if c.lifetime.Err() == nil {
			if err := c.tell(c.lifetime, p, r); err != nil {
				c.log.Warn("the bot was not told of an installation", "user", p.ID, "err", err)
			}
		}
	}()
	return answer{status: http.StatusCreated}
}
