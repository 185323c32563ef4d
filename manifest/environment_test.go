package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"
	"time"
)

func picture(t *testing.T, w, h int, at func(x, y int) color.NRGBA) []byte {
	t.Helper()
	icon := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			icon.SetNRGBA(x, y, at(x, y))
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, icon); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var (
	red   = color.NRGBA{0xff, 0, 0, 0xff}
	white = color.NRGBA{0xff, 0xff, 0xff, 0xff}
	none  = color.NRGBA{}
)

func flat(c color.NRGBA) func(int, int) color.NRGBA {
	return func(int, int) color.NRGBA { return c }
}

// half is c in its left half and nothing in its right.
func half(c color.NRGBA) func(int, int) color.NRGBA {
	return func(x, _ int) color.NRGBA {
		if x < 16 {
			return c
		}
		return none
	}
}

func TestEnvironmentsSideBySide(t *testing.T) {
	prod, _ := build(t, company())
	cfg := company()
	cfg.Environment = "dev"
	dev, _ := build(t, cfg)
	if dev.ID == prod.ID || dev.ID != "17d79571-47ab-57fc-bc4a-b3eebbf82c60" {
		// Another id would be another app to everybody who has installed it.
		t.Errorf("id %s, that of the first %s", dev.ID, prod.ID)
	}
	if dev.Name.Short != "Herald (dev)" || !strings.HasPrefix(dev.Name.Full, "Herald (dev)") || prod.Name.Short != "Herald" {
		t.Errorf("names %+v and %+v", dev.Name, prod.Name)
	}
	cfg.Environment = "test"
	if test, _ := build(t, cfg); test.ID == dev.ID {
		t.Error("two environments share an id")
	}
	if dev.Bots[0].ID != prod.Bots[0].ID || dev.WebApplicationInfo != prod.WebApplicationInfo {
		t.Error("bot and registration are the configuration's, whatever the environment is called")
	}
}

func TestPackageWithIconsOfYourOwn(t *testing.T) {
	cfg := company()
	cfg.ColorIcon, cfg.OutlineIcon, cfg.Environment, cfg.AccentColor = picture(t, 192, 192, flat(red)), picture(t, 32, 32, half(white)), "dev", "#112233"
	var first, second bytes.Buffer
	for _, w := range []*bytes.Buffer{&first, &second} {
		if err := WritePackage(w, cfg); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same configuration gave other bytes")
	}
	files := unzip(t, first.Bytes())
	if !bytes.Equal(files["color.png"], cfg.ColorIcon) || !bytes.Equal(files["outline.png"], cfg.OutlineIcon) {
		t.Error("the icons are others")
	}
	if _, there := files["color32x32.png"]; there {
		t.Error("Herald's own small icon stands beside another large one")
	}
	if err := validate(t, schema(t, "MicrosoftTeams.schema.json"), files["manifest.json"]); err != nil {
		t.Errorf("%#v", err)
	}
	var m Manifest
	if err := json.Unmarshal(files["manifest.json"], &m); err != nil || m.AccentColor != "#112233" || m.Icons.Color32x32 != "" {
		t.Errorf("%+v %v", m.Icons, err)
	}
}

func TestIconErrors(t *testing.T) {
	for _, test := range []struct {
		name        string
		color, line []byte
		field, says string
	}{
		{"no PNG", []byte("GIF89a"), nil, "ColorIcon", "not a PNG"},
		{"empty", []byte{}, nil, "ColorIcon", "is empty"},
		{"small", picture(t, 191, 192, flat(red)), nil, "ColorIcon", "191×192 pixels; Teams wants 192×192"},
		{"see-through", picture(t, 192, 192, half(red)), nil, "ColorIcon", "transparent at pixel 16, 0"},
		{"cut off", picture(t, 192, 192, flat(red))[:80], nil, "ColorIcon", "broken PNG"},
		{"huge", make([]byte, maxIcon+1), nil, "ColorIcon", "larger than 1 MB"},
		{"outline too large", nil, picture(t, 192, 192, half(white)), "OutlineIcon", "Teams wants 32×32"},
		{"outline in colour", nil, picture(t, 32, 32, half(red)), "OutlineIcon", "colour at pixel 0, 0"},
		{"outline without background", nil, picture(t, 32, 32, flat(white)), "OutlineIcon", "no transparent background"},
		{"outline without a line", nil, picture(t, 32, 32, flat(none)), "OutlineIcon", "nothing is drawn"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := company()
			cfg.ColorIcon, cfg.OutlineIcon = test.color, test.line
			var out bytes.Buffer
			err := WritePackage(&out, cfg)
			var invalid *InvalidError
			if !errors.As(err, &invalid) || len(invalid.Problems) != 1 || invalid.Problems[0].Field != test.field || !strings.Contains(invalid.Problems[0].Message, test.says) {
				t.Errorf("error %v", err)
			}
			if out.Len() != 0 {
				t.Error("something was written")
			}
		})
	}
}

func TestEnvironmentErrors(t *testing.T) {
	for _, name := range []string{"Dev", "a b", "-dev", "dev-", "an-environment-too-long", "é"} {
		cfg := company()
		cfg.Name, cfg.Environment = "N", name
		_, err := Build(cfg)
		var invalid *InvalidError
		if !errors.As(err, &invalid) || invalid.Problems[0].Field != "Environment" {
			t.Errorf("%q: %v", name, err)
		}
	}
	cfg := company()
	cfg.Name, cfg.Environment = strings.Repeat("x", 25), "dev" // 31 together
	_, err := Build(cfg)
	var invalid *InvalidError
	if !errors.As(err, &invalid) || invalid.Problems[0].Field != "Name" {
		t.Errorf("%v", err)
	}
}

func TestVersionAtGrows(t *testing.T) {
	for at, want := range map[string]string{"2026-11-25T09:05:59Z": "1.261125.905", "2026-11-25T00:00:00Z": "1.261125.0", "2030-01-02T23:59:00Z": "1.300102.2359"} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		got := VersionAt(moment)
		if cfg := company(); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		} else if cfg.Version = got; cfg.Version != "" {
			build(t, cfg)
		}
	}
}
