// Package image makes of an uploaded picture one that Teams shows: PNG or JPEG, at most 1,024 pixels wide and high, at most
// 1 MB (platform.md §1), and without anything that its file said besides the pixels: place, time, camera, owner.
//
// It is a leaf: it imports nothing of Herald's. Nothing is believed of a file but its bytes, neither name nor type, and what
// its header claims is judged before anything is made as large as it says. Start reading at Fit.
package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sync/semaphore"
)

const (
	// MaxSide is the largest width and height of the result, in pixels.
	MaxSide = 1024
	// MaxSize is the largest result, in bytes.
	MaxSize = 1_000_000
	// MaxUpload is the largest file that is read, in bytes.
	MaxUpload = 20 << 20
	// MaxPixels is the largest picture that is decoded, in pixels: more than cameras make.
	MaxPixels = 50_000_000
	// MaxLength is the largest width and height that is decoded, in pixels: scaling costs memory for the longer one.
	MaxLength = 30_000
	// Formats are what can be read.
	Formats = "PNG, JPEG, GIF, WebP, BMP"
)

// Types of the result.
const (
	PNG  = "image/png"
	JPEG = "image/jpeg"
)

// Code says what is wrong with a file.
type Code string

const (
	Empty         Code = "image_empty"           // no byte
	TooLarge      Code = "image_too_large"       // more than MaxUpload
	Unsupported   Code = "image_unsupported"     // none of Formats, or an animated WebP
	Damaged       Code = "image_damaged"         // cut off, or not what its header says
	TooManyPixels Code = "image_too_many_pixels" // more than MaxPixels, or longer than MaxLength
)

// Error is a file that cannot be used.
type Error struct {
	Code          Code
	Message       string // one English sentence: what is wrong and what to do
	Width, Height int    // TooManyPixels: what the file claims
	Err           error  // cause; may be nil
}

func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %v", e.Code, e.Err)
	}
	return string(e.Code)
}

func (e *Error) Unwrap() error { return e.Err }

// Picture is a picture as Teams takes it.
type Picture struct {
	Bytes         []byte
	Type          string // PNG or JPEG
	Width, Height int    // pixels
}

// turns bounds the memory of the process: two pictures are decoded at once, or one large one. The largest possible, a
// progressive JPEG of 50 megapixels, takes about 800 MB for a moment; the largest of two about 300 MB each.
var turns = semaphore.NewWeighted(2)

// large is from how many pixels on a picture takes both turns.
const large = 16_000_000

// Fit reads a picture and makes it fit. Pictures are turned upright and scaled down, never up. Of an animation it takes the
// first frame. Who comes while others are at it waits for them, until ctx ends. What is wrong with the file is an *Error;
// any other error is of ctx or of reading.
func Fit(ctx context.Context, file io.ReadSeeker) (Picture, error) {
	head, err := look(file)
	if err != nil {
		return Picture{}, err
	}
	weight := int64(1)
	if head.width*head.height > large {
		weight = 2
	}
	if err := turns.Acquire(ctx, weight); err != nil {
		return Picture{}, err
	}
	defer turns.Release(weight)
	// Only now it is read into memory: those who wait take none.
	src, err := rewound(file)
	if err != nil {
		return Picture{}, err
	}
	if !head.plausible(len(src)) {
		return Picture{}, damaged(errors.New("the header claims more than the file can hold"))
	}
	img, err := head.format.decode(bytes.NewReader(src))
	if err != nil {
		return Picture{}, damaged(err)
	}
	if b := img.Bounds(); b.Dx() != head.width || b.Dy() != head.height {
		return Picture{}, damaged(fmt.Errorf("%d × %d pixels instead of %d × %d", b.Dx(), b.Dy(), head.width, head.height))
	}
	turn := upright
	if head.format.name == "jpeg" {
		turn = orientationOf(src)
	}
	return encode(reduce(img), turn, head.format.lossless)
}

// header is what a file claims to be.
type header struct {
	format        format
	width, height int
	bits          int // per pixel, where it is known; else 0
}

// look judges a file by its beginning.
func look(file io.ReadSeeker) (header, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return header{}, err
	}
	var start [32]byte
	n, err := io.ReadFull(file, start[:])
	switch {
	case n == 0 && errors.Is(err, io.EOF):
		return header{}, &Error{Code: Empty, Message: "The file is empty. Choose it again, or save the image anew."}
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return header{}, err
	}
	f, ok := formatOf(start[:n])
	if !ok {
		return header{}, &Error{Code: Unsupported, Message: "This is not an image that can be used, whatever its name says. Choose a file of one of the formats " + Formats + "."}
	}
	if f.name == "webp" && animated(start[:n]) {
		return header{}, &Error{Code: Unsupported, Message: "An animated WebP image cannot be used. Choose one that does not move, of one of the formats " + Formats + "."}
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return header{}, err
	}
	c, err := f.config(io.LimitReader(file, MaxUpload+1))
	if err != nil {
		return header{}, damaged(err)
	}
	h := header{format: f, width: c.Width, height: c.Height}
	switch {
	case c.Width < 1 || c.Height < 1:
		return header{}, damaged(errors.New("no pixels"))
	case c.Width > MaxLength || c.Height > MaxLength || c.Width > MaxPixels/c.Height:
		return header{}, &Error{Code: TooManyPixels, Width: c.Width, Height: c.Height, Message: fmt.Sprintf(
			"The image has %d × %d pixels. At most %d megapixels, and %d in width and height, can be read: scale it down first.", c.Width, c.Height, MaxPixels/1_000_000, MaxLength)}
	}
	if f.name == "png" && n >= 26 {
		// IHDR: depth and kind of colour (PNG 11.2.2). Kinds: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha.
		channels := map[byte]int{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[start[25]]
		h.bits = int(start[24]) * channels
	}
	return h, nil
}

// plausible says whether a file of so many bytes can hold what its header claims. Deflate makes at most 1,032 bytes of one;
// a JPEG's first scan spends at least one bit on 64 pixels.
func (h header) plausible(bytes int) bool {
	switch h.format.name {
	case "png":
		return h.height*((h.width*h.bits+7)/8) <= 1040*bytes
	case "jpeg":
		return h.width*h.height <= 1024*bytes
	}
	return true
}

func rewound(file io.ReadSeeker) ([]byte, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	src, err := io.ReadAll(io.LimitReader(file, MaxUpload+1))
	if err != nil {
		return nil, err
	}
	if len(src) > MaxUpload {
		return nil, &Error{Code: TooLarge, Message: fmt.Sprintf("The file is larger than %d MB. Scale the image down first.", MaxUpload>>20)}
	}
	return src, nil
}

func damaged(err error) *Error {
	return &Error{Code: Damaged, Message: "The image is damaged or cut off. Save it anew, or choose another one.", Err: err}
}
