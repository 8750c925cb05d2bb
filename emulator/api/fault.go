package api

import (
	"cmp"
	"errors"
	"log/slog"
	"net/http"

	"adit/emulator/choices"
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

// faultOf translates what the store says, and gives what is wrong with a request the name that was chosen for it.
func (a *API) faultOf(err error) fault {
	f := *translated(err)
	switch f.Type {
	case "ValidationException":
		f.Type = a.Choices.Of(choices.InvalidValue)
	case "SerializationException":
		f.Type = a.Choices.Of(choices.MalformedJSON)
	case "AccessDeniedException":
		f.status = cmp.Or(f.status, a.Choices.Number(choices.DeniedStatus))
	case "UnknownOperationException":
		f.Type = a.Choices.Of(choices.UnknownOperation)
	}
	return f
}

func translated(err error) *fault {
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
		case tunnels.Denied:
			return &fault{Type: "AccessDeniedException", Message: failed.Text}
		}
	}
	return &fault{Type: "InternalFailureException", Message: "The emulator failed.", status: http.StatusInternalServerError}
}

func (a *API) refuse(w http.ResponseWriter, log *slog.Logger, err error) {
	f := a.faultOf(err)
	status := f.statusCode()
	log.Info("API request refused", "error", f.Type, "status", status)
	// Clients of AWS IoT look here, those of tunnels into the body.
	w.Header().Set("X-Amzn-ErrorType", f.Type)
	a.respond(w, status, &f)
}
