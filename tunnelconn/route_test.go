package tunnelconn

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

const proxyUser, proxyPassword = "operator", "pass-word:of the%operator"

// webProxy serves each connection with serve, and gives its address.
func webProxy(t *testing.T, config *tls.Config, serve func(conn net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if config != nil {
		listener = tls.NewListener(listener, config)
	}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() {
				defer conn.Close()
				serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		group.Wait()
	})
	return listener.Addr().String()
}

// splice joins two connections until either ends.
func splice(one, two net.Conn) {
	var group sync.WaitGroup
	for _, way := range [][2]net.Conn{{one, two}, {two, one}} {
		group.Go(func() {
			_, _ = io.Copy(way[0], way[1])
			one.Close()
			two.Close()
		})
	}
	group.Wait()
}

// connecting is a web proxy of CONNECT; it answers in two pieces, as some do. With a password it wants that.
func connecting(t *testing.T, passed *atomic.Int32, wanted bool) func(net.Conn) {
	return func(conn net.Conn) {
		request, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		if request.Method != http.MethodConnect || request.Host == "" || request.Host != request.RequestURI {
			t.Errorf("the web proxy is asked %s %s with the host %q", request.Method, request.RequestURI, request.Host)
		}
		want := "Basic " + base64.StdEncoding.EncodeToString([]byte(proxyUser+":"+proxyPassword))
		if wanted && request.Header.Get("Proxy-Authorization") != want {
			_, _ = io.WriteString(conn, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n")
			return
		}
		onward, err := net.Dial("tcp", request.Host)
		if err != nil {
			return
		}
		passed.Add(1)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 Connection est")
		_, _ = io.WriteString(conn, "ablished\r\nVia: x\r\n\r\n")
		splice(conn, onward)
	}
}

// socksServer is a SOCKS5 proxy that wants a user and password (RFC 1928 and 1929).
func socksServer(t *testing.T, passed *atomic.Int32) func(net.Conn) {
	return func(conn net.Conn) {
		read := func(n int) []byte {
			b := make([]byte, n)
			_, _ = io.ReadFull(conn, b)
			return b
		}
		methods := read(2)
		read(int(methods[1]))
		_, _ = conn.Write([]byte{5, 2})
		user := string(read(int(read(2)[1])))
		password := string(read(int(read(1)[0])))
		if user != proxyUser || password != proxyPassword {
			_, _ = conn.Write([]byte{1, 1})
			return
		}
		_, _ = conn.Write([]byte{1, 0})
		request := read(4)
		if request[3] != 1 {
			t.Errorf("an address of the kind %d", request[3])
			return
		}
		onward, err := net.DialTCP("tcp", nil, &net.TCPAddr{IP: read(4), Port: int(binary.BigEndian.Uint16(read(2)))})
		if err != nil {
			return
		}
		passed.Add(1)
		_, _ = conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
		splice(conn, onward)
	}
}

// through routes by a web proxy, with or without user and password.
func through(scheme, address string, withPassword bool) RouteFunc {
	via := &url.URL{Scheme: scheme, Host: address}
	if withPassword {
		via.User = url.UserPassword(proxyUser, proxyPassword)
	}
	return func(*url.URL) (*url.URL, error) { return via, nil }
}

func TestTrap17TunnelGoesThroughAWebProxy(t *testing.T) {
	certificate, roots := authority(t)
	secured := &tls.Config{Certificates: []tls.Certificate{certificate}}
	for name, c := range map[string]struct {
		scheme   string
		config   *tls.Config
		password bool
	}{
		"CONNECT":                  {"http", nil, false},
		"CONNECT with a password":  {"http", nil, true},
		"CONNECT over TLS":         {"https", secured, true},
		"SOCKS5 with a password":   {"socks5", nil, true},
		"SOCKS5 by the other name": {"socks5h", nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			var passed atomic.Int32
			r := newRelay(t, "SSH")
			serve := connecting(t, &passed, c.password)
			if strings.HasPrefix(c.scheme, "socks") {
				serve = socksServer(t, &passed)
			}
			address := webProxy(t, c.config, serve)
			r.destination(Auto, map[string]string{"SSH": application(t, echo)})
			var log syncBuffer
			cfg := SourceConfig{Link: r.link(RoleSource), Listeners: []Listener{{"SSH", "127.0.0.1:0"}}, FallBack: -1}
			cfg.Route = through(c.scheme, address, c.password)
			cfg.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			if c.config != nil {
				// One pool has to trust both.
				seen, err := tls.Dial("tcp", r.listener.Addr().String(), &tls.Config{RootCAs: r.roots})
				if err != nil {
					t.Fatal(err)
				}
				roots.AddCert(seen.ConnectionState().PeerCertificates[0])
				seen.Close()
				cfg.Roots = roots
			}
			s, err := StartSource(cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer closeProxy(t, s)
			roundTrip(t, dial(t, s, "SSH"), 1, mebibyte)
			if passed.Load() != 1 {
				t.Errorf("%d connections went through the web proxy", passed.Load())
			}
			noPassword(t, log.String())
		})
	}
}

// noPassword checks that a text holds no password, in whatever form.
func noPassword(t *testing.T, text string) {
	t.Helper()
	for _, form := range []string{proxyPassword, url.QueryEscape(proxyPassword), "pass-word", base64.StdEncoding.EncodeToString([]byte(proxyUser + ":" + proxyPassword))} {
		if strings.Contains(text, form) {
			t.Errorf("the password shows in %s", text)
		}
	}
}

func TestWhatStandsInTheWayIsNamed(t *testing.T) {
	answer := func(text string) func(net.Conn) {
		return func(conn net.Conn) {
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.WriteString(conn, text)
				_, _ = io.Copy(io.Discard, conn)
			}
		}
	}
	stranger, _ := authority(t)
	var passed atomic.Int32
	for name, c := range map[string]struct {
		scheme   string
		serve    func(net.Conn)
		password bool
		want     []string
		final    bool
	}{
		"a proxy that wants a password": {"http", connecting(t, &passed, true), false, []string{"wants a user and password", "HTTP 407"}, true},
		"a proxy that refuses a password": {
			"http", answer("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"), true, []string{"refuses the user and password", "HTTP 407"}, true,
		},
		"a proxy that forbids": {"http", answer("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"), true, []string{"does not let us through", "HTTP 403"}, true},
		"a proxy with trouble": {"http", answer("HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n"), true, []string{"HTTP 502"}, false},
		"a portal that agrees to all": {
			"http", answer("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>Welcome to the hotel</html>"), true, []string{"captive portal"}, false,
		},
		"something else than a proxy": {"http", answer("SSH-2.0-OpenSSH\r\n"), true, []string{"not a web proxy's"}, false},
		"an interceptor": {"http", func(conn net.Conn) {
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
				_ = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{stranger}}).Handshake()
			}
		}, true, []string{"not trusted", "issued by CN=relay"}, true},
		"SOCKS that refuses":  {"socks5", func(conn net.Conn) { _, _ = conn.Write([]byte{5, 0xff}) }, true, []string{"cannot be used"}, false},
		"an unknown kind":     {"gopher", nil, true, []string{`"gopher"`}, false},
		"nobody at the proxy": {"http", nil, true, []string{"cannot be used", "refused"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			address := refusing(t)
			if c.serve != nil {
				address = webProxy(t, nil, c.serve)
			}
			r := newRelay(t, "SSH")
			cfg := SourceConfig{Link: r.link(RoleSource)}
			cfg.Route = through(c.scheme, address, c.password)
			s, err := StartSource(cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer closeProxy(t, s)
			status := stateIs(t, s, "an error", func(s Status) bool { return s.Err != nil })
			for _, want := range c.want {
				if !strings.Contains(status.Err.Error(), want) {
					t.Errorf("%q says nothing of %q", status.Err, want)
				}
			}
			noPassword(t, fmt.Sprintf("%v %+v", status.Err, status.Err))
			if c.final {
				<-s.Done()
			} else if s.Status().State == Stopped {
				t.Errorf("it stopped, with %v", status.Err)
			}
		})
	}
}

