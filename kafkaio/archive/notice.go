package archive

import (
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

// maxFolders is how many folders are remembered as told.
const maxFolders = 4096

// landed tells OnFolder of a folder that files are in.
func (r *run) landed(folder string) error {
	if r.OnFolder == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.folders[folder] {
		return nil
	}
	if err := protect(func() error { return r.OnFolder(r.work, folder) }); err != nil {
		return fmt.Errorf("archive: OnFolder: %w", err)
	}
	if len(r.folders) >= maxFolders {
		clear(r.folders)
	}
	r.folders[folder] = true
	return nil
}

func (r *run) rolled(roll *Roll) { r.tell(func() { r.Observer.Rolled(roll) }) }

func (r *run) survive(err error) { r.tell(func() { r.Observer.Survived(err) }) }

// tell calls the Observer, if there is one. If it panics, Run ends as soon as
// it can, and what was told of is as it is.
func (r *run) tell(call func()) {
	if r.Observer == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := protect(func() error { call(); return nil }); err != nil && r.why == nil {
		r.why = fmt.Errorf("archive: Observer: %w", err)
	}
}

// passed is told of what the source goes on after.
func (r *run) passed(err error) {
	r.survive(err)
	lost, ok := errors.AsType[*kgo.ErrDataLoss](err)
	if !ok {
		return
	}
	if p := r.parts[place{lost.Topic, lost.Partition}]; p != nil {
		if err := p.truncated(lost); err != nil {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.why = err
		}
	}
}

// trouble returns why Run must end, if something said so that could not return
// it.
func (r *run) trouble() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.why
}
