package importer

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// workbook is an .xlsx file: a ZIP archive with a table of sheets, a table of texts
// (shared strings), a table of styles, and one part per sheet. Of all that we need
// the first visible sheet with rows, the texts, and which styles show dates.
type workbook struct {
	lim      Limits
	parts    map[string]*zip.File // by lower-case name: Excel does not tell them apart either
	left     int64                // bytes that may still be unpacked while opening
	date1904 bool
	texts    []cell     // shared strings
	styles   []dateKind // by the number of a cell's style
	sheet    string     // part of the sheet
}

type sheetEntry struct{ name, id, state string }

func openWorkbook(r io.ReaderAt, size int64, lim Limits) (source, Format, error) {
	w := &workbook{lim: lim, left: lim.Unpacked}
	format := Format{Kind: XLSX}
	if err := w.unpack(r, size); err != nil {
		return nil, format, err
	}
	main, err := w.mainPart()
	if err != nil {
		return nil, format, err
	}
	sheets, err := w.readBook(main)
	if err != nil {
		return nil, format, err
	}
	rels, err := w.relations(main)
	if err != nil {
		return nil, format, err
	}
	for _, rel := range rels {
		switch {
		case rel.is("sharedStrings") && w.texts == nil:
			err = w.readTexts(rel.target)
		case rel.is("styles") && w.styles == nil:
			err = w.readStyles(rel.target)
		}
		if err != nil {
			return nil, format, err
		}
	}
	for _, s := range sheets {
		rel := rels.find(s.id)
		if !rel.is("worksheet") || s.state == "hidden" || s.state == "veryHidden" {
			continue // charts have no rows, and what is hidden is not what the author means
		}
		w.sheet, format.Sheet = rel.target, shown(s.name)
		rows, err := w.rowsWithin(&w.left) // a thousand sheets may share one large part
		if err != nil {
			return nil, format, err
		}
		if _, err = nextFilled(rows); err == nil {
			return w, format, nil
		} else if !errors.Is(err, io.EOF) {
			return nil, format, err
		}
	}
	return nil, format, errorf(CodeEmptyFile, "No visible sheet of the workbook holds anything. Choose a workbook with a header and at least one row.")
}

func broken(err error) error {
	return &Error{Code: CodeBroken, Err: err, Message: "The workbook is damaged or incomplete. Open it in Excel, save it as a new .xlsx file, and upload that."}
}

func brokenf(format string, args ...any) error { return broken(fmt.Errorf(format, args...)) }

func (w *workbook) tooLarge() error {
	return errorf(CodeUnpacksTooLarge, "Once unpacked the workbook has more than %s. Copy the list alone into a new workbook, or save it as CSV.", megabytes(w.lim.Unpacked))
}

// unpack reads the archive's directory.
func (w *workbook) unpack(r io.ReaderAt, size int64) error {
	// The directory is held in memory, so its entries are counted first.
	if n, err := count(io.NewSectionReader(r, 0, size), "PK\x01\x02"); err != nil {
		return fmt.Errorf("importer: %w", err)
	} else if n > maxParts {
		return brokenf("%d parts", n)
	}
	z, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // names are looked up, never written to
		return broken(err)
	}
	w.parts = make(map[string]*zip.File, len(z.File))
	var total uint64
	for _, f := range z.File {
		if f.Flags&1 != 0 {
			return errorf(CodeProtected, "The file is protected by a password. Remove it and upload the file again.")
		}
		if total += min(f.UncompressedSize64, 1<<40); total > uint64(w.lim.Unpacked) {
			return w.tooLarge()
		}
		name := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))
		if _, ok := w.parts[name]; !ok {
			w.parts[name] = f
		}
	}
	return nil
}

