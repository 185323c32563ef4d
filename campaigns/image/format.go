package image

import (
	"bytes"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/webp"
)

// format is one way to write a picture. They are told apart here and not by image.Decode, so that no other package can
// register a decoder that then reads what strangers upload.
type format struct {
	name     string
	magic    string // "?" is any byte
	lossless bool   // what it holds was drawn rather than photographed, and deserves PNG
	config   func(io.Reader) (image.Config, error)
	decode   func(io.Reader) (image.Image, error)
}

var formats = []format{
	{"png", "\x89PNG\r\n\x1a\n", true, png.DecodeConfig, png.Decode},
	{"jpeg", "\xff\xd8\xff", false, jpeg.DecodeConfig, jpeg.Decode},
	{"gif", "GIF8?a", true, gif.DecodeConfig, firstFrame},
	{"webp", "RIFF????WEBPVP8", false, webp.DecodeConfig, webp.Decode},
	{"bmp", "BM????\x00\x00\x00\x00", true, bmp.DecodeConfig, bmp.Decode},
}

func formatOf(start []byte) (format, bool) {
	for _, f := range formats {
		if matches(start, f.magic) {
			return f, true
		}
	}
	return format{}, false
}

func matches(start []byte, magic string) bool {
	if len(start) < len(magic) {
		return false
	}
	for i := range len(magic) {
		if magic[i] != '?' && magic[i] != start[i] {
			return false
		}
	}
	return true
}

// animated reads the flag of an extended WebP file.
func animated(start []byte) bool {
	return len(start) > 20 && bytes.Equal(start[12:16], []byte("VP8X")) && start[20]&0x02 != 0
}

// firstFrame is the first frame of a GIF in its place on the screen, which it need not fill.
func firstFrame(r io.Reader) (image.Image, error) {
	src, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	c, err := gif.DecodeConfig(bytes.NewReader(src))
	if err != nil {
		return nil, err
	}
	frame, err := gif.Decode(bytes.NewReader(src))
	if err != nil {
		return nil, err
	}
	screen := image.Rect(0, 0, c.Width, c.Height)
	if frame.Bounds() == screen {
		return frame, nil
	}
	whole := image.NewNRGBA(screen)
	draw.Draw(whole, frame.Bounds(), frame, frame.Bounds().Min, draw.Src)
	return whole, nil
}
