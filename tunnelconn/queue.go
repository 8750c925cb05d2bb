package tunnelconn

// queue is first in, first out, in a ring that grows and is then reused, so that a steady flow allocates nothing. The
// zero queue is empty.
type queue[T any] struct {
	ring []T
	head int
	size int
}

func (q *queue[T]) push(v T) {
	if q.size == len(q.ring) {
		grown := make([]T, max(8, 2*q.size))
		n := copy(grown, q.ring[q.head:])
		copy(grown[n:], q.ring[:q.head])
		q.ring, q.head = grown, 0
	}
	q.ring[(q.head+q.size)%len(q.ring)] = v
	q.size++
}

// pop takes the oldest; there has to be one.
func (q *queue[T]) pop() T {
	var zero T
	v := q.ring[q.head]
	q.ring[q.head] = zero
	q.head = (q.head + 1) % len(q.ring)
	q.size--
	return v
}

// oldest is what pop will take; there has to be one.
func (q *queue[T]) oldest() T { return q.ring[q.head] }

// newest is a place to change; there has to be one.
func (q *queue[T]) newest() T { return q.ring[(q.head+q.size-1)%len(q.ring)] }

func (q *queue[T]) len() int { return q.size }
