package portrait

import (
	"math/rand/v2"
	"time"
)

const (
	defaultFirstBackoff   = 200 * time.Millisecond
	defaultLongestBackoff = 5 * time.Second
)

// retryBackoff is exponential backoff with jitter. The jitter prevents many clients
// from reconnecting to a restarted server at the same moment.
type retryBackoff struct {
	first, longest, current time.Duration
}

func newBackoff(first, longest time.Duration) *retryBackoff {
	first = orDefault(first, defaultFirstBackoff)
	return &retryBackoff{first, orDefault(longest, defaultLongestBackoff), first}
}

func (b *retryBackoff) next() time.Duration {
	wait := time.Duration(float64(b.current) * (0.5 + rand.Float64()/2))
	b.current = min(2*b.current, b.longest)
	return wait
}

func (b *retryBackoff) reset() { b.current = b.first }

func orDefault[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
