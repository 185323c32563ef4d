// Package message turns what an author wrote into what one person receives: a
// Bot Framework activity with a plain chat text or an Adaptive Card.
//
// It is a leaf: besides the standard library it imports the Markdown parser,
// the Bot Framework's schema, and of ours only its own children wire and icons.
// It reads no clock, no database and no network.
//
// The way of a text: Validate and Incomplete judge a Content while it is being
// written; Compile turns it, once per campaign, into a Template; Render turns
// the Template into one person's activity, many thousand times a second, from
// any number of goroutines.
//
// # Values are text
//
// A person's name may be "**Bob**", "](javascript:alert(1))" or `","type":"`.
// Three things keep it a name:
//   - Variables are found in the parsed text or in the parsed card, never in
//     JSON source. A Template is a list of finished JSON fragments with whole
//     strings missing between them; Render encodes those strings.
//   - Where a client reads Markdown, every value is escaped for Markdown.
//   - Values never reach a property that is not text. Only the query of a
//     button's address may hold a variable, and there it is percent-encoded.
//
// # The Markdown subset
//
// Paragraphs, line breaks, **bold**, *italic*, lists with - and 1., links,
// backslash escapes; everything else is plain text. It is what Adaptive Cards'
// TextBlock and Teams' chat messages both understand (platform.md §1 and §5).
// Author text is parsed and written anew, so nothing unparsed goes out.
//
// # Links
//
// With Options.TrackURL a Template leaves the addresses of links and buttons
// open, for each person's own: see links.go.
//
// Start reading at template.go, then formats.go. embed.go is for packages that
// draw cards of their own, as campaigns/survey does.
package message
