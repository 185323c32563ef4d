package store_test

import (
	"bytes"
	"crypto/rand"
	"database/sql"
	"fmt"
	"log/slog"
	"math"
	mathrand "math/rand/v2"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/survey"
	"herald/infra/store"
	"herald/infra/store/storetest"
)

// Whoever reads the whole database, and what the databases themselves note about each row, learns of nobody what they answered.
// The same reader finds out everything about a named survey, so that it would see a link if there were one.
func TestNobodyLinksAnonymousAnswers(t *testing.T) {
	for _, d := range []struct {
		name   string
		server bool
	}{{"SQLite", false}, {"PostgreSQL", true}} {
		for _, anonymous := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/anonymous %v", d.name, anonymous), func(t *testing.T) {
				t.Parallel()
				url, dir := "", ""
				if d.server {
					url = storetest.PostgreSQL(t)
				} else {
					dir = storetest.Dir(t)
				}
				var log bytes.Buffer
				db := open(t, url, dir)
				a := answerSecretly(t, db, anonymous, &log)
				raw, err := sql.Open("sqlite", filepath.Join(dir, "herald.db"))
				if d.server {
					raw, err = sql.Open("pgx", url)
				}
				ok(t, err)
				defer raw.Close()
				a.read(t, raw, d.server)
				links := a.links(t)
				if anonymous && len(links) > 0 {
					t.Errorf("answers can be linked to people by\n%s", strings.Join(links, "\n"))
				}
				if !anonymous && !slices.ContainsFunc(links, func(l string) bool { return strings.Contains(l, "order of") }) {
					t.Errorf("this test would not see a link: of a named survey it finds only %q", links)
				}
				if !anonymous {
					return
				}
				for _, tb := range a.tables {
					for _, row := range tb.rows {
						text := strings.Join(row, "\x00")
						for person, secret := range a.secrets {
							if tb.name != "responses" && strings.Contains(text, secret) {
								t.Errorf("%s knows an answer", tb.name)
							}
							if tb.name == "responses" && strings.Contains(text, fmt.Sprintf("p%d", person)) {
								t.Errorf("responses knows %s", text)
							}
							if strings.Contains(text, a.tokens[person]) {
								t.Errorf("%s knows a token", tb.name)
							}
						}
					}
				}
				for person, secret := range a.secrets {
					if strings.Contains(log.String(), secret) || strings.Contains(log.String(), a.tokens[person]) {
						t.Error("the log knows an answer or a token")
					}
				}
			})
		}
	}
}

// asked40 is how many answer.
const asked40 = 40

// attack is what somebody has who wants to know who answered what, and the truth.
type attack struct {
	secrets map[int]string // by person
	tokens  map[int]string
	tables  []dump
}

type dump struct {
	name    string
	columns []string
	rows    [][]string
	about   []int // by row: whoseRow
}

// answerSecretly lets people answer card by card, in an order of their own, each with a text that nobody else writes. As the bot
// does, it notes each press in the person's reference.
func answerSecretly(t *testing.T, db *store.DB, anonymous bool, log *bytes.Buffer) *attack {
	d := branching
	d.Anonymous = anonymous
	p := polling(t, db, d, asked40+5)
	p.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	a := &attack{secrets: map[int]string{}, tokens: map[int]string{}}
	for _, i := range mathrand.Perm(asked40) {
		who := i + 1
		a.secrets[who], a.tokens[who] = "secret "+rand.Text()+strings.Repeat(" and so on", 50), rand.Text() // rows fill several pages
		answers := map[string]any{"q1": "yes", "q2": []string{"a", "b"}[mathrand.IntN(2)], "q3": a.secrets[who]}
		for _, at := range []string{"q1", "q2", "q3"} {
			p.mu.Lock()
			p.now = p.now.Add(time.Duration(1+mathrand.IntN(5000)) * time.Millisecond)
			p.mu.Unlock()
			ref := chatOf(who)
			ref.State, ref.UpdatedAt = campaigns.Installed, p.clock()
			ok(t, db.SaveReference(t.Context(), ref))
			p.press(who, survey.Answer, at, a.tokens[who], answers)
		}
	}
	if n := p.answered(); n != asked40 {
		t.Fatalf("%d have answered", n)
	}
	return a
}

