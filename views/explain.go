package views

import (
	"errors"
	"slices"
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
		return client.Clean(api.Sentence()), client.Clean(api.Remedy)
	}
	return client.Clean(err.Error()), ""
}

// sentences joins those that say something.
func sentences(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// advice is a remedy with its command, for where both share a line.
func advice(err error) string {
	_, remedy := explain(err)
	if command := commandOf(err); command != "" {
		remedy = strings.TrimSpace(remedy + " $ " + command)
	}
	return remedy
}

// commandOf is the command that mends an error, "" without one.
func commandOf(err error) string {
	var api *client.Error
	if errors.As(err, &api) {
		return client.Clean(api.Command)
	}
	return ""
}

// loginWords are those of the login that mends an error, nil without one.
func loginWords(err error) []string {
	var api *client.Error
	if errors.As(err, &api) {
		return api.Login
	}
	return nil
}
