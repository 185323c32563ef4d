// Package survey is the pure core of surveys that people answer in the chat: what an author may write, which question
// comes next, what counts as an answer, how every step looks as an Adaptive Card, and what the answers add up to.
//
// It is a leaf: of ours it imports campaigns/message and its children only. It reads no clock, no database and no network,
// and everything in it may be called from any number of goroutines, except that a Tally belongs to one at a time.
//
// # The way of an answer
//
//	d.First()                     "" for the whole form on one card, else the first question's id: View.At of the first card
//	Card(d, View{Kind: Ask, …})   the card; it goes through message.Compile, which fills in the variables of intro and thanks
//	ReadPress(data)               what was pressed: campaign, question, act
//	d.Accept(at, data, before)    the answers afterwards, or what is wrong with them, for View.Problems of the same card
//	d.Following(at, after)        the question for the next card, or done: then Thanks
//
// An optional question that was left blank is in Answers with a blank Value; a question that is not there was not asked yet.
// So Answers alone say where a person is, and Next finds the question to ask when a card is drawn anew.
//
// # Texts
//
// Intro and Thanks are the Markdown subset of campaigns/message, with variables. All else is plain text, shown exactly as it
// was written: "[FIRSTNAME]" in a question stays "[FIRSTNAME]".
//
// Start reading at definition.go, then path.go, answers.go, card.go.
package survey
