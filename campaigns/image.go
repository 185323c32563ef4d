package campaigns

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"herald/campaigns/image"
	"herald/campaigns/message"
)

// What a tenant can store. An image stays for good: chats show it long after its campaign is gone.
const (
	MaxImages     = 2000
	MaxImageBytes = 500 << 20
)

// Image is a picture of an author's, as Teams takes it.
type Image struct {
	TenantID      string
	Name          string // unguessable; lower-case letters and digits
	Type          string // image.PNG or image.JPEG
	Bytes         []byte // empty where only the rest is asked for
	Width, Height int    // pixels
	Size          int    // of Bytes
	Hash          string // of Bytes
	CreatedAt     time.Time
	CreatedBy     Author
}

// File is the image's name with its extension, as it stands in its address.
func (i *Image) File() string {
	if i.Type == image.PNG {
		return i.Name + ".png"
	}
	return i.Name + ".jpg"
}

// ImageStore keeps images.
type ImageStore interface {
	// AddImage stores an image and returns what is stored of it: of an image that the tenant has already, that one.
	// CodeInvalid, "image_limit", when a new one would be too much.
	AddImage(ctx context.Context, i *Image, maxImages int, maxBytes int64) (*Image, error)
	// Image returns an image of any tenant with its bytes. CodeNotFound when there is none of that name.
	Image(ctx context.Context, name string) (*Image, error)
	// FindImages returns those of the named images that the tenant has, without their bytes, by name.
	FindImages(ctx context.Context, tenantID string, names []string) (map[string]*Image, error)
}

// AddImage makes an uploaded picture fit for Teams and stores it. It waits while others are being read. Errors of the file
// are those of image.Fit, with their codes as reasons.
func (s *Service) AddImage(ctx context.Context, a Actor, file io.ReadSeeker) (*Image, error) {
	if err := a.require(Write); err != nil {
		return nil, err
	}
	p, err := image.Fit(ctx, file)
	var wrong *image.Error
	if errors.As(err, &wrong) {
		return nil, wrongImage(wrong)
	}
	if err != nil {
		return nil, fmt.Errorf("read image: %w", err)
	}
	hash := sha256.Sum256(p.Bytes)
	i := &Image{
		TenantID: a.TenantID, Name: strings.ToLower(rand.Text()), Type: p.Type, Bytes: p.Bytes, Width: p.Width, Height: p.Height, Size: len(p.Bytes),
		Hash: hex.EncodeToString(hash[:]), CreatedAt: s.moment(), CreatedBy: Author{ID: a.PersonID, DisplayName: a.DisplayName},
	}
	stored, err := s.Store.AddImage(ctx, i, MaxImages, MaxImageBytes)
	if CodeOf(err) == CodeInvalid {
		return nil, noImage("image_limit", fmt.Sprintf("Your organisation has as many images here as it can have: %d, or %d MB. Use one that was uploaded before, or the https address of an image on a website of your own.", MaxImages, MaxImageBytes>>20),
			message.Params{"images": MaxImages, "size": MaxImageBytes >> 20})
	}
	return stored, err
}

// NoImage says that no file was sent at all.
func NoImage() error { return noImage("image_missing", "No file was sent. Choose an image.", nil) }

func wrongImage(e *image.Error) error {
	var params message.Params
	switch e.Code {
	case image.TooLarge:
		params = message.Params{"limit": image.MaxUpload >> 20}
	case image.Unsupported:
		params = message.Params{"formats": image.Formats}
	case image.TooManyPixels:
		params = message.Params{"width": e.Width, "height": e.Height, "limit": image.MaxPixels / 1_000_000, "side": image.MaxLength}
	}
	out := noImage(string(e.Code), e.Message, params)
	out.Err = e
	return out
}

func noImage(code, words string, params message.Params) *Error {
	return invalid([]message.Problem{{Field: "/file", Code: code, Message: words, Params: params}})
}

// Image returns an image for whoever knows its file's name. CodeNotFound for every other.
func (s *Service) Image(ctx context.Context, file string) (*Image, error) {
	name, _, _ := strings.Cut(file, ".")
	i, err := s.Store.Image(ctx, name)
	if err == nil && i.File() != file {
		err = Errorf(CodeNotFound, "not_found", "There is no such image.")
	}
	if err != nil {
		return nil, err
	}
	return i, nil
}

// ImageURL is where everybody finds the image.
func (s *Service) ImageURL(i *Image) string {
	return strings.TrimRight(s.Settings.AssetsURL, "/") + message.ImagePath + i.File()
}

// rules are what a tenant's contents are judged by.
func (s *Service) rules(ctx context.Context, tenantID string, columns []string, c message.Content) (message.Rules, error) {
	r := message.Rules{Columns: columns, AssetsURL: s.Settings.AssetsURL}
	files := message.Images(c, s.Settings.AssetsURL)
	if len(files) == 0 {
		return r, nil
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i], _, _ = strings.Cut(f, ".")
	}
	found, err := s.Store.FindImages(ctx, tenantID, names)
	if err != nil {
		return r, err
	}
	r.Images = make(map[string]bool, len(found))
	for _, i := range found {
		r.Images[i.File()] = true
	}
	return r, nil
}

// validate finds everything that is wrong with a content of a tenant's.
func (s *Service) validate(ctx context.Context, tenantID string, f message.Format, c message.Content, columns []string) ([]message.Problem, error) {
	r, err := s.rules(ctx, tenantID, columns, c)
	if err != nil {
		return nil, err
	}
	return r.Validate(f, c), nil
}
