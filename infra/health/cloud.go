package health

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/golang-jwt/jwt/v5"
)

const (
	// clockOff is when tokens begin to be at risk, clockWrong when they are refused: Entra and the Bot Framework
	// allow five minutes (platform.md §3).
	clockOff   = time.Minute
	clockWrong = 5 * time.Minute
	// soon is how long before its end a secret or certificate is warned of.
	soon = 30 * 24 * time.Hour
	// nobody stands for a person where none can be named: the permission is looked at before the person.
	nobody = "00000000-0000-4000-8000-000000000000"

	maxAnswer = 1 << 20
)

// clock compares with the Date that Entra writes.
func (s *Subject) clock(ctx context.Context) []Finding {
	if s.EntraURL == "" {
		return nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.EntraURL+s.TenantID+"/v2.0/.well-known/openid-configuration", nil)
	if err != nil {
		return one("clock", "clock.unknown", Warning)
	}
	before := s.Now()
	response, err := s.Client.Do(request)
	if err != nil {
		return one("clock", "clock.unknown", Warning)
	}
	response.Body.Close()
	after := s.Now()
	date, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		return one("clock", "clock.unknown", Warning)
	}
	// The header has whole seconds, cut off.
	here := before.Add(after.Sub(before) / 2)
	off := here.Sub(date.Add(500 * time.Millisecond)).Abs()
	seconds := strconv.Itoa(int(off.Round(time.Second).Seconds()))
	switch {
	case off > clockWrong:
		return one("clock", "clock.wrong", Problem, "seconds", seconds)
	case off > clockOff:
		return one("clock", "clock.off", Warning, "seconds", seconds)
	}
	return one("clock", "clock.ok", OK, "seconds", seconds)
}

func (s *Subject) botToken(ctx context.Context) []Finding {
	if s.EntraURL == "" {
		return one("bot_token", "token.none", OK)
	}
	_, f := s.token(ctx, "bot_token", s.BotScope, s.TenantID)
	return []Finding{f}
}

var aadsts = regexp.MustCompile(`AADSTS(\d+)`)

// token gets a token, or says why there is none. The numbers are Entra's own (AADSTS), the only stable thing in its refusals.
func (s *Subject) token(ctx context.Context, check, scope, tenant string) (string, Finding) {
	credential, err := s.Credential()
	var token azcore.AccessToken
	if err == nil {
		token, err = credential.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{scope}, TenantID: tenant})
	} else if s.Identity.CertificateFile != "" {
		return "", find(check, "token.certificate_unreadable", Problem, "tenant", tenant, "file", s.Identity.CertificateFile)
	}
	if err == nil {
		return token.Token, find(check, "token.ok", OK, "tenant", tenant)
	}
	number := ""
	if m := aadsts.FindStringSubmatch(err.Error()); m != nil {
		number = m[1]
	}
	code := map[string]string{
		"7000215": "token.secret_wrong", "7000222": "token.secret_expired", "700016": "token.app_unknown", "90002": "token.tenant_unknown",
		"700027": "token.certificate_refused", "700211": "token.federation_refused", "700213": "token.federation_refused",
		"7000112": "token.app_disabled", "53003": "token.policy", "500011": "token.no_principal",
	}[number]
	switch {
	case code != "":
	case number != "":
		code = "token.refused"
	default:
		code = "token.unreachable"
	}
	return "", find(check, code, Problem, "tenant", tenant, "number", number, "app", s.AppID)
}

// permission is one of Graph's that Herald can use, and a call that needs it.
type permission struct {
	check, ok, denied string
	name              string
	call              func(person string) (method, path string, body any)
}

var permissions = []permission{
	{"presence", "presence.ok", "presence.denied", "Presence.Read.All", func(person string) (string, string, any) {
		return http.MethodPost, "/communications/getPresencesByUserId", map[string][]string{"ids": {person}}
	}},
	{"mailbox_zones", "zones.ok", "zones.denied", "MailboxSettings.Read", func(person string) (string, string, any) {
		return http.MethodGet, "/users/" + url.PathEscape(person) + "/mailboxSettings/timeZone", nil
	}},
	{"installation", "installation.ok", "installation.denied", "TeamsAppInstallation.ReadWriteSelfForUser.All", func(person string) (string, string, any) {
		return http.MethodGet, "/users/" + url.PathEscape(person) + "/teamwork/installedApps?$top=1", nil
	}},
}

// sideBySide is how many tenants are looked at together: one after the other, many would not fit into a check's time.
const sideBySide = 16

// graph looks at each tenant's Graph.
func (s *Subject) graph(ctx context.Context) []Finding {
	if s.EntraURL == "" {
		return nil
	}
	found := make([][]Finding, len(s.Tenants))
	var running sync.WaitGroup
	room := make(chan struct{}, sideBySide)
	for i, tenant := range s.Tenants {
		room <- struct{}{}
		running.Go(func() {
			found[i] = s.graphOf(ctx, tenant)
			<-room
		})
	}
	running.Wait()
	return slices.Concat(found...)
}

// graphOf gets a token for a tenant, and uses each permission.
func (s *Subject) graphOf(ctx context.Context, tenant string) (out []Finding) {
	token, f := s.token(ctx, "graph_token", s.GraphScope, tenant)
	out = append(out, f)
	if token == "" {
		return out
	}
	person := nobody
	status, body, err := s.ask(ctx, token, http.MethodGet, "/users?$top=1&$select=id", nil)
	var people struct {
		Value []struct{ ID string }
	}
	if status == http.StatusOK && json.Unmarshal(body, &people) == nil && len(people.Value) > 0 {
		person = people.Value[0].ID
	}
	f, works := answered("directory", "directory.ok", "directory.denied", "User.Read.All", tenant, status, err)
	if out = append(out, f); !works {
		return out // the others would say the same once more
	}
	for _, p := range permissions {
		method, path, body := p.call(person)
		status, _, err := s.ask(ctx, token, method, path, body)
		f, _ := answered(p.check, p.ok, p.denied, p.name, tenant, status, err)
		out = append(out, f)
	}
	return append(out, s.catalog(ctx, token, tenant))
}

