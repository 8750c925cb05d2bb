package client

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// cached writes the file that `aws sso login` leaves behind.
func cached(t *testing.T, session, content string) {
	t.Helper()
	sum := sha1.Sum([]byte(session))
	dir := filepath.Join(os.Getenv("HOME"), ".aws", "sso", "cache")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, hex.EncodeToString(sum[:])+".json"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestEachFailedLoginNamesTheCommandThatMendsIt(t *testing.T) {
	const region = "region = eu-west-1\n"
	const legacy = region + "sso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = r\n"
	const session = region + "sso_session = corp\nsso_account_id = 1\nsso_role_name = r\n[sso-session corp]\nsso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\n"
	const live = `{"accessToken":"a","expiresAt":"2099-01-01T00:00:00Z","region":"eu-west-1","startUrl":"https://x.awsapps.com/start"}`
	refuse := func(status int, code string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Amzn-Errortype", code)
			w.WriteHeader(status)
			_, _ = w.Write([]byte(`{"message":"because"}`))
		}
	}
	for name, c := range map[string]struct {
		config, profile string
		env             map[string]string
		token           string
		portal          http.HandlerFunc
		kind            Kind
		says, command   string
	}{
		"unknown profile": {config: "[default]\n" + region, profile: "nosuch", kind: KindConfig,
			says: `There is no profile "nosuch"`, command: "aws configure list-profiles"},
		"no region": {config: "[profile p]\n" + keys, profile: "p", kind: KindConfig,
			says: "No AWS region is set for profile p", command: "aws configure set region eu-west-1 --profile p"},
		"region that is none": {config: "[profile p]\n" + keys + "region = evil.example/\n", profile: "p", kind: KindConfig,
			says: `"evil.example/" is not a region`},
		"no credentials": {config: "[default]\n" + region, kind: KindNoCredentials,
			says: "No AWS credentials were found", command: "aws configure sso"},
		"old SSO, never logged in": {config: "[profile p]\n" + legacy, profile: "p", kind: KindExpired,
			says: "profile p", command: "aws sso login --profile p"},
		"SSO session, never logged in": {config: "[profile p]\n" + session, profile: "p", kind: KindExpired,
			says: "You are not logged in with profile p", command: "aws sso login --profile p"},
		"SSO session, expired and not renewable": {config: "[profile p]\n" + session, profile: "p", kind: KindExpired,
			token: `{"accessToken":"a","expiresAt":"2020-01-01T00:00:00Z"}`,
			says:  "The AWS login of profile p has expired", command: "aws sso login --profile p"},
		"SSO session, revoked": {config: "[profile p]\n" + session, profile: "p", kind: KindExpired, token: live,
			portal: refuse(401, "UnauthorizedException"), says: "has expired", command: "aws sso login --profile p"},
		"SSO session, role not assigned": {config: "[profile p]\n" + session, profile: "p", kind: KindDenied, token: live,
			portal: refuse(403, "ForbiddenException"), says: "assigned to you"},
		"role on top of SSO": {config: "[profile base]\n" + session + "[profile ops]\n" + region + "role_arn = arn:aws:iam::1:role/r\nsource_profile = base\n", profile: "ops",
			kind: KindExpired, says: "You are not logged in with profile base", command: "aws sso login --profile base"},
		"aws login": {config: "[profile p]\n" + region + "login_session = arn:aws:iam::1:user/me\n", profile: "p", kind: KindExpired,
			says: "You are not logged in with profile p", command: "aws login --profile p"},
		"credential_process": {config: "[profile p]\n" + region + "credential_process = false\n", profile: "p", kind: KindNoCredentials,
			says: "The credential_process of profile p failed", command: "aws sts get-caller-identity --profile p"},
		"profile from the environment": {config: "[profile p]\n" + legacy, env: map[string]string{"AWS_PROFILE": "p"}, kind: KindExpired,
			says: "profile p", command: "aws sso login --profile p"},
		"CA bundle that is not there": {config: "[default]\n" + region + keys, env: map[string]string{"AWS_CA_BUNDLE": "/nosuch/ca.pem"},
			kind: KindConfig, says: "does not lead to credentials", command: "aws configure list"},
		"role with half its parts": {config: "[profile p]\n" + region + "role_arn = arn:aws:iam::1:role/r\nsource_profile = nosuch\n", profile: "p",
			kind: KindConfig, says: `There is no profile "nosuch"`, command: "aws configure list-profiles"},
	} {
		t.Run(name, func(t *testing.T) {
			portal := httptest.NewServer(c.portal)
			defer portal.Close()
			machine(t, c.config, c.env)
			t.Setenv("AWS_ENDPOINT_URL_SSO", portal.URL)
			if c.token != "" {
				cached(t, "corp", c.token)
			}
			_, err := Connect(t.Context(), ConnectOptions{Profile: c.profile})
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("err = %v", err)
			}
			if e.Kind != c.kind || !strings.Contains(e.Error(), c.says) || e.Command != c.command {
				t.Errorf("kind %d, command %q: %v\nwant kind %d, command %q, and %q", e.Kind, e.Command, e, c.kind, c.command, c.says)
			}
			// What can be run by a key is the command that is shown, and a login.
			login := "aws " + strings.Join(e.Login, " ")
			if isLogin := strings.Contains(c.command, " login "); isLogin != (e.Login != nil) || isLogin && login != c.command {
				t.Errorf("the login is %q, the command %q", login, c.command)
			}
		})
	}
}

