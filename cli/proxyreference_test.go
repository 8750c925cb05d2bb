package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// referenceOption is one of the reference local proxy's, with two values to tell its places apart by.
type referenceOption struct {
	long, short, variable string
	value, other          string
	// base is what the command line needs besides.
	base string
	// gives is what the option comes to with the value; read reads it off.
	gives string
	read  func(*proxyOptions, *proxyPlan) string
}

// TestEachOptionOfTheReferenceIsTakenInEveryFormAndOrder tries each option of the reference local proxy by its short form,
// its long form, in a file and by its variable, and that the command line counts before the file and the file before the
// environment.
func TestEachOptionOfTheReferenceIsTakenInEveryFormAndOrder(t *testing.T) {
	const (
		place  = " -r eu-west-1"
		secret = " -t " + aToken
	)
	one, another, trusted := twoAuthorities(t)
	address := func(_ *proxyOptions, p *proxyPlan) string { return p.listeners[0].Address }
	endpoint := func(_ *proxyOptions, p *proxyPlan) string { return p.link.Endpoint }
	role := func(_ *proxyOptions, p *proxyPlan) string { return p.role.String() }
	for _, c := range []referenceOption{
		{long: "source-listen-port", short: "s", value: "5555", other: "6666", base: place + secret, gives: "127.0.0.1:5555", read: address},
		{long: "source-listen-port", short: "s", value: "SSH=5555,HTTP=80", other: "SSH=1", base: place + secret, gives: "SSH HTTP", read: func(_ *proxyOptions, p *proxyPlan) string {
			return p.listeners[0].Service + " " + p.listeners[len(p.listeners)-1].Service
		}},
		{long: "destination-app", short: "d", value: "22", other: "23", base: place + secret, gives: "127.0.0.1:22", read: func(_ *proxyOptions, p *proxyPlan) string { return p.targets[""] }},
		{long: "destination-app", short: "d", value: "SSH=db:22", other: "SSH=23", base: place + secret, gives: "db:22", read: func(_ *proxyOptions, p *proxyPlan) string { return p.targets["SSH"] }},
		{long: "region", short: "r", variable: "AWSIOT_TUNNEL_REGION", value: "eu-west-1", other: "us-east-1", base: "-s 1" + secret, gives: "data.tunneling.iot.eu-west-1.amazonaws.com", read: endpoint},
		{long: "proxy-endpoint", short: "e", variable: "AWSIOT_TUNNEL_ENDPOINT", value: "Data.Example.com:8443", other: "127.0.0.1:9443", base: "-s 1" + secret, gives: "data.example.com:8443", read: endpoint},
		{long: "local-bind-address", short: "b", value: "::1", other: "localhost", base: "-s 5555" + place + secret, gives: "[::1]:5555", read: address},
		{long: "local-bind-address", short: "b", value: "10.0.0.7", other: "10.0.0.8", base: "-d 22" + place + secret, gives: "10.0.0.7:22", read: func(_ *proxyOptions, p *proxyPlan) string { return p.targets[""] }},
		{long: "capath", short: "c", value: one, other: another, base: "-s 1" + place + secret, gives: "one", read: func(_ *proxyOptions, p *proxyPlan) string { return trusted(p.link.Roots) }},
		{long: "client-token", short: "i", variable: "AWSIOT_TUNNEL_CLIENT_TOKEN", value: aClientToken, other: strings.Repeat("x", 32), base: "-s 1" + place + secret, gives: aClientToken, read: func(_ *proxyOptions, p *proxyPlan) string { return p.link.ClientToken.Reveal() }},
		{long: "access-token", short: "t", variable: "AWSIOT_TUNNEL_ACCESS_TOKEN", value: aToken, other: "another", base: "-s 1" + place, gives: aToken, read: func(_ *proxyOptions, p *proxyPlan) string { return p.link.AccessToken.Reveal() }},
		// The other value alone would be an error here: a destination without an application.
		{long: "mode", short: "m", value: "src", other: "dst", base: place + secret, gives: "source", read: role},
		{long: "mode", short: "m", value: "destination", other: "source", base: "-d 22" + place + secret, gives: "destination", read: role},
		{long: "destination-client-type", short: "y", value: "V1", other: "V2", base: "-s 1" + place + secret, gives: "V1", read: func(_ *proxyOptions, p *proxyPlan) string { return p.link.Version.String() }},
		{long: "verbose", short: "v", value: "5", other: "255", base: "-s 1" + place + secret, gives: "5", read: func(o *proxyOptions, _ *proxyPlan) string { return fmt.Sprint(o.verbose) }},
	} {
		check := func(place string, w writing) {
			t.Helper()
			w.args = c.base + " " + w.args
			o, plan, err := w.read(t)
			if err != nil {
				t.Errorf("--%s %s %s: %v", c.long, c.value, place, err)
			} else if got := c.read(o, plan); got != c.gives {
				t.Errorf("--%s %s %s gives %s, want %s", c.long, c.value, place, got, c.gives)
			}
		}
		file := func(value string) string { return c.long + " = " + value + "\n" }
		line := "-" + c.short + " " + c.value
		check("by its short form", writing{args: line})
		check("joined to its short form", writing{args: "-" + c.short + c.value})
		check("by its long form", writing{args: "--" + c.long + " " + c.value})
		check("joined to its long form", writing{args: "--" + c.long + "=" + c.value})
		check("in a file", writing{config: file(c.value)})
		check("before a file", writing{args: line, config: file(c.other)})
		if c.variable == "" {
			continue
		}
		check("by its variable", writing{env: map[string]string{c.variable: c.value}})
		check("in a file, before its variable", writing{config: file(c.value), env: map[string]string{c.variable: c.other}})
		check("before its variable", writing{args: line, env: map[string]string{c.variable: c.other}})
		check("before both", writing{args: line, config: file(c.other), env: map[string]string{c.variable: c.other}})
	}
}

