package tab

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"herald/campaigns"
	"herald/campaigns/image"
)

// What was asked for last stays in memory, no more than is meant to; one that nobody has stays nowhere.
func TestImageCache(t *testing.T) {
	t.Parallel()
	var c imageCache
	loads := map[string]int{}
	load := func(_ context.Context, file string) (*campaigns.Image, error) {
		loads[file]++
		if file == "none.png" {
			return nil, errors.New("none")
		}
		return &campaigns.Image{Name: file[:len(file)-4], Type: image.PNG, Bytes: make([]byte, 1<<20)}, nil
	}
	want := func(file string, n int) {
		t.Helper()
		i, err := c.get(t.Context(), file, load)
		if err == nil && i.File() != file || loads[file] != n {
			t.Errorf("%s: %v, loaded %d times, want %d", file, err, loads[file], n)
		}
	}
	for i := range 8 {
		want(fmt.Sprintf("%d.png", i), 1)
	}
	want("0.png", 1) // and is now the newest
	want("8.png", 1) // takes the place of 1
	want("0.png", 1)
	want("2.png", 1)
	want("1.png", 2)
	want("none.png", 1)
	want("none.png", 2)
	if c.size != 8<<20 || len(c.byKey) != 8 || c.order.Len() != 8 {
		t.Errorf("%d bytes, %d, %d", c.size, len(c.byKey), c.order.Len())
	}
}

// Many who ask at once cause one look into the store, and who goes away takes it from nobody.
func TestImageCacheLoadsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c imageCache
		loads, got := 0, make(chan error, 20)
		open := make(chan struct{})
		first, leave := context.WithCancel(t.Context())
		for i := range 20 {
			ctx := t.Context()
			if i == 0 {
				ctx = first
			}
			go func() {
				_, err := c.get(ctx, "a.png", func(ctx context.Context, _ string) (*campaigns.Image, error) {
					loads++
					<-open
					return &campaigns.Image{Name: "a", Type: image.PNG}, ctx.Err()
				})
				got <- err
			}()
			synctest.Wait()
		}
		leave()
		close(open)
		for range 20 {
			if err := <-got; err != nil {
				t.Error(err)
			}
		}
		if loads != 1 {
			t.Errorf("%d loads", loads)
		}
	})
}
