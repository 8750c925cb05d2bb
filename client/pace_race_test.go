//go:build race

package client_test

import "time"

// crowdFor is shorter than without the race detector, which makes the watchers ten times as dear.
const crowdFor = 5 * time.Minute
