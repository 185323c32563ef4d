// Package importer reads the files from which lists of people are made: CSV,
// TSV and Excel workbooks, as authors have them, row by row.
//
// It is a leaf: it imports nothing of ours, writes nothing, and reads no clock
// and no network. Files come from outside, so everything here is bounded; see
// Limits.
//
// The way of a file: Open finds out by content (never by name) what it is,
// finds the header and suggests what each column means; Columns and Preview
// show that to the author, who changes the Mapping; Check goes through all rows
// and names what is wrong; Read hands the good rows over. A File is streamed
// anew by each of them and holds no rows, so the bytes below it must stay until
// the last call. It needs no closing.
//
// # Nothing half-imported
//
// Read calls its function before it has seen the end of the file, and a file may
// break in its last byte. Whoever imports runs Check first, goes on when it
// found nothing or the author said so, and calls Read inside one transaction
// that an error of Read takes back.
//
// # What becomes of a cell
//
//   - White space at its ends goes, also zero-width spaces; a line break or a tab
//     inside becomes a space.
//   - Any other control character (NUL, escape, …) and U+FFFD, which stands for a
//     character that was lost, make the row wrong: the file is damaged, and only
//     its owner knows what stood there.
//   - Everything else is text and stays as it is: HTML, formulas, emoji,
//     directional marks. Whoever shows it escapes it (campaigns/message does).
//     An address is stricter: it holds no invisible character.
//   - In CSV and TSV an apostrophe before = + - @ goes: exports put it there, so
//     that no spreadsheet runs the cell (tab/export.go), and what was exported
//     must come back the same.
//   - In workbooks a cell is what the file stores, not what the sheet shows: a number
//     with 15 digits and without exponent, a date as 2026-03-31, a formula as its
//     last result.
//
// # Why the workbook is not read with excelize
//
// Its streaming reader tells neither the type nor the style of a cell, so that dates
// are numbers, and takes XML that breaks off for the end of the sheet, so that
// rows are lost without a word. What is needed of a workbook is little: see
// workbook.go. The tests write their files with excelize.
//
// Start reading at file.go, then read.go.
package importer
