// Command crop cuts the top left corner out of a PNG and writes it with the
// best compression. It is the second half of render.sh, which explains why;
// Herald itself does not use it.
//
//	crop sheet.png icon.png width height
package main

import (
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"strconv"
)

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: crop sheet.png icon.png width height")
		os.Exit(2)
	}
	if err := crop(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, "crop:", err)
		os.Exit(1)
	}
}

func crop(from, to, width, height string) error {
	w, err := strconv.Atoi(width)
	if err != nil {
		return fmt.Errorf("width: %w", err)
	}
	h, err := strconv.Atoi(height)
	if err != nil {
		return fmt.Errorf("height: %w", err)
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	sheet, err := png.Decode(in)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	if size := sheet.Bounds().Size(); size.X < w || size.Y < h {
		return fmt.Errorf("%s is %v, smaller than %dx%d", from, size, w, h)
	}
	// NRGBA keeps the colour of half-transparent edges as it is: the outline
	// icon must stay pure white wherever it is not fully transparent.
	icon := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.Draw(icon, icon.Bounds(), sheet, sheet.Bounds().Min, draw.Src)

	out, err := os.Create(to)
	if err != nil {
		return err
	}
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(out, icon); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
