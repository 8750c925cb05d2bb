package relay

import (
	"errors"
	"io"
)

var errDropped = errors.New("dropped on demand")

// dropping lets so many bytes through and fails then.
type dropping struct {
	to   io.Writer
	left int
}

func (d *dropping) Write(p []byte) (int, error) {
	if len(p) < d.left {
		d.left -= len(p)
		return d.to.Write(p)
	}
	n, err := d.to.Write(p[:d.left])
	d.left = 0
	if err == nil {
		err = errDropped
	}
	return n, err
}
