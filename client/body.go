package client

import (
	"bytes"
	"io"
	"net/http"
)

// wholeBody hands a request's body to the transport as plain bytes. The SDK's own reader is closed as soon as the answer
// begins; net/http may still be looking for the body's end then, takes the closed reader for a failed upload, and drops
// the connection in the middle of the answer. Requests here are small, and a nearby service answers fast enough for that.
type wholeBody struct{ doer }

// doer is what the SDK asks of an HTTP client.
type doer interface {
	Do(*http.Request) (*http.Response, error)
}

func (w wholeBody) Do(r *http.Request) (*http.Response, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return w.doer.Do(r)
	}
	body, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	return w.doer.Do(r)
}
