package importer

// Limits bounds what a file may cost. A field that is zero means its default.
type Limits struct {
	Bytes    int64 // of the file; 20 MB
	Unpacked int64 // bytes of a workbook once unpacked; 200 MB: 100 000 rows of 50 short cells
	Rows     int   // without header and empty rows; 100 000
	Columns  int   // 50
	Cell     int   // characters of a cell; 1000
	Problems int   // kept in a Report; 1000

	texts int // entries of a workbook's table of texts; 2 000 000
}

func (l Limits) withDefaults() Limits {
	if l.Bytes <= 0 {
		l.Bytes = 20 << 20
	}
	if l.Unpacked <= 0 {
		l.Unpacked = 200 << 20
	}
	if l.Rows <= 0 {
		l.Rows = 100_000
	}
	if l.Columns <= 0 {
		l.Columns = 50
	}
	if l.Cell <= 0 {
		l.Cell = 1000
	}
	if l.Problems <= 0 {
		l.Problems = 1000
	}
	if l.texts <= 0 {
		l.texts = 2_000_000
	}
	return l
}

// cellBytes is how much of a cell is read at all; what is longer is too long,
// whatever white space there is to be trimmed.
func (l Limits) cellBytes() int { return 8 * l.Cell }

const (
	// maxWorkbookLine is the last row that a workbook can have.
	maxWorkbookLine = 1 << 20
	// maxWorkbookColumn is the last column that a workbook can have.
	maxWorkbookColumn = 1 << 14
	// maxToken is the longest piece of XML (a tag, a text) that is read: a cell of
	// Excel holds 32 767 characters at most.
	maxToken = 1 << 20
	// maxDepth is how deep XML may nest; workbooks need about ten.
	maxDepth = 64
	// maxParts is how many files a workbook may pack, how many sheets it may have,
	// and how many relations a part.
	maxParts = 10_000
	// maxSharedBytes bounds the table of texts together with Limits.texts: it is the
	// one thing of a workbook that is held in memory.
	maxSharedBytes = 64 << 20
	// maxStyles is more than the 65 490 that Excel allows.
	maxStyles = 1 << 17
)