// catalog looks for the app where Graph can install it from.
func (s *Subject) catalog(ctx context.Context, token, tenant string) Finding {
	const check = "catalog"
	status, body, err := s.ask(ctx, token, http.MethodGet, "/appCatalogs/teamsApps?$select=id&$filter="+url.QueryEscape("externalId eq '"+s.AppID+"'"), nil)
	f, _ := answered(check, "catalog.ok", "catalog.denied", "AppCatalog.Read.All", tenant, status, err)
	var apps struct {
		Value []struct{ ID string }
	}
	if f.Code == "catalog.ok" && (json.Unmarshal(body, &apps) != nil || len(apps.Value) == 0) {
		return find(check, "catalog.missing", Warning, "tenant", tenant, "app", s.AppID)
	}
	return f
}

// answered judges Graph's answer. works: Graph itself does, whatever it thinks of us.
func answered(check, ok, denied, name, tenant string, status int, err error) (f Finding, works bool) {
	params := []string{"tenant", tenant, "permission", name, "status", strconv.Itoa(status)}
	switch {
	case err != nil:
		return find(check, "graph.unreachable", Problem, params...), false
	case status == http.StatusForbidden:
		return find(check, denied, Warning, params...), true
	case status == http.StatusUnauthorized:
		return find(check, "graph.unauthorized", Problem, params...), false
	case status == http.StatusTooManyRequests:
		return find(check, "graph.throttled", Warning, params...), false
	// Nobody's presence, mailbox or apps were found, and Graph looked: the permission is there.
	case status < 300, status == http.StatusNotFound && check != "directory":
		return find(check, ok, OK, params...), true
	}
	return find(check, "graph.failed", Problem, params...), false
}

// ask sends one request to Graph, without any of the SDK's retries.
func (s *Subject) ask(ctx context.Context, token, method, path string, body any) (status int, answer []byte, err error) {
	var in io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		in = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(ctx, method, s.GraphURL+path, in)
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := s.Client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	return response.StatusCode, answer, err
}

// expiry says how long the credential lasts.
func (s *Subject) expiry(ctx context.Context) []Finding {
	const check = "credential"
	switch {
	case s.Identity.Certificate != nil:
		at, err := s.Identity.Certificate()
		if err != nil {
			return one(check, "certificate.unreadable", Problem, "file", s.Identity.CertificateFile)
		}
		return []Finding{s.lasts(check, "certificate", at)}
	case s.Identity.TokenFile != "":
		at, err := tokenExpiry(s.Identity.TokenFile)
		switch {
		case err != nil:
			return one(check, "token_file.unreadable", Problem, "file", s.Identity.TokenFile)
		case !at.After(s.Now()):
			return one(check, "token_file.over", Problem, "file", s.Identity.TokenFile)
		}
		return one(check, "token_file.ok", OK)
	case s.Identity.Secret != "":
		return s.secretExpiry(ctx)
	case s.EntraURL == "":
		return nil
	}
	return one(check, "credential.lasting", OK)
}

func (s *Subject) lasts(check, kind string, at time.Time) Finding {
	left := at.Sub(s.Now())
	params := []string{"days", strconv.Itoa(max(0, int(left.Hours()/24))), "date", at.UTC().Format(time.DateOnly)}
	switch {
	case left <= 0:
		return find(check, kind+".over", Problem, params...)
	case left <= soon:
		return find(check, kind+".soon", Warning, params...)
	}
	return find(check, kind+".ok", OK, params...)
}

// secretExpiry asks Graph for the registration, which most tenants do not let the app read. Of several secrets ours is
// the one with our first three characters, as Entra's own page shows them.
func (s *Subject) secretExpiry(ctx context.Context) []Finding {
	const check = "credential"
	token, f := s.token(ctx, check, s.GraphScope, s.TenantID)
	if f.State != OK {
		return nil // said by the checks of the tokens
	}
	status, body, err := s.ask(ctx, token, http.MethodGet, "/applications(appId='"+url.PathEscape(s.AppID)+"')?$select=passwordCredentials", nil)
	var registration struct {
		PasswordCredentials []struct {
			Hint        string
			EndDateTime time.Time
		}
	}
	if err != nil || status != http.StatusOK || json.Unmarshal(body, &registration) != nil {
		return one(check, "secret.unknown", OK)
	}
	var ends time.Time
	for _, p := range registration.PasswordCredentials {
		if len(p.Hint) >= 3 && strings.HasPrefix(s.Identity.Secret, p.Hint) && p.EndDateTime.After(ends) {
			ends = p.EndDateTime
		}
	}
	if ends.IsZero() {
		return one(check, "secret.unknown", OK)
	}
	return []Finding{s.lasts(check, "secret", ends)}
}

// tokenExpiry reads when a federated token ends; whether it is genuine is Entra's business.
func tokenExpiry(file string) (time.Time, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return time.Time{}, err
	}
	var claims jwt.RegisteredClaims
	if _, _, err := jwt.NewParser().ParseUnverified(strings.TrimSpace(string(raw)), &claims); err != nil {
		return time.Time{}, err
	}
	if claims.ExpiresAt == nil {
		return time.Time{}, errors.New("no expiry")
	}
	return claims.ExpiresAt.Time, nil
}

func gib(n uint64) string { return fmt.Sprintf("%.1f", float64(n)/(1<<30)) }
