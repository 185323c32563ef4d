package message

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"herald/campaigns/message/wire"
)

// Options is what a message needs to know of this Herald.
type Options struct {
	// AssetsURL is the public base address below which /assets/formats/ is
	// served, e.g. https://herald.example. Empty: cards go without icons.
	AssetsURL string
	// TrackURL is the public address of this Herald; links to it are not tracked. Empty: no link is, and messages hold the
	// author's own addresses, as in previews and in surveys that are anonymous.
	TrackURL string
	// Slots are the names of the slots in a card that another package has drawn; see Slot.
	Slots []string
	// Later is the id of the campaign whose recipients may ask for their card at another time. Cards that have room for it get
	// a button for that; empty: none does.
	Later string
}

// Template is a compiled content. It never changes; Render may be called from
// any number of goroutines.
type Template struct {
	format   Format
	vars     []variable
	links    []link
	variants [languages]variant
}

// variant is the template in one language of headings.
type variant struct {
	card    *program // nil: a plain message
	later   *program // the card with the button for another time; nil: there is none
	text    *text    // of a plain message
	summary *text    // of a card
}

// Rendered is one person's message.
type Rendered struct {
	// Activity is complete but for addressing (from, recipient, conversation),
	// which is the sender's. A card's Attachment.Content is json.RawMessage.
	Activity schema.Activity
	// Missing names the variables that this person has no value for and that
	// have no fallback, in order of appearance; they stand as [NAME] in Activity.
	Missing []string
	bare    func() json.RawMessage // the card without the button for another time; nil: Activity has none
}

// MissingDataError says that a person has no value for some variables.
type MissingDataError struct{ Variables []string }

func (e *MissingDataError) Error() string {
	return "no value for " + strings.Join(e.Variables, ", ")
}

// TooLargeError says that an encoded activity is larger than Teams takes.
type TooLargeError struct{ Size, Max int } // bytes, as wire.Size counts them

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the message has %d bytes; %d are the most", e.Size, e.Max)
}

const contentTypeCard = "application/vnd.microsoft.card.adaptive"

// Compile prepares a content for rendering. It expects what Validate accepts;
// of other content it makes a harmless message, or returns an error when there
// is nothing to make one of: an unknown format, a survey, a card that is not JSON.
func Compile(f Format, c Content, opt Options) (*Template, error) {
	k := compiler{interner: interner{track: opt.TrackURL}, format: f, content: c, assets: strings.TrimRight(opt.AssetsURL, "/"), slots: opt.Slots, later: opt.Later}
	t := &Template{format: f}
	for l := range languages {
		v, err := k.variant(l)
		if err != nil {
			return nil, fmt.Errorf("compile %s: %w", f, err)
		}
		t.variants[l] = v
	}
	t.vars, t.links = k.vars, k.links
	return t, nil
}

// Variables are the names of the variables in the template, sorted.
func (t *Template) Variables() []string {
	var names []string
	for _, v := range t.vars {
		if _, ok := slotName(v.name); !ok {
			names = append(names, v.name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Render makes one person's message. With values missing it returns both: the
// message with the variables' names in their places, which is what a preview
// shows, and a *MissingDataError, because of which a sender must not send it.
//
// Tracked links keep the author's own addresses: RenderTracked gives them others.
func (t *Template) Render(p Person) (Rendered, error) { return t.RenderTracked(p, nil) }

// RenderTracked is Render with an address of link's for each tracked link, by its number. Addresses must be of
// characters that Markdown leaves alone.
func (t *Template) RenderTracked(p Person, link func(number int) string) (Rendered, error) {
	var few [8]string
	values := few[:0]
	var missing []string
	for _, v := range t.vars {
		value := p.value(v.name)
		if value == "" {
			value = v.fallback
			if !v.hasFallback {
				value = v.placeholder()
				if !slices.Contains(missing, v.name) {
					missing = append(missing, v.name)
				}
			}
		}
		values = append(values, value)
	}
	with := filling{vars: values}
	if link != nil && len(t.links) > 0 {
		with.links = make([]string, len(t.links))
		for i := range with.links {
			with.links[i] = link(i)
		}
	}

	v := &t.variants[languageOf(p.Locale)]
	out := Rendered{Missing: missing}
	out.Activity.Type = schema.Message
	if v.card == nil {
		out.Activity.TextFormat = schema.MARKDOWN
		out.Activity.Text = string(v.text.append(nil, with))
	} else {
		// Text and attachments in one activity would be split in two by Teams,
		// and no message id returned (platform.md §1): a card has a summary instead.
		card := v.card
		if v.later != nil {
			card = v.later
			out.bare = func() json.RawMessage { return v.card.run(with) }
		}
		out.Activity.Attachments = []schema.Attachment{{ContentType: contentTypeCard, Content: json.RawMessage(card.run(with))}}
		out.Activity.Summary = string(v.summary.append(nil, with))
	}
	if t.format == Important {
		// platform.md §1: channelData.notification.alert raises the notification;
		// what importance does in Teams is not documented, it does no harm.
		out.Activity.Importance = schema.ActivityHigh
		out.Activity.ChannelData = map[string]any{"notification": map[string]any{"alert": true}}
	}
	if len(missing) > 0 {
		return out, &MissingDataError{Variables: missing}
	}
	return out, nil
}

// Body is the activity as it goes over the wire, or a *TooLargeError. The button for another time is left out of a card that would
// be too large with it.
func (r Rendered) Body() ([]byte, error) {
	b, err := r.body()
	var large *TooLargeError
	if errors.As(err, &large) && r.bare != nil {
		r.Activity.Attachments = []schema.Attachment{{ContentType: contentTypeCard, Content: r.bare()}}
		return r.body()
	}
	return b, err
}

func (r Rendered) body() ([]byte, error) {
	b, err := wire.Encode(r.Activity)
	if err != nil {
		return nil, err
	}
	// A byte of UTF-8 is at most one unit of UTF-16: most bodies need no counting.
	if 2*len(b) > wire.MaxSize {
		if n := wire.Size(b); n > wire.MaxSize {
			return nil, &TooLargeError{Size: n, Max: wire.MaxSize}
		}
	}
	return b, nil
}
