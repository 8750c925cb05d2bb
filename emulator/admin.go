package emulator

import (
	"crypto/subtle"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// adminPath is where the admin API lies on the API's address. No path of AWS begins like this.
const adminPath = "/_adit/"

// maxAdminBody is the longest list of faults, in bytes.
const maxAdminBody = 64 << 10

// withAdmin puts the admin API before another handler. Without a secret there is none. The secret goes into the
// Authorization header, where no web page can put it unasked, and whatever comes from a web page is refused anyway.
func (e *Emulator) withAdmin(next http.Handler) http.Handler {
	if e.cfg.AdminSecret == "" {
		return next
	}
	requests := map[string]http.HandlerFunc{
		"GET faults":         e.showFaults,
		"PUT faults":         e.replaceFaults,
		"POST cut":           toSide(e.Cut),
		"POST replace":       toSide(e.Replace),
		"POST session-reset": toSide(e.ResetSession),
		"POST expire":        e.expire,
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !strings.HasPrefix(r.URL.Path, adminPath):
			next.ServeHTTP(w, r)
		case r.Header.Get("Origin") != "":
			http.Error(w, "The admin API is not for web pages.", http.StatusForbidden)
		case subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+e.cfg.AdminSecret)) != 1:
			http.Error(w, "The admin API needs the header Authorization: Bearer with the admin_secret that the emulator told when it was ready.", http.StatusUnauthorized)
		default:
			e.cfg.Log.Info("admin request", "method", r.Method, "path", r.URL.Path)
			do, known := requests[r.Method+" "+strings.TrimPrefix(r.URL.Path, adminPath)]
			if !known {
				http.Error(w, "The admin API has no such request. It has "+strings.Join(slices.Sorted(maps.Keys(requests)), ", ")+".", http.StatusNotFound)
				return
			}
			do(w, r)
		}
	})
}

func (e *Emulator) showFaults(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	for _, rule := range e.faults.Rules() {
		_, _ = fmt.Fprintln(w, rule)
	}
}

func (e *Emulator) replaceFaults(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAdminBody))
	if err != nil {
		http.Error(w, "The faults could not be read, or are longer than 64 KiB.", http.StatusBadRequest)
		return
	}
	if err := e.SetFaults(string(body)); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	e.showFaults(w, r)
}

// toSide does something to the local proxy that is connected to a side.
func toSide(do func(tunnel string, mode Mode) bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		mode := Mode(r.URL.Query().Get("side"))
		switch {
		case mode != ModeSource && mode != ModeDestination:
			http.Error(w, "The side is neither source nor destination.", http.StatusBadRequest)
		case !do(r.URL.Query().Get("tunnel"), mode):
			http.Error(w, "No local proxy is connected to this side of the tunnel.", http.StatusNotFound)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	}
}

func (e *Emulator) expire(w http.ResponseWriter, r *http.Request) {
	if !e.Expire(r.URL.Query().Get("tunnel")) {
		http.Error(w, "There is no such tunnel, or it is closed.", http.StatusNotFound)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
