// Package tab serves authors: the page inside Teams and the API behind it. It turns
// HTTP into use cases of campaigns and their errors into problem+json, and
// decides nothing itself.
//
// It imports campaigns and its own tab/auth, never another adapter. Start reading
// at Server.Routes.
package tab

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"herald/campaigns"
	"herald/tab/auth"
)

// maxBody is the largest request body, in bytes: a campaign with 20 000 addresses fits.
const maxBody = 2 << 20

//go:embed openapi.json
var openAPI []byte

// Verifier checks the Authorization header of a request from the tab.
type Verifier interface {
	Verify(ctx context.Context, header string) (auth.Identity, error)
}

// Config is what the page must know before anybody is signed in. It is public.
type Config struct {
	AppID             string   `json:"appId"`
	HostOrigins       []string `json:"hostOrigins"` // besides Teams' own; empty in the cloud
	Mode              string   `json:"mode"`
	BotName           string   `json:"botName"`
	SendLaterMaxHours int      `json:"sendLaterMaxHours"`
}

// Server is the HTTP side of the tab.
type Server struct {
	Service  *campaigns.Service
	Verifier Verifier
	Config   Config
	Page     fs.FS // the built page
	Log      *slog.Logger
	// Closing ends open event streams when the program stops.
	Closing <-chan struct{}
	// ProgressEvery is how often the campaign of an open event stream is looked at; zero: twice a second.
	ProgressEvery time.Duration
	// Admin is what the pages for Admins look at.
	Admin Administration
	// Limit says how long a person who asks too often must wait; nil: nobody must.
	Limit func(person string) (wait time.Duration)
	// Opened is told at which host a signed-in person's page reached Herald; nil: nobody is.
	Opened func(ctx context.Context, tenant, host string)

	images imageCache
}

