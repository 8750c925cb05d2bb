package api

import (
	"encoding/xml"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"adit/emulator/faults"
	"adit/emulator/tunnels"
)

const callerIdentityName = "GetCallerIdentity"

// callerIdentity is the answer of GetCallerIdentity in the AWS query protocol.
type callerIdentity struct {
	XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
	ARN       string   `xml:"GetCallerIdentityResult>Arn"`
	UserID    string   `xml:"GetCallerIdentityResult>UserId"`
	Account   string   `xml:"GetCallerIdentityResult>Account"`
	RequestID string   `xml:"ResponseMetadata>RequestId"`
}

type stsError struct {
	XMLName xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ ErrorResponse"`
	// Type is whose fault it is: Sender or Receiver.
	Type      string `xml:"Error>Type"`
	Code      string `xml:"Error>Code"`
	Message   string `xml:"Error>Message"`
	RequestID string `xml:"RequestId"`
}

// serveSTS answers the one operation of AWS STS that clients want beside the tunnels: who am I?
func (a *API) serveSTS(w http.ResponseWriter, r *http.Request, log *slog.Logger, scope tunnels.Scope, id, body string) {
	form, err := url.ParseQuery(body)
	if err != nil || form.Get("Action") != callerIdentityName {
		log.Info("API request refused", "error", "InvalidAction", "status", http.StatusBadRequest)
		a.respondXML(w, http.StatusBadRequest, stsError{
			Type: "Sender", Code: "InvalidAction", RequestID: id,
			Message: "The emulator knows one action of AWS STS: GetCallerIdentity.",
		})
		return
	}
	log = log.With("operation", callerIdentityName)
	effect := a.Faults.Of(callerIdentityName)
	hold(r.Context(), effect.Delay)
	if effect.Kind == faults.Drop {
		log.Info("API answer dropped on demand", "fault", string(effect.Kind))
		panic(http.ErrAbortHandler)
	}
	if f := a.injected(effect, call{name: callerIdentityName}, scope); f != nil {
		log.Info("API request refused", "fault", string(effect.Kind), "error", f.Type, "status", f.statusCode())
		whose := "Sender"
		if f.statusCode() >= http.StatusInternalServerError {
			whose = "Receiver"
		}
		a.respondXML(w, f.statusCode(), stsError{Type: whose, Code: f.Type, Message: f.Message, RequestID: id})
		return
	}
	log.Info("API request", "status", http.StatusOK)
	a.respondXML(w, http.StatusOK, callerIdentity{
		ARN: "arn:aws:iam::" + scope.Account + ":user/emulator", UserID: "AIDAEMULATOR",
		Account: scope.Account, RequestID: id,
	})
}

// respondXML is respond in the AWS query protocol.
func (a *API) respondXML(w http.ResponseWriter, status int, body any) {
	time.Sleep(a.pause)
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	_ = xml.NewEncoder(w).Encode(body)
}
