package cli

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestLocalProxyRunsOnOneProcessorUnlessTheEnvironmentSaysOtherwise(t *testing.T) {
	before := runtime.GOMAXPROCS(2)
	defer runtime.GOMAXPROCS(before)
	for _, c := range []struct {
		environment         map[string]string
		processors, percent int
	}{
		{nil, 1, 50},
		{map[string]string{"GOMAXPROCS": "2"}, 2, 50},
		{map[string]string{"GOGC": "100"}, 1, 100},
	} {
		percent := debug.SetGCPercent(100)
		undo := lean(environment{get: func(name string) string { return c.environment[name] }})
		now := debug.SetGCPercent(100)
		debug.SetGCPercent(now)
		if processors := runtime.GOMAXPROCS(0); processors != c.processors || now != c.percent {
			t.Errorf("%v: %d processors, %d %% of garbage", c.environment, processors, now)
		}
		undo()
		if processors, now := runtime.GOMAXPROCS(0), debug.SetGCPercent(percent); processors != 2 || now != 100 {
			t.Errorf("%v: %d processors and %d %% of garbage afterwards", c.environment, processors, now)
		}
	}
}
