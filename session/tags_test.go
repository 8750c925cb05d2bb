package session

import (
	"testing"

	"adit/client"
)

func TestOwnerIsTheOneOfTheOpenAndElseOfTheTagsOthersUse(t *testing.T) {
	tags := func(pairs ...client.Text) (tags []client.Tag) {
		for i := 0; i < len(pairs); i += 2 {
			tags = append(tags, client.Tag{Key: pairs[i], Value: pairs[i+1]})
		}
		return tags
	}
	mark := openTag("0123456789abcdef", "alice@bastion3")
	for _, c := range []struct {
		tags []client.Tag
		want client.Text
	}{
		{append(tags("owner", "bob"), mark), "alice@bastion3"},
		{tags("team", "ops", "Opened-By", "carol"), "carol"},
		{tags("created-by", "dave", "owner", "erin"), "erin"},
		{[]client.Tag{openTag("0123456789abcdef", "")}, ""},
		{nil, ""},
	} {
		if got := OwnerOf(client.Tunnel{Tags: c.tags}); got != c.want {
			t.Errorf("the owner by %q is %q, want %q", c.tags, got, c.want)
		}
	}
	if got := markerOf(client.Tunnel{Tags: []client.Tag{mark}}); got != "0123456789abcdef" {
		t.Errorf("the marker beside an owner is %q", got)
	}
}
