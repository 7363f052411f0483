package archive

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// A version is an entry's place in a partition's ledger: the epoch of the owner
// who wrote it, and how many that owner had written before.
type version struct{ epoch, seq int64 }

func (v version) less(w version) bool {
	return v.epoch < w.epoch || v.epoch == w.epoch && v.seq < w.seq
}

// An entry is what has landed of a partition: everything before Next. Its
// Files may not have their final names yet; what landed with the entries before
// it has.
type entry struct {
	Topic       string `json:"topic"`
	Partition   int32  `json:"partition"`
	Next        int64  `json:"next"`         // offset to read next
	LeaderEpoch int32  `json:"leader_epoch"` // of the record before, -1 if none
	TopicID     uuid   `json:"topic_id,omitzero"`
	Files       []move `json:"files"`
	End         string `json:"end"` // shows that nothing is missing
}

// A uuid is a topic's id. Its text is the one that Kafka's tools print.
type uuid [16]byte

// noID is the id of a topic on brokers that have none, and in entries that were
// written before ids were.
var noID uuid

func (u uuid) MarshalText() ([]byte, error) {
	return base64.RawURLEncoding.AppendEncode(nil, u[:]), nil
}

func (u *uuid) UnmarshalText(text []byte) error {
	if base64.RawURLEncoding.DecodedLen(len(text)) != len(u) {
		return ErrCorrupt
	}
	_, err := base64.RawURLEncoding.Strict().Decode(u[:], text)
	return err
}

// A move is a file of an entry: closed and synced as Temp, which is in the
// ledger's folder, to be Final, which is below the root.
type move struct {
	Temp  string `json:"temp"`
	Final string `json:"final"`
}

const (
	endOfEntry = "end"
	maxEntry   = 64 << 20
)

func (e entry) encode() ([]byte, error) {
	e.End = endOfEntry
	text, err := json.Marshal(e)
	return append(text, '\n'), err
}

// decodeEntry reads an entry that is to be of topic and partition.
func decodeEntry(r io.Reader, topic string, partition int32) (entry, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxEntry))
	if err != nil {
		return entry{}, err
	}
	var e entry
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if d.Decode(&e) != nil || e.End != endOfEntry || e.Topic != topic || e.Partition != partition || e.Next < 0 {
		return entry{}, ErrCorrupt
	}
	for _, m := range e.Files {
		if _, ok := parseData(m.Temp); !ok {
			return entry{}, ErrCorrupt
		}
	}
	return e, nil
}

// In a ledger's folder are, with numbers that sort as text does,
//
//	claim-EPOCH      empty, made by the owner of the epoch
//	roll-EPOCH-SEQ   an entry
//	roll-….tmp       an entry being written
//	data-EPOCH-N     a file being written, or not yet renamed

func claimName(epoch int64) string { return fmt.Sprintf("claim-%010d", epoch) }
func rollName(v version) string    { return fmt.Sprintf("roll-%010d-%010d", v.epoch, v.seq) }
func dataName(v version) string    { return fmt.Sprintf("data-%010d-%010d", v.epoch, v.seq) }

const tmp = ".tmp"

func parseClaim(name string) (epoch int64, ok bool) {
	text, ok := strings.CutPrefix(name, "claim-")
	epoch, err := strconv.ParseInt(text, 10, 64)
	return epoch, ok && err == nil && claimName(epoch) == name
}

func parseRoll(name string) (version, bool) {
	v, ok := parseVersion(name, "roll-")
	return v, ok && rollName(v) == name
}

func parseData(name string) (version, bool) {
	v, ok := parseVersion(name, "data-")
	return v, ok && dataName(v) == name
}

func parseVersion(name, prefix string) (v version, ok bool) {
	text, _ := strings.CutPrefix(name, prefix)
	epoch, seq, _ := strings.Cut(text, "-")
	var err, err2 error
	v.epoch, err = strconv.ParseInt(epoch, 10, 64)
	v.seq, err2 = strconv.ParseInt(seq, 10, 64)
	return v, err == nil && err2 == nil
}

// epochOf returns the epoch of whatever is in a ledger's folder, 0 if it is
// nothing of ours.
func epochOf(name string) int64 {
	if epoch, ok := parseClaim(name); ok {
		return epoch
	}
	if v, ok := parseRoll(strings.TrimSuffix(name, tmp)); ok {
		return v.epoch
	}
	v, ok := parseData(name)
	if !ok {
		return 0
	}
	return v.epoch
}
