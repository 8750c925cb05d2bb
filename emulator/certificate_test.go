package emulator_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adit/emulator"
)

// signed makes a certificate for a host, signed by itself or by an authority of its own, and writes all as PEM files.
func signed(t *testing.T, host string, byAuthority bool) (certificate, key, ca string) {
	t.Helper()
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	newKey := func() *ecdsa.PrivateKey {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	create := func(template, parent *x509.Certificate, public *ecdsa.PrivateKey, signer *ecdsa.PrivateKey) []byte {
		der, err := x509.CreateCertificate(rand.Reader, template, parent, public.Public(), signer)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	template := func(name string) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, BasicConstraintsValid: true,
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		}
	}
	leaf, leafKey := template("given"), newKey()
	if ip := net.ParseIP(host); ip != nil {
		leaf.IPAddresses = []net.IP{ip}
	} else {
		leaf.DNSNames = []string{host}
	}
	der, err := x509.MarshalECPrivateKey(leafKey)
	if err != nil {
		t.Fatal(err)
	}
	key = write("key.pem", "EC PRIVATE KEY", der)
	if !byAuthority {
		return write("certificate.pem", "CERTIFICATE", create(leaf, leaf, leafKey, leafKey)), key, ""
	}
	authority, authorityKey := template("authority"), newKey()
	authority.IsCA, authority.KeyUsage = true, x509.KeyUsageCertSign
	ca = write("ca.pem", "CERTIFICATE", create(authority, authority, authorityKey, authorityKey))
	return write("certificate.pem", "CERTIFICATE", create(leaf, authority, leafKey, authorityKey)), key, ca
}

func TestAGivenCertificateIsShownAndItsAuthorityWritten(t *testing.T) {
	for name, byAuthority := range map[string]bool{"signed by itself": false, "signed by an authority": true} {
		certificate, key, ca := signed(t, "127.0.0.1", byAuthority)
		e, err := emulator.Start(t.Context(), emulator.Config{Certificate: certificate, Key: key, CA: ca, Dir: t.TempDir()})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		b := attach(t, e)
		b.source(b.open("SSH")) // with the authority of CAPEM
		written, err := os.ReadFile(b.CAFile())
		if err != nil || string(written) != string(b.CAPEM()) {
			t.Errorf("%s: ca.pem: %v", name, err)
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(written)
		conn, err := tls.Dial("tcp", b.MQTTSAddr(), &tls.Config{RootCAs: roots})
		if err != nil {
			t.Errorf("%s: the broker: %v", name, err)
			continue
		}
		if got := conn.ConnectionState().PeerCertificates[0].Subject.CommonName; got != "given" {
			t.Errorf("%s: the broker shows the certificate %q", name, got)
		}
		_ = conn.Close()
	}
}

func TestACertificateThatClientsWouldRefuseIsRefusedAtTheStart(t *testing.T) {
	elsewhere, elsewhereKey, _ := signed(t, "emulator.example", false)
	good, goodKey, _ := signed(t, "127.0.0.1", false)
	bySomebody, somebodysKey, _ := signed(t, "127.0.0.1", true)
	_, _, strangersCA := signed(t, "127.0.0.1", true)
	for want, cfg := range map[string]emulator.Config{
		"at 127.0.0.1":          {Certificate: elsewhere, Key: elsewhereKey},
		"needs its key":         {Certificate: good},
		"read the certificate":  {Certificate: good, Key: elsewhereKey},
		"no such file":          {Certificate: good + "x", Key: goodKey},
		"name that authority":   {Certificate: bySomebody, Key: somebodysKey},
		"unknown authority":     {Certificate: bySomebody, Key: somebodysKey, CA: strangersCA},
		"not a PEM certificate": {Certificate: good, Key: goodKey, CA: goodKey},
	} {
		if e, err := emulator.Start(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
			if e != nil {
				_ = e.Close()
			}
		}
	}
}

func TestACertificateForLocalhostAloneIsGoodWhereLocalhostLeads(t *testing.T) {
	certificate, key, _ := signed(t, "localhost", false)
	for _, data := range []string{"127.0.0.1:0", "localhost:0"} {
		e, err := emulator.Start(t.Context(), emulator.Config{Data: data, MQTTS: data, Certificate: certificate, Key: key})
		if err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		b := attach(t, e)
		for _, address := range []string{b.DataAddr(), b.MQTTSAddr()} {
			if host, _, _ := net.SplitHostPort(address); host != "localhost" {
				t.Errorf("asked for %s and serves at %s, where nobody would accept the certificate", data, address)
			}
		}
		b.source(b.open("SSH"))
	}
	if e, err := emulator.Start(t.Context(), emulator.Config{Data: "127.1.2.3:0", Certificate: certificate, Key: key}); err == nil {
		_ = e.Close()
		t.Error("localhost does not lead to 127.1.2.3")
	}
}

func TestTheReadyAddressKeepsTheNameThatWasAskedFor(t *testing.T) {
	name, err := os.Hostname()
	if err != nil || name == "localhost" {
		t.Skip("this machine has no name of its own")
	}
	if _, err := net.LookupHost(name); err != nil {
		t.Skipf("the machine's name has no address: %v", err)
	}
	certificate, key, _ := signed(t, name, false)
	e, err := emulator.Start(t.Context(), emulator.Config{
		Data: net.JoinHostPort(name, "0"), MQTTS: net.JoinHostPort(name, "0"), Certificate: certificate, Key: key,
	})
	if err != nil {
		t.Fatal(err)
	}
	b := attach(t, e)
	if host, _, _ := net.SplitHostPort(b.DataAddr()); host != name {
		t.Errorf("the data plane is at %s, want host %s", b.DataAddr(), name)
	}
	b.source(b.open("SSH"))
}
