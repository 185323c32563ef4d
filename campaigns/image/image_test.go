package image_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"golang.org/x/image/bmp"

	pictures "herald/campaigns/image"
)

func fit(t testing.TB, file []byte) (pictures.Picture, error) {
	t.Helper()
	return pictures.Fit(t.Context(), bytes.NewReader(file))
}

// fits fits a file that is good, and holds the result against what Teams takes.
func fits(t testing.TB, file []byte) (pictures.Picture, image.Image) {
	t.Helper()
	p, err := fit(t, file)
	if err != nil {
		t.Fatal(err)
	}
	img, kind, err := image.Decode(bytes.NewReader(p.Bytes))
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); "image/"+kind != p.Type || b.Dx() != p.Width || b.Dy() != p.Height || p.Width > 1024 || p.Height > 1024 || len(p.Bytes) > 1_000_000 {
		t.Fatalf("%s of %d × %d, %d bytes, is said to be %s of %d × %d", kind, b.Dx(), b.Dy(), len(p.Bytes), p.Type, p.Width, p.Height)
	}
	return p, img
}

func encoded(t testing.TB, encode func(w io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, img image.Image) []byte {
	return encoded(t, func(w io.Writer) error { return (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(w, img) })
}

func jpegOf(t testing.TB, img image.Image) []byte {
	return encoded(t, func(w io.Writer) error { return jpeg.Encode(w, img, nil) })
}

// quarters: red, green over blue, white; twice as wide as high.
func quarters(w int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, w/2))
	for y := range w / 2 {
		for x := range w {
			img.SetNRGBA(x, y, [2][2]color.NRGBA{{{255, 0, 0, 255}, {0, 255, 0, 255}}, {{0, 0, 255, 255}, {255, 255, 255, 255}}}[y*4/w][x*2/w])
		}
	}
	return img
}

// speckled is like a photograph: no two pixels are the same.
func speckled(w int) *image.NRGBA {
	img := quarters(w)
	r := rand.New(rand.NewPCG(3, 4))
	for i := range img.Pix {
		if i%4 != 3 {
			img.Pix[i] = uint8(min(255, int(img.Pix[i])*7/8+int(r.Uint32N(32))))
		}
	}
	return img
}

// seen names the colour in each quarter, left to right, top to bottom.
func seen(img image.Image) string {
	b := img.Bounds()
	var out strings.Builder
	for _, at := range [][2]int{{1, 1}, {3, 1}, {1, 3}, {3, 3}} {
		r, g, bl, a := img.At(b.Min.X+b.Dx()*at[0]/4, b.Min.Y+b.Dy()*at[1]/4).RGBA()
		bits := [4]bool{r > 0x8000, g > 0x8000, bl > 0x8000, a > 0x8000}
		name, ok := map[[4]bool]string{{true, false, false, true}: "r", {false, true, false, true}: "g", {false, false, true, true}: "b", {true, true, true, true}: "w", {false, false, false, true}: "k", {}: "-"}[bits]
		if !ok {
			name = "?"
		}
		out.WriteString(name)
	}
	return out.String()
}

// noise is as hard to compress as a picture can be.
func noise(w, h int, alpha bool) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range img.Pix {
		img.Pix[i] = uint8(r.Uint32())
		if i%4 == 3 && !alpha {
			img.Pix[i] = 255
		}
	}
	return img
}

// chunk writes a chunk of a PNG.
func chunk(kind string, data []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	out = append(append(out, kind...), data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// claiming is a PNG in which another size stands than it has.
func claiming(src []byte, w, h uint32) []byte {
	ihdr := bytes.Clone(src[16:29])
	binary.BigEndian.PutUint32(ihdr, w)
	binary.BigEndian.PutUint32(ihdr[4:], h)
	return bytes.Join([][]byte{src[:8], chunk("IHDR", ihdr), src[33:]}, nil)
}

// wall is a whole and highly compressed PNG of one bit per pixel, written row by row.
func wall(t testing.TB, side int) []byte {
	ihdr := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(side)), uint32(side))
	rows := encoded(t, func(w io.Writer) error {
		z, row := zlib.NewWriter(w), make([]byte, 1+side/8)
		for range side {
			if _, err := z.Write(row); err != nil {
				return err
			}
		}
		return z.Close()
	})
	return bytes.Join([][]byte{[]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(ihdr, 1, 0, 0, 0, 0)), chunk("IDAT", rows), chunk("IEND", nil)}, nil)
}