// read takes every row of every table, in the order in which they lie, with what PostgreSQL notes of each.
func (a *attack) read(t *testing.T, raw *sql.DB, server bool) {
	t.Helper()
	list := `SELECT name FROM sqlite_master WHERE type = 'table'`
	if server {
		list = `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`
	}
	for _, name := range texts(t, raw, list) {
		columns := []string{"*"}
		if server {
			columns = []string{"ctid::text AS ctid", "xmin::text AS xmin", "*"}
		} else if _, err := raw.ExecContext(t.Context(), `SELECT rowid FROM `+name[0]); err == nil {
			columns = []string{"rowid", "*"}
		}
		rows, err := raw.QueryContext(t.Context(), `SELECT `+strings.Join(columns, ", ")+` FROM `+name[0])
		ok(t, err)
		tb := dump{name: name[0]}
		tb.columns, err = rows.Columns()
		ok(t, err)
		tb.columns = append(tb.columns, "place")
		for n := 0; rows.Next(); n++ {
			row := append(scanned(t, rows, len(tb.columns)-1), strconv.Itoa(n))
			tb.rows, tb.about = append(tb.rows, row), append(tb.about, whoseRow(row))
		}
		ok(t, rows.Err())
		ok(t, rows.Close())
		a.tables = append(a.tables, tb)
	}
}

func texts(t *testing.T, raw *sql.DB, query string) (out [][]string) {
	t.Helper()
	rows, err := raw.QueryContext(t.Context(), query)
	ok(t, err)
	defer rows.Close()
	for rows.Next() {
		out = append(out, scanned(t, rows, 1))
	}
	return out
}

func scanned(t *testing.T, rows *sql.Rows, n int) []string {
	t.Helper()
	values, dest := make([]any, n), make([]any, n)
	for i := range dest {
		dest[i] = &values[i]
	}
	ok(t, rows.Scan(dest...))
	out := make([]string, n)
	for i, v := range values {
		if b, isBytes := v.([]byte); isBytes {
			v = string(b)
		}
		out[i] = fmt.Sprint(v)
	}
	return out
}

var personText = regexp.MustCompile(`\bp(\d+)\b`)

// whoseRow is whom a row is about; 0 is nobody in particular.
func whoseRow(row []string) (who int) {
	for _, m := range personText.FindAllStringSubmatch(strings.Join(row, " "), -1) {
		n, _ := strconv.Atoi(m[1])
		if who != 0 && who != n {
			return 0
		}
		who = n
	}
	return who
}

var place = regexp.MustCompile(`^\((\d+),(\d+)\)$`)

