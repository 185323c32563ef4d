package tab

import (
	"bytes"
	lru "container/list"
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/mux"
	"golang.org/x/sync/singleflight"

	"herald/campaigns"
	"herald/campaigns/image"
)

type imageJSON struct {
	URL    string `json:"url"`
	Type   string `json:"type"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Size   int    `json:"size"`
}

func (s *Server) addImage(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	r.Body = http.MaxBytesReader(w, r.Body, image.MaxUpload+1<<20)
	// What does not fit into a megabyte waits on the disk.
	err := r.ParseMultipartForm(1 << 20)
	if r.MultipartForm != nil {
		defer func() { _ = r.MultipartForm.RemoveAll() }()
	}
	tooLarge := &httpError{http.StatusRequestEntityTooLarge, string(image.TooLarge), "The file is larger than " + strconv.Itoa(image.MaxUpload>>20) + " MB. Scale the image down first."}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		// The rest of the file is not read; the connection cannot be used again.
		w.Header().Set("Connection", "close")
		return tooLarge
	case errors.Is(err, http.ErrNotMultipart):
		return campaigns.NoImage()
	case err != nil:
		return &httpError{http.StatusBadRequest, "bad_form", "The form (multipart/form-data) could not be read to its end."}
	}
	file, header, err := r.FormFile("file")
	if err != nil {
		return campaigns.NoImage()
	}
	defer file.Close()
	if header.Size > image.MaxUpload {
		return tooLarge
	}
	i, err := s.Service.AddImage(r.Context(), a, file)
	if err != nil {
		return err
	}
	s.json(w, r, http.StatusCreated, imageJSON{URL: s.Service.ImageURL(i), Type: i.Type, Width: i.Width, Height: i.Height, Size: i.Size})
	return nil
}

// serveImage serves an image to everybody who knows its name: Teams fetches it without a token, for each of many
// thousand people. What is under a name never changes.
func (s *Server) serveImage(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	i, err := s.images.get(r.Context(), mux.Vars(r)["file"], s.Service.Image)
	if campaigns.CodeOf(err) == campaigns.CodeNotFound {
		http.Error(w, "There is no such image.", http.StatusNotFound)
		return nil
	}
	if err != nil {
		return err
	}
	h.Set("Content-Type", i.Type)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", `"`+i.Hash+`"`)
	http.ServeContent(w, r, "", i.CreatedAt, bytes.NewReader(i.Bytes))
	return nil
}

// maxCached is how many bytes of images are kept in memory: those of the campaigns that are being sent.
const maxCached = 8 << 20

// imageCache keeps the images that were asked for last. The zero value is empty.
type imageCache struct {
	loading singleflight.Group // many ask at the same moment for the image of a campaign that has just gone out

	mu    sync.Mutex
	byKey map[string]*lru.Element
	order lru.List // of *campaigns.Image; the last one asked for is in front
	size  int      // of their bytes
}

func (c *imageCache) get(ctx context.Context, file string, load func(context.Context, string) (*campaigns.Image, error)) (*campaigns.Image, error) {
	c.mu.Lock()
	if e := c.byKey[file]; e != nil {
		c.order.MoveToFront(e)
		c.mu.Unlock()
		return e.Value.(*campaigns.Image), nil
	}
	c.mu.Unlock()
	v, err, _ := c.loading.Do(file, func() (any, error) {
		// Whoever came first may go away; the others still want it.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		i, err := load(ctx, file)
		if err == nil {
			c.put(file, i)
		}
		return i, err
	})
	if err != nil {
		return nil, err
	}
	return v.(*campaigns.Image), nil
}

func (c *imageCache) put(file string, i *campaigns.Image) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byKey == nil {
		c.byKey = map[string]*lru.Element{}
	}
	if c.byKey[file] != nil { // it was loaded twice, one after the other
		return
	}
	c.byKey[file] = c.order.PushFront(i)
	for c.size += len(i.Bytes); c.size > maxCached; {
		last := c.order.Remove(c.order.Back()).(*campaigns.Image)
		delete(c.byKey, last.File())
		c.size -= len(last.Bytes)
	}
}