// blank is a picture of one colour that is never whole in memory.
type blank struct{ w, h int }

func (b blank) ColorModel() color.Model     { return color.Palette{color.Black, color.White} }
func (b blank) Bounds() image.Rectangle     { return image.Rect(0, 0, b.w, b.h) }
func (b blank) At(int, int) color.Color     { return color.White }
func (b blank) ColorIndexAt(_, _ int) uint8 { return 1 }

// cmyk is a JPEG of one block in four colours, as printers' files are; the decoder makes it grey.
func cmyk() []byte {
	segment := func(kind byte, data ...byte) []byte {
		return append(binary.BigEndian.AppendUint16([]byte{0xff, kind}, uint16(len(data)+2)), data...)
	}
	table := append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)
	code := func(class byte) []byte { return append(append([]byte{class, 1}, make([]byte, 15)...), 0) } // one code, "0", for 0
	return bytes.Join([][]byte{
		{0xff, 0xd8}, segment(0xee, append([]byte("Adobe"), 0, 100, 0, 0, 0, 0, 0)...), segment(0xdb, table...),
		segment(0xc0, 8, 0, 8, 0, 8, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0),
		segment(0xc4, code(0x00)...), segment(0xc4, code(0x10)...),
		segment(0xda, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0), {0x00, 0xff, 0xd9},
	}, nil)
}

// exif puts what a camera says about a JPEG into it.
func exif(src []byte, order binary.AppendByteOrder, orientation uint16) []byte {
	tiff := []byte("II*\x00")
	if order.String() == "BigEndian" {
		tiff = []byte("MM\x00*")
	}
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 2)
	for _, tag := range []uint16{0x0100, 0x0112} {
		tiff = order.AppendUint16(order.AppendUint16(tiff, tag), 3)
		tiff = order.AppendUint32(tiff, 1)
		tiff = order.AppendUint16(order.AppendUint16(tiff, orientation), 0)
	}
	data := append([]byte("Exif\x00\x00"), append(tiff, "Secret place"...)...)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(data)+2))
	return bytes.Join([][]byte{head, data, src[2:]}, nil)
}

