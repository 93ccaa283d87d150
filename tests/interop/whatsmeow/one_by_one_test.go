package interop

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
)

// Measures how fast whatsmeow looks up contacts in its usual way: one after the
// other, first whether the contact is on WhatsApp, then its picture.
// tests/bench runs it and sets the number of contacts; otherwise it is skipped.
func TestLooksUpOneByOne(t *testing.T) {
	count, _ := strconv.Atoi(os.Getenv("PORTRAIT_BENCH_CONTACTS"))
	if count == 0 {
		t.Skip("PORTRAIT_BENCH_CONTACTS is not set")
	}
	network := startSimulator(t)
	network.steer("", "faults", "--latency", "20ms")
	c := linkedClient(t, network)
	start := time.Now()
	for number := firstNumber; number < firstNumber+count; number++ {
		found, err := c.IsOnWhatsApp(c.ctx, []string{fmt.Sprintf("+%d", number)})
		if err != nil {
			t.Fatal(err)
		}
		if len(found) == 1 && found[0].IsIn {
			// The answer "no picture" or "hidden" counts as well.
			_, _ = c.GetProfilePictureInfo(
				c.ctx, found[0].JID, &whatsmeow.GetProfilePictureParams{})
		}
	}
	fmt.Printf("contacts a second: %f\n", float64(count)/time.Since(start).Seconds())
}
