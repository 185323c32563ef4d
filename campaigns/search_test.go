package campaigns_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"herald/campaigns"
)

func TestSearchPeople(t *testing.T) {
	failing := func(err error) func(context.Context, string, int) ([]campaigns.Person, error) {
		return func(context.Context, string, int) ([]campaigns.Person, error) { return nil, err }
	}
	// found says who was found, in order, and where: "ann:installed known".
	found := func(w *world, query string) string {
		w.t.Helper()
		people, source, err := w.SearchPeople(w.t.Context(), author, query, 10)
		w.ok(err)
		var out []string
		for _, p := range people {
			out = append(out, p.Person.ID+":"+string(p.State))
		}
		return strings.Join(append(out, string(source)), " ")
	}
	check := func(w *world, query, want string) {
		w.t.Helper()
		if got := found(w, query); got != want {
			w.t.Errorf("%s: %s, want %s", query, got, want)
		}
	}

	t.Run("the directory's people with what Herald knows of each, then the others known", func(t *testing.T) {
		w := setup(t)
		w.met(campaigns.Installed, "ann", "annika", "joanna")
		w.met(campaigns.Blocked, "bob")
		w.directory.search = func(context.Context, string, int) ([]campaigns.Person, error) {
			return []campaigns.Person{person("hanna"), person("annika"), {TenantID: tenant, ID: "nowhere", DisplayName: "Ann Nowhere"}}, nil
		}
		check(w, "ann", "annika:installed ann:installed hanna: joanna:installed directory")
	})
	t.Run("the people known when the directory may not be asked", func(t *testing.T) {
		w := setup(t)
		w.met(campaigns.Blocked, "bob")
		w.directory.search = failing(campaigns.Errorf(campaigns.CodeForbidden, "graph_forbidden", "no"))
		check(w, "  BOB ", "bob:blocked known")
	})
	t.Run("the people known when the directory does not answer", func(t *testing.T) {
		w := setup(t)
		w.met(campaigns.Installed, "bob")
		w.Roster.SearchPatience = time.Millisecond
		w.directory.search = func(ctx context.Context, _ string, _ int) ([]campaigns.Person, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		check(w, "bob", "bob:installed known")
	})
	t.Run("a directory that failed is left alone for a while", func(t *testing.T) {
		w := setup(t)
		w.directory.search = failing(campaigns.Errorf(campaigns.CodeUnavailable, "graph_failed", "no"))
		check(w, "b", "known")
		check(w, "bo", "known")
		if got := strings.Join(w.directory.searched, ","); got != "b" {
			t.Errorf("asked for %s", got)
		}
		w.advance(10 * time.Second)
		w.directory.search = nil
		check(w, "bob", "directory")
	})
	t.Run("the same search is asked once in five seconds, each organisation for itself", func(t *testing.T) {
		w := setup(t)
		check(w, "bob", "directory")
		check(w, "Bob", "directory")
		other := author
		other.TenantID = "fabrikam"
		_, _, err := w.SearchPeople(t.Context(), other, "bob", 10)
		w.ok(err)
		w.advance(5 * time.Second)
		check(w, "bob", "directory")
		if got := strings.Join(w.directory.searched, ","); got != "bob,bob,bob" {
			t.Errorf("asked for %s", got)
		}
	})
	t.Run("who types on says nothing about the directory", func(t *testing.T) {
		w := setup(t)
		ctx, cancel := context.WithCancel(t.Context())
		w.directory.search = func(ctx context.Context, _ string, _ int) ([]campaigns.Person, error) {
			cancel()
			<-ctx.Done()
			return nil, ctx.Err()
		}
		if _, _, err := w.SearchPeople(ctx, author, "bo", 10); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		w.directory.search = nil
		check(w, "bob", "directory")
	})
	t.Run("whoever was forgotten is nobody", func(t *testing.T) {
		w := setup(t)
		w.met(campaigns.Installed, "bob")
		w.directory.search = func(context.Context, string, int) ([]campaigns.Person, error) {
			return []campaigns.Person{person("bob"), person("bobby")}, nil
		}
		_, err := w.ForgetPerson(t.Context(), campaigns.Actor{TenantID: tenant, PersonID: "admin", Roles: []campaigns.Role{campaigns.RoleAdmin}}, "bob")
		w.ok(err)
		got, _, err := w.SearchPeople(t.Context(), author, "bob", 10)
		w.ok(err)
		if len(got) != 1 || got[0].Person.ID != "bobby" {
			t.Errorf("found %+v", got)
		}
	})
	t.Run("signs are signs", func(t *testing.T) {
		w := setup(t)
		w.met(campaigns.Installed, "bob")
		for _, query := range []string{"%", "_", `\`, "b%b"} {
			check(w, query, "directory")
		}
	})
}

// A column of first names is the members' first names, and not a column of the list as well.
func TestNamesAreNoColumns(t *testing.T) {
	w := setup(t)
	l, err := w.CreateList(t.Context(), author, campaigns.ListInput{Name: "Customers"})
	w.ok(err)
	load := func(file string, o campaigns.ImportOptions) {
		t.Helper()
		_, err := w.ImportList(t.Context(), author, l.ID, strings.NewReader(file), int64(len(file)), o)
		w.ok(err)
	}
	shape := func() string {
		t.Helper()
		l, items, _, err := w.Members(t.Context(), author, l.ID, campaigns.MemberFilter{Limit: 1})
		w.ok(err)
		var out []string
		for _, c := range l.Columns {
			out = append(out, c.Name+"="+items[0].Values[c.Name])
		}
		return items[0].FirstName + "," + items[0].LastName + ": " + strings.Join(out, " ")
	}
	load("CONTACT;NOMBRE;APELLIDO;MONTO\nann@x.example;Ann;Lee;12\n", campaigns.ImportOptions{})
	if got := shape(); got != "Ann,Lee: MONTO=12" {
		t.Error(got)
	}
	// A list that has such a column, because texts already use it, keeps it filled.
	l2, err := w.GetList(t.Context(), author, l.ID)
	w.ok(err)
	_, err = w.UpdateList(t.Context(), author, l.ID, l2.Version, campaigns.ListInput{Name: l.Name, Columns: append(l2.Columns, campaigns.Column{Name: "NOMBRE"})})
	w.ok(err)
	load("CONTACT;NOMBRE\nann@x.example;Anna\n", campaigns.ImportOptions{})
	if got := shape(); got != "Anna,Lee: MONTO=12 NOMBRE=Anna" {
		t.Error(got)
	}
}
