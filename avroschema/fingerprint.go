package avroschema

import (
	"crypto/md5"
	"crypto/sha256"
)

// FingerprintCRC64 returns the CRC-64-AVRO of the canonical form, which single-object
// encoding carries in little-endian order.
func (s *Schema) FingerprintCRC64() uint64 { return s.crc }

// FingerprintMD5 returns the MD5 of the canonical form.
func (s *Schema) FingerprintMD5() [md5.Size]byte { return md5.Sum([]byte(s.canonical)) }

// FingerprintSHA256 returns the SHA-256 of the canonical form, which the
// specification recommends where a fingerprint identifies a schema.
func (s *Schema) FingerprintSHA256() [sha256.Size]byte { return sha256.Sum256([]byte(s.canonical)) }

// crcEmpty is the Rabin fingerprint of nothing, and its polynomial, by the Avro
// specification, "Schema Fingerprints".
const crcEmpty = 0xc15d213aa4d7a795

// crc64 returns the CRC-64-AVRO of text, bit by bit: it is wanted once a schema.
func crc64(text string) uint64 {
	sum := uint64(crcEmpty)
	for i := range len(text) {
		sum ^= uint64(text[i])
		for range 8 {
			sum = sum>>1 ^ crcEmpty&-(sum&1)
		}
	}
	return sum
}
