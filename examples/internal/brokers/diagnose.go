package brokers

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A refusal is a broker that is there and does not let this client in, however long it
// waits.
type refusal struct {
	why string
	err error
}

func (r *refusal) Error() string { return r.why + ": " + r.err.Error() }

func (r *refusal) Unwrap() error { return r.err }

func refused(err error) bool {
	_, ok := errors.AsType[*refusal](err)
	return ok
}

const wrongUser = "KAFKA_USER or KAFKA_PASSWORD is wrong, or -sasl names a mechanism that this user has not"

// diagnose finds out whether err is a refusal. Some are told by the broker; but one that
// wants TLS or SASL, or no TLS, may just hang up on a client that does not know, as one does
// that is about to end. So it is asked for what it would have wanted.
func (a *Access) diagnose(ctx context.Context, seed string, err error) error {
	switch {
	case errors.Is(err, kerr.SaslAuthenticationFailed):
		return &refusal{wrongUser, err}
	case errors.Is(err, kerr.UnsupportedSaslMechanism):
		return &refusal{"-sasl names a mechanism that the brokers do not have", err}
	case errors.Is(err, kerr.IllegalSaslState):
		return &refusal{"the brokers know no SASL at this port: -sasl is wrong, or the port is", err}
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return &refusal{"the brokers' certificate is none to trust by -tls-ca", err}
	}
	if isAlert(err) {
		return &refusal{"the brokers do not accept this client's TLS: -tls-cert and -tls-key are missing or wrong", err}
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return err
	}
	if why := a.wants(ctx, seed); why != "" {
		return &refusal{why, err}
	}
	return err
}

// wants returns what a broker wants that is other than what it got, or nothing if that is
// not to be found.
func (a *Access) wants(ctx context.Context, seed string) string {
	switch hello := a.hello(ctx, seed); {
	case hello == nil && a.tls == nil && speaksTLS(ctx, seed):
		return "the brokers speak TLS at this port: -tls is missing, or the port is wrong"
	case hello == nil && a.tls != nil && At(seed).hello(ctx, seed) != nil:
		return "the brokers speak no TLS at this port: -tls is wrong, or the port is"
	case hello == nil:
		return ""
	case a.mechanism == "" && hello.ErrorCode == kerr.UnsupportedSaslMechanism.Code:
		return "the brokers want SASL, " + strings.Join(slices.Sorted(slices.Values(hello.SupportedMechanisms)), " or ") + ": -sasl is missing"
	case a.mechanism != "" && hello.ErrorCode == 0: // and what came next made it hang up
		return wrongUser
	}
	return ""
}

// hello begins a conversation with a broker: by naming a mechanism of SASL, or none that
// there is, so that the answer names those that there are. It returns nil if there is no
// answer.
func (a *Access) hello(ctx context.Context, seed string) *kmsg.SASLHandshakeResponse {
	ctx, cancel := context.WithTimeout(ctx, diagnosis)
	defer cancel()
	conn, err := dial(ctx, seed, a.tls)
	if err != nil {
		return nil
	}
	defer conn.Close()
	req := kmsg.NewPtrSASLHandshakeRequest()
	req.Version, req.Mechanism = 1, a.mechanism
	resp, err := ask(conn, req)
	if err != nil {
		return nil
	}
	return resp.(*kmsg.SASLHandshakeResponse)
}

// speaksTLS reports whether a broker does. It is told nothing, whoever it is.
func speaksTLS(ctx context.Context, seed string) bool {
	ctx, cancel := context.WithTimeout(ctx, diagnosis)
	defer cancel()
	conn, err := dial(ctx, seed, &tls.Config{InsecureSkipVerify: true})
	if err == nil {
		conn.Close()
		return true
	}
	return isAlert(err) // it wants a client's certificate
}

// isAlert reports whether err is what the other side said for that it does not accept
// this one's TLS.
func isAlert(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "remote error" // as package tls calls it
}

// dial connects as franz-go does.
func dial(ctx context.Context, seed string, config *tls.Config) (net.Conn, error) {
	if _, _, err := net.SplitHostPort(seed); err != nil {
		seed = net.JoinHostPort(seed, "9092")
	}
	var d interface {
		DialContext(ctx context.Context, network, addr string) (net.Conn, error)
	} = &net.Dialer{}
	if config != nil {
		d = &tls.Dialer{Config: config}
	}
	conn, err := d.DialContext(ctx, "tcp", seed)
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	return conn, conn.SetDeadline(deadline)
}

// maxAnswer is the longest answer that ask reads, in bytes.
const maxAnswer = 64 << 10

// ask sends a request of an old version, whose header is short, and reads the answer.
func ask(conn net.Conn, req kmsg.Request) (kmsg.Response, error) {
	const id = 1
	if _, err := conn.Write(kmsg.NewRequestFormatter().AppendRequest(nil, req, id)); err != nil {
		return nil, err
	}
	var head [8]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(head[:])
	if size < 4 || size > maxAnswer || binary.BigEndian.Uint32(head[4:]) != id {
		return nil, errors.New("not an answer of Kafka's")
	}
	body := make([]byte, size-4)
	if _, err := io.ReadFull(conn, body); err != nil {
		return nil, err
	}
	resp := req.ResponseKind()
	return resp, resp.ReadFrom(body)
}
