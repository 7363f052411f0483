package transform

import (
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
)

// addresses are what logs hold in the place of an address.
var addresses = []string{
	"203.0.113.77", "0.0.0.0", "255.255.255.255", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1..2.3", "1.2.3.", ".1.2.3",
	"2001:db8:1:2:3:4:5:6", "2001:DB8::1", "::", "::1", "1::", "1::2::3", ":1", "1:", ":::", "1:2:3:4:5:6:7:8:9", "12345::",
	"1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "1:2:3:4:5:6:7", "g::", "2001:db8::0:0:1",
	"::ffff:1.2.3.4", "::ffff:0102:0304", "::FFFF:1.2.3.4", "64:ff9b::1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4",
	"1:2:1.2.3.4", "::1.2.3.4:5", "::1.2.3.04", "1:2:3:4:5:6:7::1.2.3.4", "::ffff:1.2.3.4%eth0", "1.2.3.4%eth0",
	"fe80::1%eth0", "fe80::1%", "%eth0", "fe80::1%a%b", "unix:", "unix:/run/nginx.sock", "example.com", "localhost", "-", "", " ",
	"203.0.113.7:4711", "[2001:db8::1]:443", "[2001:db8::1]", "198.51.100.7, 10.0.0.1, unknown", "unknown", "0x7f.1", "2130706433",
	strings.Repeat("1", 65536), strings.Repeat("0:", 4000),
}

func TestTruncateIP(t *testing.T) {
	for in, want := range map[string]string{
		"203.0.113.77":          "203.0.113.0",
		"203.0.113.0":           "203.0.113.0",
		"2001:db8:1:2::77":      "2001:db8:1::",
		"2001:DB8:1:2::77":      "2001:db8:1::",
		"2001:db8:1::":          "2001:db8:1::",
		"::1":                   "::",
		"::ffff:203.0.113.77":   "203.0.113.0",
		"::ffff:cb00:714d":      "203.0.113.0",
		"fe80::1%eth0":          "fe80::",
		"::ffff:1.2.3.4%eth0":   "1.2.3.0",
		"64:ff9b::1.2.3.4":      "64:ff9b::",
		"unix:":                 "gone",
		"203.0.113.77:80":       "gone",
		"[2001:db8::1]":         "gone",
		"203.0.113.77, ::1":     "gone",
		"example.com":           "gone",
		"":                      "gone",
		"-":                     "gone",
		"203.0.113.077":         "gone",
		"1.2.3.4\x00":           "gone",
		"１.2.3.4":               "gone",
		strings.Repeat("1.", 9): "gone",
	} {
		line := []string{"a=1", "host=" + want, "b=2"}
		if want == "gone" {
			line = []string{"a=1", "b=2"}
		}
		assert.Equal(t, line, onLine(t, "a:1\thost:"+in+"\tb:2", TruncateIP(24, 48, "host")), in)
	}
	assert.Equal(t, []string{"host=203.0.113.77", "client=2001:db8::1"},
		onLine(t, "host:203.0.113.77\tclient:2001:db8:0:0::1", TruncateIP(32, 128, "host", "client", "missing")))
	assert.Equal(t, []string{"host=0.0.0.0", "client=::"},
		onLine(t, "host:203.0.113.77\tclient:2001:db8::1", TruncateIP(0, 0, "host", "client")))
	assert.Equal(t, []string{"host=null"}, onLine(t, "host:-", NullTokens([]string{"-"}), TruncateIP(24, 48, "host")))
	assert.Equal(t, "TruncateIP(24, 48, \"host\")", stageName(TruncateIP(24, 48, "host")))
	refused(t, TruncateIP(24, 48), TruncateIP(24, 48, ""), TruncateIP(33, 48, "a"), TruncateIP(-1, 48, "a"), TruncateIP(24, 129, "a"), TruncateIP(24, -1, "a"))
}

// TestTruncateIPWidths compares all widths with those of package netip.
func TestTruncateIPWidths(t *testing.T) {
	for bits := range 33 {
		for _, in := range []string{"203.0.113.77", "1.2.3.4", "255.255.255.255", "0.10.200.0", "::ffff:203.0.113.77"} {
			prefix, err := netip.MustParseAddr(in).Unmap().Prefix(bits)
			require.NoError(t, err)
			assert.Equal(t, []string{"host=" + prefix.Addr().String()}, onLine(t, "host:"+in, TruncateIP(bits, 48, "host")), "%s/%d", in, bits)
		}
	}
}

