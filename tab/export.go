package tab

import (
	"encoding/csv"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"
	"github.com/xuri/excelize/v2"

	"herald/campaigns"
)

var recipientColumns = []string{"email", "name", "status", "reason", "attempts", "repeated", "sent_at", "read_at", "reaction", "answered_at", "clicks", "clicked_at", "checks", "next_at", "snoozed_until"}

func recipientRow(r campaigns.Recipient) []string {
	return []string{r.Email, r.DisplayName, string(r.Status), string(r.Reason), strconv.Itoa(r.Attempts), strconv.FormatBool(r.Repeated), stamp(r.SentAt), stamp(r.ReadAt), r.Reaction, stamp(r.AnsweredAt), strconv.Itoa(r.Clicks), stamp(r.ClickedAt), checks(r), stamp(r.NextAttemptAt), stamp(r.SnoozedUntil)}
}

// checks counts the looks whether somebody was there; empty where nobody looks.
func checks(r campaigns.Recipient) string {
	if r.Checks == nil {
		return ""
	}
	return strconv.Itoa(len(r.Checks))
}

// rows is a file that takes one row after another.
type rows interface {
	row(cells []string) error
	// finish writes what is still to be written.
	finish() error
	// close gives back what the file holds, finished or not.
	close()
}

// exportRecipients streams the recipients of a campaign: every one, or those whom the filter lets through.
func (s *Server) exportRecipients(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	f := recipientFilter(r)
	f.Limit = 1000
	id := mux.Vars(r)["id"]
	if err := s.Service.ExportRecipients(r.Context(), a, id, f, fileType(r)); err != nil {
		return err
	}
	items, next, err := s.Service.Recipients(r.Context(), a, id, f)
	if err != nil {
		return err
	}
	return s.stream(w, r, func(out rows) error {
		return pages(out, recipientColumns, items, next, recipientRow, func(cursor string) ([]campaigns.Recipient, string, error) {
			f.Cursor = cursor
			return s.Service.Recipients(r.Context(), a, id, f)
		})
	})
}

// pages writes a header, the rows of a first page, and those of all that follow it.
func pages[T any](out rows, header []string, items []T, next string, row func(T) []string, follow func(cursor string) ([]T, string, error)) error {
	err := out.row(header)
	for err == nil {
		for i := 0; i < len(items) && err == nil; i++ {
			err = out.row(row(items[i]))
		}
		if err != nil || next == "" {
			return err
		}
		items, next, err = follow(next)
	}
	return err
}

// fileType is what the file that r asks for ends in: csv or xlsx.
func fileType(r *http.Request) string { return path.Ext(r.URL.Path)[1:] }

// stream sends the file that r asks for, and that write fills. Once the first row has left, an error can only break the connection off, so
// that nobody takes half a file for a whole one.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, write func(rows) error) error {
	open, contentType := newCSV, "text/csv; charset=utf-8"
	if fileType(r) == "xlsx" {
		open, contentType = newWorkbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Disposition", `attachment; filename="`+path.Base(r.URL.Path)+`"`)
	w.Header().Set("Cache-Control", "no-store")
	out, err := open(w)
	defer out.close()
	if err == nil {
		err = write(out)
	}
	if err == nil {
		err = out.finish()
	}
	if err != nil {
		s.Log.WarnContext(r.Context(), "export broken off", "request", requestID(r), "err", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// newCSV opens a CSV file on w.
func newCSV(w io.Writer) (rows, error) {
	_, err := io.WriteString(w, "\ufeff") // Excel reads UTF-8 only with this mark
	return &csvRows{csv.NewWriter(w)}, err
}

type csvRows struct{ out *csv.Writer }

func (c *csvRows) row(cells []string) error {
	safe := make([]string, len(cells))
	for i, text := range cells {
		safe[i] = cell(text)
	}
	return c.out.Write(safe)
}

func (c *csvRows) finish() error {
	c.out.Flush()
	return c.out.Error()
}

func (c *csvRows) close() {}

// cell keeps a spreadsheet from taking a text for a formula (OWASP: CSV injection).
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// workbook holds its rows in a temporary file once they are many. Its cells have a
// type, so that a text stays a text whatever it begins with.
type workbook struct {
	to    io.Writer
	file  *excelize.File
	sheet *excelize.StreamWriter
	next  int
}

// newWorkbook opens a workbook that finish writes to w.
func newWorkbook(w io.Writer) (rows, error) {
	file := excelize.NewFile()
	sheet, err := file.NewStreamWriter("Sheet1")
	return &workbook{to: w, file: file, sheet: sheet, next: 1}, err
}

func (b *workbook) row(cells []string) error {
	at, err := excelize.CoordinatesToCellName(1, b.next)
	if err != nil {
		return err
	}
	b.next++
	values := make([]any, len(cells))
	for i, text := range cells {
		values[i] = text
	}
	return b.sheet.SetRow(at, values)
}

func (b *workbook) finish() error {
	if err := b.sheet.Flush(); err != nil {
		return err
	}
	return b.file.Write(b.to)
}

// close removes the temporary file, which is full of people.
func (b *workbook) close() { _ = b.file.Close() }

func stamp(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
