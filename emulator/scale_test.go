package emulator_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"adit/emulator"
)

// BenchmarkOpens opens ten thousand tunnels, sixty-four at a time, and tells how fast that went and how much memory the
// process has then, the clients in it included. Run it with -benchtime 1x.
func BenchmarkOpens(b *testing.B) {
	const tunnels, atOnce = 10_000, 64
	transport := &http.Transport{MaxIdleConnsPerHost: atOnce}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	for range b.N {
		e, err := emulator.Start(b.Context(), emulator.Config{})
		if err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		var openers sync.WaitGroup
		for i := range atOnce {
			openers.Go(func() {
				for n := i; n < tunnels; n += atOnce {
					if err := openOver(client, e.APIURL(), n); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		openers.Wait()
		b.ReportMetric(tunnels/time.Since(began).Seconds(), "opens/s")
		debug.FreeOSMemory()
		b.ReportMetric(residentMiB(b), "MiB-resident")
		if err := e.Close(); err != nil {
			b.Error(err)
		}
	}
}

func openOver(client *http.Client, url string, n int) error {
	body := fmt.Sprintf(`{"description":"number %d","tags":[{"key":"team","value":"water"}],"destinationConfig":{"thingName":"thing-%d","services":["SSH"]}}`, n, n)
	request, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("X-Amz-Target", "IoTSecuredTunneling.OpenTunnel")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
		return fmt.Errorf("OpenTunnel: %s, %w", response.Status, err)
	}
	return nil
}

// residentMiB is the process's resident memory as Linux tells it.
func residentMiB(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skipf("resident memory is known on Linux only: %v", err)
	}
	found := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(status)
	if found == nil {
		b.Fatal("there is no VmRSS")
	}
	kib, err := strconv.Atoi(string(found[1]))
	if err != nil {
		b.Fatal(err)
	}
	return float64(kib) / 1024
}
