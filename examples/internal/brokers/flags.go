// Package brokers says how the examples find a Kafka, over TLS and with SASL where it wants
// them, and tells a broker that is away from one that does not let them in.
package brokers

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// Flags are those of a program that works on a Kafka. User and password are none of them,
// since other users of a machine can read a command line.
type Flags struct {
	seeds         string
	tls           bool
	ca, cert, key string
	sasl          string
}

// Add adds the flags to fs; without says what the program does without -brokers.
func (f *Flags) Add(fs *flag.FlagSet, without string) {
	fs.StringVar(&f.seeds, "brokers", "", "`addresses` of a real cluster, with commas between them; without it "+without)
	fs.BoolVar(&f.tls, "tls", false, "speak TLS with the brokers")
	fs.StringVar(&f.ca, "tls-ca", "", "`file` of the authorities, in PEM, one of which must have signed the brokers' certificates; default the system's")
	fs.StringVar(&f.cert, "tls-cert", "", "`file` of the certificate, in PEM, that says to the brokers who it is; it is read again for each connection")
	fs.StringVar(&f.key, "tls-key", "", "`file` of that certificate's key, in PEM")
	fs.StringVar(&f.sasl, "sasl", "", "`mechanism` by which KAFKA_USER and KAFKA_PASSWORD of the environment say to the brokers who it is: plain, for which -tls should be given too, scram-sha-256 or scram-sha-512")
}

// Given reports whether there are -brokers.
func (f *Flags) Given() bool { return f.seeds != "" }

// Check looks for flags that do not go together, and for what they want of the environment.
func (f *Flags) Check() error {
	switch {
	case !f.Given() && *f != Flags{}:
		return errors.New("-tls and -sasl need -brokers")
	case !f.tls && f.ca+f.cert+f.key != "":
		return errors.New("-tls-ca, -tls-cert and -tls-key need -tls")
	case (f.cert == "") != (f.key == ""):
		return errors.New("-tls-cert and -tls-key need each other")
	case f.sasl == "":
		return nil
	}
	_, err := mechanism(f.sasl)
	return err
}

// Access returns what the flags say, and nil if they name no brokers. It reads the files
// and the environment.
func (f *Flags) Access() (*Access, error) {
	if err := f.Check(); err != nil || !f.Given() {
		return nil, err
	}
	a := At(strings.Split(f.seeds, ",")...)
	if f.tls {
		config, err := f.tlsConfig()
		if err != nil {
			return nil, err
		}
		a.tls = config
		a.opts = append(a.opts, kgo.DialTLSConfig(config))
	}
	if f.sasl != "" {
		m, err := mechanism(f.sasl)
		if err != nil {
			return nil, err
		}
		a.mechanism = m.Name()
		a.opts = append(a.opts, kgo.SASL(m))
	}
	return a, nil
}

func (f *Flags) tlsConfig() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if f.ca != "" {
		text, err := os.ReadFile(f.ca)
		if err != nil {
			return nil, fmt.Errorf("-tls-ca: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("-tls-ca %s: no certificates in it", f.ca)
		}
	}
	if f.cert != "" {
		if _, err := f.certificate(nil); err != nil {
			return nil, err
		}
		config.GetClientCertificate = f.certificate // it may be another by then: they run out
	}
	return config, nil
}

func (f *Flags) certificate(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return nil, fmt.Errorf("-tls-cert, -tls-key: %w", err)
	}
	return &pair, nil
}

// mechanism returns one that knows user and password of the environment, and does not
// print them.
func mechanism(name string) (sasl.Mechanism, error) {
	user, password := os.Getenv("KAFKA_USER"), os.Getenv("KAFKA_PASSWORD")
	var m sasl.Mechanism
	switch strings.ToLower(name) {
	case "plain":
		m = plain.Auth{User: user, Pass: password}.AsMechanism()
	case "scram-sha-256":
		m = scram.Auth{User: user, Pass: password}.AsSha256Mechanism()
	case "scram-sha-512":
		m = scram.Auth{User: user, Pass: password}.AsSha512Mechanism()
	default:
		return nil, fmt.Errorf("-sasl %q: must be plain, scram-sha-256 or scram-sha-512", name)
	}
	if user == "" || password == "" {
		return nil, errors.New("-sasl needs KAFKA_USER and KAFKA_PASSWORD in the environment")
	}
	return m, nil
}
