package registrytest

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/ltsvpipe/ltsvpipe/internal/realtest"
)

// apicurioVersion is the last Apicurio Registry found to run on Java 17; 3.3 wants 21.
const apicurioVersion = "3.0.9"

// Start starts Apicurio Registry, which keeps all in memory and ends with the test, and
// returns the URL of its Confluent API. That takes some ten seconds of a core. The test
// fails if there is none to be had.
func Start(t testing.TB) string {
	t.Helper()
	dir, err := realtest.MavenArchive("io.apicurio:apicurio-registry-app:" + apicurioVersion + ":tar.gz:all")
	if err != nil {
		t.Fatal("registrytest: no real registry: ", err)
	}
	port, err := freePort()
	if err != nil {
		t.Fatal("registrytest: no real registry: ", err)
	}
	var log bytes.Buffer
	cmd := exec.Command("java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-Dquarkus.http.host=127.0.0.1", fmt.Sprint("-Dquarkus.http.port=", port),
		"-Dapicurio.storage.kind=sql", "-Dapicurio.storage.sql.kind=h2", "-Dapicurio.datasource.url=jdbc:h2:mem:registry",
		"-jar", "apicurio-registry-app-"+apicurioVersion+"-runner.jar")
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &log, &log
	cmd.Env = append(cmd.Environ(), "TMPDIR="+t.TempDir())
	realtest.DieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal("registrytest: no real registry: ", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	url := fmt.Sprintf("http://127.0.0.1:%d/apis/ccompat/v7", port)
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); {
		select {
		case <-ended:
			t.Fatalf("registrytest: no real registry: it ended (%v):\n%s", cmd.ProcessState, realtest.Tail(log.Bytes()))
		case <-time.After(200 * time.Millisecond):
		}
		if resp, err := http.Get(url + "/subjects"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return url
			}
		}
	}
	t.Fatal("registrytest: the real registry does not become ready in ", filepath.Base(dir))
	return ""
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
