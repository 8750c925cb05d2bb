package api

import (
	"errors"
	"log/slog"
	"net/http"

	"adit/emulator/tunnels"
)

// fault is an error as it goes over the wire. Its code is in the body, where every client of tunnels looks; some do not
// look into headers.
type fault struct {
	Type    string `json:"__type"`
	Message string `json:"message"`
	// status is 400 when zero.
	status int
}

func (f *fault) statusCode() int {
	if f.status == 0 {
		return http.StatusBadRequest
	}
	return f.status
}

func (f *fault) Error() string { return f.Type + ": " + f.Message }

// faultOf translates what the store says.
func faultOf(err error) *fault {
	var known *fault
	if errors.As(err, &known) {
		return known
	}
	var failed *tunnels.Error
	if errors.As(err, &failed) {
		switch failed.Kind {
		case tunnels.NotFound:
			return &fault{Type: "ResourceNotFoundException", Message: failed.Text}
		case tunnels.Limit:
			return &fault{Type: "LimitExceededException", Message: failed.Text}
		case tunnels.Invalid:
			return &fault{Type: "ValidationException", Message: failed.Text}
		}
	}
	return &fault{Type: "InternalFailureException", Message: "The emulator failed.", status: http.StatusInternalServerError}
}

func (a *API) refuse(w http.ResponseWriter, log *slog.Logger, err error) {
	f := faultOf(err)
	status := f.statusCode()
	log.Info("API request refused", "error", f.Type, "status", status)
	// Clients of AWS IoT look here, those of tunnels into the body.
	w.Header().Set("X-Amzn-ErrorType", f.Type)
	a.respond(w, status, f)
}
