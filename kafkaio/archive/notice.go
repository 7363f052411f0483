package archive

import "fmt"

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

func (r *run) rolled(roll *Roll) {
	if r.Observer == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Observer.Rolled(roll)
}

func (r *run) survive(err error) {
	if r.Observer == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Observer.Survived(err)
}
