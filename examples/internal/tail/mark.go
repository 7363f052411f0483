package tail

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Mark is a place in a log: behind a line, in a file that is known again by how it
// begins, whatever its name has become.
type Mark struct {
	Offset int64  `json:"offset"`
	Head   int64  `json:"head"`   // how many bytes at the beginning of the file Sum is of
	Sum    string `json:"sha256"` // in hex
}

// headSize is how much of a file tells it from the others. The first line has the time
// to the millisecond, most often.
const headSize = 4 << 10

// Mark returns the place behind the line that Next returned last: from there on a log
// is read again after a restart.
func (f *Follower) Mark() (Mark, error) {
	m := Mark{Offset: f.offset}
	if f.file == nil || m.Offset == 0 {
		return f.before, nil
	}
	m.Head = min(m.Offset, headSize)
	var err error
	m.Sum, err = sum(f.file, m.Head)
	return m, err
}

func sum(file io.ReaderAt, n int64) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(file, 0, n)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// LoadMark reads a mark that was saved. Without the file it is the zero Mark.
func LoadMark(path string) (Mark, error) {
	var m Mark
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err == nil && (m.Offset < 0 || m.Head < 0 || m.Head > min(m.Offset, headSize)) {
		err = errors.New("numbers out of range")
	}
	if err != nil {
		return Mark{}, fmt.Errorf("tail: mark: %w", err)
	}
	return m, nil
}

// Save keeps m in a file, whole or not at all: it is written beside it, synced and
// renamed.
func (m Mark) Save(path string) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(append(text, '\n'))
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name()) // the error tells already
	}
	return err
}

// find returns the file that m is of and those that were written after it, in the order
// they are to be read, up to and without the one at path if that is another. It returns
// none if the file is gone.
func (m Mark) find(path string) ([]string, error) {
	if is, err := m.isOf(path); err != nil || is {
		return []string{path}, err
	}
	rotated, err := siblings(path)
	if err != nil {
		return nil, err
	}
	for i, name := range rotated {
		if is, err := m.isOf(name); err != nil || is {
			return rotated[i:], err
		}
	}
	return nil, nil
}

// isOf reports whether the file at path begins as m says and has its offset.
func (m Mark) isOf(path string) (bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close() // read only
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() < m.Offset {
		return false, err
	}
	is, err := sum(f, m.Head)
	return is == m.Sum, err
}

// writtenAfter returns the rotated files that come after one of them.
func writtenAfter(path string, of fs.FileInfo) ([]string, error) {
	rotated, err := siblings(path)
	if err != nil {
		return nil, err
	}
	for i, name := range rotated {
		info, err := os.Stat(name)
		if err == nil && os.SameFile(info, of) {
			return rotated[i+1:], nil
		}
	}
	return nil, nil // it was removed, or has a name of another kind
}

// siblings returns the files beside path that have its name with a number or a date
// behind it, as logrotate and others name them, the one written to last at the end.
func siblings(path string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	type sibling struct {
		path string
		info fs.FileInfo
	}
	var all []sibling
	for _, e := range entries {
		name, base := e.Name(), filepath.Base(path)
		if rest, ok := strings.CutPrefix(name, base); !ok || rest == "" || strings.Trim(rest, "0123456789.-_:T") != "" {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if info.Mode().IsRegular() {
			all = append(all, sibling{filepath.Join(filepath.Dir(path), name), info})
		}
	}
	slices.SortFunc(all, func(a, b sibling) int { return a.info.ModTime().Compare(b.info.ModTime()) })
	paths := make([]string, len(all))
	for i, s := range all {
		paths[i] = s.path
	}
	return paths, nil
}
