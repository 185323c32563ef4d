package image

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientation is how a camera was held, as EXIF says it: 1 is upright, 2 to 8 turn and mirror (EXIF 2.3, tag 0x0112).
type orientation int

const upright orientation = 1

// orientationOf reads it from a JPEG; upright when there is none, or none that can be read.
func orientationOf(src []byte) orientation {
	// Segments: 0xFF, kind, length with its own two bytes; before the picture itself (0xDA) begins.
	for at := 2; at+4 <= len(src) && src[at] == 0xff; {
		kind, length := src[at+1], int(binary.BigEndian.Uint16(src[at+2:]))
		if kind == 0xff { // fill
			at++
			continue
		}
		end := at + 2 + length
		if kind == 0xda || length < 2 || end > len(src) {
			break
		}
		if exif, ok := bytes.CutPrefix(src[at+4:end], []byte("Exif\x00\x00")); ok && kind == 0xe1 {
			return tagOf(exif)
		}
		at = end
	}
	return upright
}

// tagOf finds the tag in the first directory of a TIFF header.
func tagOf(tiff []byte) orientation {
	if len(tiff) < 8 {
		return upright
	}
	var order binary.ByteOrder = binary.LittleEndian
	if bytes.HasPrefix(tiff, []byte("MM")) {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return upright
	}
	entries := int64(order.Uint16(tiff[at:]))
	for i := range entries {
		e := at + 2 + 12*i
		if e+12 > int64(len(tiff)) {
			break
		}
		if order.Uint16(tiff[e:]) == 0x0112 {
			if o := orientation(order.Uint16(tiff[e+8:])); o >= 1 && o <= 8 {
				return o
			}
			break
		}
	}
	return upright
}

// apply turns a picture upright.
func (o orientation) apply(img *image.RGBA) *image.RGBA {
	if o == upright {
		return img
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	if o >= 5 { // lying on its side
		w, h = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			sx, sy := x, y
			switch o {
			case 2:
				sx = w - 1 - x
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sy = h - 1 - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, w-1-x
			case 7:
				sx, sy = h-1-y, w-1-x
			case 8:
				sx, sy = h-1-y, x
			}
			copy(out.Pix[out.PixOffset(x, y):][:4], img.Pix[img.PixOffset(sx, sy):][:4])
		}
	}
	return out
}
