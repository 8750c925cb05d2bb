//go:build unix

package emulator_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling/types"
	"github.com/creack/pty"
)

// mosquitto subscribes as another project's MQTT client, and ends by itself after two messages. A line of a message
// begins with its QoS, its retain flag and its topic.
func (b *bench) mosquitto(address string, more ...string) *bufio.Scanner {
	b.t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		b.t.Fatal(err)
	}
	args := append([]string{"-d", "-h", host, "-p", port, "-q", "1", "-C", "2", "-W", "60", "-t", pumpTopic, "-F", "message %q %r %t %p"}, more...)
	cmd := exec.Command(need(b.t, "mosquitto_sub"), args...) // which ends by itself
	// Into a pipe it would write when it ends; it must be known before that that it has subscribed.
	out, terminal, err := pty.Open()
	if err != nil {
		b.t.Fatal(err)
	}
	cmd.Stdout = terminal
	err = cmd.Start()
	_ = terminal.Close()
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		defer func() { _ = out.Close() }()
		if err := cmd.Wait(); err != nil {
			b.t.Errorf("mosquitto_sub %v: %v", args, err)
		}
	})
	lines := bufio.NewScanner(out)
	b.line(lines, "Subscribed")
	return lines
}

// line reads on to one that begins with a word, and gives what is behind the word.
func (b *bench) line(lines *bufio.Scanner, word string) string {
	b.t.Helper()
	var before []string
	for lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), word); ok {
			return rest
		}
		before = append(before, lines.Text())
	}
	b.t.Fatalf("mosquitto_sub said no %q: %q", word, before)
	return ""
}

func TestMosquittoIsNotifiedOverEachVersionInTheClearAndOverTLS(t *testing.T) {
	need(t, "mosquitto_sub")
	b := startIn(t, t.TempDir())
	subscribers := map[string]*bufio.Scanner{}
	for _, version := range []string{"mqttv311", "mqttv5"} {
		subscribers[version] = b.mosquitto(b.MQTTAddr(), "-V", version)
		subscribers[version+" over TLS"] = b.mosquitto(b.MQTTSAddr(), "-V", version, "--cafile", b.CAFile())
	}
	out := b.openFor("pump", "SSH", "HTTP")
	rotated, err := b.sdk.RotateTunnelAccessToken(t.Context(), &iotsecuretunneling.RotateTunnelAccessTokenInput{
		TunnelId: out.TunnelId, ClientMode: types.ClientModeDestination,
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, lines := range subscribers {
		for _, token := range []*string{out.DestinationAccessToken, rotated.DestinationAccessToken} {
			got := b.line(lines, "message ")
			want := fmt.Sprintf(`1 0 %s {"clientAccessToken":%q,"clientMode":"destination","region":%q,"services":["SSH","HTTP"]}`, pumpTopic, *token, region)
			if got != want {
				t.Errorf("%s: %.120s…, want %.120s…", name, got, want)
			}
			var fields map[string]any
			if _, payload, _ := strings.Cut(got, "{"); json.Unmarshal([]byte("{"+payload), &fields) != nil || len(fields) != 4 {
				t.Errorf("%s: %d fields", name, len(fields))
			}
		}
	}
}
