package importer

import (
	"bytes"
	"fmt"
	"io"
)

type contentKind uint8

const (
	kindText     contentKind = iota
	kindZip                  // .xlsx, or any other archive
	kindCompound             // Microsoft's older container: .xls, encrypted .xlsx
	kindWebPage
	kindBinary
)

var signatures = []struct {
	kind   contentKind
	prefix string
}{
	{kindZip, "PK\x03\x04"},
	{kindZip, "PK\x05\x06"}, // an empty archive
	{kindCompound, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"},
	{kindBinary, "%PDF-"},
	{kindBinary, "\x89PNG"},
	{kindBinary, "GIF8"},
	{kindBinary, "\xff\xd8\xff"},
	{kindBinary, "\x1f\x8b"},
	{kindBinary, "7z\xbc\xaf\x27\x1c"},
	{kindBinary, "Rar!\x1a"},
	{kindBinary, "\x7fELF"},
	{kindBinary, "{\\rtf"},
}

// sniff tells by its first bytes what a file is. Text that is none is found later,
// once its encoding is known: see openText.
func sniff(head []byte) contentKind {
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.prefix)) {
			return s.kind
		}
	}
	start := bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(head[:min(len(head), 512)], []byte("\xef\xbb\xbf"))))
	for _, p := range []string{"<!doctype html", "<html", "<head", "<table", "<?xml"} {
		if bytes.HasPrefix(start, []byte(p)) {
			return kindWebPage
		}
	}
	return kindText
}

// compoundError says which of the files in Microsoft's older container this is: the
// name of a stream, in UTF-16, tells.
func compoundError(r io.ReaderAt, size int64) error {
	b, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil {
		return fmt.Errorf("importer: %w", err)
	}
	switch {
	case bytes.Contains(b, utf16le("EncryptedPackage")):
		return errorf(CodeProtected, "The workbook is protected by a password. Open it in Excel, remove the password (File, Info, Protect Workbook), and save it.")
	case bytes.Contains(b, utf16le("Workbook")), bytes.Contains(b, utf16le("Book")):
		return errorf(CodeUnsupported, "This is a workbook of Excel 97-2003 (.xls). Open it in Excel and save it as .xlsx.")
	}
	return errorf(CodeBinary, "The file is neither a text nor an Excel workbook. Save the list as CSV, TSV or .xlsx.")
}

func utf16le(s string) []byte {
	var b []byte
	for i := range len(s) {
		b = append(b, s[i], 0)
	}
	return b
}
