package icons

import (
	"image/color"
	"image/png"
	"math"
	"testing"
)

var formats = []string{"idea", "success", "important", "survey"}

// Each icon must be told from the card behind it, whatever the theme.
func TestIcons(t *testing.T) {
	cards := map[string]color.NRGBA{
		"light":         {255, 255, 255, 255},
		"dark":          {41, 41, 41, 255}, // #292929, Teams' dark card
		"high contrast": {0, 0, 0, 255},
	}
	for _, name := range formats {
		t.Run(name, func(t *testing.T) {
			file, err := FS.Open(name + ".png")
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			icon, err := png.Decode(file)
			if err != nil {
				t.Fatal(err)
			}
			if size := icon.Bounds().Size(); size.X != 80 || size.Y != 80 {
				t.Fatalf("size %v", size)
			}
			fills := map[color.NRGBA]int{}
			for y := range 80 {
				for x := range 80 {
					fills[color.NRGBAModel.Convert(icon.At(x, y)).(color.NRGBA)]++
				}
			}
			if fills[color.NRGBA{}] < 300 {
				t.Errorf("only %d pixels are clear", fills[color.NRGBA{}])
			}
			white := color.NRGBA{255, 255, 255, 255}
			if fills[white] < 200 {
				t.Errorf("only %d pixels of the sign are white", fills[white])
			}
			var shape color.NRGBA
			for fill, n := range fills {
				if fill.A == 255 && fill != white && n > fills[shape] || shape.A == 0 {
					shape = fill
				}
			}
			for card, back := range cards {
				if ratio := contrast(shape, back); ratio < 3 {
					t.Errorf("%v on %s has contrast %.2f, under 3", shape, card, ratio)
				}
			}
		})
	}
	entries, err := FS.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(formats) {
		t.Errorf("%d files, want %d", len(entries), len(formats))
	}
}

// contrast is WCAG 2's ratio.
func contrast(a, b color.NRGBA) float64 {
	light := func(c color.NRGBA) float64 {
		channel := func(v uint8) float64 {
			s := float64(v) / 255
			if s <= 0.04045 {
				return s / 12.92
			}
			return math.Pow((s+0.055)/1.055, 2.4)
		}
		return 0.2126*channel(c.R) + 0.7152*channel(c.G) + 0.0722*channel(c.B)
	}
	x, y := light(a), light(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}
