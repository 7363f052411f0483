//go:build amd64 || arm64

package jobs

import "github.com/bytedance/sonic"

// sonic does not compile for other architectures.
func init() { sonicMarshal = sonic.Marshal }
