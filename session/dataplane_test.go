package session

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"adit/client"
)

func TestDataPlaneFollowsTheTrustRule(t *testing.T) {
	aws := client.Context{Region: "eu-west-1"}
	other := client.Context{Region: "eu-west-1", Endpoint: "http://127.0.0.1:4566", EndpointFrom: "AWS_ENDPOINT_URL"}
	china := client.Context{Region: "cn-north-1"}
	tests := map[string]struct {
		in              DataPlaneInput
		endpoint, wrong string
		note            bool
	}{
		"AWS":                               {in: DataPlaneInput{Context: aws}, endpoint: "data.tunneling.iot.eu-west-1.amazonaws.com"},
		"China":                             {in: DataPlaneInput{Context: china}, endpoint: "data.tunneling.iot.cn-north-1.amazonaws.com.cn"},
		"AWS with a stray environment":      {in: DataPlaneInput{Context: aws, EnvEndpoint: "evil.example", EnvCA: "/evil"}, endpoint: "data.tunneling.iot.eu-west-1.amazonaws.com", note: true},
		"AWS with a flag":                   {in: DataPlaneInput{Context: aws, FlagEndpoint: "vpce.example:8443", EnvEndpoint: "evil.example"}, endpoint: "vpce.example:8443"},
		"other with its environment":        {in: DataPlaneInput{Context: other, EnvEndpoint: "127.0.0.1:9000"}, endpoint: "127.0.0.1:9000"},
		"other, flag before environment":    {in: DataPlaneInput{Context: other, EnvEndpoint: "a:1", FlagEndpoint: "b:2"}, endpoint: "b:2"},
		"other without a data endpoint":     {in: DataPlaneInput{Context: other}, wrong: "AWS_ENDPOINT_URL points to http://127.0.0.1:4566"},
		"a copied WebSocket URL":            {in: DataPlaneInput{Context: aws, FlagEndpoint: "wss://[::1]:9000"}, endpoint: "[::1]:9000"},
		"an endpoint with a path":           {in: DataPlaneInput{Context: aws, FlagEndpoint: "host/tunnel"}, wrong: "host or host:port"},
		"an endpoint with a user":           {in: DataPlaneInput{Context: aws, FlagEndpoint: "u@host"}, wrong: "host or host:port"},
		"a partition without published one": {in: DataPlaneInput{Context: client.Context{Region: "us-iso-east-1"}}, wrong: "--data-endpoint"},
		"a region that is a host":           {in: DataPlaneInput{Context: client.Context{Region: "evil.example/"}}, wrong: "not an AWS region"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.in.ReadFile = func(string) ([]byte, error) { t.Error("a CA file was read"); return nil, errors.New("read") }
			got, err := ResolveDataPlane(test.in)
			if test.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), test.wrong) || got.Endpoint != "" {
					t.Errorf("endpoint %q, error %v; want %q", got.Endpoint, err, test.wrong)
				}
				return
			}
			if err != nil || got.Endpoint != test.endpoint || got.Roots != nil || (got.Note != "") != test.note {
				t.Errorf("got %+v, %v; want %s", got, err, test.endpoint)
			}
		})
	}
}

func TestCAFileIsTrustedAloneOnlyForWhatIsNotAWS(t *testing.T) {
	certificate, authority := newCA(t)
	read := func(string) ([]byte, error) { return authority, nil }
	other := client.Context{Region: "eu-west-1", Endpoint: "http://127.0.0.1:4566"}
	alone, err := ResolveDataPlane(DataPlaneInput{Context: other, EnvEndpoint: "a:1", EnvCA: "ca.pem", ReadFile: read})
	if err != nil {
		t.Fatal(err)
	}
	only := x509.NewCertPool()
	only.AddCert(certificate)
	if !alone.Roots.Equal(only) {
		t.Error("beside the file's authority others are trusted")
	}
	beside, err := ResolveDataPlane(DataPlaneInput{Context: client.Context{Region: "eu-west-1"}, FlagCA: "ca.pem", ReadFile: read})
	if err != nil {
		t.Fatal(err)
	}
	system, err := x509.SystemCertPool()
	if err != nil {
		t.Fatal(err)
	}
	system.AddCert(certificate)
	if !beside.Roots.Equal(system) {
		t.Error("for AWS the system's authorities and the file's must both be trusted")
	}
}

func TestBadCAFileIsASentence(t *testing.T) {
	for want, read := range map[string]func(string) ([]byte, error){
		"no certificate in PEM form": func(string) ([]byte, error) { return []byte("hello"), nil },
		"cannot be read": func(string) ([]byte, error) {
			return nil, &os.PathError{Op: "open", Path: "x.pem", Err: os.ErrNotExist}
		},
	} {
		_, err := ResolveDataPlane(DataPlaneInput{Context: client.Context{Region: "eu-west-1"}, FlagCA: "x.pem", ReadFile: read})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "x.pem") {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func newCA(t *testing.T) (*x509.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func FuzzHostPort(f *testing.F) {
	for _, seed := range []string{"host", "host:443", "[::1]:9000", "wss://h", "h/p", "u:p@h", "::1", "h:x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, endpoint string) {
		got, err := hostPort(endpoint)
		if err == nil && (got == "" || strings.ContainsAny(got, "/@?# \r\n\x00")) {
			t.Errorf("hostPort(%q) = %q", endpoint, got)
		}
	})
}
