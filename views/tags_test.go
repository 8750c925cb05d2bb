package views

import (
	"testing"
	"time"

	"adit/client"
)

func TestTagsOfAditsOwnAreShownAndKept(t *testing.T) {
	onDesk(t, func(d *desk) {
		mark := client.Tag{Key: "adit:open", Value: "a\u200fb"}
		d.service.Change("2f2c9a14-12", func(u *client.Tunnel) { u.Tags = []client.Tag{mark, {Key: "team", Value: "ops"}} })
		d.choose("pump-12")
		d.press("R")
		d.pass(2 * time.Second)
		d.sees("tags team=ops adit:open=")
		d.press("t")
		d.sees("adit's own, kept: adit:open =")
		d.write("adit:holder=me") // the cursor is on the empty line already
		d.press("ctrl+s")
		d.sees("Tags that begin with adit: are adit's own")
		d.press("ctrl+d")
		d.write("incident=7")
		d.press("up", "ctrl+d", "ctrl+s")
		d.sees("+ incident = 7", "- team")
		d.press("enter") // the default goes back to what was edited
		d.sees("Tags of pump-12")
		if n := len(d.service.Calls("TagResource", "UntagResource")); n != 0 {
			t.Fatalf("the default made %d calls", n)
		}
		d.press("ctrl+s", "y")
		now, err := d.service.Tags(t.Context(), d.arn("pump-12"))
		if err != nil {
			t.Fatal(err)
		}
		left := map[client.Text]client.Text{}
		for _, tag := range now {
			left[tag.Key] = tag.Value
		}
		if len(left) != 2 || left["adit:open"] != mark.Value || left["incident"] != "7" {
			t.Errorf("the tags are %q", now)
		}
	})
}
