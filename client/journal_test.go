package client_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"adit/client"
	"adit/client/clienttest"
)

func TestJournalNotesWhatWasChangedWithItsCommandAndNoToken(t *testing.T) {
	where := client.Context{Profile: "prod", Account: "123456789012", Region: "eu-west-1"}
	service, journal := clienttest.New(where), client.NewJournal()
	r := client.Recorded(service, journal)
	ctx := t.Context()
	opened, err := r.Open(ctx, client.OpenInput{Thing: "pump-07", Services: []string{"SSH"}})
	if err != nil {
		t.Fatal(err)
	}
	rotated, err := r.Rotate(ctx, client.RotateInput{ID: opened.ID, Mode: client.ModeAll})
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Tag(ctx, opened.ARN, []client.Tag{{Key: "a", Value: "b\x1b[2J"}})
	_ = r.Untag(ctx, opened.ARN, []string{"a"})
	for range 3 {
		_, _ = r.Describe(ctx, opened.ID)
	}
	_, _ = r.Describe(ctx, "none")
	service.FailNext("CloseTunnel", service.Failure("CloseTunnel", client.KindDenied))
	_ = r.Close(ctx, opened.ID, true)

	deeds := journal.Deeds()
	want := []string{"CloseTunnel", "UntagResource", "TagResource", "RotateTunnelAccessToken", "OpenTunnel"}
	if len(deeds) != len(want) || journal.Count() != uint64(len(want)) {
		t.Fatalf("noted %+v", deeds)
	}
	for i, d := range deeds {
		if d.Action != want[i] || d.Context != where || !strings.HasPrefix(d.Command, "aws iotsecuretunneling ") || d.At.IsZero() {
			t.Errorf("deed %d is %+v", i, d)
		}
	}
	if d := deeds[0]; !d.Failed || !strings.Contains(d.Result, "You may not") {
		t.Errorf("the denied close is %+v", d)
	}
	if d := deeds[4]; d.Failed || d.Object != "thing pump-07" || d.Result != "tunnel tunnel-1" {
		t.Errorf("the open is %+v", d)
	}
	if asked := journal.Asked(); len(asked) != 1 || asked[0] != (client.Asked{Operation: "DescribeTunnel", Calls: 4, Failed: 1}) {
		t.Errorf("asked %+v", asked)
	}

	var out bytes.Buffer
	if err := journal.Write(&out); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{opened.Source.Reveal(), opened.Destination.Reveal(), rotated.Source.Reveal(), "\x1b"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("the journal holds %q", secret)
		}
	}
	lines := bufio.NewScanner(&out)
	n := 0
	for ; lines.Scan(); n++ {
		var line struct{ Action, Region, Result string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil || line.Action != want[len(want)-1-n] || line.Region != "eu-west-1" || line.Result == "" {
			t.Errorf("line %d is %s, %v", n, lines.Text(), err)
		}
	}
	if n != len(want) {
		t.Errorf("%d lines", n)
	}
}

func TestJournalKeepsTheLatest(t *testing.T) {
	journal := client.NewJournal()
	for range 2500 {
		journal.Add(client.Deed{Action: "x"})
	}
	if deeds := journal.Deeds(); len(deeds) != 2000 || deeds[0].N != 2500 || deeds[1999].N != 501 {
		t.Errorf("%d deeds, from %d to %d", len(deeds), deeds[len(deeds)-1].N, deeds[0].N)
	}
	var none *client.Journal
	none.Add(client.Deed{})
	if none.Deeds() != nil || none.Count() != 0 || none.Asked() != nil {
		t.Error("no journal remembers something")
	}
}