// twoAuthorities makes two directories with a certificate each, and tells by name which of them a pool trusts.
func twoAuthorities(t *testing.T) (one, another string, trusted func(*x509.CertPool) string) {
	t.Helper()
	var certificates []*x509.Certificate
	var directories []string
	for _, name := range []string{"one", "another"} {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		template := &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
			IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
		if err != nil {
			t.Fatal(err)
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		directory := t.TempDir()
		content := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
		if err := os.WriteFile(filepath.Join(directory, "ca.pem"), content, 0o600); err != nil {
			t.Fatal(err)
		}
		certificates, directories = append(certificates, certificate), append(directories, directory)
	}
	return directories[0], directories[1], func(pool *x509.CertPool) string {
		var names []string
		for _, certificate := range certificates {
			if _, err := certificate.Verify(x509.VerifyOptions{Roots: pool}); err == nil {
				names = append(names, certificate.Subject.CommonName)
			}
		}
		return strings.Join(names, " ")
	}
}

// What is not taken over is refused wherever it stands, with the reason and what to do.
func TestWhatIsNotTakenOverFromTheReferenceIsRefusedWithTheReason(t *testing.T) {
	const good = "-s 1 -r eu-west-1 -t " + aToken
	for name, c := range map[string]struct {
		writing
		says string
	}{
		"-k":                        {writing{args: good + " -k"}, "--ca FILE or -c DIRECTORY"},
		"--no-ssl-host-verify":      {writing{args: good + " --no-ssl-host-verify"}, "--ca FILE or -c DIRECTORY"},
		"no-ssl-host-verify":        {writing{args: good, config: "no-ssl-host-verify = true\n"}, "--ca FILE or -c DIRECTORY"},
		"--config-dir":              {writing{args: good + " --config-dir /etc/x"}, "in a file for --config"},
		"config-dir":                {writing{args: good, config: "config-dir = /etc/x\n"}, "in a file for --config"},
		"--settings-json":           {writing{args: good + " --settings-json x"}, "need no tuning"},
		"--export-default-settings": {writing{args: good + " --export-default-settings x"}, "need no tuning"},
		"config in a file":          {writing{args: good, config: "config = /etc/x\n"}, "on the command line only"},
		"region and endpoint apart": {writing{args: "-s 1 -e 127.0.0.1:1 -t " + aToken, env: map[string]string{"AWSIOT_TUNNEL_REGION": "eu-west-1"}}, "exclude each other"},
		"both sides apart":          {writing{args: "-s 1 -r eu-west-1 -t " + aToken, config: "destination-app = 22\n"}, "exclude each other"},
	} {
		_, _, err := c.read(t)
		if codeOf(err) != exitUsage || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: exit code %d, %v; want %q", name, codeOf(err), err, c.says)
		}
	}
}
