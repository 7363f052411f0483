package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// A securityConfig is how the brokers are spoken to, and how they know who it is.
type securityConfig struct {
	tls           bool
	ca, cert, key string // files
	sasl          string
}

func (s *securityConfig) flags(fs *flag.FlagSet) {
	fs.BoolVar(&s.tls, "tls", false, "speak TLS to the brokers")
	fs.StringVar(&s.ca, "tls-ca", "", "`file` of the certificates, as PEM, by which brokers are known, in place of the system's; with -tls")
	fs.StringVar(&s.cert, "tls-cert", "", "`file` of the certificate to show to brokers, read again for each connection; with -tls")
	fs.StringVar(&s.key, "tls-key", "", "`file` of its key")
	fs.StringVar(&s.sasl, "sasl", "", "`mechanism` by which to tell the brokers who it is: plain, scram-sha-256 or scram-sha-512; KAFKA_USER and KAFKA_PASSWORD of the environment say it")
}

// check looks for flags that do not go together.
func (s *securityConfig) check(brokers bool) error {
	switch {
	case !brokers && *s != securityConfig{}:
		return errors.New("-tls and -sasl need -brokers")
	case !s.tls && (s.ca != "" || s.cert != "" || s.key != ""):
		return errors.New("-tls-ca, -tls-cert and -tls-key need -tls")
	case (s.cert == "") != (s.key == ""):
		return errors.New("-tls-cert and -tls-key need each other")
	}
	if s.sasl == "" {
		return nil
	}
	if _, err := s.mechanism(); err != nil {
		return err
	}
	if os.Getenv("KAFKA_USER") == "" || os.Getenv("KAFKA_PASSWORD") == "" {
		return errors.New("-sasl needs KAFKA_USER and KAFKA_PASSWORD in the environment")
	}
	return nil
}

// opts are those of every client of the brokers.
func (s *securityConfig) opts() (opts []kgo.Opt, err error) {
	if s.tls {
		cfg, err := s.tlsConfig()
		if err != nil {
			return nil, err
		}
		opts = append(opts, kgo.DialTLSConfig(cfg))
	}
	if s.sasl != "" {
		m, err := s.mechanism()
		if err != nil {
			return nil, err
		}
		opts = append(opts, kgo.SASL(m))
	}
	return opts, nil
}

func (s *securityConfig) tlsConfig() (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.ca != "" {
		pem, err := os.ReadFile(s.ca)
		if err != nil {
			return nil, fmt.Errorf("-tls-ca: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("-tls-ca %s: no certificates in it", s.ca)
		}
	}
	if s.cert != "" {
		if _, err := s.certificate(nil); err != nil {
			return nil, err
		}
		cfg.GetClientCertificate = s.certificate // it may be another by then: they run out
	}
	return cfg, nil
}

func (s *securityConfig) certificate(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	c, err := tls.LoadX509KeyPair(s.cert, s.key)
	if err != nil {
		return nil, fmt.Errorf("-tls-cert, -tls-key: %w", err)
	}
	return &c, nil
}

func (s *securityConfig) mechanism() (sasl.Mechanism, error) {
	user, password := os.Getenv("KAFKA_USER"), os.Getenv("KAFKA_PASSWORD")
	switch strings.ToLower(s.sasl) {
	case "plain":
		return plain.Auth{User: user, Pass: password}.AsMechanism(), nil
	case "scram-sha-256":
		return scram.Auth{User: user, Pass: password}.AsSha256Mechanism(), nil
	case "scram-sha-512":
		return scram.Auth{User: user, Pass: password}.AsSha512Mechanism(), nil
	}
	return nil, fmt.Errorf("-sasl %q: must be plain, scram-sha-256 or scram-sha-512", s.sasl)
}

// refused reports whether err is of a broker that is there, but not for us, or that is none
// of ours: to wait is no use.
func refused(err error) bool {
	var unknown *tls.CertificateVerificationError
	var noTLS tls.RecordHeaderError
	var alert *net.OpError
	return errors.As(err, &unknown) || errors.As(err, &noTLS) ||
		errors.As(err, &alert) && alert.Op == "remote error" || // crypto/tls: the other side says what it does not like
		errors.Is(err, kerr.SaslAuthenticationFailed) || errors.Is(err, kerr.UnsupportedSaslMechanism) || errors.Is(err, kerr.IllegalSaslState)
}

// hint says what an error of a broker may be about that says little, or nothing.
func (s *securityConfig) hint(err error) string {
	var closed *kgo.ErrFirstReadEOF
	switch {
	case errors.As(err, &closed) && !s.tls:
		return "; with -tls?"
	case errors.Is(err, io.EOF) && s.sasl != "":
		return "; is it the -sasl that they have, and the password right?"
	case errors.Is(err, context.DeadlineExceeded) && s.tls:
		return "; do they speak TLS?"
	}
	return ""
}
