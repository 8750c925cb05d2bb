package tunnelconn

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

func TestDestinationSaysWhereTunnelAndApplicationsDoNotAgree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryRelay(t, "HTTP", "ECHO")
		cfg := DestinationConfig{Link: m.link(RoleDestination), Targets: map[string]string{"HTTP": "127.0.0.1:80", "FOO": "127.0.0.1:81"}}
		var log syncBuffer
		cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
		d, err := StartDestination(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer closeProxy(t, d)
		stateIs(t, d, "connected", func(s Status) bool { return s.State == Connected })
		synctest.Wait()
		for _, text := range []string{"has no application here: its connections will be refused\" service=ECHO", "no such service: nothing will come for its application\" service=FOO"} {
			if strings.Count(log.String(), text) != 1 {
				t.Errorf("%q is not in the log:\n%s", text, log.String())
			}
		}
		if strings.Contains(log.String(), "service=HTTP") {
			t.Errorf("the log complains about what agrees:\n%s", log.String())
		}
	})
}

func TestRefusalForATunnelThatIsOverIsItsEnd(t *testing.T) {
	for reason, over := range map[string]bool{
		"Tunnel is closed": true, "The tunnel has expired": true, "Invalid access-token": false, "": false,
		"Invalid access token: The access token was previously used and can not be used again.": false,
	} {
		refusal := &HandshakeError{StatusCode: http.StatusForbidden, Reason: reason}
		if errors.Is(refusal, ErrTunnelClosed) != over || strings.Contains(refusal.Error(), "rotate") == over {
			t.Errorf("%q: %v", reason, refusal)
		}
	}
	if errors.Is(&HandshakeError{StatusCode: http.StatusServiceUnavailable, Reason: "Tunnel is closed"}, ErrTunnelClosed) {
		t.Error("a passing trouble counts as the end")
	}
}
