package emulator

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"slices"
)

// identity is what the TLS listeners show, and the authority that clients trust for it.
type identity struct {
	certificate tls.Certificate
	caPEM       []byte
}

// identityOf reads the certificate that a configuration names, or makes one for this run.
func identityOf(cfg Config) (identity, error) {
	if cfg.Certificate == "" && cfg.Key == "" && cfg.CA == "" {
		certificate, caPEM, err := newAuthority()
		return identity{certificate, caPEM}, err
	}
	if cfg.Certificate == "" || cfg.Key == "" {
		return identity{}, fmt.Errorf("a certificate needs its key and a key its certificate, each as a PEM file")
	}
	certificate, err := tls.LoadX509KeyPair(cfg.Certificate, cfg.Key)
	if err != nil {
		return identity{}, fmt.Errorf("read the certificate: %w", err)
	}
	if cfg.CA == "" {
		// The last of a chain is the nearest to its root; a certificate alone vouches for itself.
		last := certificate.Certificate[len(certificate.Certificate)-1]
		root, err := x509.ParseCertificate(last)
		if err != nil {
			return identity{}, fmt.Errorf("read the certificate: %w", err)
		}
		// Go trusts whatever it is told to, but clients that use OpenSSL trust nothing that another one signed.
		if !bytes.Equal(root.RawIssuer, root.RawSubject) {
			return identity{}, fmt.Errorf("the last certificate in %s was signed by another one, which many clients do not trust: name that authority", cfg.Certificate)
		}
		return identity{certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: last})}, nil
	}
	caPEM, err := os.ReadFile(cfg.CA)
	if err != nil {
		return identity{}, fmt.Errorf("read the authority of the certificate: %w", err)
	}
	return identity{certificate, caPEM}, nil
}

// nameFor is an address where clients accept the certificate: the address as it is, or localhost, if that is what the
// certificate is good for and leads there.
func (i identity) nameFor(ctx context.Context, address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	refused := i.verify(host)
	if refused == nil {
		return address, nil
	}
	local, err := net.DefaultResolver.LookupHost(ctx, "localhost")
	if err != nil || !slices.Contains(local, host) || i.verify("localhost") != nil {
		return "", refused
	}
	return net.JoinHostPort("localhost", port), nil
}

// verify tells why a client that trusts the authority would refuse the certificate at a host.
func (i identity) verify(host string) error {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(i.caPEM) {
		return fmt.Errorf("the authority of the certificate is not a PEM certificate")
	}
	var chain []*x509.Certificate
	between := x509.NewCertPool()
	for _, der := range i.certificate.Certificate {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return fmt.Errorf("read the chain of the certificate: %w", err)
		}
		chain = append(chain, c)
		between.AddCert(c)
	}
	if _, err := chain[0].Verify(x509.VerifyOptions{DNSName: host, Roots: roots, Intermediates: between}); err != nil {
		return fmt.Errorf("clients would refuse the certificate at %s: %w", host, err)
	}
	return nil
}
