package cli

import (
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"

	"adit/tunnelconn/token"
)

func TestScreenSeesTheLogFromInfoUpWithoutSecrets(t *testing.T) {
	ring := &logRing{}
	log := slog.New(slog.NewMultiHandler(slog.NewJSONHandler(io.Discard, nil), ringHandler{ring: ring, level: slog.LevelInfo}))
	secret := token.New("s3cret")
	log.Debug("unseen")
	log.With("tunnel", "t1").WithGroup("link").Warn("lost", "error", errors.New("reset"), "token", secret, slog.Group("", "a", 1))
	log.Error("end")
	entries := ring.Entries()
	if len(entries) != 2 || ring.Count() != 2 {
		t.Fatalf("%+v", entries)
	}
	if e := entries[0]; e.Text != "lost tunnel=t1 link.error=reset link.token="+secret.String()+" link.a=1" || e.Level != slog.LevelWarn || strings.Contains(e.Text, "s3cret") {
		t.Errorf("the first is %+v", e)
	}
	for range 2 * mostEntries {
		log.Info("more")
	}
	if entries := ring.Entries(); len(entries) != mostEntries || entries[mostEntries-1].N != ring.Count() {
		t.Errorf("%d entries are kept", len(entries))
	}
}
