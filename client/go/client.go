// Package portrait is a client of Portrait, which looks up WhatsApp profile
// pictures.
//
//	client, err := portrait.NewClient("host:7700", portrait.Options{TokenFile: "token"})
//	…
//	for result, err := range client.Enrich(ctx, portrait.Contacts(numbers...), portrait.BulkOptions{}) {
//
// Messages and enums are in portrait.dev/go/portrait/gen/portrait/v1. Calls that
// fail return an [*Error], which is a gRPC status error. Compare it with the
// sentinel of a reason: errors.Is(err, portrait.ErrSuppressed).
package portrait

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"

	v1 "portrait.dev/go/portrait/gen/portrait/v1"
)

const (
	DefaultPort    = "7700"
	DefaultTimeout = 30 * time.Second

	// A message carries at most 1000 results of a few kilobytes each.
	maxMessageBytes = 16 << 20
	// By default gRPC waits up to two minutes before it reconnects.
	minRedial      = 100 * time.Millisecond
	maxRedial      = 2 * time.Second
	connectTimeout = 10 * time.Second
	// Pings during a call detect a server that has disappeared without closing the
	// connection. The server refuses pings that are less than 10 seconds apart.
	keepaliveTime    = time.Minute
	keepaliveTimeout = 20 * time.Second
)

// Options are the options of a client. The zero value means no token and no TLS.
type Options struct {
	// The access token, or a file that contains it; white space around the file's
	// content is removed.
	Token, TokenFile string
	// Use TLS. The server's certificate is verified against the system's root
	// certificates, or against those in CAFile (PEM), which implies TLS.
	TLS    bool
	CAFile string
	// The client's own certificate and key (PEM), for mutual TLS; implies TLS.
	CertFile, KeyFile string
	// Send the token without TLS to a server on another machine. If it is false,
	// NewClient returns an error in that case.
	AllowPlaintext bool
	// The timeout of unary calls whose context has no deadline. 0: 30 s.
	Timeout time.Duration
}

// Client has the generated client of each service. It adds the token to each call
// and the timeout to unary calls. It is safe for concurrent use.
//
// Unary calls that can be repeated without harm are retried if the server is
// unavailable: up to three times, within the deadline, and only if the server asks
// for a delay of at most 5 s.
type Client struct {
	Pictures v1.ProfilePictureServiceClient
	Sessions v1.SessionServiceClient
	Access   v1.AccessServiceClient
	Admin    v1.AdminServiceClient

	connection *grpc.ClientConn
}

// NewClient makes a client of "HOST:PORT", "HOST" (port 7700) or "unix:PATH".
// The first call opens the connection. NewClient fails if an argument is invalid or
// a file cannot be read.
func NewClient(server string, options Options) (*Client, error) {
	target, err := withPort(server)
	if err != nil {
		return nil, err
	}
	token, err := readToken(options)
	if err != nil {
		return nil, err
	}
	if token != "" && !options.usesTLS() && !options.AllowPlaintext && !onThisMachine(target) {
		return nil, fmt.Errorf("the token would be sent to %s without encryption: use TLS or "+
			"CAFile, or set AllowPlaintext if the network is trusted", target)
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
		grpc.WithUnaryInterceptor(unaryCall(timeout)),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessageBytes)),
		// unaryCall, Enrich and Watch retry by themselves.
		grpc.WithDisableRetry(),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{
				BaseDelay: minRedial, Multiplier: 2, Jitter: 0.2, MaxDelay: maxRedial},
			MinConnectTimeout: connectTimeout,
		}),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{
			Time: keepaliveTime, Timeout: keepaliveTimeout}),
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
		Admin:      v1.NewAdminServiceClient(connection),
		connection: connection,
	}, nil
}

// Get looks up one contact. options may be nil.
func (c *Client) Get(ctx context.Context, contact string, options *v1.LookupOptions) (*v1.ProfilePicture, error) {
	response, err := c.Pictures.GetProfilePicture(ctx,
		&v1.GetProfilePictureRequest{Contact: contact, Options: options})
	if err != nil {
		return nil, err
	}
	return response.ProfilePicture, nil
}

// Close closes the connection and ends all calls.
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
			return "", errors.New("the token has an invalid character: white space, " +
				"a control character or a character outside ASCII")
		}
	}
	return token, nil
}

func (o Options) usesTLS() bool { return o.TLS || o.CAFile != "" || o.CertFile != "" }

func onThisMachine(target string) bool {
	if strings.HasPrefix(target, "unix:") {
		return true
	}
	host, _, _ := net.SplitHostPort(target)
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") ||
		ip != nil && ip.IsLoopback()
}

func transportCredentials(options Options) (credentials.TransportCredentials, error) {
	if !options.usesTLS() {
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
			return nil, fmt.Errorf("%s has no PEM certificate", options.CAFile)
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

// bearer adds the token to each call.
type bearer string

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

// RequireTransportSecurity is false; NewClient decides whether TLS is required.
func (b bearer) RequireTransportSecurity() bool { return false }
