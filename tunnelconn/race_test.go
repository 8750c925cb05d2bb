//go:build race

package tunnelconn

// memoryFactor is how much more memory a goroutine takes under the race detector, whose stack frames are larger.
const memoryFactor = 2