func TestWhatIsNoGoodImage(t *testing.T) {
	t.Parallel()
	good := pngOf(t, quarters(64))
	photo := jpegOf(t, noise(64, 64, false))
	huge := wall(t, 20_000)
	if len(huge) > 1<<20 {
		t.Fatalf("the highly compressed picture has %d bytes", len(huge))
	}
	for name, tc := range map[string]struct {
		file []byte
		want pictures.Code
	}{
		"nothing":                     {nil, pictures.Empty},
		"one byte":                    {[]byte("\x89"), pictures.Unsupported},
		"SVG":                         {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), pictures.Unsupported},
		"SVG with a declaration":      {[]byte(`<?xml version="1.0"?><svg/>`), pictures.Unsupported},
		"a page renamed":              {[]byte("<!doctype html><script>alert(1)</script>"), pictures.Unsupported},
		"PDF":                         {[]byte("%PDF-1.7\n" + strings.Repeat("x", 100)), pictures.Unsupported},
		"a text that starts with BM":  {[]byte("BM is a registration " + strings.Repeat("x", 100)), pictures.Unsupported},
		"HEIC":                        {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + strings.Repeat("x", 100)), pictures.Unsupported},
		"sound in RIFF":               {[]byte("RIFF\x24\x00\x00\x00WAVEfmt " + strings.Repeat("x", 100)), pictures.Unsupported},
		"animated WebP":               {[]byte("RIFF\x24\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02" + strings.Repeat("\x00", 100)), pictures.Unsupported},
		"a page behind a signature":   {append([]byte("\x89PNG\r\n\x1a\n"), "<script>alert(1)</script>"...), pictures.Damaged},
		"a page behind a GIF's":       {append([]byte("GIF89a\x10\x00\x10\x00\x00\x00\x00"), "<script>alert(1)</script>"...), pictures.Damaged},
		"PNG cut off":                 {good[:len(good)-30], pictures.Damaged},
		"PNG with a wrong checksum":   {append(bytes.Clone(good[:45]), append([]byte{good[45] ^ 1}, good[46:]...)...), pictures.Damaged},
		"JPEG cut off":                {photo[:len(photo)/2], pictures.Damaged},
		"JPEG of a header":            {photo[:20], pictures.Damaged},
		"20,000 × 20,000 in a header": {claiming(good, 20_000, 20_000), pictures.TooManyPixels},
		"2^31 × 2^31 in a header":     {claiming(good, 1<<31-1, 1<<31-1), pictures.Damaged}, // Go's decoder refuses it first
		"20,000 × 20,000 in full":     {huge, pictures.TooManyPixels},
		"a line too long":             {pngOf(t, blank{30_001, 1}), pictures.TooManyPixels},
		"less than it claims":         {claiming(good, 7000, 7000), pictures.Damaged},
		"a little less":               {claiming(good, 64, 33), pictures.Damaged},
		"more than it claims":         {claiming(good, 64, 31), pictures.Damaged},
		"wider than it is":            {claiming(good, 65, 32), pictures.Damaged},
		"no width":                    {claiming(good, 0, 32), pictures.Damaged},
		"JPEG that claims 7000²":      {bytes.Replace(photo, []byte{8, 0, 64, 0, 64}, []byte{8, 0x1b, 0x58, 0x1b, 0x58}, 1), pictures.Damaged},
		"21 MB":                       {append(bytes.Clone(good), make([]byte, 21<<20)...), pictures.TooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := fit(t, tc.file)
			var e *pictures.Error
			if !errors.As(err, &e) || e.Code != tc.want || e.Message == "" {
				t.Fatalf("%v, want %s; %d × %d", err, tc.want, p.Width, p.Height)
			}
			if e.Code == pictures.TooManyPixels && (e.Width == 0 || !strings.Contains(e.Message, fmt.Sprint(e.Width))) {
				t.Errorf("%+v", e)
			}
		})
	}
}