// Routes adds the tab's paths to a router.
func (s *Server) Routes(root *mux.Router) {
	api := root.PathPrefix("/api/v1").Subrouter()
	for _, e := range []struct {
		method, path string
		h            handler
	}{
		{"GET", "/me", s.getMe},
		{"GET", "/campaigns", s.listCampaigns},
		{"GET", "/authors", s.authors(s.Service.Authors)},
		{"POST", "/campaigns", s.createCampaign},
		{"GET", "/campaigns/{id}", byID(s.Service.Get, http.StatusOK, s.answer)},
		{"PUT", "/campaigns/{id}", s.putCampaign},
		{"DELETE", "/campaigns/{id}", s.deleteCampaign},
		{"POST", "/campaigns/{id}/clone", newFrom(s.Service.Clone, s.answer)},
		{"POST", "/campaigns/{id}/try", s.tryCampaign},
		{"POST", "/campaigns/{id}/send", s.sendCampaign},
		{"POST", "/campaigns/{id}/unschedule", byID(s.Service.Unschedule, http.StatusAccepted, s.answer)},
		{"POST", "/campaigns/{id}/stop", byID(s.Service.Stop, http.StatusAccepted, s.answer)},
		{"POST", "/campaigns/{id}/approve", s.decide(s.Service.Approve)},
		{"POST", "/campaigns/{id}/reject", s.decide(s.Service.Reject)},
		{"POST", "/campaigns/{id}/withdraw", byID(s.Service.Withdraw, http.StatusAccepted, s.answer)},
		{"POST", "/campaigns/{id}/preview", s.previewCampaign},
		{"POST", "/campaigns/{id}/remind", newFrom(s.Service.Remind, s.answer)},
		{"GET", "/campaigns/{id}/report", s.getReport},
		{"GET", "/campaigns/{id}/links", s.listLinks},
		{"GET", "/campaigns/{id}/timeline", s.getTimeline},
		{"GET", "/campaigns/{id}/hours", s.getHours},
		{"GET", "/campaigns/{id}/recipients", s.listRecipients},
		{"GET", "/campaigns/{id}/recipients.csv", s.exportRecipients},
		{"GET", "/campaigns/{id}/recipients.xlsx", s.exportRecipients},
		{"POST", "/campaigns/{id}/list", s.listOfRecipients},
		{"POST", "/preview", s.previewContent},
		{"GET", "/recipients/verify", s.verifyRecipient},
		{"GET", "/people", s.searchPeople},
		{"POST", "/audience/count", s.countAudience},
		{"POST", "/timing/preview", s.previewTiming},
		{"GET", "/timing/defaults", s.timingDefaults},
		{"GET", "/lists", s.listLists},
		{"POST", "/lists", s.createList},
		{"GET", "/lists/sample.csv", s.sample},
		{"GET", "/lists/sample.xlsx", s.sample},
		{"GET", "/lists/{id}", byID(s.Service.GetList, http.StatusOK, s.answerList)},
		{"PUT", "/lists/{id}", s.putList},
		{"DELETE", "/lists/{id}", s.deleteList},
		{"GET", "/lists/{id}/members", s.listMembers},
		{"POST", "/lists/{id}/members", s.addMember},
		{"POST", "/lists/{id}/members/bulk", s.addMembers},
		{"PUT", "/lists/{id}/members/{memberId}", s.putMember},
		{"DELETE", "/lists/{id}/members/{memberId}", s.deleteMember},
		{"GET", "/lists/{id}/members.csv", s.exportMembers},
		{"GET", "/lists/{id}/members.xlsx", s.exportMembers},
		{"POST", "/lists/{id}/import", s.importMembers},
		{"POST", "/images", s.addImage},
		{"GET", "/surveys", s.listSurveys},
		{"POST", "/surveys", s.createSurvey},
		{"POST", "/surveys/preview", s.previewSurvey},
		{"GET", "/surveys/{id}", byID(s.Service.GetSurvey, http.StatusOK, s.answerSurvey)},
		{"PUT", "/surveys/{id}", s.putSurvey},
		{"DELETE", "/surveys/{id}", s.deleteSurvey},
		{"POST", "/surveys/{id}/clone", newFrom(s.Service.CloneSurvey, s.answerSurvey)},
		{"POST", "/surveys/{id}/close", byID(s.Service.CloseSurvey, http.StatusOK, s.answerSurvey)},
		{"POST", "/surveys/{id}/reopen", s.reopenSurvey},
		{"GET", "/surveys/{id}/campaigns", s.surveyCampaigns},
		{"GET", "/surveys/{id}/results", s.surveyResults},
		{"GET", "/surveys/{id}/results.csv", s.exportResults},
		{"GET", "/surveys/{id}/results.xlsx", s.exportResults},
		{"GET", "/surveys/{id}/texts", s.surveyTexts},
		{"GET", "/events", s.streamEvents},
		{"GET", "/admin/audit", s.listAudit},
		{"GET", "/admin/audit.csv", s.exportAudit},
		{"GET", "/admin/audit/actors", s.authors(s.Service.AuditActors)},
		{"GET", "/admin/health", s.getHealth},
		{"GET", "/admin/package", s.getPackage},
		{"GET", "/admin/installable", s.getInstallable},
		{"GET", "/admin/installations", s.listInstallations},
		{"POST", "/admin/installations", s.startInstallation},
		{"POST", "/admin/installations/preview", s.previewInstallation},
		{"GET", "/admin/installations/{id}", byID(s.Service.Installation, http.StatusOK, s.answerInstallation)},
		{"POST", "/admin/installations/{id}/stop", byID(s.Service.StopInstallation, http.StatusOK, s.answerInstallation)},
		{"GET", "/admin/installations/{id}/people", s.installationPeople},
		{"GET", "/admin/privacy", s.getPrivacy},
		{"GET", "/admin/people", s.knownPeople},
		{"GET", "/admin/people/{personId}", s.knownPerson},
		{"GET", "/admin/people/{personId}/export", s.exportPerson},
		{"DELETE", "/admin/people/{personId}", s.forgetPerson},
	} {
		api.Path(e.path).Methods(e.method).Handler(s.signedIn(e.h))
	}
	api.Path("/openapi.json").Methods("GET").HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(openAPI)
	})
	// mux would answer 404 to a wrong method below a prefix with a NotFoundHandler; we say what is right.
	api.NotFoundHandler = s.outer(func(w http.ResponseWriter, r *http.Request) error {
		if allow := methods(api, r); len(allow) > 0 {
			w.Header().Set("Allow", strings.Join(allow, ", "))
			return &httpError{http.StatusMethodNotAllowed, "method_not_allowed", "This address takes " + strings.Join(allow, ", ") + ", not " + r.Method + "."}
		}
		return &httpError{http.StatusNotFound, "no_such_path", "There is nothing at this address. GET /api/v1/openapi.json lists what there is."}
	})
	s.pageRoutes(root)
}

// methods lists those that the path of r does take.
func methods(api *mux.Router, r *http.Request) (allow []string) {
	try := *r
	_ = api.Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		names, err := route.GetMethods()
		if err != nil {
			return nil // takes every method: none of ours
		}
		for _, m := range names {
			try.Method = m
			if route.Match(&try, &mux.RouteMatch{}) {
				allow = append(allow, m)
			}
		}
		return nil
	})
	return allow
}

// signedIn checks the token before the handler runs.
func (s *Server) signedIn(h handler) http.Handler {
	return s.outer(func(w http.ResponseWriter, r *http.Request) error {
		id, err := s.Verifier.Verify(r.Context(), r.Header.Get("Authorization"))
		if err != nil {
			return refused(err)
		}
		if !storable(r.URL) {
			return &httpError{http.StatusBadRequest, "invalid_text", "The address of this request holds something that is not text."}
		}
		if s.Limit != nil {
			if wait := s.Limit(id.TenantID + "/" + id.ObjectID); wait > 0 {
				slow := campaigns.Errorf(campaigns.CodeThrottled, "rate_limited", "You ask for more than Herald gives to one person at a time. Try again in a moment.")
				slow.RetryAfter = wait
				return slow
			}
		}
		if s.Opened != nil {
			s.Opened(r.Context(), id.TenantID, r.Host)
		}
		a := campaigns.Actor{TenantID: id.TenantID, PersonID: id.ObjectID, DisplayName: id.Name, UPN: id.UPN}
		for _, role := range id.Roles {
			a.Roles = append(a.Roles, campaigns.Role(role))
		}
		ctx := context.WithValue(campaigns.WithActor(r.Context(), a, s.Service.Now()), untilKey{}, id.Until)
		return h(w, r.WithContext(ctx), a)
	})
}

