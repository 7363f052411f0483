package avroschema

import (
	"encoding/binary"
	"errors"
)

// ErrFrame says that data does not begin with the header that was to be cut off.
var ErrFrame = errors.New("avroschema: the header is not there")

// ConfluentSize and SingleObjectSize are the lengths of the headers, in bytes.
const (
	ConfluentSize    = 5
	SingleObjectSize = 10
)

// AppendConfluent appends the header of Confluent's wire format, by which its consumers
// find the schema in the registry: a zero, and the schema's id in four bytes, the
// highest first. The encoding goes behind it:
//
//	buf = avroschema.AppendConfluent(buf, id)
//	buf, err = encoder.Append(buf, rec)
func AppendConfluent(dst []byte, id uint32) []byte {
	return binary.BigEndian.AppendUint32(append(dst, 0), id)
}

// CutConfluent returns the schema's id and the encoding behind the header, which
// aliases data and is clipped. The error is [ErrFrame].
func CutConfluent(data []byte) (id uint32, encoding []byte, err error) {
	if len(data) < ConfluentSize || data[0] != 0 {
		return 0, nil, ErrFrame
	}
	return binary.BigEndian.Uint32(data[1:]), data[ConfluentSize:len(data):len(data)], nil
}

// AppendSingleObject appends the header of the Avro specification's single-object
// encoding: C3 01, and the CRC-64-AVRO of s in eight bytes, the lowest first. The
// encoding goes behind it.
func AppendSingleObject(dst []byte, s *Schema) []byte {
	return binary.LittleEndian.AppendUint64(append(dst, 0xc3, 0x01), s.FingerprintCRC64())
}

// CutSingleObject returns the schema's CRC-64-AVRO, which [Schema.FingerprintCRC64] is to
// be compared with, and the encoding behind the header, which aliases data and is
// clipped. The error is [ErrFrame].
func CutSingleObject(data []byte) (fingerprint uint64, encoding []byte, err error) {
	if len(data) < SingleObjectSize || data[0] != 0xc3 || data[1] != 0x01 {
		return 0, nil, ErrFrame
	}
	return binary.LittleEndian.Uint64(data[2:]), data[SingleObjectSize:len(data):len(data)], nil
}
