package sandbox

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
)

// Ids that Teams makes. They look opaque and carry a check, and can be turned back into the person they stand for, so that
// no table of a million ids is needed.

const (
	saltChannel      = 0x32393a
	saltConversation = 0x613a
)

func sealed(k personKey, generation uint16, salt uint64) string {
	var b [18]byte
	check := splitmix(uint64(k)*31 + uint64(generation) + salt)
	binary.BigEndian.PutUint64(b[0:], check)
	binary.BigEndian.PutUint64(b[8:], uint64(k)^splitmix(check))
	binary.BigEndian.PutUint16(b[16:], generation^uint16(check))
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func unsealed(s string, salt uint64) (personKey, uint16, bool) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) != 18 {
		return 0, 0, false
	}
	check := binary.BigEndian.Uint64(b[0:])
	k := personKey(binary.BigEndian.Uint64(b[8:]) ^ splitmix(check))
	generation := binary.BigEndian.Uint16(b[16:]) ^ uint16(check)
	return k, generation, sealed(k, generation, salt) == s
}

// channelID is the 29: id of a person; Teams' bot ids start with 28:.
func channelID(k personKey) string { return "29:1" + sealed(k, 0, saltChannel) }

func parseChannelID(id string) (personKey, bool) {
	rest, ok := strings.CutPrefix(id, "29:1")
	if !ok {
		return 0, false
	}
	k, _, ok := unsealed(rest, saltChannel)
	return k, ok
}

// conversationID is the personal chat of a person. The generation tells a moved conversation from its old id.
func conversationID(k personKey, generation uint16) string {
	return "a:1" + sealed(k, generation, saltConversation)
}

func parseConversationID(id string) (personKey, uint16, bool) {
	rest, ok := strings.CutPrefix(id, "a:1")
	if !ok {
		return 0, 0, false
	}
	return unsealed(rest, saltConversation)
}

// chatID is what Graph calls the personal chat of a person with the bot. The Connector takes it as well as its own id, and no event
// from Teams has it.
func chatID(p Person) string { return "19:" + p.ID + "_" + AppID + "@unq.gbl.spaces" }

// parseChatID finds whose chat it is.
func parseChatID(id string) (personKey, bool) {
	rest, begins := strings.CutPrefix(id, "19:")
	person, ends := strings.CutSuffix(rest, "_"+AppID+"@unq.gbl.spaces")
	if !begins || !ends {
		return 0, false
	}
	return parseObjectID(person)
}

func botID() string { return "28:" + AppID }
