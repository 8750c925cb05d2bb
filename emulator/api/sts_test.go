package api

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"adit/emulator/faults"
	"adit/emulator/tunnels"
)

// The Go SDK drops a connection on which the answer overtakes the end of the request, whatever service it asks.
func TestAnAnswerOfSTSIsHeldBackAsTheOthersAre(t *testing.T) {
	for _, body := range []string{"Action=GetCallerIdentity", "Action=AssumeRole"} {
		synctest.Test(t, func(t *testing.T) {
			api := New(Config{Faults: faults.NewSet(0, time.Now, nil), Fallback: tunnels.Scope{Account: "000000000000", Region: "us-east-1"}, Log: slog.New(slog.DiscardHandler)})
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			began := time.Now()
			api.ServeHTTP(httptest.NewRecorder(), r)
			if took := time.Since(began); took != answerPause {
				t.Errorf("%s: the answer came after %v, want %v", body, took, answerPause)
			}
		})
	}
}

func TestAFailureOnDemandIsTheReceivers(t *testing.T) {
	for rule, want := range map[string]string{"GetCallerIdentity=error": "Receiver", "GetCallerIdentity=throttle": "Sender", "GetCallerIdentity=deny": "Sender"} {
		rules, err := faults.ParseAll(rule)
		if err != nil {
			t.Fatal(err)
		}
		api := New(Config{Faults: faults.NewSet(0, time.Now, rules), Log: slog.New(slog.DiscardHandler)})
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("Action=GetCallerIdentity"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		if !strings.Contains(w.Body.String(), "<Type>"+want+"</Type>") {
			t.Errorf("%s: %s, want the %s", rule, w.Body, want)
		}
	}
}
