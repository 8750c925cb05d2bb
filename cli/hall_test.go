package cli

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"adit/client"
	"adit/emulator"
	"adit/session"
	"adit/views"
)

// laptop is a person's AWS configuration in front of an emulator, with a hall as the screen has it.
type laptop struct {
	*hall
	t        *testing.T
	home     string
	emulator *emulator.Emulator
	roots    *x509.CertPool
	requests *recorder
}

const sharedConfig = `[profile prod]
region = eu-west-1
aws_access_key_id = 111111111111
aws_secret_access_key = x
[profile dev]
region = us-east-1
aws_access_key_id = 222222222222
aws_secret_access_key = x
[profile corp]
region = eu-west-1
sso_session = corp
sso_account_id = 333333333333
sso_role_name = operator
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
`

func newLaptop(t *testing.T, settings string, args ...string) *laptop {
	t.Helper()
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
			os.Unsetenv(name)
		}
	}
	e, err := emulator.Start(t.Context(), emulator.Config{Things: []string{"pump-07", "pump-12", "valve-99"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"roleCredentials":{"accessKeyId":"333333333333","secretAccessKey":"x","sessionToken":"y","expiration":4102444800000}}`))
	}))
	t.Cleanup(portal.Close)
	requests, roots := record(t, e.APIURL()), x509.NewCertPool()
	roots.AppendCertsFromPEM(e.CAPEM())
	home := t.TempDir()
	for name, value := range map[string]string{"HOME": home, "AWS_CONFIG_FILE": filepath.Join(home, "config"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(home, "credentials"),
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL_IOTSECURETUNNELING": requests.url, "AWS_ENDPOINT_URL_IOT": requests.url, "AWS_ENDPOINT_URL_STS": e.APIURL(), "AWS_ENDPOINT_URL_SSO": portal.URL} {
		t.Setenv(name, value)
	}
	l := &laptop{t: t, home: home, emulator: e, roots: roots, requests: requests}
	l.write("config", sharedConfig)
	flags, err := parse(t, settings, args...)
	if err != nil {
		t.Fatal(err)
	}
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	run, err := os.MkdirTemp("/tmp", "adit-h")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(run) })
	l.hall = newHall(roomsConfig{
		paths: session.Paths{Config: home, State: filepath.Join(home, "state"), Run: run}, executable: executable, flags: flags,
		log: slog.New(slog.DiscardHandler),
		dataPlane: func(client.Context) (session.DataPlane, error) {
			return session.DataPlane{Endpoint: e.DataAddr(), Roots: roots}, nil
		},
	}, "")
	t.Cleanup(func() {
		if err := l.close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func (l *laptop) write(name, content string) {
	l.t.Helper()
	if err := os.WriteFile(filepath.Join(l.home, name), []byte(content), 0o600); err != nil {
		l.t.Fatal(err)
	}
}

func (l *laptop) goTo(places ...views.Place) *views.Backend {
	l.t.Helper()
	backend, err := l.open(l.t.Context(), places)
	if err != nil {
		l.t.Fatal(err)
	}
	return backend
}

func shown(b *views.Backend) string {
	var names []string
	for _, s := range b.Services {
		c := s.Context()
		names = append(names, c.Profile+" "+c.Account+" "+c.Region)
	}
	return strings.Join(names, ", ")
}

func TestContextsOfSeveralProfilesAndRegionsAreShownWithoutThoseThatFail(t *testing.T) {
	l := newLaptop(t, "profiles: {prod: {production: true}, dev: {read_only: true}}\n")
	b := l.goTo(views.Place{Profile: "prod", Region: "us-east-1"}, views.Place{Profile: "prod"}, views.Place{Profile: "corp"}, views.Place{Profile: "dev"})
	if got := shown(b); got != "prod 111111111111 us-east-1, prod 111111111111 eu-west-1, dev 222222222222 us-east-1" {
		t.Errorf("shown are %s", got)
	}
	if len(b.Failed) != 1 || b.Failed[0].Place.Profile != "corp" || client.KindOf(b.Failed[0].Err) != client.KindExpired {
		t.Errorf("failed are %+v", b.Failed)
	}
	prod, dev := b.Services[0].Context(), b.Services[2].Context()
	if !prod.Production || prod.ReadOnly || dev.Production || !dev.ReadOnly || prod.EndpointFrom != "AWS_ENDPOINT_URL_IOTSECURETUNNELING" {
		t.Errorf("marks are %+v and %+v", prod, dev)
	}
	if _, err := b.Services[2].Open(t.Context(), client.OpenInput{}); client.KindOf(err) != client.KindReadOnly {
		t.Errorf("a read-only profile opens: %v", err)
	}
	if _, err := l.open(t.Context(), []views.Place{{Profile: "corp"}}); client.KindOf(err) != client.KindExpired {
		t.Errorf("nothing but a failure gives %v", err)
	}
}

// What was started in a context must be found again: its service, the watcher and the sessions are those of before.
func TestLeavingAContextKeepsWhatItHolds(t *testing.T) {
	l := newLaptop(t, "")
	first := l.goTo(views.Place{Profile: "prod"})
	opened, err := first.Services[0].Open(t.Context(), client.OpenInput{Thing: "pump-07", Services: []string{"SSH"}})
	if err != nil {
		t.Fatal(err)
	}
	second := l.goTo(views.Place{Profile: "dev"})
	if second.Watcher != first.Watcher || second.Sessions != first.Sessions || second.Close != nil {
		t.Error("the rooms were made anew")
	}
	key := first.Services[0].Context().Key(opened.ID)
	for s := second.Watcher.Snapshot(); ; {
		if _, ok := s.Row(key); ok {
			break
		}
		if s, err = second.Watcher.Next(t.Context(), s.Seq); err != nil {
			t.Fatal(err)
		}
	}
	if third := l.goTo(views.Place{Profile: "prod"}); third.Services[0] != first.Services[0] {
		t.Error("back in the first context its service is another one")
	}
	// Another profile of the same account goes on with the same tunnels.
	l.write("config", strings.Replace(sharedConfig, "222222222222", "111111111111", 1))
	if b := l.goTo(views.Place{Profile: "dev", Region: "eu-west-1"}); b.Services[0] != first.Services[0] || b.Services[0].Context().Profile != "dev" {
		t.Errorf("the same account by another profile shows %s", shown(b))
	}
	// A login that does not come keeps what is known.
	l.write("config", strings.Replace(sharedConfig, "aws_access_key_id = 111111111111\naws_secret_access_key = x\n", "sso_session = corp\nsso_account_id = 1\nsso_role_name = r\n", 1))
	if b := l.goTo(views.Place{Profile: "prod"}); b.Services[0] != first.Services[0] || len(b.Failed) != 0 {
		t.Errorf("without a login it shows %s, failed %v", shown(b), b.Failed)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.open(ctx, []views.Place{{Profile: "prod"}}); client.KindOf(err) != client.KindCancelled {
		t.Errorf("given up: %v", err)
	}
	if err := l.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.open(t.Context(), []views.Place{{Profile: "dev"}}); err == nil {
		t.Error("a context was opened after the end")
	}
}

func TestMFACodeIsAskedOfTheScreenOnceForAllRegions(t *testing.T) {
	l := newLaptop(t, "")
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		if r.Form.Get("Action") == "AssumeRole" && r.Form.Get("TokenCode") != "123456" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = w.Write([]byte(`<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>444444444444</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`))
	}))
	defer sts.Close()
	t.Setenv("AWS_ENDPOINT_URL_STS", sts.URL)
	l.write("config", sharedConfig+"[profile ops]\nregion = eu-west-1\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = prod\nmfa_serial = arn:aws:iam::1:mfa/me\n")
	places := []views.Place{{Profile: "ops", Region: "eu-west-1"}, {Profile: "ops", Region: "us-east-1"}}
	asked := make(chan string, 9)
	answer := func(code string, given bool) {
		q := <-l.questions
		asked <- q.Serial
		q.Answer(code, given)
		q.Answer("000000", true) // only the first counts
	}
	go answer("123456", true)
	if b := l.goTo(places...); len(b.Services) != 2 || len(asked) != 1 || <-asked != "arn:aws:iam::1:mfa/me" {
		t.Errorf("shown are %s", shown(b))
	}
	go answer("", false)
	if _, err := l.open(t.Context(), []views.Place{{Profile: "ops", Region: "eu-north-1"}}); client.KindOf(err) != client.KindCancelled {
		t.Errorf("without a code: %v", err)
	}
}
