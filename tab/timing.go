package tab

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"herald/campaigns"
	"herald/campaigns/message"
	"herald/campaigns/schedule"
)

// atJSON and withinJSON are the two ways in which a campaign may be timed.
type atJSON struct {
	At *time.Time `json:"at"`
}

type withinJSON struct {
	Window *windowJSON `json:"window"`
}

func timing(t campaigns.Timing) any {
	if t.Window != nil {
		return withinJSON{window(t.Window)}
	}
	return atJSON{t.At}
}

// windowJSON is a window with all its fields.
type windowJSON struct {
	FirstDay    schedule.Day           `json:"firstDay"`
	Days        int                    `json:"days"`
	Hours       schedule.Hours         `json:"hours"`
	Holidays    []schedule.Day         `json:"holidays"`
	TimeZone    string                 `json:"timeZone"`
	OwnTimeZone bool                   `json:"ownTimeZone"`
	PerHour     int                    `json:"perHour"`
	Presence    campaigns.PresenceRule `json:"presence"`
	Unknown     campaigns.UnknownRule  `json:"presenceUnknown"`
}

func window(w *campaigns.Window) *windowJSON {
	if w == nil {
		return nil
	}
	return &windowJSON{w.FirstDay, w.Days, w.Hours, list(w.Holidays), w.TimeZone, w.OwnTimeZone, w.PerHour, w.Presence, w.Unknown}
}

type timingPreviewJSON struct {
	OpensAt     *time.Time        `json:"opensAt"`
	ClosesAt    *time.Time        `json:"closesAt"`
	OpenMinutes int               `json:"openMinutes"`
	People      int               `json:"people"`
	Capacity    *int              `json:"capacity"`
	TimeZone    string            `json:"timeZone"`
	Hours       []hourPreviewJSON `json:"hours"`
	Zones       []zoneJSON        `json:"zones"`
	Problems    []message.Problem `json:"problems"`
}

type hourPreviewJSON struct {
	Day     schedule.Day `json:"day"`
	Hour    int          `json:"hour"`
	Minutes int          `json:"minutes"`
	People  float64      `json:"people"`
}

type zoneJSON struct {
	TimeZone string `json:"timeZone"`
	People   int    `json:"people"`
}

func (s *Server) previewTiming(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	var in struct {
		Window   *campaigns.Window  `json:"window"`
		Audience campaigns.Audience `json:"audience"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	if in.Window == nil {
		return wrong("/window", "window_missing", "There is no window to look at.")
	}
	p, err := s.Service.PreviewTiming(r.Context(), a, *in.Window, in.Audience)
	if err != nil {
		return err
	}
	out := timingPreviewJSON{OpensAt: p.OpensAt, ClosesAt: p.ClosesAt, OpenMinutes: int(p.Open / time.Minute), People: p.People, Capacity: p.Capacity, TimeZone: p.TimeZone, Hours: []hourPreviewJSON{}, Zones: []zoneJSON{}, Problems: list(p.Problems)}
	for _, h := range p.Hours {
		out.Hours = append(out.Hours, hourPreviewJSON{h.Day, h.Hour, int(h.Open.Round(time.Minute) / time.Minute), h.People})
	}
	for _, z := range p.Zones {
		out.Zones = append(out.Zones, zoneJSON(z))
	}
	s.json(w, r, http.StatusOK, out)
	return nil
}

func (s *Server) timingDefaults(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	d, err := s.Service.TimingDefaults(r.Context(), a)
	if err != nil {
		return err
	}
	type presence struct {
		Available bool   `json:"available"`
		Reason    string `json:"reason"`
	}
	s.json(w, r, http.StatusOK, struct {
		TimeZone string         `json:"timeZone"`
		Hours    schedule.Hours `json:"hours"`
		Zones    []string       `json:"zones"`
		Presence presence       `json:"presence"`
	}{d.TimeZone, d.Hours, d.Zones, presence{d.Presence, d.NoPresence}})
	return nil
}

type hourJSON struct {
	At      time.Time `json:"at"`
	Planned int       `json:"planned"`
	Waiting int       `json:"waiting"`
	Sent    int       `json:"sent"`
	Failed  int       `json:"failed"`
}

type replannedJSON struct {
	Count int        `json:"count"`
	At    *time.Time `json:"at"`
}

func (s *Server) getHours(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	h, err := s.Service.Hours(r.Context(), a, mux.Vars(r)["id"])
	if err != nil {
		return err
	}
	out := struct {
		TimeZone    string         `json:"timeZone"`
		Now         time.Time      `json:"now"`
		Hours       []hourJSON     `json:"hours"`
		Unscheduled int            `json:"unscheduled"`
		Replanned   *replannedJSON `json:"replanned"`
		NextAt      *time.Time     `json:"nextAt"`
	}{h.TimeZone, h.Now, make([]hourJSON, len(h.Hours)), h.Unscheduled, nil, h.NextAt}
	for i, each := range h.Hours {
		out.Hours[i] = hourJSON(each)
	}
	if h.Replanned > 0 {
		out.Replanned = &replannedJSON{h.Replanned, h.ReplannedAt}
	}
	s.json(w, r, http.StatusOK, out)
	return nil
}

// misread says where a day or a time of a window cannot be read; nil: something else is wrong.
func misread(err error) error {
	var typ *json.UnmarshalTypeError
	if !errors.As(err, &typ) || typ.Field == "" || typ.Type == nil || typ.Type.PkgPath() != reflect.TypeFor[schedule.Day]().PkgPath() {
		return nil
	}
	// The way to it is the one through a campaign, whatever the request; Go's embedded type is no part of it.
	_, way, _ := strings.Cut("."+strings.ReplaceAll(typ.Field, ".Window.", "."), ".window.")
	return wrong("/timing/window/"+strings.ReplaceAll(way, ".", "/"), "invalid_window", "This must not be "+typ.Value+".")
}
