package client

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"adit/tunnelconn/token"
)

// machine is a user's AWS configuration, apart from the one of the machine the test runs on.
func machine(t *testing.T, configuration string, env map[string]string) {
	t.Helper()
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
			os.Unsetenv(name)
		}
	}
	home := t.TempDir()
	file := filepath.Join(home, "config")
	if err := os.WriteFile(file, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"HOME": home, "AWS_CONFIG_FILE": file,
		"AWS_SHARED_CREDENTIALS_FILE": filepath.Join(home, "credentials"), "AWS_EC2_METADATA_DISABLED": "true"} {
		t.Setenv(name, value)
	}
	for name, value := range env {
		t.Setenv(name, value)
	}
}

// identity answers GetCallerIdentity and AssumeRole as STS does.
func identity(t *testing.T, account string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		w.Header().Set("Content-Type", "text/xml")
		switch {
		case r.Form.Get("Action") == "GetCallerIdentity":
			_, _ = w.Write([]byte(`<GetCallerIdentityResponse><GetCallerIdentityResult><Account>` + account + `</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`))
		case r.Form.Get("TokenCode") == "123456", r.Form.Get("TokenCode") == "654321":
			// The second code gives credentials that have ended already.
			ends := map[string]string{"123456": "2099-01-01T00:00:00Z", "654321": "2020-01-01T00:00:00Z"}[r.Form.Get("TokenCode")]
			_, _ = w.Write([]byte(`<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>` + ends + `</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`))
		default:
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>`))
		}
	}))
	t.Cleanup(s.Close)
	return s
}

const keys = "aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret-canary\n"

func TestEndpointComesFromWhereTheSDKTakesIt(t *testing.T) {
	sts := identity(t, "123456789012")
	const configured = "[profile emu]\nregion = eu-west-1\nservices = local\naws_account_id = 123456789012\n" + keys + "[services local]\niotsecuretunneling =\n  endpoint_url = http://127.0.0.1:3\n"
	for name, c := range map[string]struct {
		env            map[string]string
		flag           string
		endpoint, from string
	}{
		"flag beats all":       {map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "http://127.0.0.1:9", "http://127.0.0.1:9", "--endpoint-url"},
		"service's variable":   {map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_IOTSECURETUNNELING": "http://127.0.0.1:2"}, "", "http://127.0.0.1:2", "AWS_ENDPOINT_URL_IOTSECURETUNNELING"},
		"variable beats file":  {map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "", "http://127.0.0.1:1", "AWS_ENDPOINT_URL"},
		"configuration file":   {nil, "", "http://127.0.0.1:3", "profile emu in the AWS configuration file"},
		"ignored when told to": {map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, "", "", ""},
		"AWS's own host":       {map[string]string{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, "https://api.tunneling.iot.eu-west-1.amazonaws.com", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			machine(t, configured, c.env)
			// The account is asked for on the same machine; at AWS the profile names it already.
			t.Setenv("AWS_ENDPOINT_URL_STS", sts.URL)
			service, err := Connect(t.Context(), ConnectOptions{Profile: "emu", EndpointURL: c.flag})
			if err != nil {
				t.Fatal(err)
			}
			got := service.Context()
			if got.Endpoint != c.endpoint || got.EndpointFrom != c.from || got.Profile != "emu" || got.Region != "eu-west-1" || c.endpoint == "" && got.Account != "123456789012" {
				t.Errorf("context = %+v, want endpoint %q from %q", got, c.endpoint, c.from)
			}
		})
	}
}

func TestAccountIsAskedForWhereTheTunnelsAre(t *testing.T) {
	sts := identity(t, "123456789012")
	machine(t, "[default]\nregion = eu-west-1\n"+keys, map[string]string{"AWS_ENDPOINT_URL": sts.URL})
	service, err := Connect(t.Context(), ConnectOptions{})
	if err != nil || service.Context().Account != "123456789012" {
		t.Fatalf("account = %q, %v", service.Context().Account, err)
	}
	// An override of STS alone is not believed.
	machine(t, "[default]\nregion = eu-west-1\n"+keys, map[string]string{"AWS_ENDPOINT_URL_STS": sts.URL})
	if service, err = Connect(t.Context(), ConnectOptions{}); err != nil || service.Context().Account != "" {
		t.Errorf("account = %q, %v, want none", service.Context().Account, err)
	}
}

func TestOnlyThisMachineIsSpokenToInClear(t *testing.T) {
	for address, ok := range map[string]bool{
		"http://127.0.0.1:4566": true, "http://[::1]:4566": true, "http://localhost:4566": true, "https://tunnels.example.com": true,
		"http://tunnels.example.com": false, "http://localhost.example.com": false, "http://10.0.0.1": false, "http://127.0.0.1.example.com": false,
		"ftp://127.0.0.1": false, "127.0.0.1:4566": false, "https://": false, "https://user:pw@host": false, "http://%zz": false,
	} {
		where, err := withEndpoint(Context{Region: "eu-west-1"}, address, "--endpoint-url")
		if (err == nil) != ok || err != nil && (KindOf(err) != KindConfig || strings.Contains(err.Error(), "%!")) || ok && !where.NotAWS() {
			t.Errorf("%s: %+v, %v, want ok %v", address, where, err, ok)
		}
	}
	for _, own := range []string{"https://api.tunneling.iot-fips.us-east-1.amazonaws.com", "https://api.iot-tunneling.eu-west-1.api.aws", "https://api.tunneling.iot.cn-north-1.amazonaws.com.cn"} {
		if where, err := withEndpoint(Context{}, own, "x"); err != nil || where.NotAWS() {
			t.Errorf("%s: %+v, %v, want AWS's own", own, where, err)
		}
	}
	for _, foreign := range []string{"https://mine.execute-api.eu-west-1.amazonaws.com", "https://api.tunneling.iot.eu-west-1.amazonaws.com.evil.example", "https://api.tunneling.iot.eu-west-1.amazonaws.com:8443", "https://evil.example/api.tunneling.iot.eu-west-1.amazonaws.com"} {
		if where, err := withEndpoint(Context{}, foreign, "x"); err != nil || !where.NotAWS() {
			t.Errorf("%s: %+v, %v, want not AWS", foreign, where, err)
		}
	}
}

func TestStaticCredentialsIgnoreTheEnvironmentAndTheFiles(t *testing.T) {
	machine(t, "[broken", map[string]string{"AWS_PROFILE": "nosuch", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "ENVKEY",
		"AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "x", "AWS_CA_BUNDLE": "/nosuch", "AWS_ENDPOINT_URL": "http://10.9.8.7:1",
		"AWS_ENDPOINT_URL_IOTSECURETUNNELING": "http://10.9.8.7:2", "AWS_MAX_ATTEMPTS": "no number"})
	s := newWire(t, func(w http.ResponseWriter, _ request) { reply(w, 200, `{"tunnelSummaries":[]}`) })
	service := s.connect(t, func(o *ConnectOptions) { o.Demo = true })
	if _, err := service.List(t.Context(), ListInput{}); err != nil {
		t.Fatal(err)
	}
	signed := s.seen()[0].header.Get("Authorization")
	if !strings.Contains(signed, "Credential=AKIDEXAMPLE/") || !strings.Contains(signed, "/eu-west-1/IoTSecuredTunneling/") {
		t.Errorf("signed as %s", signed)
	}
	if got := service.Context(); got.Profile != "" || got.Region != "eu-west-1" || got.Endpoint != s.URL || !got.Demo {
		t.Errorf("context = %+v", got)
	}
}

func TestCAFileIsTrustedBesideTheSystems(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, `{"tunnelSummaries":[]}`) }))
	defer s.Close()
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	opts := ConnectOptions{Region: "eu-west-1", EndpointURL: s.URL, Static: &StaticCredentials{AccessKeyID: "A", SecretAccessKey: token.New("s")}}
	service, err := Connect(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = service.List(t.Context(), ListInput{}); KindOf(err) != KindOffline || !strings.Contains(err.Error(), "authority this machine does not know") {
		t.Errorf("without the file: %v", err)
	}
	opts.CAFile = file
	if service, err = Connect(t.Context(), opts); err != nil {
		t.Fatal(err)
	}
	if _, err = service.List(t.Context(), ListInput{}); err != nil {
		t.Errorf("with the file: %v", err)
	}
	opts.CAFile = file + ".missing"
	if _, err = Connect(t.Context(), opts); KindOf(err) != KindConfig {
		t.Errorf("with a file that is not there: %v", err)
	}
}

func TestMFACodeIsAskedForByTheProgramItself(t *testing.T) {
	sts := identity(t, "1")
	const role = "[profile base]\n" + keys + "[profile ops]\nregion = eu-west-1\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\nmfa_serial = arn:aws:iam::1:mfa/me\n"
	machine(t, role, map[string]string{"AWS_ENDPOINT_URL_STS": sts.URL})
	asked, asks := "", 0
	opts := ConnectOptions{Profile: "ops", EndpointURL: sts.URL, MFA: func(_ context.Context, serial string) (string, error) {
		asked = serial
		return "123456", nil
	}}
	if _, err := Connect(t.Context(), opts); err != nil || asked != "arn:aws:iam::1:mfa/me" {
		t.Errorf("asked for %q, %v", asked, err)
	}
	opts.MFA = func(context.Context, string) (string, error) { return "000000", nil }
	if _, err := Connect(t.Context(), opts); KindOf(err) != KindDenied || !strings.Contains(err.Error(), "MFA code was right") {
		t.Errorf("with a wrong code: %v", err)
	}
	opts.MFA = func(context.Context, string) (string, error) { asks++; return "654321", nil }
	service, err := Connect(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	while := asks
	if _, err = service.List(t.Context(), ListInput{}); KindOf(err) != KindExpired || !strings.Contains(err.Error(), "Connect again") || asks != while {
		t.Errorf("when the role has ended: %v, asked %d times", err, asks)
	}
	opts.MFA = nil
	if _, err := Connect(t.Context(), opts); KindOf(err) != KindNoCredentials || !strings.Contains(err.Error(), "aws sts get-session-token") {
		t.Errorf("with nobody to ask: %v", err)
	}
	opts.MFA = func(ctx context.Context, _ string) (string, error) { return "", errors.New("closed") }
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Connect(ctx, opts); KindOf(err) != KindCancelled {
		t.Errorf("given up: %v", err)
	}
}

func TestNoSecretOfALoginIsLoggedOrShown(t *testing.T) {
	sts := identity(t, "1")
	var log bytes.Buffer
	opts := ConnectOptions{EndpointURL: sts.URL, Log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	machine(t, "[default]\nregion = eu-west-1\n"+keys, nil)
	service, err := Connect(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	_, err = service.List(t.Context(), ListInput{})
	text := log.String() + err.Error()
	if !strings.Contains(text, "connected") || strings.Contains(text, "secret-canary") {
		t.Errorf("log: %s", text)
	}
}
