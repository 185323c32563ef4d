package manifest

import (
	"archive/zip"
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"slices"
	"testing"
)

func unzip(t *testing.T, raw []byte) map[string][]byte {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, file := range archive.File {
		if !file.Modified.Equal(packageTime) {
			t.Errorf("%s: modified %v", file.Name, file.Modified)
		}
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		files[file.Name] = body
	}
	return files
}

func TestPackage(t *testing.T) {
	var first, second bytes.Buffer
	for _, w := range []io.Writer{&first, &second} {
		if err := WritePackage(w, company()); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same configuration gave other bytes")
	}
	files := unzip(t, first.Bytes())
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	if want := []string{"color.png", "color32x32.png", "fr.json", "manifest.json", "outline.png"}; !slices.Equal(names, want) {
		t.Fatalf("files %v, want %v", names, want)
	}
	if err := validate(t, schema(t, "MicrosoftTeams.schema.json"), files["manifest.json"]); err != nil {
		t.Errorf("%#v", err)
	}
	if err := validate(t, schema(t, "MicrosoftTeams.Localization.schema.json"), files["fr.json"]); err != nil {
		t.Errorf("%#v", err)
	}
	m, _ := build(t, company())
	named := []string{m.Icons.Color, m.Icons.Outline, m.Icons.Color32x32}
	for _, l := range m.Localization.AdditionalLanguages {
		named = append(named, l.File)
	}
	for _, name := range named {
		if len(files[name]) == 0 {
			t.Errorf("the manifest names %s, which is not there", name)
		}
	}
	if !bytes.Equal(ColorIcon(), files["color.png"]) {
		t.Error("ColorIcon is another icon")
	}
}

// full takes a few bytes and then fails, as a disk does.
type full struct{ left int }

var errFull = errors.New("no space left")

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.left {
		return 0, errFull
	}
	f.left -= len(p)
	return len(p), nil
}

func TestPackageReportsAFullDisk(t *testing.T) {
	if err := WritePackage(&full{left: 100}, company()); !errors.Is(err, errFull) {
		t.Errorf("error %v", err)
	}
}

func decode(t *testing.T, raw []byte, size int) *image.NRGBA {
	t.Helper()
	icon, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if icon.Bounds() != image.Rect(0, 0, size, size) {
		t.Fatalf("bounds %v, want %d×%d", icon.Bounds(), size, size)
	}
	switch icon := icon.(type) {
	case *image.NRGBA:
		return icon
	case *image.RGBA: // a PNG that is opaque all over
		out := image.NewNRGBA(icon.Bounds())
		copy(out.Pix, icon.Pix)
		return out
	default:
		t.Fatalf("colour model %T", icon)
		return nil
	}
}

func TestColorIcon(t *testing.T) {
	icon := decode(t, colorPNG, 192)
	mark := image.Rectangle{}
	for y := range 192 {
		// The background runs from top to bottom, so a row's left edge is
		// what the row looks like without the mark.
		back := icon.NRGBAAt(0, y)
		for x := range 192 {
			at := icon.NRGBAAt(x, y)
			if at.A != 0xff {
				t.Fatalf("(%d,%d) is transparent; Teams wants it full bleed", x, y)
			}
			if far(at, back) {
				mark = mark.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	if middle := image.Rect(48, 48, 144, 144); !mark.In(middle) || mark.Dx() < 80 {
		t.Errorf("the mark is in %v; it should fill, and stay in, %v", mark, middle)
	}
}

func far(a, b color.NRGBA) bool {
	d := func(x, y uint8) int { return max(int(x), int(y)) - min(int(x), int(y)) }
	return d(a.R, b.R)+d(a.G, b.G)+d(a.B, b.B) > 24
}

func TestOutlineIcon(t *testing.T) {
	icon := decode(t, outlinePNG, 32)
	var solid, clear int
	for y := range 32 {
		for x := range 32 {
			switch at := icon.NRGBAAt(x, y); {
			case at.A == 0:
				clear++
			case at.R != 0xff || at.G != 0xff || at.B != 0xff:
				t.Errorf("(%d,%d) is %v, not pure white", x, y, at)
			case at.A == 0xff:
				solid++
			}
		}
	}
	if solid < 32 || clear < 512 {
		t.Errorf("%d solid and %d clear pixels are no outline", solid, clear)
	}
}

func TestSmallColorIcon(t *testing.T) {
	icon := decode(t, color32PNG, 32)
	for _, corner := range []image.Point{{0, 0}, {31, 31}, {0, 31}} {
		if icon.NRGBAAt(corner.X, corner.Y).A != 0 {
			t.Errorf("corner %v is not transparent", corner)
		}
	}
}
