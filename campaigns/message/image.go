package message

import "strings"

// ImagePath is where Herald serves its own images, below Options.AssetsURL: /i/NAME.png or .jpg.
const ImagePath = "/i/"

// ownImages is the public base of Herald's own images, without a slash at its end. Empty: there are none.
type ownImages string

// name is what an address says behind the place of Herald's own images, whether there is such an image or not; false
// when the address is another one's. An http address can be Herald's own, in the sandbox.
func (o ownImages) name(url string) (string, bool) {
	base := strings.TrimRight(string(o), "/") + ImagePath
	if o == "" || len(url) < len(base) || !strings.EqualFold(url[:len(base)], base) {
		return "", false
	}
	return url[len(base):], true
}

// Images are the names, such as "NAME.png", of Herald's own images that a content shows, whether they exist or not.
func Images(c Content, assetsURL string) (names []string) {
	own := ownImages(assetsURL)
	if own == "" {
		return nil
	}
	take := func(url string) {
		if name, ok := own.name(url); ok {
			names = append(names, name)
		}
	}
	take(strings.TrimSpace(c.ImageURL))
	src := c.cardJSON()
	if len(src) == 0 || len(src) > maxCardSource {
		return names
	}
	root, err := parseTree(src)
	if err != nil {
		return names
	}
	var walk func(n *node)
	walk = func(n *node) {
		for _, item := range n.items {
			walk(item)
		}
		for _, m := range n.members {
			if m.value.kind == stringNode && isImageURL(n, m.name) {
				take(m.value.str)
			}
			walk(m.value)
		}
	}
	walk(root)
	return names
}
