package cli

import (
	"log/slog"
	"testing"
)

func TestRequestsOfTheDemosOwnServiceAreNoInformation(t *testing.T) {
	ring := &logRing{}
	log := slog.New(quieter{ringHandler{ring: ring, level: slog.LevelInfo}}).With("service", "demo").WithGroup("g")
	log.Info("API request")
	log.Warn("a device is gone")
	if entries := ring.Entries(); len(entries) != 1 || entries[0].Level != slog.LevelWarn {
		t.Errorf("the log has %+v", entries)
	}
	all := &logRing{}
	slog.New(quieter{ringHandler{ring: all, level: slog.LevelDebug}}).Info("API request")
	if entries := all.Entries(); len(entries) != 1 || entries[0].Level != slog.LevelDebug {
		t.Errorf("the log from debug up has %+v", entries)
	}
}
