//go:build !race

package client_test

import "time"

// crowdFor is how long a crowd of watchers is observed, on a clock that costs nothing.
const crowdFor = 10 * time.Minute
