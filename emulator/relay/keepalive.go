package relay

import (
	"strconv"

	"github.com/gobwas/ws"
)

// ping pings until the connection is over. The payload is a number, as the reference local proxy's own is: it dies of what
// it cannot read.
func (l *link) ping() {
	for n := 1; l.pause(l.manners.pingEvery); n++ {
		l.out.add(ws.OpPing, strconv.AppendInt(nil, int64(n), 10))
	}
}

// heard puts the end of an idle connection off.
func (l *link) heard() {
	if l.idle != nil {
		l.idle.Reset(l.manners.idle)
	}
}
