package tab

import (
	"context"
	"net/http"
	"strconv"

	"github.com/gorilla/mux"

	"herald/campaigns"
)

type handler func(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error

// answerer tells what a use case made.
type answerer[T any] func(w http.ResponseWriter, r *http.Request, status int, made T) error

// byID handles what needs no more than the id in the path.
func byID[T any](use func(context.Context, campaigns.Actor, string) (T, error), status int, answer answerer[T]) handler {
	return func(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
		made, err := use(r.Context(), a, mux.Vars(r)["id"])
		if err != nil {
			return err
		}
		return answer(w, r, status, made)
	}
}

// newFrom handles what makes something new of what the id in the path names, and may be told its name.
func newFrom[T any](use func(ctx context.Context, a campaigns.Actor, id, name string) (T, error), answer answerer[T]) handler {
	return func(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
		var in struct {
			Name string `json:"name"`
		}
		if err := decode(w, r, &in); err != nil {
			return err
		}
		made, err := use(r.Context(), a, mux.Vars(r)["id"], in.Name)
		if err != nil {
			return err
		}
		return answer(w, r, http.StatusCreated, made)
	}
}

// read decodes what an author wrote.
func read[T any](w http.ResponseWriter, r *http.Request, in interface{ input() (T, error) }) (out T, err error) {
	if err := decode(w, r, in); err != nil {
		return out, err
	}
	return in.input()
}

// versioned answers with something that can be changed: the ETag is its version, and what is new says where it is.
func (s *Server) versioned(w http.ResponseWriter, r *http.Request, status int, path string, version int, body any) error {
	w.Header().Set("ETag", strconv.Quote(strconv.Itoa(version)))
	if status == http.StatusCreated {
		w.Header().Set("Location", "/api/v1/"+path)
	}
	s.json(w, r, status, body)
	return nil
}

// deleted answers when something has been deleted, unless err says that it has not.
func deleted(w http.ResponseWriter, err error) error {
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
	}
	return err
}
