package interop

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
)

// How fast whatsmeow looks up contacts as it is commonly used: one after the
// other, whether it is on WhatsApp and then its picture. A benchmark of
// tests/bench, which says how many contacts; skipped without.
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
			// No picture, or a hidden one, is an answer as well.
			_, _ = c.GetProfilePictureInfo(
				c.ctx, found[0].JID, &whatsmeow.GetProfilePictureParams{})
		}
	}
	fmt.Printf("contacts a second: %f\n", float64(count)/time.Since(start).Seconds())
}
