package bot_test

import (
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"herald/bot"
	"herald/bot/conversation"
	"herald/campaigns"
)

// FuzzActivity: whatever a believed sender writes, the bot answers, and stores nothing
// without a tenant and a person.
func FuzzActivity(f *testing.F) {
	files, err := filepath.Glob("activity/testdata/*.json")
	if err != nil || len(files) == 0 {
		f.Fatal("no activities", err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		ok(f, err)
		f.Add(string(body))
	}
	for _, value := range []string{`[]`, `"x"`, `7`, `{"action":{"type":"Action.Execute","data":[1]}}`, `{"action":{"type":"Action.Execute"}}`, `{"lastReadMessageId":"1"}`} {
		f.Add(`{"type":"invoke","name":"adaptiveCard/action","replyToId":"1","from":{"id":"29:1"},"conversation":{"id":"a","tenantId":"t"},"value":` + value + `}`)
	}
	f.Fuzz(func(t *testing.T, body string) {
		store, log := &memory{}, slog.New(slog.DiscardHandler)
		b := &bot.Bot{
			Verifier: believing{}, Sender: refusing{}, Now: time.Now, Log: log,
			Book: &conversation.Book{Store: store, Roster: refusing{}, Now: time.Now, Log: log},
		}
		r := httptest.NewRequest("POST", "/api/messages", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer x")
		r.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		b.ServeHTTP(rec, r)
		switch rec.Code {
		case 200:
			if rec.Body.Len() > 0 && !json.Valid(rec.Body.Bytes()) {
				t.Errorf("answer %q", rec.Body)
			}
			if strings.Contains(rec.Body.String(), `"statusCode":500`) {
				t.Errorf("the store refused what it was given: %q", rec.Body)
			}
		case 400, 413:
			if store.ref != (campaigns.Reference{}) || store.person != (campaigns.Person{}) {
				t.Errorf("refused, and stored %+v", store)
			}
		default:
			t.Errorf("%d %s", rec.Code, rec.Body)
		}
		if ref := store.ref; ref != (campaigns.Reference{}) && (ref.TenantID == "" || ref.PersonID == "") {
			t.Errorf("stored %+v", ref)
		}
	})
}
