package session

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
)

func TestPortHolderIsTheProcessThatListens(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "0.0.0.0", "::1"} {
		address := taken(t, host)
		_, port, _ := net.SplitHostPort(address)
		if host == "0.0.0.0" {
			address = "127.0.0.1:" + port
		}
		want := fmt.Sprintf("(process %d)", os.Getpid())
		if got := portHolder(address); !strings.HasSuffix(got, want) {
			t.Errorf("%s is held by %q, want … %s", address, got, want)
		}
	}
	if got := portHolder(freeAddress(t, "127.0.0.1")); got != "" {
		t.Errorf("a free port is held by %q", got)
	}
}

func FuzzFindListener(f *testing.F) {
	f.Add("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n" +
		"   0: 0100007F:15B3 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100 0 0 10 0")
	f.Add("0: 0:15B3 0 0A 0 0 0 0 0 0")
	f.Fuzz(func(_ *testing.T, table string) { findListener(table, "127.0.0.1", 5555) })
}
