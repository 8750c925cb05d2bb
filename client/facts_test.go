package client

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// told is what DescribeTunnel tells of a tunnel that was opened some time before noon.
func told(id string, age time.Duration) Tunnel {
	return Tunnel{Key: home.Key(id), Status: StatusOpen, Described: true, Thing: "pump-07", Services: []Text{"SSH", "HTTP"},
		Lifetime: time.Hour, CreatedAt: noon.Add(-age), Source: Side{Known: true, Connected: true}, Tags: []Tag{{"team", "ops"}}}
}

func TestFactsCompleteWhatTheListTells(t *testing.T) {
	c := newCatalogue()
	c.facts.learn(told("a", time.Hour))
	c.facts.learn(told("b", time.Hour))
	c.listed([]Tunnel{listedTunnel("a", time.Hour), listedTunnel("b", time.Minute)}, noon, noon)
	a, b := c.records[home.Key("a")].Tunnel, c.records[home.Key("b")].Tunnel
	if a.Thing != "pump-07" || !slices.Equal(a.Services, []Text{"SSH", "HTTP"}) || a.Lifetime != time.Hour {
		t.Errorf("the facts are not shown: %+v", a)
	}
	if a.Described || a.Source.Known || a.Destination.Known || a.Tags != nil {
		t.Errorf("more is claimed than is known: %+v", a)
	}
	if b.Thing != "" || b.Lifetime != 0 {
		t.Errorf("another tunnel's facts are shown: %+v", b)
	}
	c.narrow("pump-07")
	if got := c.ids(); got != "a" {
		t.Errorf("narrowed: %s", got)
	}
}

func TestFactsAreBoundedAndForgotten(t *testing.T) {
	f := newFacts()
	f.learn(told("old", factsFor))
	for i := range mostFacts + 10 {
		f.learn(told(fmt.Sprint(i), time.Duration(i)*time.Millisecond))
	}
	kept := f.prune(noon)
	if len(kept) != mostFacts || len(f.known) != mostFacts || kept[0].CreatedAt.Before(kept[1].CreatedAt) {
		t.Errorf("%d are kept", len(kept))
	}
	data, err := encodeFacts(kept)
	if err != nil || len(data) > mostFactBytes {
		t.Errorf("%d bytes, %v", len(data), err)
	}
}

func TestFactsFileIsPrivateAndReplacedWhole(t *testing.T) {
	name := filepath.Join(t.TempDir(), "facts.json")
	f := newFacts()
	f.learn(told("a", time.Hour))
	if err := writeFacts(name, f.prune(noon)); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	got, err := readFacts(name)
	if err != nil || len(got) != 1 || got[0].Key != home.Key("a") || !got[0].CreatedAt.Equal(noon.Add(-time.Hour)) || got[0].Lifetime != time.Hour {
		t.Errorf("read %+v, %v", got, err)
	}
	if files, _ := os.ReadDir(filepath.Dir(name)); len(files) != 1 {
		t.Errorf("files left: %v", files)
	}
}

func FuzzFactsAreSoundOrRefused(f *testing.F) {
	known := newFacts()
	known.learn(told("a", time.Hour))
	data, err := encodeFacts(known.prune(noon))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"version":2,"tunnels":[]}`))
	f.Add([]byte(`{"version":1,"tunnels":[{"key":{"ID":"a"},"thing":"x","lifetime":-1,"createdAt":"2026-11-23T12:00:00Z"}]}`))
	f.Add([]byte(`{"version":1,"tunnels":[{}]} {}`))
	f.Add([]byte("\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		tunnels, err := decodeFacts(data)
		for _, tunnel := range tunnels {
			if err != nil || !tunnel.valid() {
				t.Fatalf("%+v, %v", tunnel, err)
			}
		}
		if err == nil {
			if _, err := encodeFacts(tunnels); err != nil {
				t.Fatalf("read but not written: %v", err)
			}
		}
	})
}
