package session

import (
	"strings"
	"unicode"

	"adit/client"
)

const (
	// tagOpen carries the marker of an open and, behind a space, who opened; tagHolder who has the source. One tag for both,
	// since policies allow few keys and a tunnel has room for fifty.
	tagOpen   = "adit:open"
	tagHolder = "adit:holder"
	// maxTags, maxTagValue and maxDescription are the API's limits, the latter two in characters.
	maxTags        = 50
	maxTagValue    = 256
	maxDescription = 2048
)

// tagValue makes a text fit for a tag: the API takes letters, numbers, separators and _.:/=+-@.
func tagValue(text string) string {
	var b strings.Builder
	n := 0
	for _, r := range text {
		if n++; n > maxTagValue {
			break
		}
		if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Z, r) || strings.ContainsRune("_.:/=+-@", r) {
			b.WriteRune(r)
		} else {
			b.WriteByte('-')
		}
	}
	return b.String()
}

// tagOf finds a tag's value.
func tagOf(t client.Tunnel, key string) string {
	for _, tag := range t.Tags {
		if tag.Key.Raw() == key {
			return tag.Value.Raw()
		}
	}
	return ""
}

// ownerKeys are the tags by which people and other tools say who opened a tunnel, in the order they are believed.
var ownerKeys = [...]string{"owner", "opened-by", "openedby", "opened_by", "created-by", "createdby", "created_by"}

// OwnerOf is who opened a tunnel by its tags, such as alice@bastion3: adit's own tag first, then those that others use. ""
// where nobody says.
func OwnerOf(t client.Tunnel) client.Text {
	if _, owner, ok := strings.Cut(tagOf(t, tagOpen), " "); ok && owner != "" {
		return client.Text(owner)
	}
	for _, key := range ownerKeys {
		for _, tag := range t.Tags {
			if strings.EqualFold(tag.Key.Raw(), key) {
				return tag.Value
			}
		}
	}
	return ""
}

// openTag is the tag of an open: its marker, and who opens where that is known.
func openTag(marker, owner string) client.Tag {
	return client.Tag{Key: tagOpen, Value: client.Text(tagValue(strings.TrimSpace(marker + " " + owner)))}
}

// markIn is how the marker stands in a description where tags are forbidden.
func markIn(marker string) string { return "(" + tagOpen + "=" + marker + ")" }

// markerOf is the marker of the open a tunnel came from, "" where there is none.
func markerOf(t client.Tunnel) string {
	if marker, _, _ := strings.Cut(tagOf(t, tagOpen), " "); marker != "" {
		return marker
	}
	_, after, found := strings.Cut(t.Description.Raw(), "("+tagOpen+"=")
	marker, _, closed := strings.Cut(after, ")")
	if !found || !closed {
		return ""
	}
	return marker
}

// WithoutMark is a description without the marker that adit put at its end.
func WithoutMark(description string) string {
	before, after, found := strings.Cut(description, "("+tagOpen+"=")
	if !found || !strings.HasSuffix(after, ")") {
		return description
	}
	return strings.TrimSuffix(before, " ")
}

// withMark puts the marker at the end of a description and keeps it within the API's limit.
func withMark(description, marker string) string {
	mark := markIn(marker)
	if description == "" {
		return mark
	}
	runes := []rune(description)
	if most := maxDescription - len(mark) - 1; len(runes) > most {
		runes = runes[:most]
	}
	return string(runes) + " " + mark
}
