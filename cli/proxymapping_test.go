package cli

import (
	"net"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"adit/pattern"
)

// FuzzMapping holds what both mappings promise about whatever they accept.
func FuzzMapping(f *testing.F) {
	for _, seed := range []string{"5555", "SSH=22,HTTP=80", "/run/x.sock", "A=/run/x,B=host:1", "[::1]:22", "A=[::1]:22", "=,=", "A=0", "a:b=1", "\x00", "A=1,", "65536"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		listeners, err := parseListeners(text, "127.0.0.1")
		if err == nil {
			var again []string
			for _, l := range listeners {
				host, port, err := net.SplitHostPort(l.Address)
				if number, bad := strconv.Atoi(port); err != nil || bad != nil || number < 0 || number > 65535 || host != "127.0.0.1" {
					t.Errorf("%q listens on %q", text, l.Address)
				}
				if l.Service != "" {
					port = l.Service + "=" + port
				}
				again = append(again, port)
			}
			if second, err := parseListeners(strings.Join(again, ","), "127.0.0.1"); err != nil || !reflect.DeepEqual(listeners, second) {
				t.Errorf("%q: %v, written again %v %v", text, listeners, second, err)
			}
		}
		targets, err := parseTargets(text, "127.0.0.1")
		if err != nil {
			return
		}
		for service, target := range targets {
			_, port, err := net.SplitHostPort(target)
			number, bad := strconv.Atoi(port)
			if !strings.Contains(target, "/") && (err != nil || bad != nil || number < 1 || number > 65535) {
				t.Errorf("%q connects to %q", text, target)
			}
			if service == "" && len(targets) > 1 || service != "" && !pattern.Name.MatchString(service) {
				t.Errorf("%q has a service %q", text, service)
			}
		}
	})
}
