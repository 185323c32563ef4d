package e2e

import (
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // database/sql driver "pgx"
)

// crowd gives the app to everybody and tells Herald's database instead of Herald: an
// installation through the bot endpoint costs both sides some milliseconds, which for
// 20 000 people is more than the test that needs them. Herald runs already, so that
// the tables are there, and reads everything else about the people from the directory.
func (h *Herald) crowd(t testing.TB, db *sql.DB) {
	t.Helper()
	var env struct {
		AppID      string `json:"appId"`
		ServiceURL string `json:"serviceUrl"`
	}
	h.Cloud.do("GET", "/api/environment", nil, 200, &env)
	h.Cloud.SetBot("")
	h.Cloud.do("POST", "/api/install", map[string]bool{"all": true}, 200, nil)
	h.Cloud.SetBot(h.URL)
	type person struct {
		ID             string `json:"id"`
		TenantID       string `json:"tenantId"`
		ChannelID      string `json:"channelId"`
		ConversationID string `json:"conversationId"`
	}
	now := time.Now().UnixMilli()
	for cursor := "0"; cursor != ""; {
		var page struct {
			Items []person `json:"items"`
			Next  *string  `json:"next"`
		}
		h.Cloud.do("GET", "/api/users?limit=500&cursor="+url.QueryEscape(cursor), nil, 200, &page)
		var values []string
		var args []any
		for _, p := range page.Items {
			n := len(args)
			values = append(values, fmt.Sprintf("($%d,$%d,$%d,$%d,$%d,$%d,'','','installed',TRUE,$%d)", n+1, n+2, n+3, n+4, n+5, n+6, n+7))
			args = append(args, p.TenantID, p.ID, p.ChannelID, "28:"+env.AppID, p.ConversationID, env.ServiceURL, now)
		}
		if _, err := db.ExecContext(t.Context(), `INSERT INTO conversation_references
			(tenant_id, person_id, user_id, bot_id, conversation_id, service_url, app_version, locale, state, welcomed, updated_at) VALUES `+strings.Join(values, ","), args...); err != nil {
			t.Fatal(err)
		}
		if cursor = ""; page.Next != nil {
			cursor = *page.Next
		}
	}
}

// open opens a database that Herald uses, to look into it.
func open(t testing.TB, driver, address string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
