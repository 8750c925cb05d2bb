//go:build !race

package tunnelconn

// memoryFactor is 1 where nothing watches.
const memoryFactor = 1
