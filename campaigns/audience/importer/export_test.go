package importer

// WithTexts bounds the table of texts to what a test can write quickly.
func (l Limits) WithTexts(n int) Limits {
	l.texts = n
	return l
}