// TestTruncateIPFails: what is not an address is gone and counted, also a number, for
// which no stage before has to be at fault.
func TestTruncateIPFails(t *testing.T) {
	number := Custom("number", func(r *Record) error {
		r.Set("host", Value{KindNumber, []byte("203")})
		return nil
	})
	for policy, want := range map[Policy][]string{OnErrorNull: {"host=null"}, OnErrorKeep: {"host=203"}, OnErrorDropField: {}} {
		chain := mustChain(t, number, OnError(policy, TruncateIP(24, 48, "host")))
		w := chain.NewWorker(LTSV{})
		rec, err := w.Process([]byte("host:x"))
		require.NoError(t, err)
		assert.Equal(t, want, dump(rec))
		assert.EqualValues(t, 1, w.Stats().Stages[1].Failed)
	}
	chain := mustChain(t, OnError(OnErrorReject, TruncateIP(24, 48, "host")))
	_, err := chain.NewWorker(LTSV{}).Process([]byte("host:secret"))
	require.ErrorIs(t, err, errNotAddr)
	assert.NotContains(t, err.Error(), "secret")
}

func TestFirstForwarded(t *testing.T) {
	for in, want := range map[string]string{
		"198.51.100.7, 10.0.0.1, unknown": "198.51.100.7",
		"198.51.100.7":                    "198.51.100.7",
		"  198.51.100.7 ,x":               "198.51.100.7",
		"198.51.100.7:4711, 10.0.0.1":     "198.51.100.7",
		"[2001:db8::1]:4711":              "2001:db8::1",
		"[2001:db8::1]":                   "2001:db8::1",
		"2001:DB8::1":                     "2001:DB8::1",
		"2001:db8::1:4711":                "2001:db8::1:4711", // a group, not a port
		"::ffff:1.2.3.4":                  "::ffff:1.2.3.4",
		"[::ffff:1.2.3.4]:80":             "::ffff:1.2.3.4",
		"fe80::1%eth0":                    "fe80::1%eth0",
		"[fe80::1%eth0]:80":               "fe80::1%eth0",
		"unknown, 198.51.100.7":           "null",
		", 198.51.100.7":                  "null",
		"_hidden":                         "null",
		"unix:":                           "null",
		"-":                               "null",
		"":                                "null",
		"example.com:80":                  "null",
		"1.2.3.4:":                        "null",
		"1.2.3.4:x":                       "null",
		"1.2.3.4:65536":                   "null",
		"1.2.3.4:99999999999999999999":    "null",
		"[1.2.3.4]":                       "null",
		"[1.2.3.4]:80":                    "null",
		"[::1":                            "null",
		"[::1]80":                         "null",
		"[::1]:":                          "null",
		"[::1]x:80":                       "null",
		"[]":                              "null",
		"[":                               "null",
		`"[::1]"`:                         "null",
		strings.Repeat("[", 65536):        "null",
	} {
		assert.Equal(t, []string{"f=" + in, "to=" + want}, onLine(t, "f:"+in, FirstForwarded("f", "to")), in)
	}
	assert.Equal(t, []string{"f=1.2.3.4"}, onLine(t, "f:1.2.3.4:80, ::1", FirstForwarded("f", "f")))
	assert.Equal(t, []string{"to=old"}, onLine(t, "to:old", FirstForwarded("f", "to")), "no label, no output")
	assert.Equal(t, []string{"to=1.2.3.4", "f=1.2.3.4"}, onLine(t, "to:old\tf:1.2.3.4", FirstForwarded("f", "to")), "in its place")
	assert.Equal(t, []string{"f=null", "to=null"}, onLine(t, "f:-", NullTokens([]string{"-"}), FirstForwarded("f", "to")))
	assert.Equal(t, []string{"f=7", "to=null"}, onLine(t, "f:7", Int("f"), FirstForwarded("f", "to")))
	assert.Equal(t, []string{"f=x"}, onLine(t, "f:x", OnError(OnErrorKeep, FirstForwarded("f", "to"))))
	assert.Equal(t, []string{"f=x"}, onLine(t, "f:x\tto:y", OnError(OnErrorDropField, FirstForwarded("f", "to"))))
	assert.Equal(t, `FirstForwarded("f", "to")`, stageName(FirstForwarded("f", "to")))
	refused(t, FirstForwarded("", "to"), FirstForwarded("f", ""))
	_, err := NewChain(FirstForwarded("f", "to"), FirstForwarded("g", "to"))
	require.Error(t, err, "two stages write one label")
}

