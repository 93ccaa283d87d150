// Package portrait is the client of Portrait: WhatsApp profile pictures, one or
// a million at a time.
//
//	client, err := portrait.NewClient("host:7700", portrait.Options{TokenFile: "token"})
//	…
//	for result, err := range client.Enrich(ctx, portrait.Contacts(numbers...), portrait.BulkOptions{}) {
//
// Messages and enums are in portrait/gen/portrait/v1. Calls that fail return
// gRPC status errors; [LookupErrorOf] tells why and when to try again.
package portrait

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	v1 "portrait/gen/portrait/v1"
)

const (
	DefaultPort    = "7700"
	DefaultTimeout = 30 * time.Second

	// A message carries at most 1000 results of a few kilobytes each.
	maxMessageBytes = 16 << 20
	// gRPC by itself waits up to two minutes before it dials again.
	minRedial      = 100 * time.Millisecond
	maxRedial      = 2 * time.Second
	connectTimeout = 10 * time.Second
)

// Options say who is calling and how. The zero value is no token, plain text.
type Options struct {
	// Who you are. White space around what the file holds is dropped.
	Token, TokenFile string
	// Encrypt, and check the server's certificate against this machine's roots,
	// or those in CAFile (PEM), which implies TLS.
	TLS    bool
	CAFile string
	// This client's own certificate (PEM), for mutual TLS; implies TLS.
	CertFile, KeyFile string
	// Of each call of one answer whose context has no deadline; 0: 30 s.
	Timeout time.Duration
}

// Client has the service's generated clients, with token and timeout added to
// each call. It is safe for concurrent use.
type Client struct {
	Pictures v1.ProfilePictureServiceClient
	Sessions v1.SessionServiceClient
	Access   v1.AccessServiceClient

	connection *grpc.ClientConn
}

// NewClient makes a client of "HOST:PORT", "HOST" (port 7700) or "unix:PATH".
// It connects when the first call is made. Errors are of arguments and files.
func NewClient(server string, options Options) (*Client, error) {
	target, err := withPort(server)
	if err != nil {
		return nil, err
	}
	token, err := readToken(options)
	if err != nil {
		return nil, err
	}
	transport, err := transportCredentials(options)
	if err != nil {
		return nil, err
	}
	timeout := options.Timeout
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	dialOptions := []grpc.DialOption{
		grpc.WithTransportCredentials(transport),
		grpc.WithUnaryInterceptor(addTimeout(timeout)),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessageBytes)),
		// Trying again is decided here, where items can be told apart.
		grpc.WithDisableRetry(),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{
				BaseDelay: minRedial, Multiplier: 2, Jitter: 0.2, MaxDelay: maxRedial},
			MinConnectTimeout: connectTimeout,
		}),
	}
	if token != "" {
		dialOptions = append(dialOptions, grpc.WithPerRPCCredentials(bearer(token)))
	}
	connection, err := grpc.NewClient(target, dialOptions...)
	if err != nil {
		return nil, err
	}
	return &Client{
		Pictures:   v1.NewProfilePictureServiceClient(connection),
		Sessions:   v1.NewSessionServiceClient(connection),
		Access:     v1.NewAccessServiceClient(connection),
		connection: connection,
	}, nil
}

// Close ends all calls.
func (c *Client) Close() error { return c.connection.Close() }

func withPort(server string) (string, error) {
	if strings.HasPrefix(server, "unix:") {
		return server, nil
	}
	host, port, err := net.SplitHostPort(server)
	if err != nil {
		host, port = strings.Trim(server, "[]"), DefaultPort
	}
	if host == "" || port == "" || strings.Contains(server, "/") {
		return "", fmt.Errorf("server %q: expected HOST:PORT, HOST or unix:PATH", server)
	}
	return net.JoinHostPort(host, port), nil
}

func readToken(options Options) (string, error) {
	token := options.Token
	if options.TokenFile != "" {
		content, err := os.ReadFile(options.TokenFile)
		if err != nil {
			return "", err
		}
		token = strings.TrimSpace(string(content))
	}
	for _, c := range token {
		if c <= ' ' || c > '~' {
			return "", fmt.Errorf("the token has a character that no token has")
		}
	}
	return token, nil
}

func transportCredentials(options Options) (credentials.TransportCredentials, error) {
	if !options.TLS && options.CAFile == "" && options.CertFile == "" {
		return insecure.NewCredentials(), nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if options.CAFile != "" {
		roots, err := os.ReadFile(options.CAFile)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(roots) {
			return nil, fmt.Errorf("%s: no PEM certificate", options.CAFile)
		}
	}
	if options.CertFile != "" || options.KeyFile != "" {
		certificate, err := tls.LoadX509KeyPair(options.CertFile, options.KeyFile)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{certificate}
	}
	return credentials.NewTLS(config), nil
}

// bearer is the token, as each call carries it.
type bearer string

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

// RequireTransportSecurity is false: a server on this machine speaks plain text.
func (b bearer) RequireTransportSecurity() bool { return false }

func addTimeout(timeout time.Duration) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, request, reply any,
		connection *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		if _, has := ctx.Deadline(); !has {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, timeout)
			defer cancel()
		}
		return invoke(ctx, method, request, reply, connection, options...)
	}
}
