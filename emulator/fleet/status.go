package fleet

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"adit/emulator/fleet/world"
)

// maxBlob is the largest /blob, in bytes.
const maxBlob = 1 << 40

//go:embed status.html
var statusHTML string

// status is what /status.json says.
type status struct {
	Thing    string          `json:"thing"`
	Model    string          `json:"model"`
	Serial   string          `json:"serial"`
	Address  string          `json:"address"`
	Time     time.Time       `json:"time"`
	Booted   time.Time       `json:"booted"`
	Uptime   int64           `json:"uptimeSeconds"`
	Readings []world.Reading `json:"readings"`
}

func statusOf(m *world.Machine) status {
	return status{
		Thing: m.Name, Model: m.Model, Serial: m.Serial, Address: m.Address,
		Time: m.Now().Truncate(time.Second), Booted: m.Booted().UTC().Truncate(time.Second),
		Uptime: int64(m.Uptime().Seconds()), Readings: m.Readings(),
	}
}

// newStatusServer serves the status page of a thing: / for people, /status.json for programs, /healthz, and
// /blob?bytes=N, the first N bytes of [Blob].
func newStatusServer(d *device) *http.Server {
	page := template.Must(template.New("status").Parse(statusHTML))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = page.Execute(w, statusOf(d.machine))
	})
	mux.HandleFunc("GET /status.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		_ = encoder.Encode(statusOf(d.machine))
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "ok\n")
	})
	mux.HandleFunc("GET /blob", serveBlob)
	return &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			d.tasks.run(func() { mux.ServeHTTP(w, r) })
		}),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(d.log.Handler(), slog.LevelDebug),
	}
}

func serveBlob(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.ParseInt(r.URL.Query().Get("bytes"), 10, 64)
	if err != nil || n < 0 || n > maxBlob {
		http.Error(w, fmt.Sprintf("ask for /blob?bytes=N with N from 0 to %d", int64(maxBlob)), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.FormatInt(n, 10))
	if r.Method != http.MethodHead {
		_, _ = io.Copy(w, Blob(n))
	}
}

// Blob is n bytes that are always the same ones, to compare a download with. They do not compress, and no two places
// of them look alike.
func Blob(n int64) io.Reader {
	return io.LimitReader(rand.NewChaCha8([32]byte([]byte("a blob of any length, bit by bit"))), n)
}
