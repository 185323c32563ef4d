package graph

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"herald/campaigns"
)

// walk collects what EachPage says.
func walk(t *testing.T, d *Directory, token string) (people, removed []string, pages int, next string, err error) {
	t.Helper()
	next, err = d.EachPage(t.Context(), contoso, token, func(page campaigns.DirectoryPage) error {
		pages++
		for _, p := range page.People {
			if p.TenantID != contoso {
				t.Errorf("%s is in tenant %q", p.ID, p.TenantID)
			}
			people = append(people, p.ID)
		}
		removed = append(removed, page.Removed...)
		return nil
	})
	return people, removed, pages, next, err
}

func TestEachPage(t *testing.T) {
	rig := setup(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Prefer"); got != "odata.maxpagesize=999" {
			t.Errorf("Prefer %q", got)
		}
		if got := r.Header.Get("Authorization"); got != "Bearer token-of-"+contoso {
			t.Errorf("authorization %q", got)
		}
		link := func(query string) string { return "https://" + r.Host + "/v1.0/users/delta()?" + query }
		query := r.URL.Query()
		switch {
		case query.Get("$select") == strings.Join(properties, ","):
			page := list(user("a", nil), user("b", nil))
			page["@odata.nextLink"] = link("$skiptoken=two%2B2")
			write(w, http.StatusOK, page)
		case query.Get("$skiptoken") == "two+2":
			page := list() // Graph may give an empty page in the middle
			page["@odata.nextLink"] = link("$skiptoken=three")
			write(w, http.StatusOK, page)
		case query.Get("$skiptoken") == "three":
			page := list(user("c", nil))
			page["@odata.deltaLink"] = link("$deltatoken=monday")
			write(w, http.StatusOK, page)
		case query.Get("$deltatoken") == "monday":
			page := list(user("b", object{"displayName": "B anew"}),
				object{"id": "a", "@removed": object{"reason": "changed"}},
				object{"id": "c", "@removed": object{"reason": "deleted"}})
			page["@odata.deltaLink"] = link("$deltatoken=tuesday")
			write(w, http.StatusOK, page)
		default:
			refuse(w, http.StatusBadRequest, "BadRequest", r.URL.String())
		}
	})
	people, removed, pages, token, err := walk(t, rig.Directory, "")
	if err != nil || !slices.Equal(people, []string{"a", "b", "c"}) || len(removed) != 0 || pages != 3 {
		t.Fatalf("people %v, removed %v, %d pages, error %v", people, removed, pages, err)
	}
	people, removed, pages, token, err = walk(t, rig.Directory, token)
	if err != nil || !slices.Equal(people, []string{"b"}) || !slices.Equal(removed, []string{"a", "c"}) || pages != 1 {
		t.Fatalf("people %v, removed %v, %d pages, error %v", people, removed, pages, err)
	}
	if !strings.HasSuffix(token, "$deltatoken=tuesday") {
		t.Errorf("token %q", token)
	}
}

// Graph may tell of somebody more than once, also in one page: what it says last is true.
func TestEachPageRepeatsItself(t *testing.T) {
	gone := func(id string) object { return object{"id": id, "@removed": object{"reason": "deleted"}} }
	rig := setup(t, func(w http.ResponseWriter, r *http.Request) {
		page := list(user("a", object{"displayName": "A before"}), gone("b"), user("c", nil), user("a", object{"displayName": "A after"}), user("b", nil), gone("c"))
		page["@odata.deltaLink"] = "https://" + r.Host + "/v1.0/users/delta()?$deltatoken=monday"
		write(w, http.StatusOK, page)
	})
	var people []string
	_, err := rig.EachPage(t.Context(), contoso, "", func(page campaigns.DirectoryPage) error {
		for _, p := range page.People {
			people = append(people, p.ID+" "+p.DisplayName)
		}
		for _, id := range page.Removed {
			people = append(people, id+" removed")
		}
		return nil
	})
	if want := []string{"a A after", "b B", "c removed"}; err != nil || !slices.Equal(people, want) {
		t.Errorf("%q, %v; want %q", people, err, want)
	}
}