// TestClientOfRealLogs is the member client of the main job against what was sent.
func TestClientOfRealLogs(t *testing.T) {
	chain, err := NewChain(
		NullTokens([]string{"-"}, "forwardedfor"),
		FirstForwarded("forwardedfor", "client"),
		OnError(OnErrorNull, TruncateIP(24, 48, "host", "client")),
	)
	require.NoError(t, err)
	for _, name := range logtest.Names {
		w := chain.NewWorker(LTSV{})
		truth := logtest.Truth(name)
		for i, line := range logtest.Lines(name) {
			rec, err := w.Process(line)
			require.NoError(t, err)
			host, ok := rec.Get("host")
			require.True(t, ok)
			require.Regexp(t, `^127\.\d+\.\d+\.0$`, string(host.Bytes))
			client, ok := rec.Get("client")
			_, logged := rec.Get("forwardedfor")
			require.Equal(t, logged, ok)
			sent, _, _ := strings.Cut(string(truth[i].ForwardedFor), ",")
			if ip := net.ParseIP(sent); ip == nil || name == logtest.Apache && truth[i].Status == 400 {
				require.Equal(t, KindNull, client.Kind)
			} else {
				require.Equal(t, ip.Mask(net.CIDRMask(24, 32)).String(), string(client.Bytes))
			}
		}
	}
}

func TestCIDR(t *testing.T) {
	private := []netip.Prefix{netip.MustParsePrefix("10.1.2.3/8"), netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("::ffff:192.168.0.0/112")}
	for in, want := range map[string]bool{
		"10.255.0.1": true, "11.0.0.1": false, "::ffff:10.0.0.1": true, "192.168.3.4": true, "192.169.0.1": false,
		"fe80::1": true, "fe80::1%eth0": true, "fec0::1": false, "::a00:1": false,
		"10.0.0.1:80": false, "10.0.0.1, 10.0.0.2": false, "unix:": false, "": false, "-": false,
	} {
		assert.Equal(t, want, answers(t, CIDR("v", private...), str(in), true), in)
	}
	assert.False(t, answers(t, CIDR("v", private...), Null, true))
	assert.False(t, answers(t, CIDR("v", private...), Value{}, false))
	assert.False(t, answers(t, CIDR("v", netip.MustParsePrefix("::/0")), str("1.2.3.4"), true))
	assert.Equal(t, `CIDR("v", netip.MustParsePrefix("10.0.0.0/8"))`, predicateName(CIDR("v", netip.MustParsePrefix("10.0.0.0/8"))))
	refused(t, Filter(CIDR("", private...)), Filter(CIDR("v")), Filter(CIDR("v", netip.Prefix{})))
}

func TestNetworkDoesNotAllocate(t *testing.T) {
	lines := []string{
		"host:203.0.113.77\tf:198.51.100.7:80, 10.0.0.1\tuid:7", "host:2001:db8::1\tf:[2001:db8::1]:80\tuid:8",
		"host:unix:\tf:unknown\tuid:", "host:fe80::1%eth0\tf:x:y",
	}
	allocatesNothing(t, lines, If(CIDR("host", netip.MustParsePrefix("203.0.0.0/8"))),
		FirstForwarded("f", "client"), TruncateIP(24, 48, "host", "client"), HashKeyed([]byte("key"), "uid"))
}

func FuzzParseAddr(f *testing.F) {
	for _, s := range addresses {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, ok := parseAddr(text)
		want, err := netip.ParseAddr(string(text))
		if ok != (err == nil) || ok && got != want.Unmap().WithZone("") {
			t.Fatalf("%q: %v %t, netip: %v %v", text, got, ok, want, err)
		}
		host, ok := withoutPort(text)
		if err != nil {
			ap, apErr := netip.ParseAddrPort(string(text))
			want, err = ap.Addr(), apErr
			// netip takes 65 digits of zeros for a port, and so do we.
		}
		if err != nil && len(text) > 1 && text[0] == '[' && text[len(text)-1] == ']' {
			if want, err = netip.ParseAddr(string(text[1 : len(text)-1])); err == nil && want.Is4() {
				err = errNotAddr
			}
		}
		if ok != (err == nil) {
			t.Fatalf("%q: %q %t, netip: %v %v", text, host, ok, want, err)
		}
		if ok {
			if got, err := netip.ParseAddr(string(host)); err != nil || got != want {
				t.Fatalf("%q: %q, netip: %v", text, host, want)
			}
		}
	})
}

func FuzzTruncateIP(f *testing.F) {
	for _, s := range addresses {
		f.Add([]byte(s), uint8(24), uint8(48))
	}
	f.Fuzz(func(t *testing.T, text []byte, v4, v6 uint8) {
		v4, v6 = v4%33, v6%129
		var r Record
		got, ok := truncateIP{v4bits: int(v4), v6bits: int(v6)}.cut(&r, text)
		ip, err := netip.ParseAddr(string(text))
		if ok != (err == nil) {
			t.Fatalf("%q: %q %t, netip: %v", text, got, ok, err)
		}
		if !ok {
			return
		}
		bits := v6
		if ip = ip.Unmap(); ip.Is4() {
			bits = v4
		}
		if want := netip.PrefixFrom(ip.WithZone(""), int(bits)).Masked().Addr().String(); want != string(got) {
			t.Fatalf("%q: %q, netip: %q", text, got, want)
		}
	})
}
