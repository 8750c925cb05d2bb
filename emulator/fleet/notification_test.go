package fleet

import (
	"strings"
	"testing"
)

func TestNotificationIsReadAsDocumented(t *testing.T) {
	n, err := parseNotification([]byte(`{"clientAccessToken":"AQGAAX","clientMode":"destination","region":"us-east-1","services":["SSH","HTTP"]}`))
	if err != nil {
		t.Fatal(err)
	}
	if n.accessToken.Reveal() != "AQGAAX" || n.region != "us-east-1" || n.key() != "HTTP SSH" {
		t.Errorf("read as %v, %s, %s", n.accessToken.Reveal(), n.region, n.key())
	}
}

func TestNotificationThatIsNotForADestinationIsRefused(t *testing.T) {
	for payload, want := range map[string]string{
		`hello`:                   "the notification is not the JSON that the service sends",
		`{"clientAccessToken":7}`: "the notification is not the JSON that the service sends",
		`{"clientMode":"destination","services":["SSH"]}`:                       "the notification has no access token",
		`{"clientAccessToken":"AQGAAX","clientMode":"source","services":["A"]}`: "the notification is not for a destination",
		`{"clientAccessToken":"AQGAAX","clientMode":"destination"}`:             "the notification names no service",
	} {
		if _, err := parseNotification([]byte(payload)); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", payload, err, want)
		}
	}
}

func FuzzNotification(f *testing.F) {
	f.Add([]byte(`{"clientAccessToken":"AQGAAX","clientMode":"destination","region":"us-east-1","services":["SSH"]}`))
	f.Add([]byte(`{"clientAccessToken":"AQGAAX","clientMode":"source"}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		n, err := parseNotification(payload)
		switch {
		case err == nil && (n.accessToken.IsZero() || len(n.services) == 0):
			t.Errorf("%q was taken without a token or a service", payload)
		case err != nil && strings.Contains(err.Error(), "AQGAAX"):
			t.Errorf("the error quotes the token: %v", err)
		}
	})
}
