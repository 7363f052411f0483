package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
)

// An authority makes certificates.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t, dir: t.TempDir()}
	a.cert, a.key = a.issue("ca", &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

// issue writes NAME.pem and NAME.key.
func (a *authority) issue(name string, c *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	t := a.t
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	c.Subject = pkix.Name{CommonName: name}
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	require.NoError(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	a.write(name+".pem", "CERTIFICATE", der)
	a.write(name+".key", "PRIVATE KEY", keyDER)
	made, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return made, key
}

func (a *authority) write(name, kind string, der []byte) {
	require.NoError(a.t, os.WriteFile(a.file(name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name) }

// server is what a broker has, which wants to see a certificate too.
func (a *authority) server() *tls.Config {
	a.issue("broker", &x509.Certificate{
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	pair, err := tls.LoadX509KeyPair(a.file("broker.pem"), a.file("broker.key"))
	require.NoError(a.t, err)
	clients := x509.NewCertPool()
	clients.AddCert(a.cert)
	return &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: clients, ClientAuth: tls.RequireAndVerifyClientCert}
}

// TestSecurity: with TLS, certificates of both sides and SASL the road is as without; who
// has one of them wrong is told which, and does not wait.
func TestSecurity(t *testing.T) {
	const user, password = "shipper", "keyboard cat"
	ours, theirs := newAuthority(t), newAuthority(t)
	server := ours.server()
	for _, a := range []*authority{ours, theirs} {
		a.issue("client", &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	}
	log := filepath.Join(t.TempDir(), "log")
	require.NoError(t, os.WriteFile(log, []byte("msec:1770000000.000\tstatus:200\n"), 0o600))

	secured := func(opts ...kfake.Opt) []string {
		c := kafkatest.Start(t, append(opts, kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-512", user, password))...)
		return []string{"-quiet", "-brokers", strings.Join(c.ListenAddrs(), ","), "-run", "agent,json", "-sasl", "scram-sha-512"}
	}
	plaintext, encrypted := secured(), secured(kfake.TLS(server))
	withTLS := func(a, cert *authority) []string {
		return []string{"-tls", "-tls-ca", a.file("ca.pem"), "-tls-cert", cert.file("client.pem"), "-tls-key", cert.file("client.key")}
	}
	for _, tt := range []struct {
		name     string
		args     []string
		password string
		want     string
		waits    bool // beside a log: it may be that they are away
	}{
		{"SASL", plaintext, password, "", false},
		{"SASL over TLS", append(withTLS(ours, ours), encrypted...), password, "", false},
		{"wrong password", append(withTLS(ours, ours), encrypted...), "qwerty", "EOF; is it the -sasl that they have, and the password right?", true},
		{"another mechanism", append(plaintext, "-sasl", "plain"), password, "EOF; is it the -sasl that they have", true},
		{"brokers of somebody else", append(withTLS(theirs, ours), encrypted...), password, "certificate signed by unknown authority", false},
		{"not one of their clients", append(withTLS(ours, theirs), encrypted...), password, "remote error: tls: ", false},
		{"TLS to brokers without", append(withTLS(ours, ours), plaintext...), password, "deadline exceeded; do they speak TLS?", false},
		{"no TLS to brokers with it", encrypted, password, "; with -tls?", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("KAFKA_USER", user)
			t.Setenv("KAFKA_PASSWORD", tt.password)
			if tt.want == "" {
				var stdout, stderr bytes.Buffer
				require.Zero(t, run(t.Context(), append(tt.args, "-n", "100"), nil, &stdout, &stderr), stderr.String())
				assert.Contains(t, stdout.String(), `"written":100,`)
				return
			}
			for _, follow := range []bool{false, true} {
				args := tt.args
				if follow {
					args = append(args, "-file", log, "-follow")
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				var stdout, stderr bytes.Buffer
				assert.Equal(t, 1, run(ctx, args, nil, &stdout, &stderr))
				assert.Contains(t, stderr.String(), tt.want)
				assert.NotContains(t, stderr.String(), tt.password)
				assert.Equal(t, follow && tt.waits, strings.Contains(stderr.String(), "waiting for one, the log is kept"), stderr.String())
			}
		})
	}
}

// TestRefused: what real brokers say, where kfake hangs up.
func TestRefused(t *testing.T) {
	assert.True(t, refused(fmt.Errorf("none answers: %w", kerr.SaslAuthenticationFailed)))
	assert.True(t, refused(kerr.UnsupportedSaslMechanism))
	assert.False(t, refused(kerr.BrokerNotAvailable))
	assert.False(t, refused(io.EOF))
	assert.False(t, refused(&net.OpError{Op: "dial", Err: errors.New("connection refused")}))
}
