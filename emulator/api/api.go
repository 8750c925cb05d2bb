// Package api is the control plane of the emulated service: the eight operations of AWS IoT Secure Tunneling (API version
// 2018-10-05) in AWS JSON 1.1, and what scripts call beside them of AWS IoT (things, connectivity, endpoint) in REST and of
// AWS STS (GetCallerIdentity), on one HTTP address.
//
// An operation on tunnels is named by the X-Amz-Target header; path and signature do not matter. Clients check little of what they
// send, so every constraint of the service's model is checked here. Every answer is JSON, on every status, with a request
// id, because SDKs stumble over anything else.
package api

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"adit/emulator/choices"
	"adit/emulator/faults"
	"adit/emulator/notify"
	"adit/emulator/registry"
	"adit/emulator/tunnels"
)

// maxBody is the longest request that is read, in bytes: two hundred of the longest tags take less than half of it.
const maxBody = 1 << 20

// targetPrefix goes before an operation's name in X-Amz-Target. It is the service's old name: Secured.
const targetPrefix = "IoTSecuredTunneling."

// answerPause is how long an answer is held back, which is less than any network takes. The Go SDK cannot bear an answer
// that comes while its transport still makes sure that the request's body has ended: it closes the body then, its reader
// reports an error for that, and the transport drops the connection with the rest of the answer.
const answerPause = 2 * time.Millisecond

// Config of an API. All fields are required.
type Config struct {
	Tunnels *tunnels.Store
	Things  *registry.Registry
	// Presence tells whether an MQTT client is connected; known is false for one that never was.
	Presence func(client string) (p notify.Presence, known bool)
	// Broker is the host:port that devices connect to.
	Broker string
	// Faults decides which requests fail.
	Faults *faults.Set
	// Choices are what is done where AWS's behaviour is unknown; the zero value has the defaults.
	Choices choices.Set
	// Fallback is the scope of a request whose signature names none.
	Fallback tunnels.Scope
	Log      *slog.Logger
}

// API serves the operations.
type API struct {
	Config
	reads reads
	pause time.Duration
}

// reads are what the operations that only read ask: the tunnels, or their past.
type reads interface {
	Describe(scope tunnels.Scope, id string) (tunnels.Tunnel, error)
	List(scope tunnels.Scope, thing string, limit int, next string) (page []tunnels.Tunnel, more string, err error)
	Tags(scope tunnels.Scope, arn string) ([]tunnels.Tag, error)
}

// New makes the handler.
func New(cfg Config) *API { return &API{cfg, cfg.Tunnels, answerPause} }

// lagging is an API whose reads are so old.
func (a *API) lagging(lag time.Duration) *API {
	if lag == 0 {
		return a
	}
	behind := *a
	behind.reads = tunnels.Past{Store: a.Tunnels, Lag: lag}
	return &behind
}

// operation carries out one request; an answer of nil is an empty one.
type operation func(a *API, scope tunnels.Scope, in input) (answer any, err error)

func operationOf(name string) operation {
	switch name {
	case "OpenTunnel":
		return (*API).openTunnel
	case "DescribeTunnel":
		return (*API).describeTunnel
	case "CloseTunnel":
		return (*API).closeTunnel
	case "ListTunnels":
		return (*API).listTunnels
	case "RotateTunnelAccessToken":
		return (*API).rotateTunnelAccessToken
	case "TagResource":
		return (*API).tagResource
	case "UntagResource":
		return (*API).untagResource
	case "ListTagsForResource":
		return (*API).listTagsForResource
	}
	return nil
}

// call is a request that names an operation.
type call struct {
	name string
	run  operation
	// rest: an operation of AWS IoT, whose protocol is REST with JSON.
	rest bool
}

// callOf finds the operation that a request names.
func (a *API) callOf(r *http.Request) (call, error) {
	target := r.Header.Get("X-Amz-Target")
	if target == "" {
		return a.callOfPath(r)
	}
	name, ours := strings.CutPrefix(target, targetPrefix)
	if op := operationOf(name); op != nil && ours && r.Method == http.MethodPost {
		return call{name: name, run: op}, nil
	}
	return call{}, unknownOperation()
}

func unknownOperation() *fault {
	return &fault{Type: "UnknownOperationException", Message: "The request names no operation of AWS IoT Secure Tunneling: send it by POST, with X-Amz-Target: " + targetPrefix + "<Operation>."}
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := uuid.NewString()
	w.Header().Set("X-Amzn-RequestId", id)
	scope := scopeOf(r, a.Fallback)
	log := a.Log.With("request", id, "account", scope.Account, "region", scope.Region)

	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		a.refuse(w, log, unreadable(err))
		return
	}
	if r.Header.Get("X-Amz-Target") == "" && isForm(r) {
		a.serveSTS(w, r, log, scope, id, string(body))
		return
	}
	c, err := a.callOf(r)
	if err != nil {
		a.refuse(w, log, err)
		return
	}
	log = log.With("operation", c.name, "attempt", r.Header.Get("Amz-Sdk-Request"))
	in, malformed := parse(body)
	effect := a.Faults.Of(c.name, in.tagKeys()...)
	if refusal := a.injected(effect, c, scope); refusal != nil {
		hold(r.Context(), effect.Delay)
		a.refuse(w, log.With("fault", string(effect.Kind)), refusal)
		return
	}
	answer, err := a.lagging(effect.Lag).carryOut(c, scope, in, malformed)
	hold(r.Context(), effect.Delay)
	if effect.Kind == faults.Drop {
		log.Info("API answer dropped on demand", "fault", string(effect.Kind))
		panic(http.ErrAbortHandler) // the server's way to close a connection without a word
	}
	if err != nil {
		a.refuse(w, log, err)
		return
	}
	log.Info("API request", "status", http.StatusOK)
	a.respond(w, http.StatusOK, answer)
}

func (a *API) carryOut(c call, scope tunnels.Scope, in input, malformed error) (any, error) {
	if malformed != nil {
		return nil, c.translate(malformed)
	}
	answer, err := c.run(a, scope, in)
	if err != nil {
		return nil, c.translate(err)
	}
	if answer == nil {
		answer = struct{}{}
	}
	return answer, nil
}

func unreadable(err error) *fault {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return &fault{status: http.StatusRequestEntityTooLarge, Type: "RequestEntityTooLargeException", Message: "The request is longer than 1 MiB."}
	}
	return &fault{Type: "SerializationException", Message: "The request could not be read to its end."}
}

func isForm(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/x-www-form-urlencoded"
}

// respond writes JSON. Clients have left when it cannot be written, which is theirs to know.
func (a *API) respond(w http.ResponseWriter, status int, body any) {
	time.Sleep(a.pause)
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
