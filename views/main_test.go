package views

import (
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// The screen shows times of day where it runs; a golden file must show the same everywhere.
	time.Local = time.UTC
	goleak.VerifyTestMain(m)
}