// number reads numbers and PostgreSQL's places.
func figure(s string) (float64, bool) {
	if m := place.FindStringSubmatch(s); m != nil {
		page, _ := strconv.Atoi(m[1])
		item, _ := strconv.Atoi(m[2])
		return float64(page*1000 + item), true
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

// links tells which pairs of columns tell more about who answered what than chance.
func (a *attack) links(t *testing.T) (found []string) {
	t.Helper()
	at := slices.IndexFunc(a.tables, func(d dump) bool { return d.name == "responses" })
	if at < 0 || len(a.tables[at].rows) != asked40 {
		t.Fatal("the answers are not there")
	}
	answers := a.tables[at]
	owners := make([]int, asked40)
	for i, row := range answers.rows {
		for who, secret := range a.secrets {
			if strings.Contains(strings.Join(row, " "), secret) {
				owners[i] = who
			}
		}
	}
	for c, column := range answers.columns {
		for _, tb := range a.tables {
			for k, key := range tb.columns {
				if tb.name == "responses" {
					continue
				}
				name := fmt.Sprintf("responses.%s and %s.%s", column, tb.name, key)
				byValue, order := map[string][]int{}, map[int]float64{}
				for i, row := range tb.rows {
					who := tb.about[i]
					if who == 0 {
						continue
					}
					byValue[row[k]] = append(byValue[row[k]], who)
					if n, isNumber := figure(row[k]); isNumber {
						order[who] = n
					}
				}
				// Equal values, and those of transactions close by.
				for shift := -4; shift <= 4; shift++ {
					candidates := make([][]int, len(answers.rows))
					for i, row := range answers.rows {
						value := strings.TrimLeft(row[c], "dt")
						if n, err := strconv.Atoi(value); err == nil {
							value = strconv.Itoa(n + shift)
						} else if shift != 0 {
							continue
						}
						if set := byValue[value]; len(set) <= 3 {
							candidates[i] = set
						}
					}
					if hits, usual, spread := guess(candidates, owners); hits > usual+6*spread+4 {
						found = append(found, fmt.Sprintf("%s, %+d: %v of %d guesses right, %.1f by chance", name, shift, hits, asked40, usual))
					}
				}
				var x, y []float64
				for i, row := range answers.rows {
					n, isNumber := figure(strings.TrimLeft(row[c], "dt"))
					if m, known := order[owners[i]]; known && isNumber {
						x, y = append(x, n), append(y, m)
					}
				}
				// Of 40 pairs in no order one in a million correlates like this.
				if r := spearman(x, y); len(x) == asked40 && math.Abs(r) > 0.75 {
					found = append(found, fmt.Sprintf("the order of %s: %.2f", name, r))
				}
			}
		}
	}
	return found
}

// guess says how many owners are among their row's candidates, and how many would be if owners were dealt out anew.
func guess(candidates [][]int, owners []int) (hits, usual, spread float64) {
	if !slices.ContainsFunc(candidates, func(set []int) bool { return len(set) > 0 }) {
		return 0, 0, 0 // however they are dealt
	}
	count := func(deal []int) (n float64) {
		for i, set := range candidates {
			if slices.Contains(set, deal[i]) {
				n++
			}
		}
		return n
	}
	const deals = 100
	var sum, squares float64
	deal := slices.Clone(owners)
	for range deals {
		mathrand.Shuffle(len(deal), func(i, j int) { deal[i], deal[j] = deal[j], deal[i] })
		n := count(deal)
		sum, squares = sum+n, squares+n*n
	}
	usual = sum / deals
	return count(owners), usual, math.Sqrt(max(0, squares/deals-usual*usual))
}

// spearman is the correlation of ranks; 0 when one side has fewer than three values.
func spearman(x, y []float64) float64 {
	rank := func(v []float64) (out []float64, distinct int) {
		sorted := slices.Sorted(slices.Values(v))
		out = make([]float64, len(v))
		for i, n := range v {
			low, _ := slices.BinarySearch(sorted, n)
			high, _ := slices.BinarySearch(sorted, math.Nextafter(n, math.Inf(1)))
			out[i] = float64(low+high) / 2
		}
		return out, len(slices.Compact(sorted))
	}
	rx, dx := rank(x)
	ry, dy := rank(y)
	if dx < 3 || dy < 3 {
		return 0
	}
	var mx, my, xy, xx, yy float64
	for i := range rx {
		mx, my = mx+rx[i]/float64(len(rx)), my+ry[i]/float64(len(rx))
	}
	for i := range rx {
		xy, xx, yy = xy+(rx[i]-mx)*(ry[i]-my), xx+(rx[i]-mx)*(rx[i]-mx), yy+(ry[i]-my)*(ry[i]-my)
	}
	return xy / math.Sqrt(xx*yy)
}
