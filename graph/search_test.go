package graph

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"herald/campaigns"
)

func TestSearchPeople(t *testing.T) {
	for _, test := range []struct{ name, query, search string }{
		{"a name", "ann lee", `"displayName:ann lee" OR "mail:ann lee" OR "userPrincipalName:ann lee"`},
		{"an address", "ann@contoso.example", `"displayName:ann@contoso.example" OR "mail:ann@contoso.example" OR "userPrincipalName:ann@contoso.example"`},
		{"quotes and backslashes", `a"b\c`, `"displayName:a\"b\\c" OR "mail:a\"b\\c" OR "userPrincipalName:a\"b\\c"`},
		{"an apostrophe", "o'brien", `"displayName:o'brien" OR "mail:o'brien" OR "userPrincipalName:o'brien"`},
		{"an ampersand, a plus, a hash", "r&d+x#1", `"displayName:r&d+x#1" OR "mail:r&d+x#1" OR "userPrincipalName:r&d+x#1"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			rig := setup(t, func(w http.ResponseWriter, r *http.Request) {
				q := r.URL.Query()
				if q.Get("$search") != test.search || q.Get("$top") != "3" || r.Header.Get("ConsistencyLevel") != "eventual" || r.URL.Path != "/v1.0/users" {
					t.Errorf("%s, ConsistencyLevel %q", r.URL, r.Header.Get("ConsistencyLevel"))
				}
				write(w, http.StatusOK, list(user("ann", nil), user("left", object{"accountEnabled": false}), user("lee", nil), user("bo", nil), user("one too many", nil)))
			})
			found, err := rig.SearchPeople(t.Context(), contoso, test.query, 3)
			if err != nil || len(found) != 3 || found[0].ID != "ann" || found[1].ID != "lee" || found[0].TenantID != contoso || found[0].Address() != "ann@contoso.example" {
				t.Errorf("found %+v, error %v", found, err)
			}
		})
	}
	t.Run("nobody", func(t *testing.T) {
		found, err := setup(t, func(w http.ResponseWriter, _ *http.Request) { write(w, http.StatusOK, list()) }).SearchPeople(t.Context(), contoso, "x", 3)
		if err != nil || len(found) != 0 {
			t.Errorf("found %+v, error %v", found, err)
		}
	})
	t.Run("a person without an id", func(t *testing.T) {
		_, err := setup(t, func(w http.ResponseWriter, _ *http.Request) {
			write(w, http.StatusOK, list(object{"displayName": "X"}))
		}).SearchPeople(t.Context(), contoso, "x", 3)
		if campaigns.CodeOf(err) != campaigns.CodeUnavailable {
			t.Errorf("error %v", err)
		}
	})
	t.Run("forbidden", func(t *testing.T) {
		_, err := setup(t, func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, http.StatusForbidden, "Authorization_RequestDenied", "no")
		}).SearchPeople(t.Context(), contoso, "x", 3)
		if campaigns.CodeOf(err) != campaigns.CodeForbidden {
			t.Errorf("error %v", err)
		}
	})
	// Who types on does not keep Graph searching.
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan struct{})
		rig := setup(t, func(_ http.ResponseWriter, r *http.Request) {
			cancel()
			<-r.Context().Done()
			close(gone)
		})
		if _, err := rig.SearchPeople(ctx, contoso, "x", 3); !errors.Is(err, context.Canceled) || campaigns.CodeOf(err) != "" {
			t.Errorf("error %v", err)
		}
		<-gone
	})
}
