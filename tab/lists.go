package tab

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"herald/campaigns"
	"herald/campaigns/audience/importer"
)

// maxImport is the largest request of an import: the file, and the form around it.
const maxImport = campaigns.MaxImportBytes + 1<<20

type listJSON struct {
	ID        string             `json:"id"`
	Name      string             `json:"name"`
	Members   int                `json:"members"`
	Installed *int               `json:"installed"`
	Columns   []campaigns.Column `json:"columns"`
	CreatedBy authorJSON         `json:"createdBy"`
	CreatedAt time.Time          `json:"createdAt"`
	UpdatedAt time.Time          `json:"updatedAt"`
	Version   int                `json:"version"`
}

func newList(l *campaigns.List) listJSON {
	return listJSON{ID: l.ID, Name: l.Name, Members: l.Members, Installed: l.Installed, Columns: list(l.Columns), CreatedBy: authorJSON(l.CreatedBy), CreatedAt: l.CreatedAt, UpdatedAt: l.UpdatedAt, Version: l.Version}
}

type memberJSON struct {
	ID          string                `json:"id"`
	Email       string                `json:"email"`
	FirstName   string                `json:"firstName"`
	LastName    string                `json:"lastName"`
	Values      map[string]string     `json:"values"`
	DisplayName *string               `json:"displayName"`
	State       campaigns.MemberState `json:"state"`
}

func newMember(m campaigns.Member) memberJSON {
	out := memberJSON{ID: m.ID, Email: m.Email, FirstName: m.FirstName, LastName: m.LastName, Values: m.Values, State: m.State}
	if m.PersonID != "" {
		out.DisplayName = &m.DisplayName
	}
	return out
}

type memberPage struct {
	page[memberJSON]
	Total int `json:"total"`
}

type listInput struct {
	Name    string             `json:"name"`
	Columns []campaigns.Column `json:"columns"`
}

type memberInput struct {
	Email     string            `json:"email"`
	FirstName string            `json:"firstName"`
	LastName  string            `json:"lastName"`
	Values    map[string]string `json:"values"`
}

func (in memberInput) member(id string) campaigns.Member {
	return campaigns.Member{ID: id, Email: in.Email, FirstName: in.FirstName, LastName: in.LastName, Values: in.Values}
}

func (s *Server) listLists(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	q := r.URL.Query()
	limit, err := limitOf(q.Get("limit"), 50, 200)
	if err != nil {
		return err
	}
	items, next, err := s.Service.Lists(r.Context(), a, campaigns.ListFilter{Query: strings.TrimSpace(q.Get("q")), Cursor: q.Get("cursor"), Limit: limit})
	if err != nil {
		return err
	}
	s.json(w, r, http.StatusOK, newPage(each(items, newList), next))
	return nil
}

func (s *Server) answerList(w http.ResponseWriter, r *http.Request, status int, l *campaigns.List) error {
	return s.versioned(w, r, status, "lists/"+l.ID, l.Version, newList(l))
}

func (s *Server) createList(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	var in listInput
	if err := decode(w, r, &in); err != nil {
		return err
	}
	l, err := s.Service.CreateList(r.Context(), a, campaigns.ListInput(in))
	if err != nil {
		return err
	}
	return s.answerList(w, r, http.StatusCreated, l)
}

func (s *Server) putList(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	version, err := requiredVersion(r)
	if err != nil {
		return err
	}
	var in listInput
	if err := decode(w, r, &in); err != nil {
		return err
	}
	l, err := s.Service.UpdateList(r.Context(), a, mux.Vars(r)["id"], version, campaigns.ListInput(in))
	if err != nil {
		return err
	}
	return s.answerList(w, r, http.StatusOK, l)
}

func (s *Server) deleteList(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	return deleted(w, s.Service.DeleteList(r.Context(), a, mux.Vars(r)["id"]))
}

func (s *Server) listMembers(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	q := r.URL.Query()
	limit, err := limitOf(q.Get("limit"), 50, 1000)
	if err != nil {
		return err
	}
	l, items, next, err := s.Service.Members(r.Context(), a, mux.Vars(r)["id"], campaigns.MemberFilter{
		Query: strings.TrimSpace(q.Get("q")), State: campaigns.MemberState(q.Get("state")), Cursor: q.Get("cursor"), Limit: limit,
	})
	if err != nil {
		return err
	}
	s.json(w, r, http.StatusOK, memberPage{newPage(each(items, newMember), next), l.Members})
	return nil
}

func (s *Server) addMember(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	var in memberInput
	if err := decode(w, r, &in); err != nil {
		return err
	}
	m, err := s.Service.AddMember(r.Context(), a, mux.Vars(r)["id"], in.member(""))
	if err != nil {
		return err
	}
	s.json(w, r, http.StatusCreated, newMember(m))
	return nil
}

func (s *Server) putMember(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	var in memberInput
	if err := decode(w, r, &in); err != nil {
		return err
	}
	m, err := s.Service.ChangeMember(r.Context(), a, mux.Vars(r)["id"], in.member(mux.Vars(r)["memberId"]))
	if err != nil {
		return err
	}
	s.json(w, r, http.StatusOK, newMember(m))
	return nil
}

func (s *Server) deleteMember(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	return deleted(w, s.Service.RemoveMember(r.Context(), a, mux.Vars(r)["id"], mux.Vars(r)["memberId"]))
}

