package cli

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"adit/tunnelconn"
)

// verifies tells whether a plan trusts a server.
func verifies(plan *proxyPlan, server *httptest.Server) error {
	_, err := server.Certificate().Verify(x509.VerifyOptions{Roots: plan.link.Roots})
	return err
}

// fakeProxy is a local proxy whose states a test sets.
type fakeProxy struct {
	mu     sync.Mutex
	status tunnelconn.Status
	turned chan struct{}
	done   chan struct{}
	closed int
}

func newFakeProxy() *fakeProxy {
	return &fakeProxy{
		status: tunnelconn.Status{Seq: 1, Since: time.Now()},
		turned: make(chan struct{}), done: make(chan struct{}),
	}
}

func (p *fakeProxy) enter(state tunnelconn.State, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status.State, p.status.Err, p.status.Since = state, err, time.Now()
	p.status.Seq++
	close(p.turned)
	p.turned = make(chan struct{})
}

func (p *fakeProxy) Status() tunnelconn.Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status
}

func (p *fakeProxy) Changed(ctx context.Context, seen uint64) (uint64, error) {
	p.mu.Lock()
	turned, seq := p.turned, p.status.Seq
	p.mu.Unlock()
	if seq != seen {
		return seq, nil
	}
	select {
	case <-turned:
		return seen + 1, nil
	case <-ctx.Done():
		return seen, ctx.Err()
	}
}

func (p *fakeProxy) Done() <-chan struct{} { return p.done }

func (p *fakeProxy) Close() error {
	p.mu.Lock()
	p.closed++
	p.mu.Unlock()
	p.enter(tunnelconn.Stopped, nil)
	return nil
}

func codeOf(err error) int { return exitCode(context.Background(), err) }

func TestTheReasonOfTheEndIsTheExitCode(t *testing.T) {
	refusal := &tunnelconn.HandshakeError{StatusCode: 400, Reason: "The access token was previously used", ChannelID: "ab-cd"}
	for name, c := range map[string]struct {
		reason error
		code   int
		says   []string
	}{
		"refused":     {refusal, exitRefused, []string{"service_says=\"The access token was previously used\"", "channel_id=ab-cd", "http_status=400", "rotate"}},
		"replaced":    {fmt.Errorf("%w; x", tunnelconn.ErrReplaced), exitReplaced, []string{"level=ERROR", "rotates"}},
		"over":        {fmt.Errorf("%w; x", tunnelconn.ErrTunnelClosed), exitOver, []string{"level=WARN", "closed"}},
		"over before": {&tunnelconn.HandshakeError{StatusCode: 403, Reason: "Tunnel is closed"}, exitOver, []string{"level=WARN", "never opens again"}},
		"barred":      {&tunnelconn.ProxyError{Proxy: "proxy.example.com:3128", StatusCode: 407}, exitBarred, []string{"level=ERROR", "proxy.example.com:3128 wants a user and password"}},
		"other":       {errors.New("the certificate is not trusted"), 1, []string{"not trusted"}},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			proxy := newFakeProxy()
			proxy.enter(tunnelconn.Stopped, c.reason)
			close(proxy.done)
			r := &proxyRun{plan: &proxyPlan{}, log: proxyLog(&log, "text", 4)}
			if got := codeOf(r.watch(t.Context(), proxy)); got != c.code {
				t.Errorf("exit code %d, want %d", got, c.code)
			}
			for _, want := range append(c.says, fmt.Sprintf("exit_code=%d", c.code)) {
				if !strings.Contains(log.String(), want) {
					t.Errorf("the log lacks %q: %s", want, log.String())
				}
			}
		})
	}
}

func TestASignalClosesInOrderAndIsSuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		proxy := newFakeProxy()
		proxy.enter(tunnelconn.Connected, nil)
		r := &proxyRun{plan: &proxyPlan{}, log: slog.New(slog.DiscardHandler)}
		ended := make(chan error, 1)
		go func() { ended <- r.watch(ctx, proxy) }()
		synctest.Wait()
		cancel()
		if got := codeOf(<-ended); got != 0 || proxy.closed != 1 {
			t.Errorf("exit code %d after %d closes, want 0 after 1", got, proxy.closed)
		}
	})
}

func TestALocalReaderThatStandsStillDoesNotHideTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		proxy := newFakeProxy() // never done
		proxy.enter(tunnelconn.Stopped, tunnelconn.ErrTunnelClosed)
		r := &proxyRun{plan: &proxyPlan{}, log: slog.New(slog.DiscardHandler)}
		began := time.Now()
		if got := codeOf(r.watch(t.Context(), proxy)); got != exitOver || proxy.closed != 1 || time.Since(began) != handOver {
			t.Errorf("exit code %d with %d closes after %v, want %d with 1 after %v", got, proxy.closed, time.Since(began), exitOver, handOver)
		}
	})
}

