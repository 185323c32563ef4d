package tab_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/mux"

	"herald/campaigns"
	"herald/infra/store"
	"herald/tab"
)

// dot is a PNG of one pixel of a colour.
func dot(c color.Color) string {
	img := image.NewNRGBA(image.Rect(0, 0, 3, 2))
	img.Set(1, 1, c)
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.String()
}

// claiming is the start of a PNG of that width and height.
func claiming(side uint32) string {
	ihdr := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, side), side)...)
	ihdr = append(ihdr, 8, 6, 0, 0, 0)
	return "\x89PNG\r\n\x1a\n\x00\x00\x00\x0d" + string(binary.BigEndian.AppendUint32(ihdr, crc32.ChecksumIEEE(ihdr)))
}

var red = dot(color.NRGBA{255, 0, 0, 255})

func picture(file string) request {
	return request{method: "POST", path: "/images", body: form(file), header: formHeader}
}

type uploaded struct {
	URL, Type           string
	Width, Height, Size int
}

// file is the image's address on the test's server.
func (u uploaded) file(w *world) string {
	return strings.Replace(u.URL, "https://herald.example", strings.TrimSuffix(w.url, "/api/v1"), 1)
}

func (w *world) upload(t testing.TB, as, file string) uploaded {
	t.Helper()
	q := picture(file)
	q.as = as
	res, body := w.do(t, q)
	var u uploaded
	if err := json.Unmarshal(body, &u); err != nil || res.StatusCode != http.StatusCreated {
		t.Fatalf("%d %v: %s", res.StatusCode, err, body)
	}
	return u
}

func TestImageUploads(t *testing.T) {
	t.Parallel()
	play(t, []scenario{
		{name: "an image", request: picture(red), status: 201, contains: []string{`"url":"https://herald.example/i/`, `.png","type":"image/png","width":3,"height":2,"size":`}},
		{name: "no file", request: request{method: "POST", path: "/images", body: strings.Replace(form(red), `name="file"`, `name="picture"`, 1), header: formHeader}, status: 422, code: "image_missing", fields: []string{"/file image_missing"}},
		{name: "no form", request: request{method: "POST", path: "/images", body: red}, status: 422, code: "image_missing"},
		{name: "half a form", request: request{method: "POST", path: "/images", body: form(red)[:200], header: formHeader}, status: 400, code: "bad_form"},
		{name: "an empty file", request: picture(""), status: 422, code: "image_empty"},
		{name: "SVG", request: picture(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), status: 422, code: "image_unsupported", fields: []string{"/file image_unsupported"}, contains: []string{`"params":{"formats":"PNG, JPEG, GIF, WebP, BMP"}`}},
		{name: "a page renamed", request: picture("<!doctype html><script>alert(1)</script>"), status: 422, code: "image_unsupported"},
		{name: "cut off", request: picture(red[:len(red)-20]), status: 422, code: "image_damaged"},
		{name: "20,000 × 20,000 pixels", request: picture(claiming(20_000)), status: 422, code: "image_too_many_pixels", contains: []string{`"height":20000,"limit":50,"side":30000,"width":20000`}},
		{name: "21 MB", request: picture(red + strings.Repeat("x", 20<<20)), status: 413, code: "image_too_large"},
		{name: "50 MB", request: picture(strings.Repeat("x", 50<<20)), status: 413, code: "image_too_large"},
	})
}

func fetch(t testing.TB, method, url string, header ...string) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return answerTo(t, r)
}

// Teams fetches images without a token, and keeps them.
func TestImagesAreServed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.upload(t, "author", red)
	address := u.file(w)
	for range 2 { // from the store, and from memory
		res, body := fetch(t, "GET", address)
		if res.StatusCode != 200 || len(body) != u.Size {
			t.Fatalf("%d, %d bytes of %d", res.StatusCode, len(body), u.Size)
		}
		if _, err := png.Decode(bytes.NewReader(body)); err != nil {
			t.Error(err)
		}
		for name, want := range map[string]string{
			"Content-Type": "image/png", "Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff",
			"Content-Security-Policy": "default-src 'none'", "Cross-Origin-Resource-Policy": "cross-origin",
		} {
			if got := res.Header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		tag := res.Header.Get("ETag")
		if res, body := fetch(t, "GET", address, "If-None-Match", tag); tag == "" || res.StatusCode != http.StatusNotModified || len(body) > 0 {
			t.Errorf("with ETag %s: %d, %d bytes", tag, res.StatusCode, len(body))
		}
	}
	if res, body := fetch(t, "HEAD", address); res.StatusCode != 200 || len(body) > 0 || res.ContentLength != int64(u.Size) {
		t.Errorf("HEAD: %d, %d bytes, length %d", res.StatusCode, len(body), res.ContentLength)
	}
	base := strings.TrimSuffix(w.url, "/api/v1")
	for _, none := range []string{strings.Replace(address, ".png", ".jpg", 1), strings.TrimSuffix(address, ".png"), base + "/i/", base + "/i/aaaaaaaaaaaaaaaaaaaaaaaaaa.png", base + "/i/%00.png", address + "/x"} {
		res, _ := fetch(t, "GET", none)
		if res.StatusCode != http.StatusNotFound || res.Header.Get("Content-Type") != "text/plain; charset=utf-8" || res.Header.Get("X-Content-Type-Options") != "nosniff" || strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", none, res.StatusCode, res.Header)
		}
	}
}

