package tunnelconn

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"

	"golang.org/x/net/http/httpproxy"
	socks "golang.org/x/net/proxy"
)

// RouteFunc gives the web proxy by which a URL is reached: http, https, socks5 or socks5h, with user and password if it
// wants any. Nil is the direct way.
type RouteFunc func(target *url.URL) (*url.URL, error)

// environmentRoute follows HTTPS_PROXY and NO_PROXY, or ALL_PROXY where there is none for HTTPS, in either case of letters.
// Loopback is reached directly.
func environmentRoute() RouteFunc {
	settings := httpproxy.FromEnvironment()
	for _, name := range []string{"ALL_PROXY", "all_proxy"} {
		if settings.HTTPSProxy == "" {
			settings.HTTPSProxy = os.Getenv(name)
		}
	}
	return RouteFunc(settings.ProxyFunc())
}

// ProxyError says that a web proxy on the way does not let us through.
type ProxyError struct {
	// Proxy is its host and port, without user and password.
	Proxy string
	// StatusCode is its answer to CONNECT, zero when it gave none.
	StatusCode int
	// Known tells whether it was given user and password.
	Known bool
	// Err is why there is no answer.
	Err error
}

func (e *ProxyError) Error() string {
	switch {
	case e.Err != nil:
		return fmt.Sprintf("the web proxy %s cannot be used (check HTTPS_PROXY and ALL_PROXY; NO_PROXY goes around it): %v", e.Proxy, e.Err)
	case e.StatusCode == http.StatusProxyAuthRequired && e.Known:
		return fmt.Sprintf("the web proxy %s refuses the user and password in HTTPS_PROXY (HTTP 407)", e.Proxy)
	case e.StatusCode == http.StatusProxyAuthRequired:
		return fmt.Sprintf("the web proxy %s wants a user and password (HTTP 407): give them in HTTPS_PROXY, as http://USER:PASSWORD@HOST:PORT", e.Proxy)
	default:
		return fmt.Sprintf("the web proxy %s does not let us through to the tunneling service (HTTP %d): ask for it, or go around it with NO_PROXY", e.Proxy, e.StatusCode)
	}
}

func (e *ProxyError) Unwrap() error { return e.Err }

// Final tells whether trying again with the same settings is pointless.
func (e *ProxyError) Final() bool {
	return e.StatusCode == http.StatusProxyAuthRequired || e.StatusCode == http.StatusForbidden
}

var errPortal = errors.New("something on the way answers in clear text: a captive portal or an intercepting web proxy?")

// dialled is the way to the service: stream carries the bytes over the socket raw.
type dialled struct{ raw, stream net.Conn }

// dial connects to the service, through a web proxy where the environment has one. No error repeats a proxy's password.
func (l *Link) dial(ctx context.Context) (dialled, error) {
	via, err := l.Route(&url.URL{Scheme: "https", Host: l.address()})
	switch {
	case err != nil:
		return dialled{}, errors.New("HTTPS_PROXY or ALL_PROXY is not the URL of a web proxy, such as http://proxy.example:3128")
	case via == nil:
		raw, err := l.Dial(ctx, "tcp", l.address())
		if err != nil {
			return dialled{}, fmt.Errorf("cannot reach the tunneling service at %s: %w", l.Endpoint, err)
		}
		return dialled{raw, raw}, nil
	}
	port := via.Port()
	bySOCKS := via.Scheme == "socks5" || via.Scheme == "socks5h"
	switch {
	case port != "":
	case bySOCKS:
		port = "1080"
	default:
		port = "3128" // The reference local proxy's.
	}
	address := net.JoinHostPort(via.Hostname(), port)
	var way dialled
	switch {
	case bySOCKS:
		way, err = l.dialSOCKS(ctx, via, address)
	case via.Scheme == "http" || via.Scheme == "https":
		way, err = l.dialConnect(ctx, via, address)
	default:
		err = fmt.Errorf("the scheme %q is none of http, https, socks5 and socks5h", cleanText(via.Scheme))
	}
	var refused *ProxyError
	if err != nil && !errors.As(err, &refused) {
		err = &ProxyError{Proxy: address, Err: err}
	}
	return way, err
}

