package client

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"adit/tunnelconn/token"
)

// hijack cuts the connection after it has written what it is given.
func hijack(t *testing.T, w http.ResponseWriter, written string) {
	conn, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_, _ = buffered.WriteString(written)
	_ = buffered.Flush()
	_ = conn.Close()
}

func TestOpenIsSentOnceHoweverItFails(t *testing.T) {
	const canary = "token-canary"
	refuse := func(status int, code string) func(*testing.T, http.ResponseWriter) {
		return func(_ *testing.T, w http.ResponseWriter) {
			reply(w, status, `{"__type":"`+code+`","message":"because"}`)
		}
	}
	for name, c := range map[string]struct {
		answer func(*testing.T, http.ResponseWriter)
		want   Kind
	}{
		"500":                {refuse(500, "InternalFailureException"), KindAmbiguous},
		"503 with a page":    {func(_ *testing.T, w http.ResponseWriter) { http.Error(w, "<html>", 503) }, KindAmbiguous},
		"connection dropped": {func(t *testing.T, w http.ResponseWriter) { hijack(t, w, "") }, KindAmbiguous},
		"answer cut": {func(t *testing.T, w http.ResponseWriter) {
			hijack(t, w, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"sourceAccessToken\":\""+canary)
		}, KindAmbiguous},
		"answer not JSON": {func(_ *testing.T, w http.ResponseWriter) { reply(w, 200, "<html>"+canary) }, KindAmbiguous},
		"answer without token": {func(_ *testing.T, w http.ResponseWriter) {
			reply(w, 200, `{"tunnelId":"t1","sourceAccessToken":"`+canary+`"}`)
		}, KindAmbiguous},
		"limit":                 {refuse(400, "LimitExceededException"), KindLimit},
		"throttled":             {refuse(400, "ThrottlingException"), KindThrottled},
		"throttled by status":   {func(_ *testing.T, w http.ResponseWriter) { http.Error(w, "slow down", 429) }, KindThrottled},
		"denied":                {refuse(403, "AccessDeniedException"), KindDenied},
		"invalid":               {refuse(400, "ValidationException"), KindInvalid},
		"credentials expired":   {refuse(403, "ExpiredTokenException"), KindExpired},
		"credentials not known": {refuse(403, "UnrecognizedClientException"), KindExpired},
		"clock wrong":           {refuse(403, "InvalidSignatureException"), KindConfig},
	} {
		t.Run(name, func(t *testing.T) {
			s := newWire(t, func(w http.ResponseWriter, _ request) { c.answer(t, w) })
			_, err := s.connect(t, nil).Open(t.Context(), OpenInput{Thing: "pump-07", Services: []string{"SSH"}})
			if n := len(s.seen()); n != 1 {
				t.Errorf("%d requests were sent, want 1", n)
			}
			if KindOf(err) != c.want {
				t.Errorf("kind = %d (%v), want %d", KindOf(err), err, c.want)
			}
			for _, want := range []string{`"pump-07"`, "eu-west-1"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not name %s", err, want)
				}
			}
			var kept *smithy.DeserializationError
			if errors.As(err, &kept) {
				t.Errorf("the error keeps the answer: %q", kept.Snapshot)
			}
			for cause := err; cause != nil; cause = errors.Unwrap(cause) {
				if strings.Contains(cause.Error(), canary) {
					t.Errorf("the token shows in %q", cause)
				}
			}
		})
	}
}

func TestOpenThatTimesOutOrIsCancelledIsAmbiguous(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	arrived := make(chan struct{}, 2)
	s := newWire(t, func(http.ResponseWriter, request) {
		arrived <- struct{}{}
		<-release
	})
	service := s.connect(t, nil)
	for name, end := range map[string]error{"timeout": context.DeadlineExceeded, "cancelled": context.Canceled} {
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() {
			<-arrived
			cancel(end)
		}()
		_, err := service.Open(ctx, OpenInput{})
		if KindOf(err) != KindAmbiguous {
			t.Errorf("%s: kind = %d (%v), want ambiguous", name, KindOf(err), err)
		}
	}
	if n := len(s.seen()); n != 2 {
		t.Errorf("%d requests for two opens", n)
	}
}

func TestOpenThatNeverReachedTheServiceIsNotAmbiguous(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := closed.Addr().String()
	closed.Close()
	service, err := Connect(t.Context(), ConnectOptions{Region: "eu-west-1", EndpointURL: "http://" + address,
		Static: &StaticCredentials{AccessKeyID: "AKID", SecretAccessKey: token.New("s")}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = service.Open(t.Context(), OpenInput{Thing: "pump-07", Services: []string{"SSH"}})
	if KindOf(err) != KindOffline || !strings.Contains(err.Error(), "connection refused") || !strings.Contains(err.Error(), "--endpoint-url") {
		t.Errorf("err = %v (kind %d), want offline", err, KindOf(err))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = service.Open(ctx, OpenInput{}); KindOf(err) != KindCancelled {
		t.Errorf("cancelled before it was sent: %v (kind %d)", err, KindOf(err))
	}
}

func TestReadsAreTriedAgain(t *testing.T) {
	tries := 0
	s := newWire(t, func(w http.ResponseWriter, _ request) {
		if tries++; tries == 1 {
			reply(w, 500, `{"__type":"InternalFailureException","message":"m"}`)
			return
		}
		reply(w, 200, `{"tunnelSummaries":[]}`)
	})
	if _, err := s.connect(t, nil).List(t.Context(), ListInput{}); err != nil || tries != 2 {
		t.Errorf("List = %v after %d tries, want success after 2", err, tries)
	}
}

func TestPollingDoesNotAskAgainWhenItWasToldToAskLess(t *testing.T) {
	tries, status, code := 0, 400, "ThrottlingException"
	s := newWire(t, func(w http.ResponseWriter, _ request) {
		if tries++; tries == 1 {
			reply(w, status, `{"__type":"`+code+`","message":"m"}`)
			return
		}
		reply(w, 200, `{"tunnelSummaries":[]}`)
	})
	service := s.connect(t, nil)
	if _, err := service.List(polling(t.Context()), ListInput{}); tries != 1 || KindOf(err) != KindThrottled {
		t.Errorf("a throttled list was sent %d times: %v", tries, err)
	}
	tries = 0
	if _, err := service.Describe(polling(t.Context()), "t1"); tries != 1 || KindOf(err) != KindThrottled {
		t.Errorf("a throttled describe was sent %d times: %v", tries, err)
	}
	tries, status, code = 0, 500, "InternalFailureException"
	if _, err := service.List(polling(t.Context()), ListInput{}); tries != 2 || err != nil {
		t.Errorf("a list that failed otherwise was sent %d times: %v", tries, err)
	}
}

func TestOpenIsSentOnceWhateverTheEnvironmentSaysOfRetries(t *testing.T) {
	machine(t, "[default]\nregion = eu-west-1\n"+keys, map[string]string{"AWS_MAX_ATTEMPTS": "5", "AWS_RETRY_MODE": "adaptive"})
	s := newWire(t, func(w http.ResponseWriter, _ request) { reply(w, 500, `{"__type":"InternalFailureException"}`) })
	service, err := Connect(t.Context(), ConnectOptions{EndpointURL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	_, err = service.Open(t.Context(), OpenInput{})
	if n := len(s.seen()); n != 1 || KindOf(err) != KindAmbiguous {
		t.Errorf("%d requests, %v", n, err)
	}
}
