package views

import (
	"errors"
	"strings"

	"adit/client"
	"adit/session"
	"adit/tunnelconn"
)

// explain puts an error into a sentence and what to do about it.
func explain(err error) (sentence, remedy string) {
	var failure *session.Failure
	if errors.As(err, &failure) {
		return client.Clean(failure.Text), client.Clean(failure.Remedy)
	}
	var listen *tunnelconn.ListenError
	if errors.As(err, &listen) {
		return client.Clean(listen.Error()), ""
	}
	var api *client.Error
	if errors.As(err, &api) {
		// The error's text may carry its remedy already; it is shown once.
		text := strings.TrimSpace(strings.Replace(api.Error(), api.Remedy, "", 1))
		return client.Clean(text), client.Clean(api.Remedy)
	}
	return client.Clean(err.Error()), ""
}

// commandOf is the command that mends an error, "" without one.
func commandOf(err error) string {
	var api *client.Error
	if errors.As(err, &api) {
		return client.Clean(api.Command)
	}
	return ""
}