func TestOutputOfACredentialProcessIsNeverShown(t *testing.T) {
	machine(t, "[default]\nregion = eu-west-1\ncredential_process = echo secret-canary\n", nil)
	_, err := Connect(t.Context(), ConnectOptions{})
	for cause := err; cause != nil; cause = errors.Unwrap(cause) {
		if strings.Contains(cause.Error(), "secret-canary") {
			t.Errorf("the secret shows in %q", cause)
		}
	}
	if KindOf(err) != KindNoCredentials {
		t.Errorf("err = %v", err)
	}
}

func TestLoginThatDoesNotAnswerEndsWithTheDeadline(t *testing.T) {
	release := make(chan struct{})
	arrived := make(chan struct{}, 9)
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-release
	}))
	defer silent.Close()
	defer close(release)
	machine(t, "[profile base]\n"+keys+"[profile ops]\nregion = eu-west-1\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\n",
		map[string]string{"AWS_ENDPOINT_URL_STS": silent.URL})
	for name, c := range map[string]struct {
		end  error
		want Kind
	}{"deadline": {context.DeadlineExceeded, KindOffline}, "given up": {context.Canceled, KindCancelled}} {
		ctx := &endable{Context: t.Context(), done: make(chan struct{})}
		go func() {
			<-arrived
			ctx.err = c.end
			close(ctx.done)
		}()
		if _, err := Connect(ctx, ConnectOptions{Profile: "ops"}); KindOf(err) != c.want {
			t.Errorf("%s: %v, want kind %d", name, err, c.want)
		}
	}
}

// endable is a context that ends when a test says so, with the error the test says.
type endable struct {
	context.Context
	done chan struct{}
	err  error
}

func (e *endable) Done() <-chan struct{} { return e.done }
func (e *endable) Err() error {
	select {
	case <-e.done:
		return e.err
	default:
		return nil
	}
}

func TestCredentialsThatEndInTheMiddleAreALoginAndNoLostAnswer(t *testing.T) {
	s := newWire(t, func(w http.ResponseWriter, _ request) { reply(w, 200, `{}`) })
	service := s.connect(t, nil).(*api)
	e := service.classify(attempt{operation: opOpen, sent: true}, &loginError{errCodeNeeded})
	if e.Kind != KindExpired || !strings.Contains(e.Error(), "MFA code") {
		t.Errorf("%d: %v", e.Kind, e)
	}
}