// untilKey is when the token of a request runs out.
type untilKey struct{}

type requestIDKey struct{}

func requestID(r *http.Request) string {
	id, _ := r.Context().Value(requestIDKey{}).(string)
	return id
}

// outer gives each request an id, turns errors into answers and survives panics.
func (s *Server) outer(h func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := uuid.NewString()
		r = r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id))
		w.Header().Set("X-Request-Id", id)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		began := time.Now()
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				s.Log.ErrorContext(r.Context(), "panic", "request", id, "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
				s.fail(w, r, errors.New("panic"))
			}
			s.Log.DebugContext(r.Context(), "request", "request", id, "method", r.Method, "path", r.URL.Path, "took", time.Since(began))
		}()
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// storable says whether path and query are text that every database takes:
// PostgreSQL knows no U+0000 and no broken UTF-8, and would fail where SQLite looks on.
func storable(u *url.URL) bool {
	text := func(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil || !text(u.Path) {
		return false
	}
	for _, values := range q {
		if !text(strings.Join(values, "")) {
			return false
		}
	}
	return true
}

// nul finds the escape of U+0000 in JSON: an odd number of backslashes before the u.
var nul = regexp.MustCompile(`(?:^|[^\\])(?:\\\\)*\\u0000`)

// decode reads a JSON object. An empty body is an empty object, so that a POST without fields needs none.
func decode(w http.ResponseWriter, r *http.Request, v any) error {
	return decodeWith(w, r, v, json.Unmarshal)
}

// decodeStrict also refuses fields that it does not know: for requests in which a
// misspelled one would do harm.
func decodeStrict(w http.ResponseWriter, r *http.Request, v any) error {
	return decodeWith(w, r, v, func(body []byte, v any) error {
		// The whole body first: a Decoder alone stops behind the first value.
		if err := json.Unmarshal(body, v); err != nil {
			return err
		}
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		if d.Decode(v) != nil {
			return &httpError{http.StatusBadRequest, "unknown_field", "The request has a field that is not known here. GET /api/v1/openapi.json lists them."}
		}
		return nil
	})
}

func decodeWith(w http.ResponseWriter, r *http.Request, v any, unmarshal func([]byte, any) error) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return &httpError{http.StatusRequestEntityTooLarge, "body_too_large", "The request is larger than 2 MB."}
	case err != nil:
		return &httpError{http.StatusBadRequest, "body_unreadable", "The request could not be read to its end."}
	case len(bytes.TrimSpace(body)) == 0:
		return nil
	case !utf8.Valid(body), nul.Match(body):
		return &httpError{http.StatusBadRequest, "invalid_text", "The request holds something that is not text: broken UTF-8, or the character U+0000."}
	}
	var h *httpError
	if err := unmarshal(body, v); errors.As(err, &h) {
		return h
	} else if werr := misread(err); werr != nil {
		return werr
	} else if err != nil {
		detail := "The request is not valid JSON."
		var typ *json.UnmarshalTypeError
		if errors.As(err, &typ) && typ.Field == "" {
			detail = "The request must be a JSON object."
		} else if typ != nil {
			detail = "The field " + strconv.Quote(typ.Field) + " must not be " + typ.Value + "."
		}
		return &httpError{http.StatusBadRequest, "invalid_json", detail}
	}
	return nil
}

// ifMatch reads the version of an If-Match header; 0 when there is none.
func ifMatch(r *http.Request) (int, error) {
	h := strings.TrimSpace(r.Header.Get("If-Match"))
	if h == "" || h == "*" {
		return 0, nil
	}
	n, err := strconv.Atoi(strings.Trim(strings.TrimPrefix(h, "W/"), `"`))
	if err != nil || n < 1 {
		return 0, &httpError{http.StatusBadRequest, "invalid_version", "If-Match must carry the version that was changed, such as 3."}
	}
	return n, nil
}

// requiredVersion reads the version that a change begins with.
func requiredVersion(r *http.Request) (int, error) {
	version, err := ifMatch(r)
	if err == nil && version == 0 {
		err = &httpError{http.StatusPreconditionRequired, "version_required", "Send the version you changed in the If-Match header."}
	}
	return version, err
}

func limitOf(s string, normal, most int) (int, error) {
	if s == "" {
		return normal, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > most {
		return 0, campaigns.Errorf(campaigns.CodeInvalid, "invalid_limit", "limit must be a number from 1 to %d.", most)
	}
	return n, nil
}
