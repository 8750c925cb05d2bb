package relay

import (
	"testing"

	"adit/emulator/tunnels"
)

func TestPairIsForgottenWithItsLastSide(t *testing.T) {
	store := tunnels.New(testConfig())
	out, err := store.Open(tunnels.Scope{}, tunnels.OpenInput{})
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{pairs: map[string]*pair{}}
	source := testLink(t, store, tunnels.Source, out.SourceToken, 3)
	destination := testLink(t, store, tunnels.Destination, out.DestinationToken, 3)
	p := s.join(source)
	if s.join(destination) != p {
		t.Error("the two sides of a tunnel are not a pair")
	}
	s.leave(p, source)
	if s.pairs[out.Tunnel.ID] != p {
		t.Error("the pair is gone while a side is there")
	}
	s.leave(p, destination)
	if len(s.pairs) > 0 {
		t.Error("the pair stayed after both sides")
	}
}

func TestLinkThatLostItsSeatBeforeItJoinedTakesNoPlace(t *testing.T) {
	store := tunnels.New(testConfig())
	out, err := store.Open(tunnels.Scope{}, tunnels.OpenInput{})
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{pairs: map[string]*pair{}}
	slow := testLink(t, store, tunnels.Source, out.SourceToken, 3)
	rotated, err := store.Rotate(tunnels.Scope{}, out.Tunnel.ID, tunnels.RotateSource, nil)
	if err != nil {
		t.Fatal(err)
	}
	fast := testLink(t, store, tunnels.Source, rotated.SourceToken, 3)
	p := s.join(fast)
	s.join(slow)
	if p.links[tunnels.Source] != fast {
		t.Error("who lost its seat has the place")
	}
	s.leave(p, slow)
	if p.links[tunnels.Source] != fast || len(s.pairs) != 1 {
		t.Error("who lost its seat took the newcomer's place along")
	}
}