func TestGivingUpCountsFromTheLossOfTheLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		proxy := newFakeProxy()
		r := &proxyRun{plan: &proxyPlan{}, giveUp: time.Minute, log: slog.New(slog.DiscardHandler)}
		began := time.Now()
		ended := make(chan error, 1)
		go func() { ended <- r.watch(t.Context(), proxy) }()
		time.Sleep(50 * time.Second)
		proxy.enter(tunnelconn.Connected, nil)
		time.Sleep(time.Hour)
		proxy.enter(tunnelconn.Reconnecting, errors.New("cut"))
		if got := codeOf(<-ended); got != exitExhausted {
			t.Errorf("exit code %d, want %d", got, exitExhausted)
		}
		if lasted, want := time.Since(began), time.Hour+110*time.Second; lasted != want {
			t.Errorf("gave up after %v, want %v", lasted, want)
		}
	})
}

func TestTheStatusIsALineOfJSONForEachChangeAndNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		proxy := newFakeProxy()
		proxy.status.Services = []tunnelconn.ServiceStatus{{Service: "SSH", Address: "127.0.0.1:5555", Live: 1, Total: 2, Sent: 3, Received: 4}}
		r := &proxyRun{plan: &proxyPlan{}, log: slog.New(slog.DiscardHandler), report: &out}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.watch(ctx, proxy) }()
		time.Sleep(reportEvery + time.Second)
		proxy.enter(tunnelconn.Connected, nil)
		synctest.Wait()
		cancel()
		<-ended
		var states []string
		for lines := json.NewDecoder(&out); ; {
			var got statusReport
			if err := lines.Decode(&got); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			states = append(states, got.State)
			if len(got.Services) != 1 || !reflect.DeepEqual(got.Services[0], serviceReport{
				Service: "SSH", Address: "127.0.0.1:5555", Live: 1, Total: 2, Sent: 3, Received: 4, Connections: []connectionReport{},
			}) {
				t.Errorf("services %+v", got.Services)
			}
		}
		want := "connecting connecting connected connected stopped"
		if got := strings.Join(states, " "); got != want {
			t.Errorf("states %s, want %s", got, want)
		}
	})
}

func TestTheLiveLineStaysBelowTheLog(t *testing.T) {
	var out bytes.Buffer
	line := &liveLine{out: &out}
	log := proxyLog(line, "text", 4)
	line.set("source connected")
	line.set("source connected")
	log.Info("one")
	line.set("")
	log.Info("two")
	got := out.String()
	first, rest, _ := strings.Cut(got, "msg=one\n")
	if strings.Count(first, "source connected") != 1 || !strings.HasPrefix(first, clearLine) {
		t.Errorf("before the record: %q", first)
	}
	if !strings.HasPrefix(rest, "source connected"+clearLine+"time=") || !strings.HasSuffix(rest, "msg=two\n") {
		t.Errorf("after the record: %q", rest)
	}
}

func TestTheStatusLineFitsItsTerminal(t *testing.T) {
	status := tunnelconn.Status{
		State: tunnelconn.Connected, RoundTrip: 38 * time.Millisecond, Reconnects: 2,
		Services: []tunnelconn.ServiceStatus{{Service: "SSH", Address: "127.0.0.1:5555", Live: 1, Total: 14, Refused: 3, Sent: 2048, Received: 3 << 20}},
	}
	want := "source connected | SSH 127.0.0.1:5555 | 1 open of 14 | 3 refused | sent 2.0 KiB, received 3.0 MiB | 38 ms | reconnected 2 times"
	if got := statusLine(status, 200); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := statusLine(status, 30); got != want[:30] {
		t.Errorf("%q is not cut to 30 columns", got)
	}
}

func TestTheVerbosityIsTheReferences(t *testing.T) {
	for verbose, want := range map[uint8]string{0: "", 1: "e", 2: "e", 3: "ew", 4: "ewi", 5: "ewid", 6: "ewid", 255: "ewid"} {
		var out bytes.Buffer
		log := proxyLog(&out, "json", verbose)
		log.Error("e")
		log.Warn("w")
		log.Info("i")
		log.Debug("d")
		var got strings.Builder
		for lines := json.NewDecoder(&out); lines.More(); {
			var record struct{ Msg string }
			if err := lines.Decode(&record); err != nil {
				t.Fatal(err)
			}
			got.WriteString(record.Msg)
		}
		if got.String() != want {
			t.Errorf("-v %d logs %q, want %q", verbose, got.String(), want)
		}
	}
}

func TestTheWarningBeyondLoopbackIsGiven(t *testing.T) {
	var log, terminal bytes.Buffer
	run := &proxyRun{log: proxyLog(&log, "text", 4)}
	warnExposed(run, &terminal, "0.0.0.0", false)
	if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), "0.0.0.0, beyond this machine") {
		t.Errorf("logged %q", log.String())
	}
	t.Setenv("NO_COLOR", "")
	warnExposed(run, &terminal, "0.0.0.0", true)
	if !strings.HasPrefix(terminal.String(), "\x1b[1;31mWARNING") {
		t.Errorf("shown %q", terminal.String())
	}
}

func TestAStreamThatNeverEndsIsLeftWhenASignalComes(t *testing.T) {
	input, writer := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := readToken(ctx, input); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the end of the context", err)
	}
	_ = writer.Close()
}
