package graph

import (
	"net/http"
	"strings"
	"testing"

	"herald/campaigns"
)

// The requests are those that Microsoft documents, and an answer about another app, or one without a chat, is none.
func TestChatRequests(t *testing.T) {
	installations := list()
	chat := object{"id": "19:ada_app@unq.gbl.spaces", "chatType": "oneOnOne"}
	rig := setup(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/chat") {
			write(w, http.StatusOK, chat)
			return
		}
		write(w, http.StatusOK, installations)
	})
	apps := &Apps{Directory: rig.Directory, ManifestID: "m"}
	of := func(app string) object {
		return object{"id": "ZGY/+w==", "teamsApp": object{"id": app, "externalId": "m"}}
	}
	for _, answer := range []object{list(), list(of("other")), list(object{"id": "ZGY/+w=="})} {
		installations = answer
		if id, err := apps.AppOf(t.Context(), contoso, "c'1", "ada"); campaigns.CodeOf(err) != campaigns.CodeNotFound {
			t.Errorf("%v: %q, error %v", answer, id, err)
		}
	}
	installations = list(of("other"), of("C'1"))
	id, err := apps.AppOf(t.Context(), contoso, "c'1", "ada")
	if err != nil || id != "ZGY/+w==" {
		t.Fatalf("%q, error %v", id, err)
	}
	query := rig.requests[len(rig.requests)-1].URL.Query()
	if query.Get("$filter") != "teamsApp/id eq 'c''1'" || query.Get("$expand") != "teamsApp" {
		t.Errorf("%v", query)
	}
	if got, err := apps.ChatOf(t.Context(), contoso, "ada", id); err != nil || got != "19:ada_app@unq.gbl.spaces" {
		t.Errorf("%q, error %v", got, err)
	}
	if path := rig.requests[len(rig.requests)-1].URL.EscapedPath(); path != "/v1.0/users/ada/teamwork/installedApps/ZGY%2F%2Bw%3D%3D/chat" {
		t.Errorf("path %s", path)
	}
	chat = object{"chatType": "oneOnOne"}
	if _, err := apps.ChatOf(t.Context(), contoso, "ada", id); campaigns.CodeOf(err) != campaigns.CodeUnavailable {
		t.Errorf("no chat: %v", err)
	}
}