func TestPortalOnTheDirectWayIsNamed(t *testing.T) {
	address := webProxy(t, nil, func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 302 Found\r\nLocation: http://hotel.example/\r\n\r\n")
		_, _ = io.Copy(io.Discard, conn)
	})
	r := newRelay(t)
	link := r.link(RoleSource)
	link.Endpoint = address
	link.fill()
	if _, _, err := link.shake(t.Context(), RoleSource); !errors.Is(err, errPortal) {
		t.Errorf("%v", err)
	}
}

func TestEnvironmentSaysWhichWayToGo(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		host string
		want string
	}{
		"nothing":               {nil, "data.example", ""},
		"HTTPS_PROXY":           {map[string]string{"HTTPS_PROXY": "http://u:p@web.example:8080"}, "data.example", "http://u:p@web.example:8080"},
		"in small letters":      {map[string]string{"https_proxy": "http://web.example"}, "data.example", "http://web.example"},
		"ALL_PROXY":             {map[string]string{"ALL_PROXY": "socks5://web.example"}, "data.example", "socks5://web.example"},
		"HTTPS_PROXY before it": {map[string]string{"ALL_PROXY": "socks5://all.example", "HTTPS_PROXY": "http://web.example"}, "data.example", "http://web.example"},
		"NO_PROXY":              {map[string]string{"HTTPS_PROXY": "http://web.example", "NO_PROXY": ".example"}, "data.example", ""},
		"NO_PROXY of another":   {map[string]string{"HTTPS_PROXY": "http://web.example", "NO_PROXY": "other.example"}, "data.example", "http://web.example"},
		"loopback":              {map[string]string{"HTTPS_PROXY": "http://web.example"}, "127.0.0.1", ""},
		"HTTP_PROXY is another": {map[string]string{"HTTP_PROXY": "http://web.example"}, "data.example", ""},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy", "HTTP_PROXY", "http_proxy", "REQUEST_METHOD"} {
				t.Setenv(variable, c.env[variable])
			}
			via, err := environmentRoute()(&url.URL{Scheme: "https", Host: c.host + ":443"})
			got := ""
			if via != nil {
				got = via.String()
			}
			if err != nil || got != c.want {
				t.Errorf("%q, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestBrokenProxySettingDoesNotShowItsPassword(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://"+proxyUser+":pass-word@web.example:port")
	link := Link{Endpoint: "data.example"}
	link.fill()
	_, err := link.dial(t.Context())
	if err == nil {
		t.Fatal("no error")
	}
	noPassword(t, err.Error())
}
