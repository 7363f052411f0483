package main

import (
	"bytes"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// A packer appends src to dst, compressed: what it makes of texts, one behind the other,
// is the compressed form of the texts, one behind the other. So each worker packs its
// own. It is for one goroutine.
type packer func(dst, src []byte) ([]byte, error)

// packers make one, by the end of a file's name.
var packers = map[string]func() packer{
	".gz": func() packer {
		z := gzip.NewWriter(nil)
		return func(dst, src []byte) ([]byte, error) {
			out := bytes.NewBuffer(dst)
			z.Reset(out)
			if _, err := z.Write(src); err != nil {
				return dst, err
			}
			err := z.Close()
			return out.Bytes(), err
		}
	},
	".zst": func() packer {
		z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithZeroFrames(true))
		return func(dst, src []byte) ([]byte, error) {
			if err != nil {
				return dst, err
			}
			return z.EncodeAll(src, dst), nil
		}
	},
}
