package manifest

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
)

// maxIcon is far more than an icon of 192×192 pixels needs.
const maxIcon = 1 << 20

const (
	colorSize   = 192
	outlineSize = 32
)

// checkColor says in one sentence what is wrong with a colour icon; nothing when it is right
// (msteams-docs, concepts/build-and-test/apps-package: 192×192, full bleed).
func checkColor(raw []byte) string {
	icon, why := readIcon(raw, colorSize)
	if why != "" {
		return why
	}
	return eachPixel(icon, func(x, y int, c color.NRGBA) string {
		if c.A != 0xff {
			return fmt.Sprintf("is transparent at pixel %d, %d; Teams wants the colour icon filled to its edges.", x, y)
		}
		return ""
	})
}

// checkOutline: 32×32, nothing but pure white, on transparent (ibid.).
func checkOutline(raw []byte) string {
	icon, why := readIcon(raw, outlineSize)
	if why != "" {
		return why
	}
	clear, drawn := false, false
	why = eachPixel(icon, func(x, y int, c color.NRGBA) string {
		switch {
		case c.A == 0:
			clear = true
		case c.R != 0xff || c.G != 0xff || c.B != 0xff:
			return fmt.Sprintf("has a colour at pixel %d, %d; Teams wants pure white on a transparent background.", x, y)
		default:
			drawn = true
		}
		return ""
	})
	switch {
	case why != "":
	case !clear:
		return "has no transparent background; Teams wants pure white on transparent."
	case !drawn:
		return "is empty: nothing is drawn."
	}
	return why
}

func readIcon(raw []byte, size int) (image.Image, string) {
	if len(raw) == 0 {
		return nil, "is empty: give a PNG file."
	}
	if len(raw) > maxIcon {
		return nil, "is larger than 1 MB."
	}
	// The header first: what it says bounds the memory that decoding takes.
	at, err := png.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return nil, "is not a PNG file."
	}
	if at.Width != size || at.Height != size {
		return nil, fmt.Sprintf("has %d×%d pixels; Teams wants %d×%d.", at.Width, at.Height, size, size)
	}
	icon, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, "is a broken PNG file."
	}
	return icon, ""
}

// eachPixel answers what look says first.
func eachPixel(icon image.Image, look func(x, y int, c color.NRGBA) string) string {
	b := icon.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if why := look(x-b.Min.X, y-b.Min.Y, color.NRGBAModel.Convert(icon.At(x, y)).(color.NRGBA)); why != "" {
				return why
			}
		}
	}
	return ""
}
