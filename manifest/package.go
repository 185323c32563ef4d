package manifest

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// The icons' file names in the package.
const (
	colorFile   = "color.png"
	outlineFile = "outline.png"
	color32File = "color32x32.png"
)

// Drawn as SVG beside them; icons/render.sh makes the PNGs.
var (
	//go:embed icons/color.png
	colorPNG []byte
	//go:embed icons/outline.png
	outlinePNG []byte
	//go:embed icons/color32x32.png
	color32PNG []byte
)

// ColorIcon returns the app's icon, a PNG of 192×192 pixels, for pages that
// show the app as Teams does.
func ColorIcon() []byte { return bytes.Clone(colorPNG) }

// packageTime is the date of every file in the package: the earliest that a
// zip can say, so that the same configuration always gives the same bytes and
// an admin can compare two packages by their checksum.
var packageTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// WritePackage writes the zip that an admin uploads to Teams. All files are at
// its root, where Teams looks for them. The bytes depend on cfg alone. The
// error is an *InvalidError when cfg breaks rules, and then nothing is written.
func WritePackage(w io.Writer, cfg Config) error {
	m, err := Build(cfg)
	if err != nil {
		return err
	}
	manifest, err := encode(m)
	if err != nil {
		return err
	}
	fr, err := encode(french.strings(m.Name.Short))
	if err != nil {
		return err
	}
	type file struct {
		name string
		body []byte
	}
	files := []file{{"manifest.json", manifest}, {french.file(), fr}, {colorFile, colorPNG}, {outlineFile, outlinePNG}}
	if cfg.ColorIcon != nil {
		files[2].body = cfg.ColorIcon
	} else {
		files = append(files, file{color32File, color32PNG})
	}
	if cfg.OutlineIcon != nil {
		files[3].body = cfg.OutlineIcon
	}
	archive := zip.NewWriter(w)
	for _, file := range files {
		// Stored, not deflated: a few kilobytes, and no compressor whose next
		// version gives other bytes.
		entry, err := archive.CreateHeader(&zip.FileHeader{Name: file.name, Method: zip.Store, Modified: packageTime})
		if err != nil {
			return fmt.Errorf("app package: %s: %w", file.name, err)
		}
		if _, err := entry.Write(file.body); err != nil {
			return fmt.Errorf("app package: %s: %w", file.name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("app package: %w", err)
	}
	return nil
}

// VersionAt is a version that grows with time, for packages that are made at the press of a button: 1.YYMMDD.HHMM.
func VersionAt(t time.Time) string {
	t = t.UTC()
	return fmt.Sprintf("1.%d.%d", (t.Year()%100*100+int(t.Month()))*100+t.Day(), t.Hour()*100+t.Minute())
}

// encode writes JSON for people: indented, and with & < > as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("app package: %w", err)
	}
	return b.Bytes(), nil
}
