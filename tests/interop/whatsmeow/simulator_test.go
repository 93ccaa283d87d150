// Package interop tests the real whatsmeow with the simulated WhatsApp network.
package interop

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/types"
)

// The longest wait for anything, because the machine may be slow and busy.
const patience = 60 * time.Second

const whatsAppAddress = "web.whatsapp.com:443"

// simulator is a simulated WhatsApp network in a separate process.
type simulator struct {
	t         *testing.T
	folder    string
	process   *exec.Cmd
	endpoints struct {
		URL     string
		Control string
		CDN     string
		RootKey string `json:"root_key"`
		CA      string
	}
}

// account is an account of the network's directory.
type account struct {
	PhoneNumber   string `json:"phone_number"`
	Registered    bool   `json:"registered"`
	LID           string `json:"lid"`
	VerifiedName  string `json:"verified_name"`
	PictureID     string `json:"picture_id"`
	PictureHidden bool   `json:"picture_hidden"`
}

type stats struct {
	Connections    int
	Logins         int `json:",string"`
	Pairings       int `json:",string"`
	ProtocolErrors int `json:"protocol_errors,string"`
}

// startSimulator starts a network that serves until the test ends. Then no
// client may have broken a rule of WhatsApp.
func startSimulator(t *testing.T) *simulator {
	t.Helper()
	s := &simulator{t: t, folder: t.TempDir()}
	s.process = exec.Command(os.Getenv("WHATSAPP_SIM"), "--data-dir", s.folder,
		"--tls", "--seed", "11")
	log, err := os.Create(s.path("log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	s.process.Stderr = log
	stdout, err := s.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.process.Start(); err != nil {
		t.Fatalf("whatsapp-sim, which WHATSAPP_SIM names: %v", err)
	}
	t.Cleanup(s.stop)
	// The simulator prints its addresses as soon as it serves.
	if err := json.NewDecoder(stdout).Decode(&s.endpoints); err != nil {
		t.Fatalf("whatsapp-sim ended: %v\n%s", err, s.log())
	}
	t.Cleanup(func() {
		if errors := s.stats().ProtocolErrors; errors != 0 {
			t.Errorf("%d protocol errors:\n%s", errors, s.log())
		}
	})
	return s
}

func (s *simulator) stop() {
	_ = s.process.Process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(patience, func() { _ = s.process.Process.Kill() })
	defer late.Stop()
	if err := s.process.Wait(); err != nil {
		s.t.Errorf("whatsapp-sim: %v\n%s", err, s.log())
	}
}

func (s *simulator) path(name string) string {
	return filepath.Join(s.folder, name)
}

func (s *simulator) log() string {
	text, _ := os.ReadFile(s.path("log"))
	return string(text)
}

// steer runs a command of `whatsapp-sim steer` with `input` as its standard
// input, and returns the JSON lines that it prints.
func (s *simulator) steer(input string, command ...string) *json.Decoder {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	arguments := append(
		[]string{"steer", "--control", s.endpoints.Control}, command...)
	steer := exec.CommandContext(ctx, s.process.Path, arguments...)
	steer.Stdin = strings.NewReader(input)
	var failure bytes.Buffer
	steer.Stderr = &failure
	output, err := steer.Output()
	if err != nil {
		s.t.Fatalf("steer %s: %v: %s", command[0], err, &failure)
	}
	return json.NewDecoder(bytes.NewReader(output))
}

func (s *simulator) stats() (now stats) {
	s.t.Helper()
	if err := s.steer("", "stats").Decode(&now); err != nil {
		s.t.Fatalf("steer stats: %v", err)
	}
	return now
}

// accounts returns the accounts of `count` numbers from `first` on; they are of
// every kind.
func (s *simulator) accounts(first, count int) []account {
	s.t.Helper()
	var numbers strings.Builder
	for number := first; number < first+count; number++ {
		fmt.Fprintf(&numbers, "+%d\n", number)
	}
	lines := s.steer(numbers.String(), "get", "-")
	accounts := make([]account, count)
	for i := range accounts {
		if err := lines.Decode(&accounts[i]); err != nil {
			s.t.Fatalf("steer get: %v", err)
		}
	}
	return accounts
}

// httpClient redirects the real network's address to the simulated one, and
// reaches no other machine.
func (s *simulator) httpClient() *http.Client {
	s.t.Helper()
	websocket, err := url.Parse(s.endpoints.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	authority, err := os.ReadFile(s.endpoints.CA)
	if err != nil {
		s.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	dial := func(
		ctx context.Context, network, address string,
	) (net.Conn, error) {
		if address == whatsAppAddress {
			address = websocket.Host
		}
		host, _, err := net.SplitHostPort(address)
		if err != nil || !net.ParseIP(host).IsLoopback() {
			return nil, fmt.Errorf("%s is not on this machine", address)
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	return &http.Client{Transport: &http.Transport{
		DialContext:     dial,
		TLSClientConfig: &tls.Config{RootCAs: roots},
	}}
}

func (a account) jid() types.JID {
	return types.NewJID(a.PhoneNumber[len("+"):], types.DefaultUserServer)
}

func (a account) lid() types.JID {
	user, _, _ := strings.Cut(a.LID, "@")
	return types.NewJID(user, types.HiddenUserServer)
}

func (a account) pictureVisible() bool {
	return a.Registered && a.PictureID != "" && !a.PictureHidden
}