// count finds how often a short mark occurs.
func count(r io.Reader, mark string) (int, error) {
	buf := make([]byte, 64<<10)
	kept, n := 0, 0
	for {
		m, err := r.Read(buf[kept:])
		b := string(buf[:kept+m])
		n += strings.Count(b, mark)
		kept = copy(buf, b[max(0, len(b)-len(mark)+1):])
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}

// mainPart finds the part with the table of sheets, or says what else this is.
func (w *workbook) mainPart() (string, error) {
	if f, ok := w.parts["mimetype"]; ok && f.UncompressedSize64 < 200 {
		if in, err := f.Open(); err == nil {
			b, _ := io.ReadAll(io.LimitReader(in, 200))
			in.Close()
			if strings.Contains(string(b), "opendocument") {
				return "", errorf(CodeUnsupported, "This is an OpenDocument file. Open it in Excel or LibreOffice and save it as .xlsx or CSV.")
			}
		}
	}
	if _, ok := w.parts["[content_types].xml"]; !ok {
		return "", errorf(CodeBinary, "The file is an archive, not an Excel workbook. Unpack it and choose the list itself: CSV, TSV or .xlsx.")
	}
	rels, err := w.relations("")
	if err != nil {
		return "", err
	}
	for _, rel := range rels {
		if !rel.is("officeDocument") {
			continue
		}
		switch {
		case strings.HasSuffix(rel.target, ".bin"):
			return "", errorf(CodeUnsupported, "This is a binary workbook (.xlsb). Open it in Excel and save it as .xlsx.")
		case strings.HasPrefix(rel.target, "word/"), strings.HasPrefix(rel.target, "ppt/"):
			return "", errorf(CodeBinary, "This is a document of Word or PowerPoint, not an Excel workbook. Save the list as CSV, TSV or .xlsx.")
		}
		return rel.target, nil
	}
	return "", brokenf("no workbook among the parts")
}

// relation says where a part finds another.
type relation struct{ id, kind, target string }

// is compares the last word of the type: the beginning differs between the two
// dialects of the format.
func (r relation) is(kind string) bool { return strings.HasSuffix(r.kind, "/"+kind) }

type relations []relation

func (rs relations) find(id string) relation {
	for _, r := range rs {
		if r.id == id {
			return r
		}
	}
	return relation{}
}

// relations reads the relations of a part; of the whole archive for "".
func (w *workbook) relations(part string) (relations, error) {
	dir, file := path.Split(part)
	p, err := w.open(dir+"_rels/"+file+".rels", &w.left)
	if err != nil {
		return nil, err
	}
	defer p.close()
	var rels relations
	err = p.each(func(e xml.StartElement) error {
		if e.Name.Local != "Relationship" || attr(e, "TargetMode") == "External" {
			return nil
		}
		target := strings.ReplaceAll(attr(e, "Target"), `\`, "/")
		if !strings.HasPrefix(target, "/") {
			target = dir + target
		}
		target = strings.ToLower(strings.TrimPrefix(path.Clean("/"+target), "/"))
		if len(rels) == maxParts {
			return brokenf("more than %d relations", maxParts)
		}
		rels = append(rels, relation{attr(e, "Id"), attr(e, "Type"), target})
		return nil
	})
	return rels, err
}

func (w *workbook) readBook(main string) ([]sheetEntry, error) {
	p, err := w.open(main, &w.left)
	if err != nil {
		return nil, err
	}
	defer p.close()
	var sheets []sheetEntry
	err = p.each(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			v := attr(e, "date1904")
			w.date1904 = v == "1" || v == "true"
		case "sheet":
			if len(sheets) == maxParts {
				return brokenf("more than %d sheets", maxParts)
			}
			sheets = append(sheets, sheetEntry{attr(e, "name"), relationID(e), attr(e, "state")})
		}
		return nil
	})
	return sheets, err
}

// relationID is the id with the prefix r:, which is not the sheetId.
func relationID(e xml.StartElement) string {
	for _, a := range e.Attr {
		if a.Name.Local == "id" && strings.HasSuffix(a.Name.Space, "/relationships") {
			return a.Value
		}
	}
	return ""
}

// readTexts reads the table of texts. What is longer than a cell may be is cut.
func (w *workbook) readTexts(part string) error {
	p, err := w.open(part, &w.left)
	if err != nil {
		return err
	}
	defer p.close()
	total := 0
	return p.each(func(e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		c, err := p.text(w.lim.cellBytes())
		if err != nil {
			return err
		}
		total += len(c.text)
		if total > maxSharedBytes || len(w.texts) == w.lim.texts {
			return w.tooLarge()
		}
		w.texts = append(w.texts, c)
		return nil
	})
}

func (w *workbook) readStyles(part string) error {
	p, err := w.open(part, &w.left)
	if err != nil {
		return err
	}
	defer p.close()
	own := make(map[string]dateKind) // formats that the workbook defines
	inCells := false
	return p.each(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			if id := attr(e, "numFmtId"); len(own) < maxStyles && len(id) < 10 {
				own[id] = kindOfFormat(attr(e, "formatCode"))
			}
		case "cellXfs":
			inCells = true
		case "cellStyles", "dxfs", "cellStyleXfs":
			inCells = false
		case "xf":
			if inCells && len(w.styles) < maxStyles {
				id := attr(e, "numFmtId")
				kind, ok := own[id]
				if !ok {
					kind = builtinFormats[id]
				}
				w.styles = append(w.styles, kind)
			}
		}
		return nil
	})
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
