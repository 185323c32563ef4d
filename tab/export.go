package tab

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"herald/campaigns"
)

// recipientsCSV streams every recipient of a campaign. Once the first row has left, an
// error can only break the connection off, so that nobody takes half a file for a whole one.
func (s *Server) recipientsCSV(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	f := campaigns.RecipientFilter{Limit: 1000}
	items, next, err := s.Service.Recipients(r.Context(), a, mux.Vars(r)["id"], f)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="recipients.csv"`)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte("\ufeff")) // Excel reads UTF-8 only with this mark
	out := csv.NewWriter(w)
	_ = out.Write([]string{"email", "name", "status", "reason", "attempts", "repeated", "sent_at", "read_at", "reaction", "answered_at"})
	for {
		for _, it := range items {
			_ = out.Write([]string{cell(it.Email), cell(it.DisplayName), string(it.Status), string(it.Reason), strconv.Itoa(it.Attempts), strconv.FormatBool(it.Repeated), stamp(it.SentAt), stamp(it.ReadAt), cell(it.Reaction), stamp(it.AnsweredAt)})
		}
		out.Flush()
		if next == "" || out.Error() != nil {
			return nil
		}
		f.Cursor = next
		if items, next, err = s.Service.Recipients(r.Context(), a, mux.Vars(r)["id"], f); err != nil {
			s.Log.ErrorContext(r.Context(), "export broken off", "request", requestID(r), "err", err)
			panic(http.ErrAbortHandler)
		}
	}
}

// cell keeps a spreadsheet from taking a text for a formula (OWASP: CSV injection).
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func stamp(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
