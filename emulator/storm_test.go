package emulator_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling/types"
)

// stormClient comes again and again with one token, as a local proxy does whose network flickers.
type stormClient struct {
	addr          string
	tls           *tls.Config
	mode          string
	access, token string
}

// connect comes as far as SERVICE_IDS.
func (c stormClient) connect() (*tls.Conn, error) {
	conn, err := tls.Dial("tcp", c.addr, c.tls)
	if err != nil {
		return nil, err
	}
	line := "GET /tunnel?local-proxy-mode=" + c.mode + " HTTP/1.1"
	if _, err := io.WriteString(conn, upgrade(line, c.access, "client-token: "+c.token+"\r\n")); err != nil {
		return conn, err
	}
	in := bufio.NewReader(conn)
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		return conn, err
	}
	if response.StatusCode != http.StatusSwitchingProtocols {
		body, _ := io.ReadAll(response.Body)
		return conn, fmt.Errorf("%s: %s", response.Status, body)
	}
	if first, err := in.ReadByte(); err != nil || first != 0x82 {
		return conn, fmt.Errorf("the first byte is %#x: %w", first, err)
	}
	return conn, nil
}

// resources are what a leak would show in.
type resources struct{ goroutines, files, heapMiB int }

func resourcesNow() resources {
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	files, _ := os.ReadDir("/proc/self/fd") // none where there is no such directory
	return resources{runtime.NumGoroutine(), len(files), int(memory.HeapAlloc >> 20)}
}

func TestAThousandClientsInAStormOfReconnectsLeakNothingAndDisturbNobody(t *testing.T) {
	const pairs, rounds = 500, 2
	b := start(t)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(b.CAPEM())
	config := &tls.Config{RootCAs: roots, ServerName: "localhost", ClientSessionCache: tls.NewLRUClientSessionCache(1)}
	var clients []stormClient
	for i := range pairs {
		out := b.open("SSH")
		token := fmt.Sprintf("%032d", i)
		clients = append(clients,
			stormClient{b.DataAddr(), config, "source", *out.SourceAccessToken, "a" + token},
			stormClient{b.DataAddr(), config, "destination", *out.DestinationAccessToken, "b" + token})
	}
	out := b.open("SSH")
	source, destination := b.source(out), b.destination(out)
	source.send(streamStart(1, 1))
	destination.expect(streamStart(1, 1))
	before := resourcesNow()

	// All are there at once, then all are gone at once, without a word. Some are hostile first, and the last word of some is
	// cut. What shakes hands at a time is bounded, as the processors are, which the clients use too.
	sayings := [][]byte{nil, nil, masked(0x82, []byte{0, 2, 0x08, 4}), []byte(strings.Repeat("\xff", 300)), masked(0x89, nil), {0x82, 0xfe, 0x7f}, masked(0x81, []byte("text"))}
	var mu sync.Mutex
	failed := map[string]int{}
	over := make(chan struct{})
	go func() {
		defer close(over)
		hands := make(chan struct{}, 32)
		for round := range rounds {
			conns := make([]*tls.Conn, len(clients))
			var coming sync.WaitGroup
			for i, client := range clients {
				hands <- struct{}{}
				coming.Go(func() {
					defer func() { <-hands }()
					var err error
					if conns[i], err = client.connect(); err != nil {
						mu.Lock()
						defer mu.Unlock()
						failed[err.Error()]++
					}
				})
			}
			coming.Wait()
			for i, conn := range conns {
				if conn != nil {
					_, _ = conn.Write(sayings[(i+round)%len(sayings)])
					_ = conn.NetConn().Close()
				}
			}
		}
	}()
	for calm, i := false, 0; !calm; i++ {
		select {
		case <-over:
			calm = true
		default:
		}
		m := data(1, 1, fmt.Sprint(i))
		source.send(m)
		destination.expect(m)
	}
	for err, n := range failed {
		t.Errorf("%d times: %s", n, err)
	}

	var after resources
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		after = resourcesNow()
		if after.goroutines <= before.goroutines+5 && after.files <= before.files+5 && after.heapMiB <= before.heapMiB+10 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("before the storm %+v, and after it %+v", before, after)
		}
	}
	t.Logf("before the storm %+v, after it %+v", before, after)
	list, err := b.sdk.ListTunnels(t.Context(), &iotsecuretunneling.ListTunnelsInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, summary := range list.TunnelSummaries[1:] {
		b.await(summary.TunnelId, func(t *types.Tunnel) bool {
			return t.SourceConnectionState.Status == types.ConnectionStatusDisconnected && t.DestinationConnectionState.Status == types.ConnectionStatusDisconnected
		})
	}
}