// Another process, or this one after it has started again, serves what was uploaded.
func TestImagesOutliveTheProcess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.upload(t, "author", red)
	log := slog.New(slog.DiscardHandler)
	again, err := store.Open(t.Context(), "", w.dir, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Close() })
	r := mux.NewRouter()
	(&tab.Server{Service: &campaigns.Service{Store: again, Now: time.Now, Log: log}, Log: log}).Routes(r)
	srv := httptest.NewServer(r)
	t.Cleanup(srv.Close)
	if res, body := fetch(t, "GET", strings.Replace(u.URL, "https://herald.example", srv.URL, 1)); res.StatusCode != 200 || len(body) != u.Size {
		t.Errorf("%d, %d bytes", res.StatusCode, len(body))
	}
}

func TestTheSameImageIsStoredOncePerOrganisation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.upload(t, "author", red), w.upload(t, "admin", red+"what comes after the end is not part of the image")
	foreign, other := w.upload(t, "fabrikam", red), w.upload(t, "author", dot(color.White))
	if first.URL != second.URL || first.URL == foreign.URL || first.URL == other.URL || len(first.URL) < len("https://herald.example/i/.png")+26 {
		t.Errorf("%s, %s, %s, %s", first.URL, second.URL, foreign.URL, other.URL)
	}
}

// At the limit nothing new is stored, and what is there can be used as before.
func TestImageLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.upload(t, "author", red)
	full := &campaigns.Image{TenantID: contoso, Name: "full", Type: "image/png", Bytes: []byte{1}, Size: campaigns.MaxImageBytes - u.Size, Hash: "full", CreatedAt: start}
	if _, err := w.db.AddImage(t.Context(), full, campaigns.MaxImages, campaigns.MaxImageBytes); err != nil {
		t.Fatal(err)
	}
	q := picture(dot(color.White))
	q.as = "author"
	res, body := w.ask(t, q)
	if res.StatusCode != 422 || !strings.Contains(string(body), `"code":"image_limit"`) || !strings.Contains(string(body), `"params":{"images":2000,"size":500}`) {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	if again := w.upload(t, "author", red); again != u {
		t.Errorf("%+v, want %+v", again, u)
	}
	w.upload(t, "fabrikam", dot(color.White))
}

// An own image may be shown by its organisation alone, wherever in a card it stands.
func TestCardsShowOwnImages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	own, foreign := w.upload(t, "author", red), w.upload(t, "fabrikam", red)
	for _, shape := range []struct{ name, content, field string }{
		{"form", `{"imageUrl":"URL"}`, "/content/imageUrl"},
		{"JSON", `{"card":{"type":"AdaptiveCard","version":"1.5","body":[{"type":"Image","url":"URL"}]}}`, "/content/card/body/0/url"},
	} {
		for _, tc := range []struct {
			name, url string
			good      bool
		}{
			{"own", own.URL, true}, {"another organisation's", foreign.URL, false}, {"none", "https://herald.example/i/aaaa.png", false},
			{"in another type", strings.Replace(own.URL, ".png", ".jpg", 1), false}, {"with a query", own.URL + "?a=b", false},
		} {
			for _, path := range []string{"/campaigns", "/preview"} {
				body := `{"name":"N","format":"card","content":` + strings.Replace(shape.content, "URL", tc.url, 1) + `}`
				q := request{as: "author", method: "POST", path: path, body: body}
				res, got := w.ask(t, q)
				if tc.good && res.StatusCode >= 300 || !tc.good && (res.StatusCode != 422 || !strings.Contains(string(got), `{"field":"`+shape.field+`","code":"unknown_image"`)) {
					t.Errorf("%s, %s, %s: %d %s", shape.name, tc.name, path, res.StatusCode, got)
				}
			}
		}
	}
}

// A campaign that has just gone out is read by many at the same moment.
func TestManyFetchAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.upload(t, "author", red)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if res, body := fetch(t, "GET", u.file(w)); res.StatusCode != 200 || len(body) != u.Size {
				t.Errorf("%d, %d bytes", res.StatusCode, len(body))
			}
		})
	}
	wg.Wait()
}
