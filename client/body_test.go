package client

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// closing is a body that fails when it is read after its end was announced, as the SDK's does once the answer began.
type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Read(p []byte) (int, error) {
	if c.closed {
		return 0, errors.New("read after close")
	}
	return c.Reader.Read(p)
}

func (c *closing) Close() error { c.closed = true; return nil }

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

func TestTheTransportMayLookForTheEndOfABodyThatTheSDKHasClosed(t *testing.T) {
	body := &closing{Reader: strings.NewReader(`{"tunnelId":"x"}`)}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1", body)
	if err != nil {
		t.Fatal(err)
	}
	request.ContentLength = 16
	_, err = wholeBody{transportFunc(func(r *http.Request) (*http.Response, error) {
		sent := make([]byte, r.ContentLength)
		if _, err := io.ReadFull(r.Body, sent); err != nil || string(sent) != `{"tunnelId":"x"}` {
			t.Errorf("sent %q, %v", sent, err)
		}
		_ = body.Close() // the answer has begun
		if n, err := r.Body.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("the end of the body reads %d, %v; want EOF", n, err)
		}
		return &http.Response{}, nil
	})}.Do(request)
	if err != nil {
		t.Fatal(err)
	}
}