// forward lets the SOCKS client dial by the link's own means, and keeps the socket.
type forward struct {
	dial DialFunc
	raw  net.Conn
}

func (f *forward) Dial(network, address string) (net.Conn, error) {
	return f.DialContext(context.Background(), network, address)
}

func (f *forward) DialContext(ctx context.Context, network, address string) (_ net.Conn, err error) {
	f.raw, err = f.dial(ctx, network, address)
	return f.raw, err
}

func (l *Link) dialSOCKS(ctx context.Context, via *url.URL, address string) (dialled, error) {
	var auth *socks.Auth
	if via.User != nil {
		password, _ := via.User.Password()
		auth = &socks.Auth{User: via.User.Username(), Password: password}
	}
	onward := &forward{dial: l.Dial}
	dialer, err := socks.SOCKS5("tcp", address, auth, onward)
	if err != nil {
		return dialled{}, err
	}
	// What it gives is the socket with the proxy's words about it.
	if _, err := dialer.(socks.ContextDialer).DialContext(ctx, "tcp", l.address()); err != nil {
		return dialled{}, err
	}
	return dialled{onward.raw, onward.raw}, nil
}

func (l *Link) dialConnect(ctx context.Context, via *url.URL, address string) (_ dialled, err error) {
	raw, err := l.Dial(ctx, "tcp", address)
	if err != nil {
		return dialled{}, err
	}
	// The context's end closes the connection under whatever step is waiting.
	stop := context.AfterFunc(ctx, func() { raw.Close() })
	defer func() {
		if !stop() && err == nil {
			err = ctx.Err()
		}
		if err != nil {
			raw.Close()
		}
	}()
	stream := raw
	if via.Scheme == "https" {
		secured := tls.Client(raw, &tls.Config{ServerName: via.Hostname(), RootCAs: l.Roots, MinVersion: tls.VersionTLS12})
		if err := secured.HandshakeContext(ctx); err != nil {
			return dialled{}, explainTLS("the web proxy", err)
		}
		stream = secured
	}
	request := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: l.address()}, Host: l.address(), Header: http.Header{"User-Agent": {userAgent}}}
	if via.User != nil {
		password, _ := via.User.Password()
		request.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(via.User.Username()+":"+password)))
	}
	if err := request.Write(stream); err != nil {
		return dialled{}, err
	}
	ahead := bufio.NewReader(io.LimitReader(stream, maxAnswer))
	answer, err := http.ReadResponse(ahead, request)
	switch {
	case err != nil:
		return dialled{}, fmt.Errorf("its answer is not a web proxy's: %w", noEOF(err))
	case answer.StatusCode/100 != 2:
		return dialled{}, &ProxyError{Proxy: address, StatusCode: answer.StatusCode, Known: via.User != nil}
	case ahead.Buffered() > 0:
		// The service waits for our first word, so this is not from it.
		return dialled{}, errPortal
	}
	return dialled{raw, stream}, nil
}

// explainTLS says why no encrypted connection came up, and who had issued a certificate that is not trusted.
func explainTLS(whose string, err error) error {
	var untrusted *tls.CertificateVerificationError
	var clear tls.RecordHeaderError
	switch {
	case errors.As(err, &untrusted):
		issuer := "nobody it names"
		if len(untrusted.UnverifiedCertificates) > 0 {
			issuer = cleanText(untrusted.UnverifiedCertificates[0].Issuer.String())
		}
		return fmt.Errorf("the certificate of %s is not trusted; it was issued by %s (check the clock and the endpoint; a company's own authority is trusted by --ca FILE): %w", whose, issuer, err)
	case errors.As(err, &clear):
		return fmt.Errorf("no encrypted connection to %s: %w", whose, errPortal)
	default:
		return fmt.Errorf("no encrypted connection to %s: %w", whose, noEOF(err))
	}
}