func TestWhatBecomesOfGoodImages(t *testing.T) {
	t.Parallel()
	q := quarters(64)
	palettes := image.NewPaletted(image.Rect(0, 0, 64, 32), palette.WebSafe)
	deep := image.NewNRGBA64(q.Bounds())
	through := image.NewNRGBA(q.Bounds())
	for y := range 32 {
		for x := range 64 {
			palettes.Set(x, y, q.At(x, y))
			deep.Set(x, y, q.At(x, y))
			if x < 32 {
				through.Set(x, y, q.At(x, y))
			}
		}
	}
	frames := &gif.GIF{Image: []*image.Paletted{palettes, image.NewPaletted(palettes.Rect, palette.WebSafe)}, Delay: []int{1, 1}, Config: image.Config{ColorModel: palettes.ColorModel(), Width: 64, Height: 32}}
	part := image.NewPaletted(image.Rect(32, 0, 64, 32), palette.WebSafe)
	for y := range 32 {
		for x := 32; x < 64; x++ {
			part.Set(x, y, q.At(x, y))
		}
	}
	corner := &gif.GIF{Image: []*image.Paletted{part}, Delay: []int{0}, Config: image.Config{ColorModel: part.ColorModel(), Width: 64, Height: 32}}
	for name, tc := range map[string]struct {
		file []byte
		typ  string
		w, h int
		seen string
	}{
		"PNG":                           {pngOf(t, q), pictures.PNG, 64, 32, "rgbw"},
		"PNG of 16 bits":                {pngOf(t, deep), pictures.PNG, 64, 32, "rgbw"},
		"transparent PNG":               {pngOf(t, through), pictures.PNG, 64, 32, "r-b-"},
		"animation":                     {encoded(t, func(w io.Writer) error { return gif.EncodeAll(w, frames) }), pictures.PNG, 64, 32, "rgbw"},
		"a frame smaller than its GIF":  {encoded(t, func(w io.Writer) error { return gif.EncodeAll(w, corner) }), pictures.PNG, 64, 32, "-g-w"},
		"BMP":                           {encoded(t, func(w io.Writer) error { return bmp.Encode(w, q) }), pictures.PNG, 64, 32, "rgbw"},
		"JPEG":                          {jpegOf(t, speckled(640)), pictures.JPEG, 640, 320, "rgbw"},
		"lossless WebP":                 {base64ed(webpLossless), pictures.PNG, 1, 1, "----"},
		"lossy WebP":                    {base64ed(webpLossy), pictures.PNG, 1, 1, ""},
		"printer's JPEG":                {cmyk(), pictures.PNG, 8, 8, ""},
		"1,024 wide":                    {pngOf(t, quarters(1024)), pictures.PNG, 1024, 512, "rgbw"},
		"1,026 wide":                    {pngOf(t, quarters(1026)), pictures.PNG, 1024, 512, "rgbw"},
		"5,000 wide":                    {pngOf(t, quarters(5000)), pictures.PNG, 1024, 512, "rgbw"},
		"5,001 × 2,500, averaged first": {jpegOf(t, speckled(5001)), pictures.JPEG, 1024, 512, "rgbw"},
		"a line":                        {pngOf(t, blank{30_000, 1}), pictures.PNG, 1024, 1, "wwww"},
		"PNG that stays too large":      {pngOf(t, noise(1024, 900, false)), pictures.JPEG, 1024, 900, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, img := fits(t, tc.file)
			if p.Type != tc.typ || p.Width != tc.w || p.Height != tc.h {
				t.Errorf("%s of %d × %d, want %s of %d × %d", p.Type, p.Width, p.Height, tc.typ, tc.w, tc.h)
			}
			if got := seen(img); tc.seen != "" && got != tc.seen {
				t.Errorf("colours %s, want %s", got, tc.seen)
			}
		})
	}
}

// One pixel each; nothing in Go writes WebP.
const (
	webpLossless = "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="
	webpLossy    = "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA"
)

func base64ed(s string) []byte {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// Transparency is kept however hard the picture is to compress: it gets smaller instead.
func TestTransparencyIsKept(t *testing.T) {
	t.Parallel()
	p, _ := fits(t, pngOf(t, noise(1000, 1000, true)))
	if p.Type != pictures.PNG || p.Width >= 1000 || p.Width < 400 || p.Width != p.Height {
		t.Errorf("%s of %d × %d", p.Type, p.Width, p.Height)
	}
}

func TestPicturesAreTurnedUpright(t *testing.T) {
	t.Parallel()
	// What a camera stores when it is held so, for a picture that is red, green over blue, white.
	src := jpegOf(t, quarters(640))
	for orientation, want := range map[uint16]string{0: "rgbw", 1: "rgbw", 2: "grwb", 3: "wbgr", 4: "bwrg", 5: "rbgw", 6: "brwg", 7: "wgbr", 8: "gwrb", 9: "rgbw"} {
		for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
			p, img := fits(t, exif(src, order, orientation))
			if got := seen(img); got != want {
				t.Errorf("%d: %s, want %s", orientation, got, want)
			}
			if lying := orientation >= 5 && orientation <= 8; lying != (p.Height > p.Width) {
				t.Errorf("%d: %d × %d", orientation, p.Width, p.Height)
			}
			if bytes.Contains(p.Bytes, []byte("Secret place")) || bytes.Contains(p.Bytes, []byte("Exif")) {
				t.Errorf("%d: what the camera said is still there", orientation)
			}
		}
	}
}

