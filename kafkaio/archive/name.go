package archive

import (
	"fmt"
	"strconv"
	"strings"
)

// A Name is what the name of a landed file says: the partition, and the
// offsets of the file's first record and its last. What lies between is in
// this file or, where its event time is another, in files of other folders.
type Name struct {
	Topic       string
	Partition   int32
	First, Last int64
	Ext         string // without the leading dot
}

// String returns the file's name, topic+partition+first+last.ext, with offsets
// of 16 digits: names sort as offsets do.
func (n Name) String() string {
	return fmt.Sprintf("%s+%d+%016d+%016d.%s", n.Topic, n.Partition, n.First, n.Last, n.Ext)
}

// ParseName reads the last element of a file's path. It reports false for what
// is no name of a landed file.
func ParseName(name string) (n Name, ok bool) {
	parts := strings.Split(name, "+")
	if len(parts) != 4 {
		return Name{}, false
	}
	last, ext, _ := strings.Cut(parts[3], ".")
	partition, err := strconv.ParseInt(parts[1], 10, 32)
	if err != nil {
		return Name{}, false
	}
	n = Name{Topic: parts[0], Partition: int32(partition), Ext: ext}
	if n.First, err = strconv.ParseInt(parts[2], 10, 64); err != nil {
		return Name{}, false
	}
	if n.Last, err = strconv.ParseInt(last, 10, 64); err != nil {
		return Name{}, false
	}
	return n, n.String() == name && n.Partition >= 0 && n.First >= 0 && n.First <= n.Last && n.Topic != "" && ext != ""
}
