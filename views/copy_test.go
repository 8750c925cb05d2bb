package views

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"adit/client"
	"adit/session"
	"adit/tunnelconn"
)

func TestCopyTakesTheWayOfThePlaceAndElseTheTerminals(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.sessions.proxies = []session.Proxy{d.proxy("pump-12")}
		d.app.refill()
		d.choose("pump-12")
		var native []string
		d.app.opts.Copy = func(text string) error { native = append(native, text); return nil }
		d.press("y")
		d.write("ssh")
		d.press("enter")
		d.sees("Copied the ssh command.")
		want := "ssh -p 5555 -o HostKeyAlias=" + session.HostKeyAlias(prod, "pump-12") + " 127.0.0.1"
		if len(native) != 1 || native[0] != want || d.clipboard != "" {
			t.Errorf("copied %q and %q, want %q", native, d.clipboard, want)
		}
		d.app.opts.Copy = func(string) error { return errMade }
		d.press("y")
		d.write("arn")
		d.press("enter")
		d.sees("since the clipboard refused it (made up by a test)")
		if !strings.HasPrefix(d.clipboard, "arn:aws:iot:") {
			t.Errorf("copied %q", d.clipboard)
		}
	})
}

func TestAddressThatIsCopiedIsTheOneTheRowShows(t *testing.T) {
	onDesk(t, func(d *desk) {
		p := d.proxy("pump-12")
		p.Services = append([]tunnelconn.ServiceStatus{{Service: "HTTP", Address: "127.0.0.1:8080"}}, p.Services...)
		d.sessions.proxies = []session.Proxy{p}
		d.app.refill()
		d.choose("pump-12")
		d.sees("you :5555")
		d.press("y")
		d.sees("proxy address 127.0.0.1:5555")
	})
}

func TestTokenIsCopiedOnlyWhenAskedForTwiceAndNeverShown(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.seen = func(content string) {
			if strings.Contains(ansi.Strip(content), "made-up-token") {
				t.Fatal("the token is on the screen")
			}
		}
		d.choose("pump-12")
		d.press("y")
		d.sees("source token ********")
		d.write("token")
		d.press("enter")
		d.sees("Copy a source token of pump-12", "(tunnel 2f2c9a14, eu-west-1)", "by SOURCE.", "adit neither shows nor keeps it")
		d.press("enter") // the default copies nothing
		if d.sessions.issued != 0 || d.clipboard != "" {
			t.Fatal("the default rotated")
		}
		d.press("y")
		d.write("token")
		d.press("enter", "y")
		d.sees("Copied the new source token of pump-12 (hidden).")
		if d.sessions.issued != 1 || d.clipboard != "made-up-token" {
			t.Errorf("%d rotations, copied %q", d.sessions.issued, d.clipboard)
		}
		d.clipboard, d.sessions.issueErr = "", d.service.Failure("RotateTunnelAccessToken", client.KindDenied)
		d.press("y")
		d.write("token")
		d.press("enter", "y")
		d.sees("You may not iot:RotateTunnelAccessToken")
		if d.clipboard != "" {
			t.Errorf("copied %q", d.clipboard)
		}
	})
}