func (s *Server) addMembers(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	var in struct {
		Emails    []string `json:"emails"`
		SkipWrong bool     `json:"skipWrong"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	added, present, wrong, err := s.Service.AddAddresses(r.Context(), a, mux.Vars(r)["id"], in.Emails, in.SkipWrong)
	if err != nil {
		return err
	}
	type wrongJSON struct {
		Line    int    `json:"line"`
		Value   string `json:"value"`
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	out := make([]wrongJSON, len(wrong))
	for i, x := range wrong {
		out[i] = wrongJSON(x)
	}
	s.json(w, r, http.StatusOK, struct {
		Added   int         `json:"added"`
		Present int         `json:"present"`
		Wrong   []wrongJSON `json:"wrong"`
	}{added, present, out})
	return nil
}

type importJSON struct {
	Columns  []campaigns.ImportColumn `json:"columns"`
	Preview  [][]string               `json:"preview"`
	Total    int                      `json:"total"`
	Good     int                      `json:"good"`
	Wrong    int                      `json:"wrong"`
	Problems []rowProblemJSON         `json:"problems"`
	Imported int                      `json:"imported"`
}

type rowProblemJSON struct {
	Line    int           `json:"line"`
	Column  string        `json:"column"`
	Code    importer.Code `json:"code"`
	Message string        `json:"message"`
	Value   string        `json:"value"`
}

// importProblems is an import that was refused because of its rows.
type importProblems struct {
	error
	report importJSON
}

func (e *importProblems) Unwrap() error { return e.error }

func (s *Server) importMembers(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxImport)
	// What does not fit into a megabyte waits on the disk.
	err := r.ParseMultipartForm(1 << 20)
	if r.MultipartForm != nil {
		defer func() { _ = r.MultipartForm.RemoveAll() }()
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		// The rest of the file is not read; the connection cannot be used again.
		w.Header().Set("Connection", "close")
		return &httpError{http.StatusRequestEntityTooLarge, "body_too_large", "The file is larger than 20 MB. Split it, or leave out columns that no message needs."}
	case err != nil:
		return &httpError{http.StatusBadRequest, "bad_form", "The request must be a form (multipart/form-data) with a file."}
	}
	o, err := importOptions(r)
	if err != nil {
		return err
	}
	file, header, err := r.FormFile("file")
	if err != nil {
		return &httpError{http.StatusBadRequest, "bad_form", "The form has no file."}
	}
	defer file.Close()
	report, err := s.Service.ImportList(r.Context(), a, mux.Vars(r)["id"], file, header.Size, o)
	out := importJSON{Columns: list(report.Columns), Preview: list(report.Preview), Total: report.Total, Good: report.Good, Wrong: report.Wrong, Problems: make([]rowProblemJSON, len(report.Problems)), Imported: report.Imported}
	for i, p := range report.Problems {
		out.Problems[i] = rowProblemJSON(p)
	}
	var e *campaigns.Error
	if errors.As(err, &e) && e.Reason == "import_problems" {
		return &importProblems{err, out}
	}
	if err != nil {
		return err
	}
	s.json(w, r, http.StatusOK, out)
	return nil
}

// importOptions reads the fields of an import beside the file.
func importOptions(r *http.Request) (o campaigns.ImportOptions, err error) {
	flag := func(field string) (bool, error) {
		switch r.FormValue(field) {
		case "", "false":
			return false, nil
		case "true":
			return true, nil
		}
		return false, wrong("/"+field, "invalid_form", field+" must be true or false.")
	}
	switch r.FormValue("mode") {
	case "", "add":
	case "replace":
		o.Replace = true
	default:
		return o, wrong("/mode", "invalid_form", "mode must be add or replace.")
	}
	if o.SkipWrong, err = flag("skipWrong"); err != nil {
		return o, err
	}
	if o.DryRun, err = flag("dryRun"); err != nil {
		return o, err
	}
	if m := r.FormValue("mapping"); m != "" {
		if nul.MatchString(m) || json.Unmarshal([]byte(m), &o.Mapping) != nil || o.Mapping == nil {
			return o, wrong("/mapping", "invalid_form", "mapping must be the columns of an answer, as JSON.")
		}
	}
	return o, nil
}

// exportMembers sends all members, so that what was exported can be imported again.
func (s *Server) exportMembers(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	f := campaigns.MemberFilter{Limit: 1000}
	id := mux.Vars(r)["id"]
	if err := s.Service.ExportList(r.Context(), a, id, fileType(r)); err != nil {
		return err
	}
	l, items, next, err := s.Service.Members(r.Context(), a, id, f)
	if err != nil {
		return err
	}
	header := []string{"EMAIL", "FIRSTNAME", "LASTNAME"}
	for _, c := range l.Columns {
		header = append(header, c.Name)
	}
	return s.stream(w, r, func(out rows) error {
		return pages(out, header, items, next, func(m campaigns.Member) []string {
			row := []string{m.Email, m.FirstName, m.LastName}
			for _, c := range l.Columns {
				row = append(row, m.Values[c.Name])
			}
			return row
		}, func(cursor string) ([]campaigns.Member, string, error) {
			f.Cursor = cursor
			_, items, next, err := s.Service.Members(r.Context(), a, id, f)
			return items, next, err
		})
	})
}

func (s *Server) sample(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	sample, err := s.Service.Sample(a)
	if err != nil {
		return err
	}
	return s.stream(w, r, func(out rows) error {
		for _, row := range sample {
			if err := out.row(row); err != nil {
				return err
			}
		}
		return nil
	})
}
