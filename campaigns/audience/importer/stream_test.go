package importer_test

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"herald/campaigns/audience/importer"
)

// TestMemory: 100 000 rows are never in memory together. Every 20th row that is
// handed over is watched: when the importer holds on to them, or reads ahead, their number
// grows with the file.
func TestMemory(t *testing.T) {
	const rows, watched = 100_000, 20
	for kind, b := range map[string][]byte{"csv": manyCSV(rows), "xlsx": manyXLSX(t, rows)} {
		t.Run(kind, func(t *testing.T) {
			in := &follower{r: bytes.NewReader(b)}
			f, err := importer.Open(in, int64(len(b)), importer.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			in.at.Store(0)
			var made, peak, ahead int64
			var gone atomic.Int64
			freed := make(chan struct{}, 1)
			report, err := f.Read(t.Context(), f.Suggested(), func(r importer.Row) error {
				made++
				// The text of a cell is an object of its own; it is freed when nothing of
				// its row is held any more.
				if made%watched == 0 {
					runtime.AddCleanup(unsafe.StringData(r.Custom["NOTE"]), func(struct{}) {
						gone.Add(watched)
						select {
						case freed <- struct{}{}:
						default: // it is known already
						}
					}, struct{}{})
				}
				if made%25_000 == 0 {
					runtime.GC()
					// The cleanups run in a goroutine of their own; on a busy machine it comes late.
					for late, patience := false, time.After(10*time.Second); !late && made-gone.Load() > 5_000; {
						select {
						case <-freed:
						case <-patience:
							late = true
						}
					}
					peak = max(peak, made-gone.Load())
					// How much of the file was read beyond what the rows so far make up.
					ahead = max(ahead, in.at.Load()-int64(len(b))*made/rows)
				}
				return nil
			})
			if err != nil || report.Good != rows {
				t.Fatalf("%d rows, %v", report.Good, err)
			}
			if peak > 10_000 {
				t.Errorf("%d rows are alive at once", peak)
			}
			if ahead > 128<<10 {
				t.Errorf("%d bytes of %d are read ahead", ahead, len(b))
			}
			t.Logf("%d bytes; alive at once: %d rows; read ahead: %d bytes", len(b), peak, ahead)
		})
	}
}

// TestHeapOfLargestFile: what stays while reading is the addresses that were
// seen, and for a workbook its texts, not rows.
func TestHeapOfLargestFile(t *testing.T) {
	const rows = 100_000
	b := manyCSV(rows)
	f := mustOpen(t, b)
	before := heap()
	var most uint64
	n := 0
	if _, err := f.Read(t.Context(), f.Suggested(), func(importer.Row) error {
		if n++; n%50_000 == 0 {
			most = max(most, heap())
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if grown := int64(most) - int64(before); grown > 150*rows {
		t.Errorf("the heap grew by %d bytes, %d per row", grown, grown/rows)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// follower remembers how far a file was read.
type follower struct {
	r  io.ReaderAt
	at atomic.Int64
}

func (f *follower) ReadAt(b []byte, off int64) (int, error) {
	n, err := f.r.ReadAt(b, off)
	f.at.Store(max(f.at.Load(), off+int64(n)))
	return n, err
}

func manyCSV(rows int) []byte {
	var b bytes.Buffer
	b.WriteString("EMAIL,FIRSTNAME,LASTNAME,AMOUNT,DATE,NOTE\n")
	note := strings.Repeat("some words ", 8)
	for i := range rows {
		fmt.Fprintf(&b, "person%06d@contoso.example,Ann%06d,Lee,%06d,2026-03-31,%s\n", i, i, i, note)
	}
	return b.Bytes()
}

// manyXLSX is written by hand: with the race detector on, excelize takes longer to
// write such a file than all tests take to read theirs.
func manyXLSX(t testing.TB, rows int) []byte {
	t.Helper()
	var b strings.Builder
	b.WriteString(inline(1, "EMAIL", "FIRSTNAME", "AMOUNT", "NOTE"))
	for i := range rows {
		b.WriteString(inline(i+2, fmt.Sprintf("person%06d@contoso.example", i), "Ann", fmt.Sprint(i), fmt.Sprintf("%d is a number, and these are some words about it", i)))
	}
	return rawBook(t, b.String(), "", "")
}

func BenchmarkCheck(b *testing.B) {
	for kind, file := range map[string][]byte{"csv": manyCSV(100_000), "xlsx": manyXLSX(b, 100_000)} {
		b.Run(kind, func(b *testing.B) {
			f := mustOpen(b, file)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.Check(b.Context(), f.Suggested()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
