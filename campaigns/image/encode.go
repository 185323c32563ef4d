package image

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"math"

	"golang.org/x/image/draw"
)

// qualities are tried in turn until the picture is small enough; below the last it gets smaller instead.
var qualities = []int{88, 80, 72, 64}

// fewColours: a picture of so few is a drawing, which JPEG would smear.
const fewColours = 256

// encode scales a picture down to what Teams takes, turns it upright and writes it.
//
// With transparency it is a PNG, and gets smaller until it fits: on a dark theme a white ground would be a hole in the chat.
// A drawing is a PNG when that fits. Everything else is a JPEG.
func encode(src *image.RGBA, turn orientation, drawn bool) (Picture, error) {
	for side := MaxSide; ; {
		w, h := within(src.Bounds().Dx(), src.Bounds().Dy(), side)
		img := turn.apply(scale(src, w, h))
		solid := img.Opaque()
		size := 0
		if !solid || drawn || coloursOf(img) <= fewColours {
			p, err := write(PNG, img, func(b *bytes.Buffer) error { return png.Encode(b, img) })
			if err != nil || len(p.Bytes) <= MaxSize {
				return p, err
			}
			size = len(p.Bytes)
		}
		for _, q := range qualities {
			if !solid {
				break
			}
			p, err := write(JPEG, img, func(b *bytes.Buffer) error { return jpeg.Encode(b, img, &jpeg.Options{Quality: q}) })
			if err != nil || len(p.Bytes) <= MaxSize {
				return p, err
			}
			size = len(p.Bytes)
		}
		// Bytes grow with the area; a little less, and surely less than before.
		side = min(max(w, h)*4/5, int(float64(max(w, h))*0.97*math.Sqrt(MaxSize/float64(size))))
	}
}

func write(typ string, img image.Image, to func(*bytes.Buffer) error) (Picture, error) {
	var b bytes.Buffer
	if err := to(&b); err != nil {
		return Picture{}, err
	}
	return Picture{Bytes: b.Bytes(), Type: typ, Width: img.Bounds().Dx(), Height: img.Bounds().Dy()}, nil
}

// within is the size of a picture that fits into a square, never larger than it was.
func within(w, h, side int) (int, int) {
	longer := max(w, h)
	if longer <= side {
		return w, h
	}
	return max(1, (w*side+longer/2)/longer), max(1, (h*side+longer/2)/longer)
}

// reduce makes RGBA of a picture, and of a large one the average of squares, so that it still is twice as large as it will
// be: the good filter takes much time and memory for each pixel that it is given. It goes strip by strip.
func reduce(src image.Image) *image.RGBA {
	b := src.Bounds()
	k := max(1, max(b.Dx(), b.Dy())/(2*MaxSide))
	dst := image.NewRGBA(image.Rect(0, 0, (b.Dx()+k-1)/k, (b.Dy()+k-1)/k))
	if k == 1 {
		draw.Draw(dst, dst.Bounds(), src, b.Min, draw.Src)
		return dst
	}
	strip := image.NewRGBA(image.Rect(0, 0, b.Dx(), k))
	for y := range dst.Bounds().Dy() {
		rows := min(k, b.Dy()-y*k)
		draw.Draw(strip, image.Rect(0, 0, b.Dx(), rows), src, b.Min.Add(image.Pt(0, y*k)), draw.Src)
		for x := range dst.Bounds().Dx() {
			columns := min(k, b.Dx()-x*k)
			var sum [4]int
			for r := range rows {
				for p := strip.Pix[r*strip.Stride+4*x*k:][:4*columns]; len(p) > 0; p = p[4:] {
					sum[0] += int(p[0])
					sum[1] += int(p[1])
					sum[2] += int(p[2])
					sum[3] += int(p[3])
				}
			}
			n := rows * columns
			out := dst.Pix[dst.PixOffset(x, y):][:4]
			for i := range out {
				out[i] = uint8((sum[i] + n/2) / n)
			}
		}
	}
	return dst
}

func scale(src *image.RGBA, w, h int) *image.RGBA {
	if b := src.Bounds(); b.Dx() == w && b.Dy() == h {
		return src
	}
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(dst, dst.Bounds(), src, src.Bounds(), draw.Src, nil)
	return dst
}

// coloursOf counts the colours of a picture, and stops when they are no longer few.
func coloursOf(img *image.RGBA) int {
	seen := make(map[[4]byte]struct{}, fewColours+1)
	for i := 0; i+4 <= len(img.Pix) && len(seen) <= fewColours; i += 4 {
		seen[[4]byte(img.Pix[i:])] = struct{}{}
	}
	return len(seen)
}
