package importer_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"herald/campaigns/audience/importer"
	"herald/infra/golden"
)

// TestSamples reads the files of the seeds as authors have them: the TSV of
// seed 004 and the workbook of the user-list page (first name, last name, address).
// user-list.xlsx was saved by excelize.
func TestSamples(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"seed-004.tsv", "user-list.xlsx"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, err := os.ReadFile(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			f := mustOpen(t, b)
			preview, err := f.Preview(2)
			if err != nil {
				t.Fatal(err)
			}
			variables, err := f.Variables(f.Suggested())
			if err != nil {
				t.Fatal(err)
			}
			rows, report := readAll(t, f)
			got, err := json.Marshal(map[string]any{
				"format": f.Format(), "columns": f.Columns(), "variables": variables, "preview": preview, "rows": rows, "report": report,
			})
			if err != nil {
				t.Fatal(err)
			}
			golden.JSON(t, "testdata/"+name+".golden.json", got)
			if report.Good != 3 || report.Wrong != 0 || f.Columns()[0].Role == importer.Custom {
				t.Errorf("%d good, %d wrong", report.Good, report.Wrong)
			}
		})
	}
}
