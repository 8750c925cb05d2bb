package emulator_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain lets net/http finish the pause of half a second that it makes after a request that was too long.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
}