func TestEachPageStops(t *testing.T) {
	stranger := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("a stranger was asked")
	}))
	defer stranger.Close()
	for _, test := range []struct {
		name  string
		links func(origin string) object
		pages int
	}{
		{"no link", func(string) object { return object{} }, 0},
		{"another server next", func(string) object { return object{"@odata.nextLink": stranger.URL + "/v1.0/users/delta"} }, 0},
		{"another server later", func(string) object { return object{"@odata.deltaLink": stranger.URL + "/v1.0/users/delta"} }, 0},
		{"name in front of the host", func(origin string) object {
			return object{"@odata.nextLink": strings.Replace(origin, "https://", "https://x@", 1) + "/v1.0/users/delta"}
		}, 0},
		{"plain http", func(origin string) object {
			return object{"@odata.nextLink": strings.Replace(origin, "https://", "http://", 1) + "/v1.0/users/delta"}
		}, 0},
		{"outside of the API", func(origin string) object { return object{"@odata.nextLink": origin + "/v1.0evil/users"} }, 0},
		{"round and round", func(origin string) object {
			return object{"@odata.nextLink": origin + "/v1.0/users/delta?$skiptoken=1"}
		}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			rig := setup(t, func(w http.ResponseWriter, r *http.Request) {
				page := list(user("a", nil))
				for key, value := range test.links("https://" + r.Host) {
					page[key] = value
				}
				write(w, http.StatusOK, page)
			})
			_, _, pages, token, err := walk(t, rig.Directory, "")
			if campaigns.CodeOf(err) != campaigns.CodeUnavailable || token != "" || pages != test.pages {
				t.Errorf("%d pages, token %q, error %v", pages, token, err)
			}
		})
	}

	t.Run("a token of another Graph", func(t *testing.T) {
		rig := setup(t, func(http.ResponseWriter, *http.Request) {})
		_, _, _, _, err := walk(t, rig.Directory, stranger.URL+"/v1.0/users/delta?$deltatoken=x")
		if campaigns.CodeOf(err) != campaigns.CodeGone || rig.count() != 0 {
			t.Errorf("%d requests, error %v", rig.count(), err)
		}
	})
	t.Run("the caller has enough", func(t *testing.T) {
		rig := setup(t, func(w http.ResponseWriter, r *http.Request) {
			page := list(user("a", nil))
			page["@odata.nextLink"] = "https://" + r.Host + "/v1.0/users/delta?$skiptoken=1"
			write(w, http.StatusOK, page)
		})
		enough := errors.New("enough")
		token, err := rig.EachPage(t.Context(), contoso, "", func(campaigns.DirectoryPage) error { return enough })
		if !errors.Is(err, enough) || token != "" || rig.count() != 1 {
			t.Errorf("token %q, error %v, %d requests", token, err, rig.count())
		}
	})
	t.Run("cancelled between pages", func(t *testing.T) {
		rig := setup(t, func(w http.ResponseWriter, r *http.Request) {
			page := list(user("a", nil))
			page["@odata.nextLink"] = "https://" + r.Host + "/v1.0/users/delta?$skiptoken=" + r.URL.Query().Get("$skiptoken") + "1"
			write(w, http.StatusOK, page)
		})
		ctx, cancel := context.WithCancel(t.Context())
		_, err := rig.EachPage(ctx, contoso, "", func(campaigns.DirectoryPage) error { cancel(); return nil })
		if !errors.Is(err, context.Canceled) || campaigns.CodeOf(err) != "" || rig.count() != 1 {
			t.Errorf("error %v, %d requests", err, rig.count())
		}
	})
}

func TestGone(t *testing.T) {
	for name, graph := range map[string]http.HandlerFunc{
		"410": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "https://"+r.Host+"/v1.0/users/delta?$deltatoken=")
			refuse(w, http.StatusGone, "resyncRequired", "Resync required.")
		},
		"410 without a body": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) },
		"syncStateNotFound": func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, http.StatusBadRequest, "SyncStateNotFound", "The sync state generation is not found.")
		},
	} {
		t.Run(name, func(t *testing.T) {
			rig := setup(t, graph)
			_, _, pages, _, err := walk(t, rig.Directory, rig.server.URL+"/v1.0/users/delta?$deltatoken=old")
			if campaigns.CodeOf(err) != campaigns.CodeGone || pages != 0 || rig.count() != 1 {
				t.Errorf("%d pages, %d requests, error %v", pages, rig.count(), err)
			}
		})
	}
}