func TestWhatAPNGSaysIsDropped(t *testing.T) {
	t.Parallel()
	src := pngOf(t, quarters(64))
	src = bytes.Join([][]byte{src[:33], chunk("tEXt", []byte("Author\x00Secret")), src[33:], []byte("<script>after the end</script>")}, nil)
	if p, _ := fits(t, src); bytes.Contains(p.Bytes, []byte("Secret")) || bytes.Contains(p.Bytes, []byte("script")) {
		t.Error("it is still there")
	}
}

// gate is a file that counts those who read it whole, and lets them wait there.
type gate struct {
	*bytes.Reader
	seeks   int
	entered *atomic.Int32
	leave   <-chan struct{}
}

func (g *gate) Seek(offset int64, whence int) (int64, error) {
	if g.seeks++; g.seeks == 3 { // twice for the header, then for the whole
		g.entered.Add(1)
		<-g.leave
	}
	return g.Reader.Seek(offset, whence)
}

// Two are decoded at once, or one that is large; others wait, as long as their request does.
func TestTwoAtOnce(t *testing.T) {
	small, big := pngOf(t, quarters(64)), wall(t, 4008)
	for name, files := range map[string][][]byte{"two": {small, small, small}, "one that is large": {big, small}, "a large one behind a small one": {small, big}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var entered, done atomic.Int32
				leave := make(chan struct{})
				start := func(ctx context.Context, file []byte, want error) {
					go func() {
						if _, err := pictures.Fit(ctx, &gate{Reader: bytes.NewReader(file), entered: &entered, leave: leave}); !errors.Is(err, want) {
							t.Errorf("%v, want %v", err, want)
						}
						done.Add(1)
					}()
					synctest.Wait()
				}
				for _, file := range files {
					start(t.Context(), file, nil)
				}
				ctx, cancel := context.WithCancel(t.Context())
				start(ctx, small, context.Canceled)
				full := int32(len(files) - 1)
				if n := entered.Load(); n != full {
					t.Errorf("%d are at it, want %d", n, full)
				}
				cancel() // who waits and goes away
				synctest.Wait()
				if n := done.Load(); n != 1 {
					t.Errorf("%d have gone, want 1", n)
				}
				close(leave)
				synctest.Wait()
				if n := entered.Load(); n != full+1 {
					t.Errorf("%d were at it in the end, want %d", n, full+1)
				}
			})
		})
	}
}

// FuzzFit: whatever a file is, Fit ends with a picture that Teams takes, or with one of its errors.
func FuzzFit(f *testing.F) {
	for _, img := range []image.Image{quarters(16), noise(8, 8, true), blank{40, 3}} {
		f.Add(pngOf(f, img))
		f.Add(jpegOf(f, img))
		f.Add(encoded(f, func(w io.Writer) error { return gif.Encode(w, img, nil) }))
		f.Add(encoded(f, func(w io.Writer) error { return bmp.Encode(w, img) }))
	}
	f.Add(base64ed(webpLossless))
	f.Add(base64ed(webpLossy))
	f.Add(cmyk())
	f.Add(exif(jpegOf(f, quarters(16)), binary.LittleEndian, 6))
	f.Add([]byte("<svg/>"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if c, _, err := image.DecodeConfig(bytes.NewReader(file)); err == nil && c.Width*c.Height > 1_000_000 && c.Width*c.Height <= pictures.MaxPixels {
			return // takes too long to find anything
		}
		_, err := fit(t, file)
		var e *pictures.Error
		if err == nil {
			fits(t, file)
		} else if !errors.As(err, &e) || e.Code == "" || e.Message == "" {
			t.Errorf("%v", err)
		}
	})
}
