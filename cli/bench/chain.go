package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// chain is what a tunnel cannot be faster than: three processes that copy, the first from a plain connection to an
// encrypted one as a source does, the second between two encrypted ones as the service does, the third back to a plain one.
type chain struct {
	path
	near, middle, far *process
}

// chainCommand is the hidden command by which this program runs as one process of a chain.
const chainCommand = "chain-link"

// startChain runs one, with this program in each process.
func startChain(ctx context.Context, dir string, apps *applications) (_ *chain, err error) {
	c := &chain{path: path{name: "TLS copies"}}
	defer func() {
		if err != nil {
			c.stop()
		}
	}()
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	certificate := filepath.Join(dir, "chain.pem")
	if err := writeCertificate(certificate); err != nil {
		return nil, err
	}
	middle, far := path{}, path{}
	for _, p := range []*path{&c.path, &middle, &far} {
		if err := p.listening(ctx); err != nil {
			return nil, err
		}
	}
	start := func(name, accepts string, from path, dials string, to map[string]string) (*process, error) {
		args := []string{chainCommand, certificate, accepts, dials}
		for service, address := range from.addresses {
			args = append(args, address+"="+to[service])
		}
		return launch(ctx, name, "", false, program, args...)
	}
	if c.far, err = start("far TLS copy", "tls", far, "tcp", apps.addresses); err != nil {
		return nil, err
	}
	if c.middle, err = start("middle TLS copy", "tls", middle, "tls", far.addresses); err != nil {
		return nil, err
	}
	if c.near, err = start("near TLS copy", "tcp", c.path, "tls", middle.addresses); err != nil {
		return nil, err
	}
	return c, c.near.await(ctx, func() error { return c.answers(ctx) })
}

func (c *chain) stop() {
	for _, p := range []*process{c.near, c.middle, c.far} {
		if p != nil {
			p.stop()
		}
	}
}

// runChainLink is the body of such a process: the file of its certificate, how to accept, how to dial, and pairs of
// addresses FROM=TO.
func runChainLink(ctx context.Context, args []string) error {
	if len(args) < 4 {
		return errors.New("a link of the chain needs CERTIFICATE ACCEPT DIAL FROM=TO…")
	}
	pemText, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	own, err := tls.X509KeyPair(pemText, pemText)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pemText)
	server := &tls.Config{Certificates: []tls.Certificate{own}, DynamicRecordSizingDisabled: true}
	client := &tls.Config{RootCAs: roots, ServerName: "localhost", DynamicRecordSizingDisabled: true}
	for _, pair := range args[3:] {
		from, to, _ := strings.Cut(pair, "=")
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", from)
		if err != nil {
			return err
		}
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				if args[1] == "tls" {
					conn = tls.Server(conn, server)
				}
				go func() { _ = join(ctx, conn, args[2] == "tls", client, to) }()
			}
		}()
	}
	<-ctx.Done()
	return nil
}

// join dials on and copies both ways, each until its end.
func join(ctx context.Context, near net.Conn, encrypted bool, config *tls.Config, to string) error {
	defer near.Close()
	far, err := new(net.Dialer).DialContext(ctx, "tcp", to)
	if err != nil {
		return err
	}
	if encrypted {
		far = tls.Client(far, config)
	}
	defer far.Close()
	ended := make(chan error, 2)
	copying := func(to, from net.Conn) {
		// The types are hidden so that nothing but reading and writing happens: the kernel's own copying cannot encrypt.
		_, err := io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{from}, make([]byte, block))
		ended <- err
	}
	go copying(far, near)
	go copying(near, far)
	return <-ended
}

// writeCertificate makes a certificate for localhost that vouches for itself, with its key, in one file.
func writeCertificate(file string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
	text = append(text, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return fmt.Errorf("write the chain's certificate: %w", err)
	}
	return nil
}
